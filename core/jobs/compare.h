#pragma once

#include "core/base/result.h"
#include "core/config/schema/experiment.h"
#include "core/jobs/answer_scores.h"
#include "core/jobs/status.h"
#include "core/store/workspace_db.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dskd::jobs
{

// Mean over seeds with the sample standard deviation (n - 1); the deviation is 0 for a single seed.
struct Summary {
    int count = 0;
    double mean = 0.0;
    double deviation = 0.0;
};
[[nodiscard]] Summary summarize(const std::vector<double>& values);

// What a run ended with.
struct RunOutcome {
    std::string runId;
    std::string name;
    std::uint64_t seed = 0;
    Status status = Status::Created;
    // "validation.loss.best", "validation.loss.last", "validation.rouge_l.best", ..., "loss.last", "seconds"
    std::map<std::string, double> values;
    std::string method;                        // store::RunRow::method
    config::Experiment experiment;             // what made the model that the values are of
    std::map<std::string, std::string> config; // of compareOutcomes: the fields with an effect, their values as JSON
    std::map<std::string, std::string> facts = {}; // by RunFact::id; those that are recorded
};

// Runs that differ in nothing but the seed.
struct OutcomeGroup {
    // The name its runs share and no other group has; else its method by name and the differing fields that the method
    // does not settle, "dskd-v2, lr=0.001"; else all differing fields, "space=dual".
    std::string label;
    std::vector<RunOutcome> runs;
    int seeds = 0;                         // different ones
    int done = 0;                          // of them, those with a run that came to its end
    int running = 0;                       // runs with a living worker
    std::map<std::string, Summary> values; // over the counted runs that have the value; "seconds" of those done alone
};

// The runs whose values are averaged: those that are done, all of them when none is, and of each seed one
// (seed_runs.h). They lie in the group.
[[nodiscard]] std::vector<const RunOutcome*> countedRuns(const OutcomeGroup& group);
[[nodiscard]] bool isCounted(const OutcomeGroup& group, const RunOutcome& run);

// Groups rank against each other in a metric only when this is equal: of losses per token the student's model and
// tokenizer and the data that they were measured on (validation or evaluation), of other scores the data alone, of the
// seconds nothing.
[[nodiscard]] std::string comparableKey(const config::Experiment& experiment, std::string_view metric);
[[nodiscard]] std::string comparableKey(const OutcomeGroup& group, std::string_view metric);

// A run that is not in a comparison because it cannot be read: its folder is gone, a file in it is damaged.
struct UnreadRun {
    std::string runId;
    Failure why;
};
[[nodiscard]] std::string leftOutText(const UnreadRun& run); // "The run 20261130-… is left out: its folder is gone. …"

struct Comparison {
    std::vector<OutcomeGroup> groups;         // in the order of their first run
    std::vector<std::string> differingFields; // field paths, only those that take part in deciding the outcome
    std::vector<std::string> differingFacts;  // ids of facts
    std::vector<std::string> metrics;         // keys of values that groups have, sorted
    std::vector<UnreadRun> leftOut;           // of compareRuns
    ReadScores scores = {};                   // of compareRuns, for tests over answers; empty: there are none
};

// Equal for runs that differ in nothing but the seed: as a comparison groups them, whatever it compares.
[[nodiscard]] std::string groupKey(const config::Experiment& experiment);

// The configuration that a comparison describes a run by: that of the run that trained, for the evaluation of a
// checkpoint of this workspace, so that evaluations group over seeds and differ by method as their runs do.
struct ComparedConfig {
    config::Experiment experiment;
    std::string method; // store::RunRow::method
};
Result<ComparedConfig> comparedConfig(store::WorkspaceDb& workspace, const std::string& runId);

Result<RunOutcome> readOutcome(store::WorkspaceDb& workspace, const std::string& runId);
// Fields without an effect (config::whyUnused) split no groups: the teacher of a run that has none, for instance.
[[nodiscard]] Comparison compareOutcomes(std::vector<RunOutcome> outcomes);
// Fails when no run can be read, and when one is not known.
Result<Comparison> compareRuns(store::WorkspaceDb& workspace, const std::vector<std::string>& runIds);

// The group that a person means: by its label, or by the id or name of one of its runs. NotFound, with the labels.
Result<std::size_t> findGroup(const Comparison& comparison, const std::string& text);

} // namespace dskd::jobs

#pragma once

#include "core/base/result.h"
#include "core/store/workspace_db.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
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
    std::string status; // jobs::name(Status)
    // "validation.loss.best", "validation.loss.last", "validation.rouge_l.best", ..., "loss.last", "seconds"
    std::map<std::string, double> values;
    std::map<std::string, std::string> config; // every field path and its value as JSON text
};

// Runs that differ in nothing but the seed.
struct OutcomeGroup {
    std::string label; // the differing fields: "space=dual, distance=kl"; the name of the run when nothing differs
    std::vector<RunOutcome> runs;
    std::map<std::string, Summary> values; // over those runs that have the value
};

struct Comparison {
    std::vector<OutcomeGroup> groups;         // in the order of their first run
    std::vector<std::string> differingFields; // field paths, without seed, name, group
    std::vector<std::string> metrics;         // keys of values that occur, sorted
};

Result<RunOutcome> readOutcome(store::WorkspaceDb& workspace, const std::string& runId);
[[nodiscard]] Comparison compareOutcomes(std::vector<RunOutcome> outcomes);
Result<Comparison> compareRuns(store::WorkspaceDb& workspace, const std::vector<std::string>& runIds);

} // namespace dskd::jobs

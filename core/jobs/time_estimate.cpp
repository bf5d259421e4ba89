#include "core/jobs/time_estimate.h"

#include "core/config/methods/field_use.h"
#include "core/config/schema/experiment_json.h"
#include "core/jobs/run_folder.h"
#include "core/store/run_reader.h"
#include "core/text/escape.h"
#include "core/text/numbers.h"

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>
#include <set>
#include <string_view>

namespace dskd::jobs
{
namespace
{

constexpr std::int64_t kEnoughSteps = 10;
constexpr std::size_t kMostRead = 60; // of the newest that began: a workspace may have thousands
constexpr std::size_t kMostUsed = 3;  // runs that an estimate is the mean of

// Runs that differ in one of these take another time altogether.
constexpr std::string_view kSame[] = {"student.model",
                                      "teacher.model",
                                      "method.objective",
                                      "data.train",
                                      "data.max_length",
                                      "data.max_prompt_length",
                                      "train.batch_size",
                                      "train.accumulation",
                                      "train.device",
                                      "train.threads",
                                      "train.precision",
                                      "train.fine_tuning",
                                      "train.freeze_embeddings",
                                      "train.gradient_checkpointing"};
// In one of these, somewhat another: the fewer the better, and they are named.
constexpr std::string_view kAlike[] = {
    "method.space",     "method.alignment",      "method.distance", "method.fidelity",   "key_query.matching",
    "on_policy.ratio",  "on_policy.schedule",    "data.answers",    "validation.every",  "validation.generate_samples",
    "data.validation",  "data.validation_limit", "log.probe_every", "log.probe_teacher", "log.gradient_norm_every",
    "checkpoint.every", "train.chunk_rows"};

using Fields = std::map<std::string, std::string>;

std::string valueOf(const Fields& fields, std::string_view path)
{
    const auto found = fields.find(std::string(path));
    return found == fields.end() ? std::string() : found->second;
}

bool sameKind(const Fields& a, const Fields& b)
{
    return std::all_of(std::begin(kSame), std::end(kSame),
                       [&](std::string_view path) { return valueOf(a, path) == valueOf(b, path); });
}

std::vector<std::string> differences(const Fields& a, const Fields& b)
{
    std::vector<std::string> found;
    for (const std::string_view path : kAlike) {
        if (valueOf(a, path) != valueOf(b, path)) {
            found.push_back(config::shortField(std::string(path)));
        }
    }
    return found;
}

void addOnce(std::vector<std::string>& list, const std::string& text)
{
    if (std::find(list.begin(), list.end(), text) == list.end()) {
        list.push_back(text);
    }
}

struct Pace {
    double setup = 0.0;
    double step = 0.0;
};

// Of the last attempt; nothing where it made too few steps.
std::optional<Pace> paceOf(store::RunReader& reader, const std::vector<store::AttemptRow>& attempts)
{
    const store::AttemptRow& last = attempts.back();
    std::int64_t step = 0;
    double newest = last.started;
    for (const auto& [name, point] : reader.latest()) {
        step = std::max(step, point.step);
        newest = std::max(newest, point.time);
    }
    const std::int64_t steps = step - last.resumeStep.value_or(0);
    // Older runs have no clock of their own: their end, or what they logged last.
    const double seconds = last.seconds.value_or(last.ended.value_or(newest) - last.started);
    if (steps < kEnoughSteps || seconds <= 0.0) {
        return std::nullopt;
    }
    // When the first step was done is known of a first attempt only: others begin in the middle of the rows.
    const bool fromTheBeginning = attempts.size() == 1 && !last.resumeStep;
    const auto first = fromTheBeginning ? reader.metricsAfter(0, 1) : std::vector<store::MetricRow>();
    if (first.empty() || first.front().step >= step) {
        return Pace{0.0, seconds / static_cast<double>(steps)};
    }
    const double until = std::clamp(first.front().time - last.started, 0.0, seconds);
    const auto after = static_cast<double>(step - first.front().step);
    const double perStep = (seconds - until) / after;
    return Pace{std::max(0.0, until - perStep), perStep};
}

struct PaceReading {
    bool began = false; // the run has an attempt; one that never started has no pace
    std::optional<MeasuredRun> measured;
};

PaceReading readPace(const RunLayout& folder, const store::RunRow& row)
{
    PaceReading reading;
    try {
        auto reader = store::RunReader::open(folder);
        const auto attempts = reader ? reader->attempts() : std::vector<store::AttemptRow>();
        reading.began = !attempts.empty();
        const auto pace = reading.began ? paceOf(*reader, attempts) : std::nullopt;
        const auto experiment = pace ? runConfig(folder) : Result<config::Experiment>(Failure{});
        if (experiment) {
            reading.measured =
                MeasuredRun{row.id, row.shownName(), costFields(*experiment), pace->setup, pace->step, false};
        }
    } catch (const Error&) { // a damaged run.db: one run less to measure by
    }
    return reading;
}

} // namespace

std::map<std::string, std::string> costFields(const config::Experiment& experiment)
{
    Fields fields;
    const auto add = [&](std::string_view path) {
        if (config::whyUnused(experiment, path).empty()) {
            fields.emplace(path, config::fieldValue(experiment, path).dump());
        }
    };
    std::for_each(std::begin(kSame), std::end(kSame), add);
    std::for_each(std::begin(kAlike), std::end(kAlike), add);
    return fields;
}

std::vector<MeasuredRun> measuredRuns(store::WorkspaceDb& workspace, const std::vector<config::Experiment>& like)
{
    std::vector<store::RunRow> wanted;
    wanted.reserve(like.size());
    for (const config::Experiment& experiment : like) {
        wanted.push_back(summaryOf(experiment));
    }
    std::vector<store::RunRow> rows = workspace.runs();
    std::reverse(rows.begin(), rows.end()); // the newest first
    std::set<std::string> running;          // they measure themselves, however many newer runs there are
    const std::vector<store::QueueRow> queue = workspace.queue();
    for (const store::QueueRow& entry : queue) {
        if (entry.state == store::QueueState::Running) {
            running.insert(entry.runId);
        }
    }
    std::vector<MeasuredRun> found;
    std::size_t numRead = 0;
    for (const store::RunRow& row : rows) {
        const bool mayServe = std::any_of(wanted.begin(), wanted.end(), [&](const store::RunRow& other) {
            return other.job == row.job && other.student == row.student && other.teacher == row.teacher;
        });
        if (!mayServe || (numRead >= kMostRead && !running.contains(row.id))) {
            continue;
        }
        PaceReading reading = readPace(workspace.layout().run(row.id), row);
        numRead += reading.began ? 1 : 0;
        if (reading.measured) {
            found.push_back(*std::move(reading.measured));
        }
    }
    return found;
}

std::optional<double> estimateSeconds(const std::vector<MeasuredRun>& measured, const config::Experiment& experiment,
                                      std::int64_t steps, Source& source)
{
    const Fields own = costFields(experiment);
    struct Candidate {
        const MeasuredRun* run;
        std::vector<std::string> differ;
    };
    std::vector<Candidate> candidates;
    for (const MeasuredRun& run : measured) {
        if (sameKind(own, run.fields)) {
            candidates.push_back({&run, differences(own, run.fields)});
        }
    }
    if (candidates.empty()) {
        return std::nullopt;
    }
    std::stable_sort(candidates.begin(), candidates.end(), [](const Candidate& a, const Candidate& b) {
        return a.differ.size() < b.differ.size(); // of those that differ alike the newest stay first
    });
    double sum = 0.0;
    std::size_t used = 0;
    for (const Candidate& candidate : candidates) {
        if (used == kMostUsed || candidate.differ.size() > candidates.front().differ.size()) {
            break;
        }
        ++used;
        sum += candidate.run->secondsOf(steps);
        if (candidate.run->isProbe) {
            source.probe = true;
        } else {
            addOnce(source.runs, candidate.run->name);
        }
        for (const std::string& field : candidate.differ) {
            addOnce(source.differ, field);
        }
    }
    return sum / static_cast<double>(used);
}

std::string toText(const Source& source)
{
    if (source.runs.empty() && !source.probe) {
        return {};
    }
    std::string text;
    if (!source.runs.empty()) {
        text = "\"" + text::terminalLine(source.runs.front()) + "\"";
        if (const std::size_t others = source.runs.size() - 1; others > 0) {
            text += " and " + text::counted(static_cast<std::int64_t>(others), "other");
        }
    }
    if (source.probe) {
        text += (text.empty() ? "" : ", and on ") + std::string("a probe of ") + std::to_string(kProbeSteps) +
                " steps without validation";
    }
    text = "measured on " + text;
    std::string fields;
    for (const std::string& field : source.differ) {
        fields += (fields.empty() ? "" : ", ") + field;
    }
    const bool one = source.runs.size() + (source.probe ? 1 : 0) == 1;
    return fields.empty() ? text : text + (one ? ", which differs in " : ", some of which differ in ") + fields;
}

std::string timeSentence(const std::vector<MeasuredRun>& measured, const config::Experiment& experiment,
                         std::int64_t steps)
{
    Source source;
    const auto seconds = estimateSeconds(measured, experiment, steps, source);
    return seconds ? "About " + text::duration(*seconds) + ", " + toText(source) + "."
                   : "Not known yet: no run with these models, data, lengths, batch and device has been measured here.";
}

} // namespace dskd::jobs

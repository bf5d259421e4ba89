#pragma once

// What goes wrong in distillation and shows in a run's records: one row a failure signature. Each has a sentence of
// what was seen, why it may be and what to try, as changes of fields that a new run can begin with. Only what the run
// recorded is looked at; nothing is found where nothing was recorded.

#include "core/base/result.h"
#include "core/base/run_layout.h"
#include "core/config/schema/experiment.h"
#include "core/store/attempt_rows.h"
#include "core/store/measured_rows.h"

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace dskd::jobs
{

// Fields that a new run may begin with: {"train.lr", "5e-05"} as setField takes them. Only such as validate() accepts.
struct Remedy {
    std::string label; // "lr ÷ 10"
    std::vector<std::pair<std::string, std::string>> fields;
    bool operator==(const Remedy&) const = default;
};

struct Finding {
    std::string_view signature; // Watchdog::name
    std::string headline;       // "The loss rises"
    std::string seen; // with steps and numbers: "The loss fell to 2.9 by step 400 and rose to 4.1 by step 600."
    std::string why;
    std::string hint;
    std::vector<Remedy> remedies; // the most promising first
    std::string metric;           // the curve that shows it; empty: none does
    std::int64_t step = 0;        // where it shows first
    bool harmful = true;          // false: for information only
    bool operator==(const Finding&) const = default;
};

// What a run recorded, as far as watchdogs use it.
struct RunEvidence {
    config::Experiment experiment;
    std::int64_t totalSteps = 0;                                   // 0: not known
    std::map<std::string, std::vector<store::MetricPoint>> series; // of some only the newest point
    std::vector<store::HeatMapRow> maps;                           // the newest of each name and sample, with values
    std::vector<store::EventRow> events;                           // of the last attempt, the oldest first
    std::optional<store::EventRow> notFinite;                      // the failure of a run that NaN or infinity ended
};

struct Watchdog {
    std::string_view name;     // "not_finite": in JSON
    std::string_view title;    // "Not a number"
    std::string_view sentence; // what it watches
    std::optional<Finding> (*find)(const RunEvidence& evidence);
};

// All of them, the most harmful first.
[[nodiscard]] std::span<const Watchdog> watchdogs();

// Of a training run; nothing of other jobs.
[[nodiscard]] std::vector<Finding> look(const RunEvidence& evidence);
// The same of what the run has recorded until now. Reads whole series of a few metrics: a second for a million steps.
// Fails when the configuration or run.db cannot be read. Any thread.
[[nodiscard]] Result<std::vector<Finding>> watchRun(const RunLayout& run);

// The configuration with the remedy applied.
[[nodiscard]] Result<config::Experiment> withRemedy(config::Experiment experiment, const Remedy& remedy);

// Where curves show findings.
struct FindingMark {
    std::string metric;
    std::int64_t step = 0;
    std::string text; // the headline
    bool operator==(const FindingMark&) const = default;
};
[[nodiscard]] std::vector<FindingMark> marksOf(std::span<const Finding> findings);

} // namespace dskd::jobs

#pragma once

// What goes wrong in distillation and shows in a run's records: one row a failure signature. Each says what was seen,
// why it may be and what to try, as changes of fields that a new run can begin with. Only what the run recorded is
// looked at; nothing is found where nothing was recorded.

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

// Thresholds, and why they are where they are. Series are judged by means over windows: at least 20 points, so that a
// single outlier is no finding, and at least 4 % of the series.

inline constexpr std::size_t kLeastWindow = 20;

// Divergence: the last window lies above the lowest by more than half of what had been gained since the first (the
// bumps of warm-up, schedule and noise take back a few per cent), by a tenth of its value and by three standard
// deviations.
inline constexpr double kRiseOfGain = 0.5;
inline constexpr double kRiseOfValue = 0.1;
inline constexpr double kRiseOfDeviation = 3.0;

// Stagnation: with random projectors, the projected side is right on less than half as many tokens as the teacher
// itself (or on less than a fifth, where the teacher's accuracy is not recorded), and has gained less than two tokens
// in a hundred since the middle of the run. With the pseudo-inverse it starts near the teacher's.
inline constexpr double kShareOfTeacher = 0.5;
inline constexpr double kLeastAccuracy = 0.2;
inline constexpr double kLeastGain = 0.02;

// Attention collapse, in at least half of the newest maps of 4 rows and 4 columns or more: one column has 80 % of all
// attention, whatever the row; or every row is spread evenly (entropy above 99 % of that of a uniform row), so that no
// row says more of one token than of another.
inline constexpr double kOneColumn = 0.8;
inline constexpr double kEvenEntropy = 0.99;

// Low coverage: the papers' pairs of tokenizers reach about 90 %; below 70 % nearly every third token of the student
// learns nothing from the teacher.
inline constexpr double kLeastCoverage = 0.7;

// Length mismatch: one sample in a hundred lost all of its answer to data.max_length.
inline constexpr double kMostLeftOut = 0.01;

// Validation loss against ROUGE-L: over at least two validations since its minimum the loss rose by 2 %, while ROUGE-L
// rose by a point, which is what a hundred answers can tell (issue 10 of the published code).
inline constexpr double kLossRise = 0.02;
inline constexpr double kRougeRise = 0.01;

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
    bool harmful = true;          // false: only something to know
    bool operator==(const Finding&) const = default;
};

// What a run recorded, as far as watchdogs look at it.
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
    std::optional<Finding> (*look)(const RunEvidence& evidence);
};

// Every one, the gravest first.
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

// The texts of events by which a length mismatch is known, as the worker writes them.
inline constexpr std::string_view kDifferentRows = "both sides must have the same rows";
inline constexpr std::string_view kDifferentSamples = "both sides must have the same samples";
inline constexpr std::string_view kLeftOut = " samples were left out"; // behind their number
inline constexpr std::string_view kNoResponseLeft = "no response token remains";
inline constexpr std::string_view kTrainingSamples = " training and "; // behind their number

} // namespace dskd::jobs

#pragma once

// Does this experiment fit together? Families, sizes, vocabularies, alignment coverage, memory: everything that can be
// known from configurations, tokenizers, tensor headers and a sample of the data, without LibTorch and without reading
// weights.

#include "core/base/result.h"
#include "core/config/plan/plan.h"
#include "core/config/schema/experiment.h"

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace dskd::preflight
{

enum class Level {
    Good,    // fits
    Note,    // works, but a person should know
    Problem, // the worker would refuse it
};

// A change that would cure a finding: {"method.alignment", "cma"} as setField takes it.
struct Remedy {
    std::string label; // "Use CMA"
    std::vector<std::pair<std::string, std::string>> fields;
};

// An answer of the training file, and how much of it an alignment reaches.
struct AlignedSample {
    std::int64_t line = 0;   // in the file, from 1
    std::int64_t paired = 0; // of the student's tokens
    std::int64_t tokens = 0; // of the student
    // The tokens of both sides as text, in order, and whether each has a partner. Empty of MinED, which matches tokens
    // by their spelling wherever they stand.
    struct Token {
        std::string text;
        bool paired = false;
    };
    std::vector<Token> teacher;
    std::vector<Token> student;
    [[nodiscard]] double coverage() const { return static_cast<double>(paired) / static_cast<double>(tokens); }
};

struct Finding {
    // "fields", "unused", "fidelity", "student", "teacher", "probe teacher", "vocabularies", "data", "validation",
    // "special", "ends", "coverage", "steps", "time", "device", "memory", "combination"; kUnmatched
    std::string topic;
    Level level = Level::Good;
    std::string headline; // "Different vocabularies"
    std::string sentence; // "43,262 tokens in common. Vanilla KD cannot run here; CMA can."
    std::string field;    // path of the field to look at; may be empty
    std::vector<Remedy> remedies;
    std::vector<AlignedSample> worst = {}; // of "coverage": the worst aligned samples, the worst first
};

struct Options {
    std::int64_t sampleRecords = 200; // of the training file, for lengths and coverage
    // MinED needs a map of the two vocabularies, and to find one may take minutes. True: where no earlier check or run
    // has left it, `kUnmatched` is reported in place of the coverage.
    bool onlyKeptMaps = false;
    // How long so many steps take, as a sentence. A caller with measured runs gives it (jobs/time_estimate.h); without
    // it "time" is not reported.
    std::function<std::string(std::int64_t steps)> time = {};
};

inline constexpr const char* kUnmatched = "unmatched vocabularies";

// Calls `report` with each finding as soon as it is known, in a fixed order of topics; the same topic never twice but
// for "fields" (one per problem of config::validate). Stops early when `cancelled` turns true. Any thread; reads files.
void check(const config::Experiment& experiment, const Options& options, const std::atomic<bool>& cancelled,
           const std::function<void(Finding)>& report);

// The first combination among the runs of a plan (config::expand) that the worker would refuse, as a problem of the
// topic "combination" that names it; nothing where there is none, and once `cancelled`. Each is looked at with its
// first seed, and of the data one record: what differs between combinations is how models, tokenizers and method fit.
// Any thread; reads files.
[[nodiscard]] std::optional<Finding> refusedCombination(const std::vector<config::PlannedRun>& runs,
                                                        const std::atomic<bool>& cancelled);

// Finds the map that `kUnmatched` misses and keeps it in the user's cache, for checks and runs. `progress` is called on
// the caller's thread with the share done so far. Fails when the tokenizers cannot be read or the map cannot be
// kept; does nothing where the method needs no map, and nothing more once `cancelled`. Any thread; reads and writes
// files, uses all cores.
[[nodiscard]] Result<void> matchVocabularies(const config::Experiment& experiment, const std::atomic<bool>& cancelled,
                                             std::function<void(double)> progress);

// Samples of the training file: the lines that can be read, up to data.limit. A chat template may refuse some of them.
// Reads the file; fails as dataset::readRecords does. Any thread.
[[nodiscard]] Result<std::int64_t> trainingSamples(const config::DataConfig& data);

} // namespace dskd::preflight

#pragma once

// Does this experiment fit together? Families, sizes, vocabularies, alignment coverage, memory: everything that can be
// known from configurations, tokenizers, tensor headers and a sample of the data, without LibTorch and without reading
// weights.

#include "core/base/result.h"
#include "core/config/schema/experiment.h"

#include <atomic>
#include <cstdint>
#include <functional>
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

struct Finding {
    // "fields", "unused", "fidelity", "student", "teacher", "probe teacher", "vocabularies", "data", "validation",
    // "ends", "coverage", "steps", "device", "memory"; kUnmatched
    std::string topic;
    Level level = Level::Good;
    std::string headline; // "Different vocabularies"
    std::string sentence; // "43,262 tokens in common. Vanilla KD cannot run here; CMA can."
    std::string field;    // path of the field to look at; may be empty
    std::vector<Remedy> remedies;
};

struct Options {
    std::int64_t sampleRecords = 200; // of the training file, for lengths and coverage
    // MinED needs a map of the two vocabularies, and to find one may take minutes. True: where no earlier check or run
    // has left it, `kUnmatched` is reported in place of the coverage.
    bool onlyKeptMaps = false;
};

inline constexpr const char* kUnmatched = "unmatched vocabularies";

// Calls `report` with each finding as soon as it is known, in a fixed order of topics; the same topic never twice but
// for "fields" (one per problem of config::validate). Stops early when `cancelled` turns true. Any thread; reads files.
void check(const config::Experiment& experiment, const Options& options, const std::atomic<bool>& cancelled,
           const std::function<void(Finding)>& report);

// Finds the map that `kUnmatched` misses and keeps it in the user's cache, for checks and runs. `progress` is called on
// the caller's thread with the share done so far. Fails when the tokenizers cannot be read or the map cannot be
// kept; does nothing where the method needs no map, and nothing more once `cancelled`. Any thread; reads and writes
// files, uses all cores.
[[nodiscard]] Result<void> matchVocabularies(const config::Experiment& experiment, const std::atomic<bool>& cancelled,
                                             std::function<void(double)> progress);

} // namespace dskd::preflight

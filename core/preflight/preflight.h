#pragma once

// Does this experiment fit together? Families, sizes, vocabularies, alignment coverage, memory: everything that can be
// said from configurations, tokenizers, tensor headers and a sample of the data, without LibTorch and without reading
// weights.

#include "core/config/experiment.h"

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
    std::string
        topic; // "fields", "student", "teacher", "vocabularies", "data", "validation", "coverage", "steps", "memory"
    Level level = Level::Good;
    std::string headline; // "Different vocabularies"
    std::string sentence; // "43,262 tokens in common. Vanilla KD cannot run here; CMA can."
    std::string field;    // path of the field to look at; may be empty
    std::vector<Remedy> remedies;
};

struct Options {
    std::int64_t sampleRecords = 200; // of the training file, for lengths and coverage
};

// Calls `report` with each finding as soon as it is known, in a fixed order of topics; the same topic never twice but
// for "fields" (one per problem of config::validate). Stops early when `cancelled` turns true. Any thread; reads files.
void check(const config::Experiment& experiment, const Options& options, const std::atomic<bool>& cancelled,
           const std::function<void(Finding)>& report);

} // namespace dskd::preflight

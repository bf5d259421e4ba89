#pragma once

// Working with a trained model: eval and generate. Both are jobs in a run folder of their own, done by the worker.

#include "app/cli/terminal/console.h"
#include "app/cli/workspace_access.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace dskd::cli
{

struct ModelJobOptions : CommonOptions {
    std::string model;                // a run, or a Hugging Face model folder
    std::optional<std::int64_t> step; // of a run: the checkpoint; none: the newest
    std::string data;
    std::string prompt; // generate only
    std::int64_t limit = 0;
    std::string output; // JSONL of answers
    std::optional<std::int64_t> maxNewTokens;
    std::optional<double> temperature;
    std::optional<std::uint64_t> seed;
    std::vector<std::string> sets;
};

int runEvaluate(const ModelJobOptions& options, Console& console);
int runGenerate(const ModelJobOptions& options, Console& console);

} // namespace dskd::cli

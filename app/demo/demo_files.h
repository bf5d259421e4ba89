#pragma once

// Where the demo lies and what it consists of, and the example that `dskd init --example` copies out of it.

#include "core/base/result.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace dskd::demo
{

struct DemoFiles {
    std::filesystem::path resources;   // models, tokenizers and data: resources/demo
    std::filesystem::path experiments; // configurations: experiments/demo
};

// Below $DSKD_DEMO (a folder with resources/demo and experiments/demo) where it is set, else below programFiles().
Result<DemoFiles> findDemo();

// experiments/demo/demo.json:
//   {
//     "version": 1,
//     "title": "Three ways to distil the demo teacher",     the report's title
//     "trio":   ["diff", "student", "dual"],                 <name>.json beside it; compared over `seeds`
//     "others": ["sft", "cma"],                              run over `other_seeds`
//     "seeds":       [10, 20, 30],
//     "other_seeds": [10],                                   optional; default: the first of seeds
//     "quick": ["train.steps=40", "validation.generate_samples=4"]   what --quick sets in every configuration
//   }
// Every configuration is an ordinary experiment. "trio" runs first, so the first comparison is there early.
struct DemoManifest {
    std::string title;
    std::vector<std::string> trio;
    std::vector<std::string> others;
    std::vector<std::uint64_t> seeds;
    std::vector<std::uint64_t> otherSeeds;
    std::vector<std::string> quick;
};

Result<DemoManifest> readDemoManifest(const std::filesystem::path& experiments);

// resources/demo/example.json names its models and data relative to itself, so that it works where it lies and in any
// folder that it is copied to with them. The following throw Error.
//
// What has to be copied, as names in resources/demo, the configuration last: "data", "teacher", "example.json".
std::vector<std::string> exampleParts(const DemoFiles& demo);
// Throws when `folder` holds one of them that is not as in the example.
void requireFree(const DemoFiles& demo, const std::vector<std::string>& parts, const std::filesystem::path& folder);
// Copies those that `folder` lacks; each appears there when it is whole, so that a copy that was interrupted can be
// made again.
void copyExample(const DemoFiles& demo, const std::vector<std::string>& parts, const std::filesystem::path& folder);

} // namespace dskd::demo

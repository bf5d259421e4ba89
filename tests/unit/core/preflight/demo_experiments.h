#pragma once

#include "core/config/schema/experiment_json.h"
#include "tests/support/paths.h"
#include "tests/support/temporary_folder.h"

#include <filesystem>
#include <string>

namespace dskd::preflight
{

// experiments/demo/<name>.json
inline config::Experiment demo(const std::string& name)
{
    return config::loadExperiment(test::sourceDir() + "/experiments/demo/" + name + ".json").value();
}

// For tests that change or damage a model: a copy of it in `folder`, which takes its place in the experiment.
inline std::filesystem::path replaceByCopy(config::ModelRef& of, const test::TemporaryFolder& folder)
{
    const std::filesystem::path copy = folder.path() / "model";
    std::filesystem::copy(of.model, copy, std::filesystem::copy_options::recursive);
    of.model = copy.string();
    return copy;
}

} // namespace dskd::preflight

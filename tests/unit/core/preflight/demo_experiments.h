#pragma once

#include "core/config/schema/experiment_json.h"
#include "tests/support/paths.h"

#include <string>

namespace dskd::preflight
{

// experiments/demo/<name>.json
inline config::Experiment demo(const std::string& name)
{
    return config::loadExperiment(test::sourceDir() + "/experiments/demo/" + name + ".json").value();
}

} // namespace dskd::preflight

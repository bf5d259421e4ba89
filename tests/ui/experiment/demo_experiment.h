#pragma once

#include "core/config/schema/experiment_json.h"
#include "tests/support/paths.h"

#include <string>

namespace dskd::ui
{

// experiments/demo/NAME.json
inline config::Experiment demo(const char* name)
{
    return config::loadExperiment(test::sourceDir() + "/experiments/demo/" + name + ".json").value();
}

} // namespace dskd::ui

#pragma once

#include "core/config/schema/experiment_json.h"

#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

namespace dskd::config
{

// One row of the table that everything about a field comes from: JSON, command line, validation of its value,
// reference.
struct Field {
    FieldInfo info;
    bool isPath = false; // relative values are resolved against the folder of the file
    std::function<nlohmann::json(const Experiment&)> read;
    // Stores the value, or returns why it is refused: "must be a number > 0". The experiment is then unchanged.
    std::function<std::optional<std::string>(Experiment&, const nlohmann::json&)> write;
};

// The table, in the order of the configuration file. Built once; any thread.
[[nodiscard]] const std::vector<Field>& fields();
[[nodiscard]] const Field* findField(std::string_view path);

} // namespace dskd::config

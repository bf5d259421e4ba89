#pragma once

#include "core/base/result.h"
#include "core/config/schema/experiment.h"

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace dskd::config
{

// One problem of a configuration: where ("train.lr"), and a sentence with the value and what is allowed.
struct Problem {
    std::string field;
    std::string what;
};

// One row of the configuration reference: everything a person or a dialog needs to know of a field.
struct FieldInfo {
    std::string path;                       // "method.temperature"
    std::string shortName;                  // the shortest tail that still means it: "space", but "train.lr"
    std::string type;                       // "number", "integer", "string", "boolean", "choice"
    std::string defaultText;                // as JSON
    std::string allowed;                    // "> 0", "kl | rkl | js | …"; may be empty
    std::vector<std::string> choices;       // for type "choice"
    std::string explanation;                // one sentence
    std::vector<std::string_view> meanings; // a sentence a choice; empty ones where the names speak for themselves
};

// Every field, in the order of the configuration file.
[[nodiscard]] std::vector<FieldInfo> fieldReference();

// Reads JSON text. Unknown keys, wrong types and values out of range are refused, all of them in one Failure with field
// paths. Relative paths are resolved against `baseFolder`.
Result<Experiment> parseExperiment(std::string_view text, const std::filesystem::path& baseFolder);
// The same of a file: NotFound where there is none, Usage where it is not understood.
Result<Experiment> loadExperiment(const std::filesystem::path& file);

[[nodiscard]] nlohmann::json toJson(const Experiment& experiment);
// The same as a file: indented, with the keys in the order of fieldReference().
[[nodiscard]] std::string toText(const Experiment& experiment);

// Sets one field from text: `set(e, "train.lr", "1e-3")`. The path may be shortened to any unambiguous tail ("lr" is
// not, "space" is); "method" sets a whole method by its name (method_table.h). A relative file name is taken from the
// current folder. Fails naming the field, the text, and what is allowed.
Result<void> setField(Experiment& experiment, std::string_view path, std::string_view text);

// The full path that `path` stands for, or why there is none.
Result<std::string> resolveField(std::string_view path);
// FieldInfo::shortName of a full path; what is no path, for example "method", is its own.
[[nodiscard]] std::string shortField(const std::string& path);
// "lr" of "train.lr", which other fields may end in too.
[[nodiscard]] std::string_view lastPart(std::string_view path);
// The value of one field as JSON; `path` must be full.
[[nodiscard]] nlohmann::json fieldValue(const Experiment& experiment, std::string_view path);

// What does not fit together (KD without a teacher, CMA without KD, temperature <= 0 …). Empty: fine. Looks at the
// values only, not at the files they name.
[[nodiscard]] std::vector<Problem> validate(const Experiment& experiment);

} // namespace dskd::config

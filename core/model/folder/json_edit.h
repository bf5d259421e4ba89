#pragma once

// Changing one field of a JSON file that somebody else wrote. All else stays byte for byte as it is: a reader and
// writer of whole documents would round numbers that no double holds, as "model_max_length" in many a
// tokenizer_config.json.

#include <string>
#include <string_view>

namespace dskd::model
{

// `json` with `field` of its outermost object being `value`, itself JSON; appended where it was not there.
// REQUIRES: json is a valid document whose outermost value is an object.
[[nodiscard]] std::string withField(std::string_view json, std::string_view field, std::string_view value);

} // namespace dskd::model

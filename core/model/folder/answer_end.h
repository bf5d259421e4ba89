#pragma once

// The fields of a model folder about where an answer ends, which is what makes a program that generates with it stop.

#include "core/base/result.h"

#include <cstdint>
#include <filesystem>

namespace dskd::model
{

// Names the token `id` that ends an answer in a model folder that does not yet, as published chat models do:
//   generation_config.json   eos_token_id becomes a list, `id` first, what ended a text before behind it. A model
//                            without this file gets one, with the bos and pad ids of its config.json.
//   config.json              the same list, for programs that know no other place
// Other fields stay as they are, byte for byte, and the tokenizer's files are not touched: its own end is part of other
// texts' meaning. The folder of an adapter has no config.json and gets no file that it lacks. Fails naming the file
// that is not a JSON object or cannot be written.
Result<void> nameAnswerEnd(const std::filesystem::path& folder, std::int64_t id);

} // namespace dskd::model

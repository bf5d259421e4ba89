#pragma once

// What a model folder says about where an answer ends, which is what makes a program that generates with it stop.

#include "core/base/result.h"

#include <cstdint>
#include <filesystem>
#include <string>

namespace dskd::model
{

// The token that ends an answer.
struct AnswerEnd {
    std::int64_t id = 0;
    std::string token;     // as the vocabulary spells it
    bool eosToken = false; // it also becomes the tokenizer's eos_token
};

// Names `end` in a model folder that does not yet, as published chat models do:
//   generation_config.json   eos_token_id becomes a list, `id` first, what ended a text before behind it. A model
//                            without this file gets one, with the bos and pad ids of its config.json.
//   config.json              the same list, for programs that know no other place
//   tokenizer_config.json    eos_token, where `eosToken` says so and the tokenizer does not put its eos behind every
//                            text (add_eos_token); special_tokens_map.json likewise, where it has one
// Other fields stay as they are, byte for byte, and tokenizer.json is not touched. The folder of an adapter has no
// config.json and gets no file that it lacks. Fails naming the file that is not a JSON object or cannot be written.
Result<void> nameAnswerEnd(const std::filesystem::path& folder, const AnswerEnd& end);

} // namespace dskd::model

#pragma once

#include "core/base/result.h"
#include "core/tokenizer/added_token_list.h"

#include <filesystem>
#include <nlohmann/json_fwd.hpp>

// What the small files beside a tokenizer change in it, as transformers 5.24 has it: tokenizer_config.json,
// special_tokens_map.json and added_tokens.json, of which the last two count only where the first has no
// added_tokens_decoder.
namespace dskd::tokenizer
{

// May a side file give an id of the vocabulary to a token that the vocabulary spells otherwise? SentencePiece models
// hold placeholders for that.
enum class Placeholders { Renamed, Refused };

// Adds the tokens that only side files have and sets the flags that they change. Fails naming the file and the token
// where an id is not the one that transformers would give, and where the end token has no id at all.
Result<void> addSideTokens(const std::filesystem::path& folder, AddedTokenList& list, Placeholders placeholders);

// `tokenizer`, the content of a tokenizer.json, with the space before a text as tokenizer_config.json has it. Classes
// that build their own pre-tokenizer take it from there, the general one from tokenizer.json.
Result<void> applyPrefixSpace(const std::filesystem::path& folder, nlohmann::json& tokenizer);

} // namespace dskd::tokenizer

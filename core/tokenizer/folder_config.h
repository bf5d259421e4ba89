#pragma once

#include "core/base/result.h"
#include "core/tokenizer/tokenizer.h"

#include <filesystem>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string_view>

// The small JSON files of a Hugging Face folder that say something about its tokenizer.
namespace dskd::tokenizer
{

// The file as JSON; an empty object when it does not exist. Fails with the path and the place of the error,
// or with what the file is instead: a Git LFS pointer, a compressed file.
Result<nlohmann::json> readJsonFile(const std::filesystem::path& path);

// The text of a token that is written "<s>" or {"content": "<s>", ...}; empty when it is neither.
[[nodiscard]] std::string tokenContent(const nlohmann::json& value);

// bos, eos, unk and pad of the folder: tokenizer_config.json says them, else special_tokens_map.json (the other way
// round where the first has no added_tokens_decoder), else the ids in config.json and generation_config.json. A token
// that the first two set to null stays unset, except eos, which generation needs. What the files do not say is taken
// from `otherwise`.
Result<SpecialTokens> readSpecialTokens(const std::filesystem::path& folder, SpecialTokens otherwise,
                                        const std::function<std::optional<TokenId>(std::string_view)>& idOf);

} // namespace dskd::tokenizer

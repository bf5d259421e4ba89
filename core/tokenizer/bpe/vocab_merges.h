#pragma once

#include "core/base/result.h"

#include <filesystem>
#include <nlohmann/json_fwd.hpp>

namespace dskd::tokenizer
{

// The tokenizer.json that a folder with vocab.json and merges.txt stands for: GPT-2's pipeline, or Qwen's when
// tokenizer_config.json or config.json says so, without the tokens of the side files (core/tokenizer/side_files.h).
// Fails naming the file and what is wrong with it.
Result<nlohmann::json> tokenizerJsonFromVocabAndMerges(const std::filesystem::path& folder);

} // namespace dskd::tokenizer

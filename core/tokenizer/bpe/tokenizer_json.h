#pragma once

#include "core/base/result.h"
#include "core/tokenizer/bpe/bpe_tokenizer.h"

#include <nlohmann/json_fwd.hpp>

namespace dskd::tokenizer
{

// The parts of a tokenizer from what a tokenizer.json says; `special` is left to the caller except for unk.
// Fails with a sentence about the field that is missing, wrong or not understood.
Result<BpeParts> parseTokenizerJson(const nlohmann::json& json);

} // namespace dskd::tokenizer

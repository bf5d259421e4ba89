#pragma once

#include "core/tokenizer/tokenizer.h"

#include <memory>

namespace dskd::tokenizer
{

// `tokenizer` for a model whose embedding has `rows` rows: the tokens from there on do not exist, and a text that uses
// one is refused, as Error naming the token and the byte. Gemma 3 has 262,145 tokens over 262,144 rows, and a padding
// token is often added without a row. Of the special tokens only the one that ends answers is kept without a row, for
// the caller to refuse. The tokenizer itself where all its tokens have rows.
[[nodiscard]] std::unique_ptr<Tokenizer> limitedToRows(std::unique_ptr<Tokenizer> tokenizer, std::int64_t rows);

} // namespace dskd::tokenizer

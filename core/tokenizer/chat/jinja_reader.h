#pragma once

#include "core/tokenizer/chat/jinja_tokens.h"

#include <optional>
#include <string_view>
#include <vector>

namespace dskd::tokenizer::jinja
{

// A tag of the template, or (Output of one literal) the text between two.
struct Piece {
    enum Kind { Output, Statement } kind = Output;
    Tokens tokens;
};
using Pieces = std::vector<Piece>;

// Reads a template as transformers' Jinja does (trim_blocks, lstrip_blocks). Nothing when a tag does not close.
[[nodiscard]] std::optional<Pieces> readTemplate(std::string_view jinja);

} // namespace dskd::tokenizer::jinja

#pragma once

#include "core/tokenizer/tokenizer.h"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

// What tests/reference/tokenizer_golden.py wrote.
namespace dskd::tokenizer
{

struct GoldenCase {
    std::string text;
    std::vector<TokenId> ids;
    std::vector<TokenId> idsWithSpecial;
    std::optional<std::string> decoded; // of idsWithSpecial; nothing where the reference has no such thing
    std::string decodedSkip;            // without special tokens
};

[[nodiscard]] std::filesystem::path goldenFolder();
[[nodiscard]] std::vector<GoldenCase> readGoldenCases(const std::filesystem::path& file);

// The text for a failure message: no control characters, no invalid UTF-8.
[[nodiscard]] std::string quoted(std::string_view text);

// The tokenizer of a folder; the test fails when it cannot be loaded.
[[nodiscard]] std::unique_ptr<Tokenizer> mustLoad(const std::filesystem::path& folder);

} // namespace dskd::tokenizer

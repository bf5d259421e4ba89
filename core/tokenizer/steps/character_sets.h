#pragma once

#include <optional>
#include <string>
#include <string_view>

// Sets of characters as they stand inside the brackets of a PCRE2 class, with the members that they have for the
// reference: for Oniguruma (Unicode 16) where it reads regular expressions, for Rust where it does not.
namespace dskd::tokenizer
{

inline constexpr std::string_view kHexDigits = "0-9A-Fa-f";

// \s, the property White_Space.
[[nodiscard]] std::string spaceMembers();
// \w in a set. Outside of sets, and as a property, Oniguruma counts the superscript digits and fractions of Latin-1
// too.
[[nodiscard]] std::string wordMembers();
[[nodiscard]] std::string wordMembersOutsideSets();
// Of \p{name}: general categories by their short names, scripts, Alphabetic and Word; letter case, spaces, - and _ do
// not count. Nothing for other names.
[[nodiscard]] std::optional<std::string> propertyMembers(std::string_view name);
// Which of propertyMembers do not belong to the property, in later versions of Unicode; mostly none.
[[nodiscard]] std::string propertyExceptions(std::string_view name);
// Of [:name:].
[[nodiscard]] std::optional<std::string> posixMembers(std::string_view name);

// PCRE2 classes, with their brackets, of the programming language that the reference is written in, Rust:
// char::is_numeric, and the word characters of the regex crate.
[[nodiscard]] std::string numericCharacter();
[[nodiscard]] std::string wordCharacter();

} // namespace dskd::tokenizer

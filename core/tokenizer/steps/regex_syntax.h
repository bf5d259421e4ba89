#pragma once

#include "core/base/result.h"

#include <string>
#include <string_view>

namespace dskd::tokenizer
{

// A pattern of Oniguruma's syntax, which the reference uses, in PCRE2's words: for PCRE2_UTF | PCRE2_UCP |
// PCRE2_MULTILINE. What the two read differently is spelled out: sets inside sets and &&, {n,m}+, {n}?, {,n}, \h, \v,
// \b, \w and the general categories of Unicode 16, options that hold to the end of a group, (?m). Groups capture
// nothing. Fails quoting the pattern and naming what in it has no translation, and where: back-references, \K, \G, \X,
// properties of other names, case-insensitive characters that match several (ss is ß), and what Oniguruma refuses
// itself.
Result<std::string> translatePattern(std::string_view pattern);

} // namespace dskd::tokenizer

// Text as LaTeX: declared in escape.h.

#include "core/base/utf8.h"
#include "core/text/escape.h"

#include <algorithm>
#include <array>
#include <cstdio>

namespace dskd::text
{
namespace
{

struct Written {
    char32_t code;
    std::string_view latex;
};

// What plain LaTeX has, without packages; sorted by code point. Characters that no font of it has are absent.
constexpr Written kWritten[] = {
    {U'#', "\\#"},
    {U'$', "\\$"},
    {U'%', "\\%"},
    {U'&', "\\&"},
    {U'<', "\\textless{}"},
    {U'>', "\\textgreater{}"},
    {U'\\', "\\textbackslash{}"},
    {U'^', "\\textasciicircum{}"},
    {U'_', "\\_"},
    {U'{', "\\{"},
    {U'|', "\\textbar{}"},
    {U'}', "\\}"},
    {U'~', "\\textasciitilde{}"},
    {U'\u00A0', "~"},
    {U'\u00A7', "\\S{}"},
    {U'\u00B0', "$^{\\circ}$"},
    {U'\u00B1', "$\\pm$"},
    {U'\u00B2', "$^{2}$"},
    {U'\u00B3', "$^{3}$"},
    {U'\u00B5', "$\\mu$"},
    {U'\u00B7', "$\\cdot$"},
    {U'\u00D7', "$\\times$"},
    {U'\u00F7', "$\\div$"},
    {U'\u0394', "$\\Delta$"},
    {U'\u03A3', "$\\Sigma$"},
    {U'\u03A9', "$\\Omega$"},
    {U'\u03B1', "$\\alpha$"},
    {U'\u03B2', "$\\beta$"},
    {U'\u03B3', "$\\gamma$"},
    {U'\u03B4', "$\\delta$"},
    {U'\u03B5', "$\\varepsilon$"},
    {U'\u03B7', "$\\eta$"},
    {U'\u03B8', "$\\theta$"},
    {U'\u03BB', "$\\lambda$"},
    {U'\u03BC', "$\\mu$"},
    {U'\u03C0', "$\\pi$"},
    {U'\u03C1', "$\\rho$"},
    {U'\u03C3', "$\\sigma$"},
    {U'\u03C4', "$\\tau$"},
    {U'\u2013', "--"},
    {U'\u2014', "---"},
    {U'\u2018', "`"},
    {U'\u2019', "'"},
    {U'\u201C', "``"},
    {U'\u201D', "''"},
    {U'\u2020', "\\dag{}"},
    {U'\u2021', "\\ddag{}"},
    {U'\u2026', "\\ldots{}"},
    {U'\u2190', "$\\leftarrow$"},
    {U'\u2192', "$\\rightarrow$"},
    {U'\u2194', "$\\leftrightarrow$"},
    {U'\u2212', "$-$"},
    {U'\u221E', "$\\infty$"},
    {U'\u2248', "$\\approx$"},
    {U'\u2260', "$\\neq$"},
    {U'\u2264', "$\\leq$"},
    {U'\u2265', "$\\geq$"},
    {U'\u2581', "\\_"},
};
static_assert(std::is_sorted(std::begin(kWritten), std::end(kWritten),
                             [](const Written& a, const Written& b) { return a.code < b.code; }));

// The letters of U+00C0 to U+00FF; empty: not a letter, or one that LaTeX's first fonts lack.
constexpr char32_t kFirstLetter = U'\u00C0';
constexpr std::array<std::string_view, 64> kLetters = {
    "\\`{A}", "\\'{A}", "\\^{A}", "\\~{A}",  "\\\"{A}",  "\\r{A}",   "\\AE{}",   "\\c{C}",    // C0
    "\\`{E}", "\\'{E}", "\\^{E}", "\\\"{E}", "\\`{I}",   "\\'{I}",   "\\^{I}",   "\\\"{I}",   // C8
    "",       "\\~{N}", "\\`{O}", "\\'{O}",  "\\^{O}",   "\\~{O}",   "\\\"{O}",  "",          // D0
    "\\O{}",  "\\`{U}", "\\'{U}", "\\^{U}",  "\\\"{U}",  "\\'{Y}",   "",         "\\ss{}",    // D8
    "\\`{a}", "\\'{a}", "\\^{a}", "\\~{a}",  "\\\"{a}",  "\\r{a}",   "\\ae{}",   "\\c{c}",    // E0
    "\\`{e}", "\\'{e}", "\\^{e}", "\\\"{e}", "\\`{\\i}", "\\'{\\i}", "\\^{\\i}", "\\\"{\\i}", // E8
    "",       "\\~{n}", "\\`{o}", "\\'{o}",  "\\^{o}",   "\\~{o}",   "\\\"{o}",  "",          // F0
    "\\o{}",  "\\`{u}", "\\'{u}", "\\^{u}",  "\\\"{u}",  "\\'{y}",   "",         "\\\"{y}",   // F8
};

std::string_view written(char32_t code)
{
    const auto* found = std::lower_bound(std::begin(kWritten), std::end(kWritten), code,
                                         [](const Written& row, char32_t wanted) { return row.code < wanted; });
    if (found != std::end(kWritten) && found->code == code) {
        return found->latex;
    }
    const char32_t letter = code - kFirstLetter;
    return code >= kFirstLetter && letter < kLetters.size() ? kLetters[letter] : std::string_view();
}

} // namespace

std::string latex(std::string_view text)
{
    std::string result;
    for (std::size_t i = 0; i < text.size();) {
        const char32_t code = nextCodePoint(text, i);
        if (const std::string_view known = written(code); !known.empty()) {
            result += known;
        } else if (code < 0x80) {
            result += code == U'-' && result.ends_with('-') ? "{}" : ""; // or "--" of a name would be a dash
            result += static_cast<char>(code);
        } else {
            std::array<char, 16> number{};
            std::snprintf(number.data(), number.size(), "[U+%04X]", static_cast<unsigned>(code));
            result += number.data();
        }
    }
    return result;
}

} // namespace dskd::text

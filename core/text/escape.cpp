#include "core/text/escape.h"

#include "core/base/utf8.h"

#include <algorithm>

namespace dskd::text
{

namespace
{

// Embeddings, overrides and isolates of UAX #9: they reach beyond the text that they stand in.
bool turnsText(char32_t code)
{
    return (code >= 0x202A && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069);
}

// Control characters, and the invisible ones that change the direction of the text around them (UAX #9): the terminal
// obeys them instead of showing them.
bool steersTerminal(char32_t code)
{
    const bool control = code < 0x20 || (code >= 0x7F && code < 0xA0);
    const bool mark = code == 0x061C || code == 0x200E || code == 0x200F;
    return control || mark || turnsText(code);
}

void appendEscape(std::string& text, char32_t code)
{
    constexpr std::string_view kDigits = "0123456789abcdef";
    text += "\\u";
    for (int shift = 12; shift >= 0; shift -= 4) { // all that steer lie below U+10000
        text += kDigits[(code >> shift) & 0xF];
    }
}

} // namespace

std::string html(std::string_view text)
{
    std::string result;
    result.reserve(text.size() + text.size() / 8);
    for (std::size_t i = 0; i < text.size();) {
        const char32_t code = nextCodePoint(text, i);
        switch (code) {
        case '&': result += "&amp;"; break;
        case '<': result += "&lt;"; break;
        case '>': result += "&gt;"; break;
        case '"': result += "&quot;"; break;
        case '\'': result += "&#39;"; break;
        default: {
            const bool control = (code < 0x20 && code != '\n' && code != '\t') || (code >= 0x7F && code < 0xA0);
            appendCodePoint(result, control || turnsText(code) ? 0xFFFD : code);
        }
        }
    }
    return result;
}

std::string csv(std::string_view text)
{
    if (text.find_first_of(",\"\r\n") == std::string_view::npos) {
        return std::string(text);
    }
    std::string result = "\"";
    for (const char c : text) {
        result += c;
        if (c == '"') {
            result += c;
        }
    }
    return result + "\"";
}

std::string csvLine(const std::vector<std::string>& fields)
{
    std::string line;
    for (std::size_t i = 0; i < fields.size(); ++i) {
        line += (i == 0 ? "" : ",") + csv(fields[i]);
    }
    return line + "\n";
}

std::string terminal(std::string_view text)
{
    std::string result;
    for (std::size_t i = 0; i < text.size();) {
        const char32_t code = nextCodePoint(text, i);
        if (code != '\n' && code != '\t' && steersTerminal(code)) {
            appendEscape(result, code);
        } else {
            appendCodePoint(result, code);
        }
    }
    return result;
}

std::string terminalLine(std::string_view text)
{
    std::string result = terminal(text);
    std::replace_if(
        result.begin(), result.end(), [](char c) { return c == '\n' || c == '\t'; }, ' ');
    return result;
}

std::string terminalJson(std::string_view json)
{
    std::string result;
    result.reserve(json.size());
    for (std::size_t i = 0; i < json.size();) {
        const std::size_t begin = i;
        const char32_t code = nextCodePoint(json, i);
        if (code >= 0x7F && steersTerminal(code)) { // below, JSON escapes them itself; its own line ends stay
            appendEscape(result, code);
        } else {
            result += json.substr(begin, i - begin);
        }
    }
    return result;
}

} // namespace dskd::text

#include "core/text/escape.h"

#include "core/base/utf8.h"

#include <algorithm>

namespace dskd::text
{

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
            appendCodePoint(result, control ? 0xFFFD : code);
        }
        }
    }
    return result;
}

std::string latex(std::string_view text)
{
    std::string result;
    for (const char c : text) {
        switch (c) {
        case '\\': result += "\\textbackslash{}"; break;
        case '~': result += "\\textasciitilde{}"; break;
        case '^': result += "\\textasciicircum{}"; break;
        case '<': result += "\\textless{}"; break;
        case '>': result += "\\textgreater{}"; break;
        case '|': result += "\\textbar{}"; break;
        case '&':
        case '%':
        case '$':
        case '#':
        case '_':
        case '{':
        case '}': result += '\\'; [[fallthrough]];
        default: result += c;
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

std::string terminal(std::string_view text)
{
    std::string result;
    for (std::size_t i = 0; i < text.size();) {
        const char32_t code = nextCodePoint(text, i);
        const bool control = (code < 0x20 && code != '\n' && code != '\t') || (code >= 0x7F && code < 0xA0);
        appendCodePoint(result, control ? U'?' : code);
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

} // namespace dskd::text

#include "core/base/last_words.h"

#include <charconv>

namespace dskd
{
namespace
{

constexpr std::string_view kSign = "dskd-worker gives up";
constexpr std::string_view kCode = " (exit code ";
constexpr std::string_view kColon = ": ";

} // namespace

std::string lastWordsBegin(ExitCode code)
{
    return std::string(kSign) + std::string(kCode) + std::to_string(toInt(code)) + ")" + std::string(kColon);
}

std::optional<LastWords> findLastWords(std::string_view log)
{
    const auto at = log.find(kSign);
    if (at == std::string_view::npos) {
        return std::nullopt;
    }
    std::string_view line = log.substr(at + kSign.size());
    line = line.substr(0, line.find('\n'));
    LastWords words;
    if (line.starts_with(kCode)) {
        line.remove_prefix(kCode.size());
        int number = 0;
        const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), number);
        if (error == std::errc{}) {
            words.code = exitCodeOf(number);
        }
        line.remove_prefix(static_cast<std::size_t>(end - line.data()));
        line.remove_prefix(line.starts_with(")") ? 1 : 0);
    }
    line.remove_prefix(line.starts_with(kColon) ? kColon.size() : 0);
    words.sentence = std::string(line);
    return words;
}

} // namespace dskd

#include "core/config/plan/seeds.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <set>

namespace dskd::config
{
namespace
{

constexpr std::uint64_t kMostOfRange = 10'000;
constexpr std::string_view kSeparators = ",; \t\n";

std::optional<std::uint64_t> number(std::string_view text)
{
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc() && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

Failure refused(const std::string& what)
{
    return {what, "For example 10, 20, 30 or 10-14.", FailureKind::Usage};
}

} // namespace

Result<std::vector<std::uint64_t>> parseSeeds(std::string_view text)
{
    std::vector<std::uint64_t> seeds;
    std::set<std::uint64_t> seen;
    const auto add = [&](std::uint64_t seed) {
        if (seen.insert(seed).second) {
            seeds.push_back(seed);
        }
    };
    for (std::size_t begin = text.find_first_not_of(kSeparators); begin != std::string_view::npos;) {
        const std::size_t end = std::min(text.find_first_of(kSeparators, begin), text.size());
        const std::string_view word = text.substr(begin, end - begin);
        const std::size_t dash = word.find('-');
        const auto first = number(word.substr(0, dash));
        const auto last = dash == std::string_view::npos ? first : number(word.substr(dash + 1));
        if (!first || !last) {
            return refused("\"" + std::string(word) + "\" is not a whole number of 0 or more, nor a range of them.");
        }
        if (*last < *first) {
            return refused("The seeds \"" + std::string(word) + "\" fall: the range ends before it begins.");
        }
        if (*last - *first >= kMostOfRange) {
            return refused("The seeds \"" + std::string(word) + "\" are more than " + std::to_string(kMostOfRange) +
                           ".");
        }
        for (std::uint64_t i = 0; i <= *last - *first; ++i) {
            add(*first + i);
        }
        begin = text.find_first_not_of(kSeparators, end);
    }
    return seeds.empty() ? Result<std::vector<std::uint64_t>>(refused("No seeds are given.")) : seeds;
}

std::string seedsText(const std::vector<std::uint64_t>& seeds)
{
    std::string text;
    for (std::size_t i = 0; i < seeds.size();) {
        std::size_t last = i;
        while (last + 1 < seeds.size() && seeds[last + 1] > seeds[last] && seeds[last + 1] - seeds[last] == 1) {
            ++last;
        }
        last = last - i >= 2 ? last : i;
        text += (text.empty() ? "" : ", ") + std::to_string(seeds[i]);
        if (last > i) {
            text += "-" + std::to_string(seeds[last]);
        }
        i = last + 1;
    }
    return text;
}

} // namespace dskd::config

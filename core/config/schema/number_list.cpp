#include "core/config/schema/number_list.h"

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

Result<std::vector<std::uint64_t>> parseNumbers(std::string_view text, std::string_view what)
{
    const std::string these = "The " + std::string(what) + " \"";
    std::vector<std::uint64_t> numbers;
    std::set<std::uint64_t> seen;
    const auto add = [&](std::uint64_t one) {
        if (seen.insert(one).second) {
            numbers.push_back(one);
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
            return refused(these + std::string(word) + "\" fall: the range ends before it begins.");
        }
        if (*last - *first >= kMostOfRange) {
            return refused(these + std::string(word) + "\" are more than " + std::to_string(kMostOfRange) + ".");
        }
        for (std::uint64_t i = 0; i <= *last - *first; ++i) {
            add(*first + i);
        }
        begin = text.find_first_not_of(kSeparators, end);
    }
    return numbers.empty() ? Result<std::vector<std::uint64_t>>(refused("No " + std::string(what) + " are given."))
                           : numbers;
}

std::string numbersText(const std::vector<std::uint64_t>& numbers)
{
    std::string text;
    for (std::size_t i = 0; i < numbers.size();) {
        std::size_t last = i;
        while (last + 1 < numbers.size() && numbers[last + 1] > numbers[last] &&
               numbers[last + 1] - numbers[last] == 1) {
            ++last;
        }
        last = last - i >= 2 ? last : i;
        text += (text.empty() ? "" : ", ") + std::to_string(numbers[i]);
        if (last > i) {
            text += "-" + std::to_string(numbers[last]);
        }
        i = last + 1;
    }
    return text;
}

} // namespace dskd::config

#include "app/cli/number_range.h"

#include "core/text/numbers.h"

#include <cmath>
#include <cstddef>
#include <limits>
#include <string>

namespace dskd::cli
{

namespace
{

// As it was typed, unless that is longer than any number need be.
std::string shown(const std::string& typed, double value)
{
    constexpr std::size_t kLongest = 24; // "-1.2345678901234567e-308"
    return typed.size() <= kLongest ? typed : text::exact(value);
}

// What CLI11 reads in another base: 0x10 as 16, 0b10 as 2, 010 as 8.
bool isDecimal(const std::string& typed)
{
    const std::size_t first = typed.find_first_not_of("+-");
    return first == std::string::npos || typed[first] != '0' || first + 1 == typed.size() || typed[first + 1] == '.' ||
           typed[first + 1] == 'e' || typed[first + 1] == 'E';
}

} // namespace

CLI::Validator atLeast(double least)
{
    return between(least, std::numeric_limits<double>::infinity());
}

CLI::Validator between(double least, double most)
{
    return CLI::Validator(
        [least, most](const std::string& typed) -> std::string {
            double value = 0.0;
            if (!isDecimal(typed)) {
                return "must be a decimal number without zeros before it, not " + typed;
            }
            if (!CLI::detail::lexical_cast(typed, value)) {
                return {};
            }
            if (std::isfinite(value) && value >= least && value <= most) {
                return {};
            }
            return "must be a number >= " + text::exact(least) +
                   (std::isfinite(most) ? " and <= " + text::exact(most) : std::string()) + ", not " +
                   shown(typed, value);
        },
        std::string()); // nothing of it in the help
}

} // namespace dskd::cli

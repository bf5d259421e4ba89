#include "core/jobs/run_name.h"

#include <algorithm>
#include <optional>

namespace dskd::jobs
{
namespace
{

constexpr const char* kSeparators = " ,_-=:";

std::string trimmed(const std::string& text)
{
    return text.substr(0, text.find_last_not_of(kSeparators) + 1);
}

// None where the name does not end in its seed.
std::optional<std::string> beforeSeed(const std::string& name, std::uint64_t seed)
{
    const std::string number = std::to_string(seed);
    std::string before = trimmed(name);
    if (!before.ends_with(number)) {
        return std::nullopt;
    }
    before = trimmed(before.substr(0, before.size() - number.size()));
    for (const std::string word : {"seed", "s"}) {
        const std::size_t at = before.size() - std::min(before.size(), word.size());
        if (before.ends_with(word) && (at == 0 || std::string(kSeparators).find(before[at - 1]) != std::string::npos)) {
            return trimmed(before.substr(0, at));
        }
    }
    return std::nullopt;
}

} // namespace

std::string nameWithoutSeed(const std::string& name, std::uint64_t seed)
{
    return beforeSeed(name, seed).value_or(trimmed(name));
}

bool endsInSeed(const std::string& name, std::uint64_t seed)
{
    return beforeSeed(name, seed).has_value();
}

} // namespace dskd::jobs

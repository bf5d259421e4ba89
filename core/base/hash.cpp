#include "core/base/hash.h"

#include <array>
#include <cinttypes>
#include <cstdio>

namespace dskd
{

std::string hexadecimal(std::uint64_t value)
{
    std::array<char, 17> text{};
    std::snprintf(text.data(), text.size(), "%016" PRIx64, value);
    return text.data();
}

} // namespace dskd

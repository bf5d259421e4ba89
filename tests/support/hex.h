#pragma once

#include <charconv>
#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>

namespace dskd::test
{

// "4aff" as its two bytes: golden files hold texts that JSON cannot. Throws for what is not pairs of digits.
inline std::string bytesFromHex(std::string_view hex)
{
    std::string bytes;
    for (std::size_t i = 0; i < hex.size(); i += 2) {
        const std::string_view digits = hex.substr(i, 2);
        unsigned byte = 0;
        const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), byte, 16);
        if (digits.size() != 2 || read.ptr != digits.data() + digits.size()) {
            throw std::invalid_argument("not hexadecimal: " + std::string(hex));
        }
        bytes += static_cast<char>(byte);
    }
    return bytes;
}

} // namespace dskd::test

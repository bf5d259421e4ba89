#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace dskd
{

// FNV-1a of 64 bits (Fowler, Noll and Vo), over bytes that come in any portions. The same on every machine and in every
// version; not for secrets.
class Fnv1a
{
public:
    void add(std::span<const std::byte> bytes)
    {
        for (const std::byte byte : bytes) {
            m_value = (m_value ^ std::to_integer<std::uint64_t>(byte)) * 0x100000001b3ULL;
        }
    }
    void add(std::string_view bytes) { add(std::as_bytes(std::span(bytes))); }

    [[nodiscard]] std::uint64_t value() const { return m_value; }

private:
    std::uint64_t m_value = 0xcbf29ce484222325ULL;
};

// Sixteen digits: "00000000000000ff".
[[nodiscard]] std::string hexadecimal(std::uint64_t value);

} // namespace dskd

#pragma once

#include <cstdint>

namespace dskd
{

// Bytes that a program may still get, as the kernel estimates it; 0 where it does not say.
[[nodiscard]] std::uint64_t availableMemory();

} // namespace dskd

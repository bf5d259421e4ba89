#pragma once

#include <cstdint>

namespace dskd
{

// Bytes that a program may still get, as the kernel estimates it; 0 where it gives no estimate.
[[nodiscard]] std::uint64_t availableMemory();

} // namespace dskd

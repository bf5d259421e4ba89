#pragma once

#include <c10/core/Allocator.h>

#include <cstdint>

namespace dskd::support
{

// While it lives, every CPU tensor allocation is counted. One at a time. Tensors may outlive it.
class CountingAllocator
{
public:
    CountingAllocator();
    ~CountingAllocator();
    CountingAllocator(const CountingAllocator&) = delete;
    CountingAllocator& operator=(const CountingAllocator&) = delete;

    // Largest number of bytes held at once since construction.
    [[nodiscard]] std::int64_t peakBytes() const;

private:
    c10::Allocator* m_previous;
};

} // namespace dskd::support

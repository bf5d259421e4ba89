#include "tests/support/counting_allocator.h"

#include <atomic>
#include <cstring>

namespace dskd::support
{
namespace
{

// Wraps the original allocator and lives as long as the program, because tensors keep their deleter.
class Counter final : public c10::Allocator
{
public:
    explicit Counter(c10::Allocator* original) : m_original(original) {}

    c10::DataPtr allocate(std::size_t bytes) override
    {
        auto* block = new Block{this, bytes, m_original->allocate(bytes)};
        const auto held = m_held.fetch_add(static_cast<std::int64_t>(bytes)) + static_cast<std::int64_t>(bytes);
        std::int64_t peak = m_peak.load();
        while (held > peak && !m_peak.compare_exchange_weak(peak, held)) {
        }
        return {block->memory.get(), block, &Counter::release, c10::Device(c10::DeviceType::CPU)};
    }

    void copy_data(void* destination, const void* source, std::size_t bytes) const override
    {
        std::memcpy(destination, source, bytes);
    }

    void restart()
    {
        m_held = 0;
        m_peak = 0;
    }
    [[nodiscard]] std::int64_t peak() const { return m_peak; }

private:
    struct Block {
        Counter* counter;
        std::size_t bytes;
        c10::DataPtr memory;
    };

    static void release(void* context)
    {
        auto* block = static_cast<Block*>(context);
        block->counter->m_held -= static_cast<std::int64_t>(block->bytes);
        delete block;
    }

    c10::Allocator* m_original;
    std::atomic<std::int64_t> m_held{0};
    std::atomic<std::int64_t> m_peak{0};
};

Counter& counter(c10::Allocator* original)
{
    static Counter instance(original);
    return instance;
}

constexpr std::uint8_t kHighestPriority = 255;

} // namespace

CountingAllocator::CountingAllocator() : m_previous(c10::GetAllocator(c10::DeviceType::CPU))
{
    Counter& wrapper = counter(m_previous);
    wrapper.restart();
    c10::SetAllocator(c10::DeviceType::CPU, &wrapper, kHighestPriority);
}

CountingAllocator::~CountingAllocator()
{
    c10::SetAllocator(c10::DeviceType::CPU, m_previous, kHighestPriority);
}

std::int64_t CountingAllocator::peakBytes() const
{
    return counter(m_previous).peak();
}

} // namespace dskd::support

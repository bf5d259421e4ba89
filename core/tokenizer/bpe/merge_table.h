#pragma once

#include "core/tokenizer/tokenizer.h"

#include <bit>
#include <cstdint>
#include <limits>
#include <vector>

namespace dskd::tokenizer
{

// Which pairs of tokens merge, in what order, into what. Open addressing: a lookup is one or two cache lines.
class MergeTable
{
public:
    static constexpr std::uint32_t kNoRank = std::numeric_limits<std::uint32_t>::max();

    struct Entry {
        std::uint64_t pair = kFree;
        std::uint32_t rank = kNoRank; // kNoRank: the pair does not merge
        TokenId merged = -1;
    };

    MergeTable() = default;
    explicit MergeTable(std::size_t numMerges) { m_slots.resize(std::bit_ceil(2 * numMerges + 2)); }

    // Of equal pairs the last one counts. REQUIRES: no more calls than announced.
    void insert(TokenId left, TokenId right, std::uint32_t rank, TokenId merged)
    {
        m_slots[slotOf(left, right)] = {pairOf(left, right), rank, merged};
    }

    // An entry without a rank when the pair does not merge.
    [[nodiscard]] const Entry& find(TokenId left, TokenId right) const { return m_slots[slotOf(left, right)]; }
    [[nodiscard]] const std::vector<Entry>& slots() const { return m_slots; }

private:
    static constexpr std::uint64_t kFree = std::numeric_limits<std::uint64_t>::max(); // ids are never negative

    static std::uint64_t pairOf(TokenId left, TokenId right)
    {
        return std::uint64_t{static_cast<std::uint32_t>(left)} << 32 | static_cast<std::uint32_t>(right);
    }
    [[nodiscard]] std::size_t slotOf(TokenId left, TokenId right) const
    {
        const std::uint64_t pair = pairOf(left, right);
        const std::size_t mask = m_slots.size() - 1;
        std::size_t slot = (pair * 0x9E3779B97F4A7C15ULL >> 20) & mask; // Fibonacci hashing
        while (m_slots[slot].pair != pair && m_slots[slot].pair != kFree) {
            slot = (slot + 1) & mask;
        }
        return slot;
    }

    std::vector<Entry> m_slots = std::vector<Entry>(1);
};

} // namespace dskd::tokenizer

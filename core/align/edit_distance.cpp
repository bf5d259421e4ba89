#include "core/align/edit_distance.h"

#include <algorithm>

namespace dskd::align
{
namespace
{

constexpr std::size_t kWordLetters = 64;

} // namespace

void EditDistance::from(std::span<const Letter> spelling)
{
    const std::size_t alphabet = m_positions.size() / m_words;
    for (std::size_t i = 0; i < m_from.size(); ++i) {
        m_positions[i / kWordLetters * alphabet + m_from[i]] = 0;
    }
    m_words = std::max<std::size_t>(1, (spelling.size() + kWordLetters - 1) / kWordLetters);
    m_positions.resize(alphabet * m_words, 0);
    m_from.assign(spelling.begin(), spelling.end());
    for (std::size_t i = 0; i < m_from.size(); ++i) {
        m_positions[i / kWordLetters * alphabet + m_from[i]] |= std::uint64_t{1} << (i % kWordLetters);
    }
}

std::int32_t EditDistance::to(std::span<const Letter> spelling, std::int32_t limit)
{
    if (m_from.empty()) {
        return static_cast<std::int32_t>(spelling.size());
    }
    return m_words == 1 ? toShort(spelling, limit) : toLong(spelling);
}

std::int32_t EditDistance::toShort(std::span<const Letter> spelling, std::int32_t limit) const
{
    const std::uint64_t last = std::uint64_t{1} << (m_from.size() - 1);
    auto distance = static_cast<std::int32_t>(m_from.size());
    // Each letter to come can lower the distance by one at most.
    const std::int64_t tooFar = std::int64_t{limit} + static_cast<std::int64_t>(spelling.size());
    std::int32_t seen = 0;
    Column column;
    for (const Letter letter : spelling) {
        const std::uint64_t equal = m_positions[letter];
        const std::uint64_t diagonal = (((equal & column.plus) + column.plus) ^ column.plus) | equal | column.minus;
        std::uint64_t plus = column.minus | ~(diagonal | column.plus);
        std::uint64_t minus = column.plus & diagonal;
        distance += (plus & last) != 0 ? 1 : 0;
        distance -= (minus & last) != 0 ? 1 : 0;
        plus = (plus << 1) | 1; // the table's upper edge grows by one with every letter
        minus <<= 1;
        column = {minus | ~(diagonal | plus), plus & diagonal};
        if (distance + ++seen > tooFar) {
            return std::numeric_limits<std::int32_t>::max();
        }
    }
    return distance;
}

std::int32_t EditDistance::toLong(std::span<const Letter> spelling)
{
    const std::size_t alphabet = m_positions.size() / m_words;
    const std::uint64_t last = std::uint64_t{1} << ((m_from.size() - 1) % kWordLetters);
    auto distance = static_cast<std::int32_t>(m_from.size());
    m_columns.assign(m_words, Column{});
    for (const Letter letter : spelling) {
        std::uint64_t plusIn = 1; // what the word above hands down
        std::uint64_t minusIn = 0;
        for (std::size_t word = 0; word < m_words; ++word) {
            Column& column = m_columns[word];
            const std::uint64_t equal = m_positions[word * alphabet + letter] | minusIn;
            const std::uint64_t diagonal = (((equal & column.plus) + column.plus) ^ column.plus) | equal | column.minus;
            std::uint64_t plus = column.minus | ~(diagonal | column.plus);
            std::uint64_t minus = column.plus & diagonal;
            if (word + 1 == m_words) {
                distance += (plus & last) != 0 ? 1 : 0;
                distance -= (minus & last) != 0 ? 1 : 0;
            }
            const std::uint64_t plusOut = plus >> (kWordLetters - 1);
            const std::uint64_t minusOut = minus >> (kWordLetters - 1);
            plus = (plus << 1) | plusIn;
            minus = (minus << 1) | minusIn;
            column = {minus | ~(diagonal | plus), plus & diagonal};
            plusIn = plusOut;
            minusIn = minusOut;
        }
    }
    return distance;
}

} // namespace dskd::align

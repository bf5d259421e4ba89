#include "core/tokenizer/vocabulary.h"

#include <bit>
#include <functional>

namespace dskd::tokenizer
{

Vocabulary::Vocabulary(const std::vector<std::string_view>& piecesById)
{
    std::size_t bytes = 0;
    for (const std::string_view piece : piecesById) {
        bytes += piece.size();
        m_numPieces += piece.empty() ? 0 : 1;
    }
    m_text.reserve(bytes);
    m_begin.reserve(piecesById.size() + 1);
    for (const std::string_view piece : piecesById) {
        m_text += piece;
        m_begin.push_back(static_cast<std::uint32_t>(m_text.size()));
    }
    m_slots.assign(std::bit_ceil(2 * piecesById.size() + 2), kMissing);
    const std::size_t mask = m_slots.size() - 1;
    for (TokenId id = 0; id < size(); ++id) {
        const std::string_view text = piece(id);
        if (text.empty()) {
            continue;
        }
        std::size_t slot = std::hash<std::string_view>{}(text)&mask;
        while (m_slots[slot] != kMissing && piece(m_slots[slot]) != text) {
            slot = (slot + 1) & mask;
        }
        m_slots[slot] = id;
    }
}

TokenId Vocabulary::idOf(std::string_view text) const
{
    if (m_slots.empty() || text.empty()) {
        return kMissing;
    }
    const std::size_t mask = m_slots.size() - 1;
    std::size_t slot = std::hash<std::string_view>{}(text)&mask;
    while (m_slots[slot] != kMissing && piece(m_slots[slot]) != text) {
        slot = (slot + 1) & mask;
    }
    return m_slots[slot];
}

} // namespace dskd::tokenizer

#pragma once

#include "core/tokenizer/tokenizer.h"

#include <string>
#include <string_view>
#include <vector>

namespace dskd::tokenizer
{

// Ids are rows of a matrix; a file that names higher ones is damaged.
inline constexpr std::int64_t kMaxTokenId = 1 << 24;

// Strings numbered by token id, and back. One block of memory for all of them. Immutable once built; any thread.
class Vocabulary
{
public:
    static constexpr TokenId kMissing = -1;

    Vocabulary() = default;
    // piecesById[id] is the piece of id; ids without one have an empty string, which idOf does not find.
    // Of equal pieces the highest id is found.
    explicit Vocabulary(const std::vector<std::string_view>& piecesById);

    [[nodiscard]] std::string_view piece(TokenId id) const
    {
        if (id < 0 || id >= size()) {
            return {};
        }
        const auto index = static_cast<std::size_t>(id);
        return std::string_view(m_text).substr(m_begin[index], m_begin[index + 1] - m_begin[index]);
    }
    // kMissing when there is none.
    [[nodiscard]] TokenId idOf(std::string_view text) const;
    // The highest id plus one.
    [[nodiscard]] TokenId size() const { return static_cast<TokenId>(m_begin.size()) - 1; }
    // Ids that have a piece.
    [[nodiscard]] TokenId numPieces() const { return m_numPieces; }

private:
    std::string m_text;
    TokenId m_numPieces = 0;
    std::vector<std::uint32_t> m_begin = {0};
    std::vector<TokenId> m_slots; // open addressing; a power of two, at most half full
};

} // namespace dskd::tokenizer

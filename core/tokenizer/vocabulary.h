#pragma once

#include "core/tokenizer/tokenizer.h"

#include <string>
#include <string_view>
#include <vector>

namespace dskd::tokenizer
{

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
    [[nodiscard]] TokenId size() const { return static_cast<TokenId>(m_begin.size()) - 1; }

private:
    std::string m_text;
    std::vector<std::uint32_t> m_begin = {0};
    std::vector<TokenId> m_slots; // open addressing; a power of two, at most half full
};

} // namespace dskd::tokenizer

#pragma once

// Levenshtein's distance: the fewest letters that are inserted, deleted or replaced to turn one spelling into another.

#include "core/align/spelling.h"

#include <cstdint>
#include <limits>
#include <span>
#include <vector>

namespace dskd::align
{

// One spelling compared with many, 64 of its letters at a time (bit vectors of Myers, 1999, as Hyyrö, 2003, gives them
// for this distance). Not safe to share between threads.
class EditDistance
{
public:
    explicit EditDistance(Letter alphabet) : m_positions(alphabet, 0) {}

    // What `to` compares with from now on. Letters must be below `alphabet`.
    void from(std::span<const Letter> spelling);
    // Sooner done where the distance turns out larger than `limit`: then some number above it.
    [[nodiscard]] std::int32_t to(std::span<const Letter> spelling,
                                  std::int32_t limit = std::numeric_limits<std::int32_t>::max());

private:
    struct Column {
        std::uint64_t plus = ~std::uint64_t{0}; // where the table grows by one downwards ...
        std::uint64_t minus = 0;                // ... and where it falls
    };

    [[nodiscard]] std::int32_t toShort(std::span<const Letter> spelling, std::int32_t limit) const;
    [[nodiscard]] std::int32_t toLong(std::span<const Letter> spelling);

    std::vector<Letter> m_from;
    std::size_t m_words = 1;                // of 64 letters
    std::vector<std::uint64_t> m_positions; // [word][letter]: where the letter stands in m_from
    std::vector<Column> m_columns;          // of toLong
};

} // namespace dskd::align

#include "core/score/word_difference.h"

#include "core/score/rouge.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstdint>
#include <string>
#include <unordered_map>

namespace dskd::score
{
namespace
{

// Longest common subsequences by bits: Hyyrö, "Bit-parallel LCS-length computation revisited" (2004). A row is about
// the words of the reference from one on. Its bit k is 0 where the answer's last k + 1 words have one more word in
// common with them than its last k words have.
using Row = std::vector<std::uint64_t>;
constexpr std::size_t kBits = 64; // of a block

void setBits(Row& row, const std::vector<std::size_t>& bits, bool value)
{
    for (const std::size_t bit : bits) {
        const std::uint64_t one = std::uint64_t{1} << (bit % kBits);
        row[bit / kBits] = value ? row[bit / kBits] | one : row[bit / kBits] & ~one;
    }
}

// Where the answer has a word, as the bits of a row.
class WordPlaces
{
public:
    explicit WordPlaces(const std::vector<RougeWord>& answer) : m_scratch((answer.size() + kBits - 1) / kBits, 0)
    {
        for (std::size_t j = 0; j < answer.size(); ++j) {
            m_places[answer[j].word].bits.push_back(answer.size() - 1 - j);
        }
        for (auto& [word, places] : m_places) {
            if (places.bits.size() > m_scratch.size()) { // of at most 64 words; setting those bits anew takes longer
                places.row.assign(m_scratch.size(), 0);
                setBits(places.row, places.bits, true);
                m_bytes += m_scratch.size() * sizeof(std::uint64_t);
            }
        }
    }

    // nullptr: the answer lacks the word. Until the next call.
    const Row* of(const std::string& word)
    {
        const auto found = m_places.find(word);
        if (found == m_places.end()) {
            return nullptr;
        }
        if (!found->second.row.empty()) {
            return &found->second.row;
        }
        if (m_inScratch != nullptr) {
            setBits(m_scratch, *m_inScratch, false);
        }
        m_inScratch = &found->second.bits;
        setBits(m_scratch, *m_inScratch, true);
        return &m_scratch;
    }
    [[nodiscard]] std::size_t numBlocks() const { return m_scratch.size(); }
    [[nodiscard]] std::size_t bytes() const { return m_bytes; }

private:
    struct Places {
        std::vector<std::size_t> bits;
        Row row = {}; // of a frequent word
    };
    std::unordered_map<std::string, Places> m_places;
    Row m_scratch; // the bits of one rare word
    const std::vector<std::size_t>* m_inScratch = nullptr;
    std::size_t m_bytes = 0;
};

// The rows of all words of the reference, of which few are held: each k-th is kept, and those between two of them are
// computed again when they are asked for, k being the root of their number.
class CommonRows
{
public:
    CommonRows(const std::vector<RougeWord>& reference, const std::vector<RougeWord>& answer)
        : m_reference(reference), m_answerWords(answer.size()), m_places(answer),
          m_each(std::max<std::size_t>(1, static_cast<std::size_t>(std::sqrt(static_cast<double>(reference.size())))))
    {
        m_kept.resize(reference.size() / m_each + 1);
        Row row = lastRow();
        for (std::size_t i = reference.size(); i-- > 0;) {
            goBack(row, i);
            if (i % m_each == 0) {
                m_kept[i / m_each] = row;
            }
        }
    }

    // Whether the words from reference[i] on have more in common with those from answer[j] on than with those from
    // answer[j + 1] on. REQUIRES: `i` is not lower than in the call before.
    bool needs(std::size_t i, std::size_t j)
    {
        const std::size_t part = i / m_each;
        if (part != m_part || m_rows.empty()) {
            compute(part);
        }
        const std::size_t bit = m_answerWords - 1 - j;
        return ((m_rows[i - part * m_each][bit / kBits] >> (bit % kBits)) & 1U) == 0;
    }

    [[nodiscard]] DifferenceWork work() const
    {
        const std::size_t rows = m_kept.size() + m_each;
        return {m_blocks, m_places.bytes() + rows * m_places.numBlocks() * sizeof(std::uint64_t)};
    }

private:
    // Of no word of the reference.
    [[nodiscard]] Row lastRow() const { return Row(m_places.numBlocks(), ~std::uint64_t{0}); }

    // The row of word i + 1 becomes that of word i.
    void goBack(Row& row, std::size_t i)
    {
        const Row* places = m_places.of(m_reference[i].word);
        if (places == nullptr) {
            return;
        }
        std::uint64_t carry = 0;
        for (std::size_t block = 0; block < row.size(); ++block) {
            const std::uint64_t before = row[block];
            const std::uint64_t both = before & (*places)[block];
            const std::uint64_t sum = before + both;
            const std::uint64_t all = sum + carry;
            carry = (sum < before ? 1U : 0U) | (all < sum ? 1U : 0U);
            row[block] = all | (before & ~both);
        }
        m_blocks += row.size();
    }

    void compute(std::size_t part)
    {
        const std::size_t begin = part * m_each;
        const std::size_t end = std::min(begin + m_each, m_reference.size());
        m_part = part;
        m_rows.resize(m_each);
        Row row = end < m_reference.size() ? m_kept[part + 1] : lastRow();
        for (std::size_t i = end; i-- > begin;) {
            goBack(row, i);
            m_rows[i - begin] = row;
        }
    }

    const std::vector<RougeWord>& m_reference;
    std::size_t m_answerWords;
    WordPlaces m_places;
    std::size_t m_each;
    std::vector<Row> m_kept; // of the words 0, m_each, 2 m_each, …
    std::vector<Row> m_rows; // of the words of m_part
    std::size_t m_part = 0;
    std::size_t m_blocks = 0;
};

TextSpan spanOf(const RougeWord& word)
{
    return {word.begin, word.end};
}

} // namespace

WordDifference wordDifference(std::string_view reference, std::string_view answer, DifferenceWork* work)
{
    const std::vector<RougeWord> wanted = rougeWords(reference);
    const std::vector<RougeWord> given = rougeWords(answer);
    CommonRows rows(wanted, given);
    WordDifference difference;
    std::size_t i = 0;
    std::size_t j = 0;
    while (i < wanted.size() || j < given.size()) {
        if (i < wanted.size() && j < given.size() && wanted[i].word == given[j].word) {
            ++difference.common;
            ++i;
            ++j;
        } else if (i == wanted.size() || (j < given.size() && !rows.needs(i, j))) {
            difference.notInReference.push_back(spanOf(given[j++]));
        } else {
            difference.notInAnswer.push_back(spanOf(wanted[i++]));
        }
    }
    if (work != nullptr) {
        *work = rows.work();
    }
    return difference;
}

std::vector<TextPart> cutAt(std::string_view text, const std::vector<TextSpan>& spans)
{
    std::vector<TextPart> parts;
    parts.reserve(2 * spans.size() + 1);
    std::size_t done = 0;
    const auto addUpTo = [&](std::size_t end, bool marked) {
        if (end > done) {
            parts.push_back({text.substr(done, end - done), marked});
            done = end;
        }
    };
    for (const TextSpan& span : spans) {
        assert(span.begin >= done && span.end <= text.size());
        addUpTo(span.begin, false);
        addUpTo(span.end, true);
    }
    addUpTo(text.size(), false);
    return parts;
}

} // namespace dskd::score

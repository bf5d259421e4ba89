#include "core/align/edit_distance.h"

#include "core/base/random_stream.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <string_view>

namespace dskd::align
{
namespace
{

using Word = std::vector<Letter>;

Word word(std::string_view text)
{
    return {text.begin(), text.end()};
}

// The table as it is taught, one cell after another.
std::int32_t byTable(const Word& a, const Word& b)
{
    std::vector<std::int32_t> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) {
        row[j] = static_cast<std::int32_t>(j);
    }
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::int32_t diagonal = row[0];
        row[0] = static_cast<std::int32_t>(i);
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::int32_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
            diagonal = row[j];
            row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
        }
    }
    return row.back();
}

TEST(EditDistance, CountsInsertedDeletedAndReplacedLetters)
{
    EditDistance distance(128);
    distance.from(word("kitten"));
    EXPECT_EQ(distance.to(word("sitting")), 3);
    EXPECT_EQ(distance.to(word("kitten")), 0);
    EXPECT_EQ(distance.to(word("")), 6);
    distance.from(word(""));
    EXPECT_EQ(distance.to(word("four")), 4);
    EXPECT_EQ(distance.to(word("")), 0);
}

// Few letters, so that much is alike; lengths on both sides of one and of two words of 64; one object for all of them,
// so that nothing of an earlier spelling may remain.
TEST(EditDistance, IsThatOfTheTableForSpellingsOfAnyLength)
{
    RandomStream random(1, "edit distance");
    EditDistance distance(5);
    for (int trial = 0; trial < 400; ++trial) {
        const auto draw = [&] {
            Word drawn(random.below(trial % 4 == 0 ? 200 : 12));
            std::ranges::generate(drawn, [&] { return static_cast<Letter>(random.below(5)); });
            return drawn;
        };
        const Word from = draw();
        distance.from(from);
        for (int other = 0; other < 5; ++other) {
            const Word to = draw();
            const std::int32_t expected = byTable(from, to);
            ASSERT_EQ(distance.to(to), expected) << from.size() << " and " << to.size() << " letters";
            ASSERT_EQ(distance.to(to, expected), expected);
            ASSERT_GT(distance.to(to, expected - 1), expected - 1);
        }
    }
    for (const std::size_t length : {63, 64, 65, 128, 129}) {
        Word from(length, 1);
        distance.from(from);
        from.back() = 2;
        EXPECT_EQ(distance.to(from), 1);
        from.pop_back();
        EXPECT_EQ(distance.to(from), 1);
    }
}

} // namespace
} // namespace dskd::align

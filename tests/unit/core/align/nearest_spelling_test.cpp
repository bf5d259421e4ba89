#include "core/align/nearest_spelling.h"

#include "core/align/edit_distance.h"
#include "core/base/random_stream.h"

#include <gmock/gmock.h>
#include <string_view>

namespace dskd::align
{
namespace
{

using testing::ElementsAre;
using tokenizer::TokenId;

Spellings spellings(const std::vector<std::string_view>& words)
{
    Spellings result;
    for (const std::string_view word : words) {
        result.add(std::vector<Letter>(word.begin(), word.end()));
    }
    return result;
}

// Words of few letters with many ties between them, some of them empty, some long.
Spellings randomWords(RandomStream& random, int count, Letter alphabet)
{
    Spellings result;
    for (int i = 0; i < count; ++i) {
        std::vector<Letter> word(random.below(i % 50 == 0 ? 90 : 9));
        for (Letter& letter : word) {
            letter = static_cast<Letter>(random.below(alphabet));
        }
        result.add(word);
    }
    return result;
}

std::vector<TokenId> unknown(const SpelledPair& pair)
{
    return std::vector<TokenId>(static_cast<std::size_t>(pair.teacher.size()), -1);
}

// Every pair, without any bound.
std::vector<TokenId> exhaustively(const SpelledPair& pair)
{
    std::vector<TokenId> result;
    EditDistance distance(pair.alphabet);
    for (TokenId t = 0; t < pair.teacher.size(); ++t) {
        std::int32_t best = 1000;
        TokenId nearest = -1;
        distance.from(pair.teacher.of(t));
        for (TokenId s = 0; s < pair.student.size(); ++s) {
            if (!pair.student.of(s).empty() && distance.to(pair.student.of(s)) < best) {
                best = distance.to(pair.student.of(s));
                nearest = s;
            }
        }
        result.push_back(pair.teacher.of(t).empty() ? -1 : nearest);
    }
    return result;
}

TEST(NearestSpellings, TakesTheFewestEditsAndOfEquallyNearTheLowestId)
{
    const SpelledPair pair{spellings({"house", "cat", "", "xyz"}), spellings({"mouse", "horse", "", "cart", "cut"}),
                           128};
    EXPECT_THAT(*nearestSpellings(pair, unknown(pair)), ElementsAre(0, 3, -1, 4));
}

TEST(NearestSpellings, KeepsWhatIsKnown)
{
    const SpelledPair pair{spellings({"cat", "cat"}), spellings({"cat", "dog"}), 128};
    EXPECT_THAT(*nearestSpellings(pair, std::vector<TokenId>{1, -1}), ElementsAre(1, 0));
}

TEST(NearestSpellings, AreThoseOfAnExhaustiveSearchWithAnyNumberOfThreads)
{
    for (const Letter alphabet : {3U, 100U}) { // 100: letters share classes of the bound
        RandomStream random(alphabet, "spellings");
        const SpelledPair pair{randomWords(random, 700, alphabet), randomWords(random, 400, alphabet), alphabet};
        const std::vector<TokenId> expected = exhaustively(pair);
        for (const int threads : {1, 4}) {
            SearchOptions options;
            options.threads = threads;
            double last = -1.0;
            options.progress = [&](double share) {
                EXPECT_GE(share, last);
                EXPECT_LE(share, 1.0);
                last = share;
            };
            EXPECT_EQ(*nearestSpellings(pair, unknown(pair), options), expected);
            if (threads == 1) { // of several, others may have been quicker than the caller's
                EXPECT_GT(last, 0.0);
            }
        }
    }
}

TEST(NearestSpellings, AreNothingWhenCancelled)
{
    RandomStream random(5, "spellings");
    const SpelledPair pair{randomWords(random, 300, 9), randomWords(random, 300, 9), 9};
    std::atomic<bool> cancelled{false};
    SearchOptions options;
    options.cancelled = &cancelled;
    options.threads = 1;
    options.progress = [&](double) { cancelled = true; };
    EXPECT_FALSE(nearestSpellings(pair, unknown(pair), options).has_value());
}

} // namespace
} // namespace dskd::align

#include "core/tokenizer/bpe/bpe_model.h"

#include <gtest/gtest.h>
#include <map>
#include <random>

namespace dskd::tokenizer
{
namespace
{

using Merge = std::pair<std::string, std::string>;

// A model whose vocabulary is the characters and what the merges make of them.
struct Toy {
    std::vector<std::string> pieces;
    std::vector<Merge> merges;

    TokenId idOf(const std::string& piece)
    {
        const auto found = std::find(pieces.begin(), pieces.end(), piece);
        if (found == pieces.end()) {
            pieces.push_back(piece);
            return static_cast<TokenId>(pieces.size()) - 1;
        }
        return static_cast<TokenId>(found - pieces.begin());
    }

    BpeModel model(BpeModel::Options options = {})
    {
        for (const auto& [left, right] : merges) {
            idOf(left);
            idOf(right);
            idOf(left + right);
        }
        MergeTable table(merges.size());
        for (std::uint32_t rank = 0; rank < merges.size(); ++rank) {
            const auto& [left, right] = merges[rank];
            table.insert(idOf(left), idOf(right), rank, idOf(left + right));
        }
        return BpeModel(Vocabulary({pieces.begin(), pieces.end()}), std::move(table), options);
    }

    // By definition: join the leftmost pair of the lowest rank until there is none.
    std::vector<std::string> naive(const std::string& word) const
    {
        std::vector<std::string> symbols;
        for (const char c : word) {
            symbols.emplace_back(1, c);
        }
        std::map<Merge, std::size_t> ranks;
        for (std::size_t rank = 0; rank < merges.size(); ++rank) {
            ranks[merges[rank]] = rank;
        }
        while (true) {
            std::size_t best = symbols.size();
            std::size_t bestRank = merges.size();
            for (std::size_t i = 0; i + 1 < symbols.size(); ++i) {
                const auto rank = ranks.find({symbols[i], symbols[i + 1]});
                if (rank != ranks.end() && rank->second < bestRank) {
                    best = i;
                    bestRank = rank->second;
                }
            }
            if (best == symbols.size()) {
                return symbols;
            }
            symbols[best] += symbols[best + 1];
            symbols.erase(symbols.begin() + static_cast<std::ptrdiff_t>(best) + 1);
        }
    }
};

std::vector<std::string> encode(const BpeModel& model, const std::string& word, BpeModel::Workspace& workspace)
{
    Encoding encoding;
    model.encodeWord({word, nullptr, 0}, workspace, encoding);
    std::vector<std::string> pieces;
    for (std::size_t i = 0; i < encoding.ids.size(); ++i) {
        pieces.emplace_back(model.vocabulary().piece(encoding.ids[i]));
        EXPECT_EQ(pieces.back(),
                  word.substr(encoding.offsets[i].begin, encoding.offsets[i].end - encoding.offsets[i].begin));
    }
    return pieces;
}

TEST(BpeModel, MergesShortAndLongWordsAsTheDefinitionSays)
{
    std::mt19937 random(5); // NOLINT: the same words every time
    for (int round = 0; round < 40; ++round) {
        Toy toy{{"a", "b", "c"}, {}};
        std::vector<std::string> known = toy.pieces;
        while (toy.merges.size() < 25) {
            Merge merge{known[random() % known.size()], known[random() % known.size()]};
            if (std::find(toy.merges.begin(), toy.merges.end(), merge) == toy.merges.end()) {
                known.push_back(merge.first + merge.second);
                toy.merges.push_back(std::move(merge));
            }
        }
        const BpeModel model = toy.model();
        BpeModel::Workspace workspace;
        for (const std::size_t length : {1U, 2U, 7U, 31U, 32U, 33U, 34U, 100U, 400U}) {
            std::string word;
            while (word.size() < length) {
                word += static_cast<char>('a' + random() % 3);
            }
            EXPECT_EQ(encode(model, word, workspace), toy.naive(word)) << word;
            EXPECT_EQ(encode(model, word, workspace), toy.naive(word)) << "from the cache: " << word;
        }
    }
}

TEST(BpeModel, JoinsTheLeftmostOfOverlappingPairs)
{
    Toy toy{{}, {{"a", "a"}}};
    BpeModel::Workspace workspace;
    EXPECT_EQ(encode(toy.model(), "aaa", workspace), (std::vector<std::string>{"aa", "a"}));
}

TEST(BpeModel, TakesAWholeWordThatIsATokenOnlyWhenMergesAreIgnored)
{
    Toy toy{{"a", "b", "c", "abc"}, {{"b", "c"}}};
    BpeModel::Workspace workspace;
    EXPECT_EQ(encode(toy.model(), "abc", workspace), (std::vector<std::string>{"a", "bc"}));
    BpeModel::Workspace other;
    BpeModel::Options options;
    options.ignoreMerges = true;
    EXPECT_EQ(encode(toy.model(options), "abc", other), (std::vector<std::string>{"abc"}));
}

TEST(BpeModel, DropsFusesOrKeepsUnknownCharacters)
{
    Toy toy{{"a", "?"}, {}};
    const auto ids = [&](BpeModel::Options options) {
        BpeModel::Workspace workspace;
        Encoding encoding;
        toy.model(options).encodeWord({"axya", nullptr, 0}, workspace, encoding);
        return encoding;
    };
    EXPECT_EQ(ids({}).ids, (std::vector<TokenId>{0, 0}));
    EXPECT_EQ(ids({}).offsets, (std::vector<ByteSpan>{{0, 1}, {3, 4}}));
    BpeModel::Options options;
    options.unknown = 1;
    EXPECT_EQ(ids(options).ids, (std::vector<TokenId>{0, 1, 1, 0}));
    options.fuseUnknown = true;
    EXPECT_EQ(ids(options).ids, (std::vector<TokenId>{0, 1, 0}));
    EXPECT_EQ(ids(options).offsets, (std::vector<ByteSpan>{{0, 1}, {1, 3}, {3, 4}}));
}

TEST(BpeModel, MergesAcrossVisibleSpacesWhenTheMergesDo)
{
    const std::string space = "\u2581";
    Toy toy{{"a", "b", space}, {{"a", space}, {"a" + space, "b"}}};
    BpeModel::Workspace workspace;
    EXPECT_EQ(encode(toy.model(), "a" + space + "b", workspace), (std::vector<std::string>{"a" + space + "b"}));
}

} // namespace
} // namespace dskd::tokenizer

#include "core/align/minimum_edits.h"

#include "core/align/spelling_map_file.h"
#include "core/align/time_warping.h"
#include "core/base/random_stream.h"
#include "tests/support/fake_tokenizer.h"
#include "tests/support/temporary_folder.h"

#include <algorithm>
#include <atomic>
#include <fstream>
#include <gmock/gmock.h>

namespace dskd::align
{
namespace
{

namespace fs = std::filesystem;
using test::FakeTokenizer;
using testing::ElementsAre;
using testing::IsEmpty;
using tokenizer::TokenId;

MinimumEdits find(const FakeTokenizer& teacher, const FakeTokenizer& student, const fs::path& cache = {},
                  SpellingRule rule = SpellingRule::AsWritten)
{
    MinimumEdits::Options options;
    options.cacheFolder = cache;
    return *MinimumEdits::find(teacher, student, rule, options);
}

std::vector<TokenId> all(const FakeTokenizer& tokenizer, TokenId first = 0)
{
    std::vector<TokenId> ids;
    for (TokenId id = first; id < tokenizer.size(); ++id) {
        ids.push_back(id);
    }
    return ids;
}

// Costs row by row: one row for each of the teacher's tokens.
Warping warpTable(const std::vector<std::int32_t>& table, std::size_t teacherLength, std::size_t studentLength)
{
    std::size_t rows = 0;
    const Warping warping = warp(
        [&](std::size_t teacherPosition, std::span<std::int32_t> costs) {
            EXPECT_EQ(teacherPosition, rows++) << "each row once, in order";
            EXPECT_EQ(costs.size(), studentLength);
            std::copy_n(table.begin() + static_cast<std::ptrdiff_t>(teacherPosition * studentLength), studentLength,
                        costs.begin());
        },
        teacherLength, studentLength);
    EXPECT_EQ(rows, studentLength == 0 ? 0 : teacherLength);
    return warping;
}

// Costs from the plain lengths of the differences; core/distill/METHOD.md 10 gives what the reference code makes of
// them.
TEST(Warp, GivesTheAlignmentsOfTheReferenceCode)
{
    // ▁I ▁like ▁A I on I Ġlike ĠAI
    const Warping apart = warpTable({0, 4, 1, /**/ 4, 0, 4, /**/ 1, 4, 1, /**/ 0, 4, 1}, 4, 3);
    EXPECT_THAT(apart.teacherOfStudent, ElementsAre(ElementsAre(0), ElementsAre(1), ElementsAre(2, 3)));
    EXPECT_EQ(apart.cost, 2);
    // ĠAI Ġis Ġgood on ▁A I ▁is ▁go od
    const Warping together = warpTable({1, 1, 2, 2, 2, /**/ 2, 2, 0, 2, 2, /**/ 4, 4, 4, 2, 2}, 3, 5);
    EXPECT_THAT(together.teacherOfStudent,
                ElementsAre(ElementsAre(0), ElementsAre(0), ElementsAre(1), ElementsAre(1), ElementsAre(2)));
    EXPECT_EQ(together.cost, 6);
}

// The least cost of everything up to each pair in one table, and the way back read off its sums.
Warping warpOnTheWholeTable(const std::vector<std::int32_t>& table, std::size_t teacherLength,
                            std::size_t studentLength)
{
    constexpr std::int64_t kNowhere = 1'000'000;
    std::vector<std::int64_t> least(table.size());
    const auto at = [&](std::size_t i, std::size_t j) { // numbered from 1
        return i > 0 && j > 0 ? least[(i - 1) * studentLength + j - 1] : i + j == 0 ? 0 : kNowhere;
    };
    for (std::size_t i = 1; i <= teacherLength; ++i) {
        for (std::size_t j = 1; j <= studentLength; ++j) {
            const std::size_t cell = (i - 1) * studentLength + j - 1;
            least[cell] = table[cell] + std::min({at(i - 1, j - 1), at(i - 1, j), at(i, j - 1)});
        }
    }
    Warping warping;
    warping.teacherOfStudent.resize(studentLength);
    warping.cost = least.back();
    for (std::size_t i = teacherLength, j = studentLength; i > 0 && j > 0;) {
        std::vector<std::int32_t>& positions = warping.teacherOfStudent[j - 1];
        positions.insert(positions.begin(), static_cast<std::int32_t>(i - 1));
        const std::int64_t fewest = std::min({at(i - 1, j - 1), at(i - 1, j), at(i, j - 1)});
        const bool both = at(i - 1, j - 1) == fewest;
        const bool teacher = both || at(i - 1, j) == fewest;
        i -= teacher ? 1 : 0;
        j -= both || !teacher ? 1 : 0;
    }
    return warping;
}

TEST(Warp, TakesOfEquallyCheapWaysTheOneOfTheWholeTable)
{
    RandomStream random(3, "warping");
    for (int trial = 0; trial < 500; ++trial) {
        const auto teacherLength = static_cast<std::size_t>(1 + random.below(9));
        const auto studentLength = static_cast<std::size_t>(1 + random.below(9));
        std::vector<std::int32_t> table(teacherLength * studentLength);
        for (std::int32_t& cost : table) {
            cost = static_cast<std::int32_t>(random.below(3)); // ties everywhere
        }
        const Warping warping = warpTable(table, teacherLength, studentLength);
        const Warping expected = warpOnTheWholeTable(table, teacherLength, studentLength);
        EXPECT_EQ(warping.teacherOfStudent, expected.teacherOfStudent);
        EXPECT_EQ(warping.cost, expected.cost);
    }
}

TEST(Warp, OfNothingIsNothing)
{
    EXPECT_THAT(warpTable({}, 0, 2).teacherOfStudent, ElementsAre(IsEmpty(), IsEmpty()));
    EXPECT_THAT(warpTable({}, 3, 0).teacherOfStudent, IsEmpty());
}

TEST(MinimumEdits, PairTokensThatAreLaidOverOneMatchedTokenAlone)
{
    const FakeTokenizer teacher({"</s>", "▁I", "▁like", "▁A", "I"}, "</s>");
    const FakeTokenizer student({"<|endoftext|>", "I", "Ġlike", "ĠAI"}, "<|endoftext|>");
    const MinimumEdits edits = find(teacher, student);
    // "▁I" and "▁A" have no exact partner: "I" and "ĠAI" are one edit away. The eos are partners however they are
    // spelled.
    EXPECT_THAT(edits.map().studentFromTeacher, ElementsAre(0, 1, 2, 3, 1));
    EXPECT_EQ(edits.map().exact, 3); // eos, like, I
    EXPECT_THAT(edits.align(all(teacher, 1), all(student, 1)),
                ElementsAre(TokenPair{0, 0}, TokenPair{1, 1})); // "ĠAI" lies over two
}

TEST(MinimumEdits, LetSeveralRowsShareAPartnerButDropWhatTheMapTakesForAnother)
{
    const FakeTokenizer teacher({"ĠAI", "Ġis", "Ġgood"}, "");
    const FakeTokenizer student({"▁A", "I", "▁is", "▁go", "od"}, "");
    const MinimumEdits edits = find(teacher, student);
    // "Ġis" is laid over "▁is" and "▁go" (a known weakness); only the first is what the map says.
    EXPECT_THAT(edits.align(all(teacher), all(student)), testing::Contains(TokenPair{1, 2}).Times(1));
    for (const TokenPair& pair : edits.align(all(teacher), all(student))) {
        EXPECT_EQ(edits.map().studentFromTeacher[static_cast<std::size_t>(pair.teacherRow)], pair.studentRow);
    }
    EXPECT_THAT(find(teacher, teacher).align(std::vector<TokenId>{1, 1}, std::vector<TokenId>{1}), IsEmpty());
    EXPECT_THAT(find(teacher, teacher).align(std::vector<TokenId>{1}, std::vector<TokenId>{1, 1}),
                ElementsAre(TokenPair{0, 0}, TokenPair{0, 1}));
}

TEST(MinimumEdits, MatchAStudentTokenWithTheLowestOfItsTeacherTokens)
{
    const FakeTokenizer teacher({"cats", "cat", "dog", "cut"}, "");
    const FakeTokenizer student({"dog", "unlike anything", "cat"}, "");
    const MatchedTokens matched = find(teacher, student).matched();
    EXPECT_THAT(matched.student, ElementsAre(0, 2));
    EXPECT_THAT(matched.teacher, ElementsAre(2, 0)); // "cats", though "cat" is spelled alike: as published
}

TEST(MinimumEdits, OfOneVocabularyMapItOntoItself)
{
    const FakeTokenizer tokens({"Ġa", "▁a", "b"}, ""); // the first two would be one spelling
    const MinimumEdits edits = find(tokens, tokens);
    EXPECT_THAT(edits.map().studentFromTeacher, ElementsAre(0, 1, 2));
    EXPECT_THAT(edits.align(all(tokens), all(tokens)), ElementsAre(TokenPair{0, 0}, TokenPair{1, 1}, TokenPair{2, 2}));
}

// A tokenizer whose pieces are spelled in GPT-2's alphabet of bytes.
class ByteLevel final : public tokenizer::Tokenizer
{
public:
    explicit ByteLevel(const FakeTokenizer& tokens) : m_tokens(tokens) {}
    [[nodiscard]] tokenizer::Encoding encode(std::string_view text, bool special = false) const override
    {
        return m_tokens.encode(text, special);
    }
    [[nodiscard]] std::string decode(std::span<const TokenId> ids, bool skip = false) const override
    {
        return m_tokens.decode(ids, skip);
    }
    [[nodiscard]] std::string_view piece(TokenId id) const override { return m_tokens.piece(id); }
    [[nodiscard]] std::string bytes(TokenId id) const override { return m_tokens.bytes(id); }
    [[nodiscard]] std::optional<TokenId> idOf(std::string_view piece) const override { return m_tokens.idOf(piece); }
    [[nodiscard]] bool isSpecial(TokenId id) const override { return m_tokens.isSpecial(id); }
    [[nodiscard]] std::int64_t size() const override { return m_tokens.size(); }
    [[nodiscard]] const tokenizer::SpecialTokens& special() const override { return m_tokens.special(); }
    [[nodiscard]] std::string_view kind() const override { return "byte-level BPE"; }

private:
    const FakeTokenizer& m_tokens;
};

TEST(SpellingRule, TextTakesBytesForTheCharactersTheySpell)
{
    const FakeTokenizer pieces({"Ċ", "ĠcafÃ©", "Ã©"}, "");
    const ByteLevel teacher(pieces);
    const FakeTokenizer student({"xx", "▁cafÃ", "<0x0A>", "é", "▁café"}, "");
    const auto mapped = [&](SpellingRule rule) {
        return MinimumEdits::find(teacher, student, rule, {})->map().studentFromTeacher;
    };
    EXPECT_THAT(mapped(SpellingRule::Text), ElementsAre(2, 4, 3));
    EXPECT_THAT(mapped(SpellingRule::AsWritten), ElementsAre(3, 1, 0)); // letter by letter in two alphabets
}

class SpellingMapCache : public testing::Test
{
protected:
    [[nodiscard]] std::vector<fs::path> files() const
    {
        std::vector<fs::path> found;
        for (const auto& entry : fs::directory_iterator(cache)) {
            found.push_back(entry.path());
        }
        return found;
    }

    test::TemporaryFolder folder;
    fs::path cache = folder.path() / "not yet there" / "maps";
    FakeTokenizer teacher{{"cats", "cat", "dog"}, ""};
    FakeTokenizer student{{"cart", "dogs"}, ""};
};

TEST_F(SpellingMapCache, KeepsTheMapOfAPairForTheNextRun)
{
    const MinimumEdits first = find(teacher, student, cache);
    EXPECT_FALSE(first.wasKept());
    const MinimumEdits second = find(teacher, student, cache);
    EXPECT_TRUE(second.wasKept());
    EXPECT_EQ(second.map().studentFromTeacher, first.map().studentFromTeacher);
    EXPECT_EQ(second.map().exact, first.map().exact);
    EXPECT_EQ(files().size(), 1U);
}

TEST_F(SpellingMapCache, GivesAChangedVocabularyAnotherMap)
{
    (void)find(teacher, student, cache);
    const FakeTokenizer changed({"cart", "cat"}, "");
    const MinimumEdits edits = find(teacher, changed, cache);
    EXPECT_FALSE(edits.wasKept());
    EXPECT_THAT(edits.map().studentFromTeacher, ElementsAre(1, 1, 1));
    EXPECT_FALSE(find(changed, teacher, cache).wasKept());
    EXPECT_EQ(files().size(), 3U);
}

TEST_F(SpellingMapCache, FindsADamagedMapAnewAndRepairsIt)
{
    const MinimumEdits right = find(teacher, student, cache);
    const fs::path file = files().front();
    const auto size = fs::file_size(file);
    const auto change = [&](std::streamoff at) {
        std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
        stream.seekg(at);
        const int byte = stream.get();
        stream.seekp(at);
        stream.put(static_cast<char>(byte ^ 1));
    };
    for (std::uintmax_t at = 0; at < size; ++at) { // any byte of it
        change(static_cast<std::streamoff>(at));
        const MinimumEdits edits = find(teacher, student, cache);
        EXPECT_FALSE(edits.wasKept()) << "byte " << at;
        EXPECT_EQ(edits.map().studentFromTeacher, right.map().studentFromTeacher);
        EXPECT_TRUE(find(teacher, student, cache).wasKept());
    }
    for (const std::uintmax_t cut : {std::uintmax_t{0}, size / 2, size - 1}) {
        fs::resize_file(file, cut);
        EXPECT_FALSE(find(teacher, student, cache).wasKept());
        EXPECT_TRUE(find(teacher, student, cache).wasKept());
    }
}

TEST_F(SpellingMapCache, IsAsItWasAfterASearchThatWasCancelled)
{
    std::vector<std::string> words;
    for (int i = 0; i < 300; ++i) { // several of the blocks that a search takes at once
        words.push_back("word" + std::to_string(i));
    }
    const FakeTokenizer many(words, "");
    std::atomic<bool> cancelled{false};
    MinimumEdits::Options options;
    options.cacheFolder = cache;
    options.search.threads = 1;
    options.search.cancelled = &cancelled;
    options.search.progress = [&](double) { cancelled = true; };
    EXPECT_FALSE(MinimumEdits::find(many, student, SpellingRule::AsWritten, options).has_value());
    EXPECT_FALSE(fs::exists(cache)) << "no file, not even a part of one";
    const MinimumEdits whole = find(many, student, cache);
    EXPECT_FALSE(whole.wasKept());
    EXPECT_EQ(whole.map().studentFromTeacher, find(many, student).map().studentFromTeacher);
    EXPECT_FALSE(MinimumEdits::find(many, student, SpellingRule::AsWritten, options).has_value())
        << "not even one that is kept: whoever cancelled waits for nothing";
    EXPECT_TRUE(find(many, student, cache).wasKept());
    EXPECT_EQ(files().size(), 1U);
}

TEST_F(SpellingMapCache, IsDoneWithoutWhereItCannotBeWritten)
{
    std::ofstream(folder.path() / "not yet there") << "a file where the folder should be";
    EXPECT_THAT(find(teacher, student, cache).map().studentFromTeacher, ElementsAre(0, 0, 1));
    EXPECT_FALSE(find(teacher, student, cache).wasKept());
}

} // namespace
} // namespace dskd::align

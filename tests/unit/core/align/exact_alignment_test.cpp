#include "core/align/exact_alignment.h"

#include "core/base/regular_file.h"
#include "core/tokenizer/chat/chat_tokenizer.h"
#include "tests/support/fake_tokenizer.h"
#include "tests/support/hex.h"
#include "tests/support/paths.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace dskd::align
{
namespace
{
using test::FakeTokenizer;
using tokenizer::Encoding;

constexpr const char* kTeacherEos = "</s>";
constexpr const char* kStudentEos = "<|endoftext|>";

// The golden pairs of the method's description, section 16: a SentencePiece teacher and a byte-level student.
struct Golden {
    std::vector<std::string> teacher;
    std::vector<std::string> student;
    std::vector<TokenPair> published;
    std::vector<TokenPair> bytes;
};

std::vector<Golden> goldenPairs()
{
    return {
        {{"▁I", "▁like", "▁A", "I"}, {"I", "Ġlike", "ĠAI"}, {{0, 0}, {1, 1}, {4, 3}}, {{0, 0}, {1, 1}, {4, 3}}},
        {{"▁Hi", "<0x0A>", "▁the", "▁cat"},
         {"Hi", "Ċ", "the", "Ġcat"},
         {{0, 0}},
         {{0, 0}, {1, 1}, {2, 2}, {3, 3}, {4, 4}}},
        {{"▁caf", "é", "▁is", "▁good"}, {"c", "af", "Ã©", "Ġis", "Ġgood"}, {}, {{1, 2}, {2, 3}, {3, 4}, {4, 5}}},
        {{"▁", "The", "▁cat"}, {"The", "Ġcat"}, {{2, 1}, {3, 2}}, {{1, 0}, {2, 1}, {3, 2}}},
        {{"▁to", "▁day"}, {"today"}, {{2, 1}}, {{2, 1}}},
    };
}

std::vector<TokenBytes> bytesOf(const std::vector<std::string>& pieces)
{
    const FakeTokenizer spelling(pieces, "");
    std::vector<TokenBytes> tokens;
    for (tokenizer::TokenId id = 0; id < spelling.size(); ++id) {
        tokens.push_back({spelling.bytes(id), false});
    }
    tokens.push_back({"", true});
    return tokens;
}

TEST(PublishedAlignment, ReproducesTheGoldenPairsWithTheirPoison)
{
    for (Golden golden : goldenPairs()) {
        golden.teacher.emplace_back(kTeacherEos);
        golden.student.emplace_back(kStudentEos);
        EXPECT_EQ(alignPublished(golden.teacher, golden.student, kTeacherEos, kStudentEos), golden.published)
            << golden.teacher[0];
    }
}

TEST(PublishedAlignment, NeverAlignsAgainAfterADifferentSpelling)
{
    std::vector<std::string> teacher = {"<0x0A>"};
    std::vector<std::string> student = {"Ċ"};
    for (int i = 0; i < 50; ++i) {
        teacher.emplace_back("▁same");
        student.emplace_back("Ġsame");
    }
    EXPECT_TRUE(alignPublished(teacher, student, kTeacherEos, kStudentEos).empty());
}

TEST(PublishedAlignment, DoesNotPairTokenizersWithoutEos)
{
    EXPECT_TRUE(alignPublished(std::vector<std::string>{"x"}, std::vector<std::string>{"y"}, "", "").empty());
    EXPECT_TRUE(alignPublished({}, {}, "", "").empty());
}

TEST(ByteAlignment, ReproducesTheGoldenPairs)
{
    for (const Golden& golden : goldenPairs()) {
        EXPECT_EQ(alignBytes(bytesOf(golden.teacher), bytesOf(golden.student)), golden.bytes) << golden.teacher[0];
    }
}

TEST(ByteAlignment, PairsEveryTokenWithItselfWhenTokenizationsCoincide)
{
    const std::vector<TokenBytes> tokens = bytesOf({"▁one", "▁two", "three", "<0x0A>"});
    const std::vector<TokenPair> pairs = alignBytes(tokens, tokens);
    ASSERT_EQ(pairs.size(), tokens.size());
    for (std::size_t i = 0; i < pairs.size(); ++i) {
        EXPECT_EQ(pairs[i].teacherRow, pairs[i].studentRow);
    }
}

TEST(ByteAlignment, DoesNotPairEqualRangesOfDifferentBytes)
{
    EXPECT_EQ(alignBytes(bytesOf({"ab", "cd"}), bytesOf({"ab", "xy"})), (std::vector<TokenPair>{{0, 0}, {2, 2}}));
}

TEST(ByteAlignment, PairsNoEosWhenOneSideWasCut)
{
    std::vector<TokenBytes> cut = bytesOf({"a", "b"});
    cut.pop_back();
    EXPECT_EQ(alignBytes(bytesOf({"a", "b"}), cut), (std::vector<TokenPair>{{0, 0}, {1, 1}}));
    EXPECT_TRUE(alignBytes({}, {}).empty());
}

std::vector<TokenPair> pairsOf(const nlohmann::json& rows)
{
    std::vector<TokenPair> pairs;
    for (const auto& row : rows) {
        pairs.push_back({row.at(0).get<std::int32_t>(), row.at(1).get<std::int32_t>()});
    }
    return pairs;
}

std::vector<TokenBytes> fromHex(const nlohmann::json& tokens)
{
    std::vector<TokenBytes> result;
    for (const auto& token : tokens) {
        result.push_back({test::bytesFromHex(token.get<std::string>()), false});
    }
    result.back().eos = true;
    return result;
}

// The tokens are those of Hugging Face's tokenizers; the pairs come from an independent implementation.
TEST(ExactAlignment, EqualsTheReferenceOnRealAnswers)
{
    const auto golden = nlohmann::json::parse(readTextFile(test::goldenDir() + "/align/eta.json").value());
    std::size_t published = 0;
    std::size_t bytes = 0;
    for (const auto& sample : golden.at("samples")) {
        const auto teacher = sample.at("teacher").get<std::vector<std::string>>();
        const auto student = sample.at("student").get<std::vector<std::string>>();
        const std::vector<TokenPair> bySpelling = alignPublished(teacher, student, teacher.back(), student.back());
        EXPECT_EQ(bySpelling, pairsOf(sample.at("published"))) << sample.at("pair");
        const std::vector<TokenPair> byBytes =
            alignBytes(fromHex(sample.at("teacher_bytes")), fromHex(sample.at("student_bytes")));
        EXPECT_EQ(byBytes, pairsOf(sample.at("bytes"))) << sample.at("pair");
        published += bySpelling.size();
        bytes += byBytes.size();
    }
    EXPECT_EQ(published, 918u);
    EXPECT_EQ(bytes, 1150u);
}

TEST(SpanAlignment, PairsTheBytesOfOneCharacterInOrder)
{
    const std::string text = "\xf0\x9f\x98\x80 ok";
    const std::vector<tokenizer::ByteSpan> teacher = {{0, 4}, {0, 4}, {0, 4}, {0, 4}, {4, 7}};
    const std::vector<tokenizer::ByteSpan> equal = {{0, 4}, {0, 4}, {0, 4}, {0, 4}, {5, 7}};
    EXPECT_EQ(alignSpans(text, teacher, equal).size(), 5u);
    const std::vector<tokenizer::ByteSpan> fewer = {{0, 4}, {0, 4}, {4, 7}};
    EXPECT_EQ(alignSpans(text, teacher, fewer), (std::vector<TokenPair>{{4, 2}}));
    const std::vector<tokenizer::ByteSpan> exact = {{0, 1}, {1, 2}, {2, 3}, {3, 4}, {4, 7}};
    EXPECT_EQ(alignSpans(text, teacher, exact), (std::vector<TokenPair>{{4, 4}}));
}

TEST(SpanAlignment, ToleratesSpansOutsideTheText)
{
    const std::vector<tokenizer::ByteSpan> spans = {{0, 2}, {90, 99}, {5, 1}};
    EXPECT_EQ(alignSpans("ab", spans, spans), (std::vector<TokenPair>{{0, 0}}));
}

const FakeTokenizer& llamaLike()
{
    static const FakeTokenizer kTokenizer({"<unk>", "<s>", "</s>", "▁I", "I", "▁like", "▁A", "<0x0A>", "the", "▁cat"},
                                          kTeacherEos);
    return kTokenizer;
}

const FakeTokenizer& gptLike()
{
    static const FakeTokenizer kTokenizer({"<|endoftext|>", "I", "Ġlike", "ĠAI", "Ċ", "the", "Ġcat"}, kStudentEos);
    return kTokenizer;
}

TEST(AlignText, AlignsThroughNewlinesOnlyOnBytes)
{
    const std::string text = "I like AI\nthe cat";
    const AlignedText bytes = alignText(llamaLike(), gptLike(), text, Method::EtaBytes);
    EXPECT_EQ(bytes.teacher.ids.size(), 8u);
    EXPECT_EQ(bytes.student.ids.size(), 7u);
    EXPECT_EQ(bytes.pairs, (std::vector<TokenPair>{{0, 0}, {1, 1}, {4, 3}, {5, 4}, {6, 5}, {7, 6}}));
    const AlignedText published = alignText(llamaLike(), gptLike(), text, Method::EtaPublished);
    EXPECT_EQ(published.pairs, (std::vector<TokenPair>{{0, 0}, {1, 1}}));
}

TEST(AlignText, TakesTheTextBehindTokensWithoutBytes)
{
    // The teacher's <unk> for "?" has no bytes of its own.
    const FakeTokenizer student({"<|endoftext|>", "I", "?", "the", "Ġcat"}, kStudentEos);
    const AlignedText aligned = alignText(llamaLike(), student, "I?the cat", Method::EtaBytes);
    EXPECT_EQ(aligned.pairs, (std::vector<TokenPair>{{0, 0}, {1, 1}, {2, 2}, {3, 3}, {4, 4}}));
}

TEST(AlignText, FallsBackToOffsetsWhereTokensSpellTheTextDifferently)
{
    // Normalising tokenizers: for the two bytes of é one has a token of one byte, the other another.
    Encoding teacher;
    teacher.ids = {*llamaLike().idOf("I"), *llamaLike().idOf("I"), *llamaLike().idOf("the"),
                   *llamaLike().special().eos};
    teacher.offsets = {{0, 1}, {1, 3}, {3, 6}, {6, 6}};
    Encoding student;
    student.ids = {*gptLike().idOf("I"), *gptLike().idOf("Ċ"), *gptLike().idOf("the"), *gptLike().special().eos};
    student.offsets = teacher.offsets;
    EXPECT_EQ(alignTokens({llamaLike(), teacher}, {gptLike(), student}, "I\xc3\xa9the", Method::EtaBytes),
              (std::vector<TokenPair>{{0, 0}, {1, 1}, {2, 2}, {3, 3}}));
}

TEST(AlignText, PairsAnEosThatIsSpelledOutInTheText)
{
    const std::string text = "I like";
    Encoding student = encodeResponse(gptLike(), text);
    student.ids.insert(student.ids.begin() + 1, *gptLike().special().eos);
    student.offsets = {{0, 1}, {1, 14}, {14, 19}, {19, 19}};
    EXPECT_EQ(alignTokens({gptLike(), student}, {gptLike(), student}, "I<|endoftext|> like", Method::EtaBytes),
              (std::vector<TokenPair>{{0, 0}, {1, 1}, {2, 2}, {3, 3}}));
}

TEST(AlignText, OfNothingPairsTheEosTokens)
{
    EXPECT_EQ(alignText(llamaLike(), gptLike(), "", Method::EtaBytes).pairs, (std::vector<TokenPair>{{0, 0}}));
    EXPECT_EQ(alignText(llamaLike(), gptLike(), "", Method::EtaPublished).pairs, (std::vector<TokenPair>{{0, 0}}));
}

TEST(AlignText, PairsTheEndsOfTurnsOfTwoChatTemplates)
{
    using tokenizer::ChatFamily;
    const auto chat = [](ChatFamily family, std::vector<std::string> pieces) {
        auto plain = std::make_unique<FakeTokenizer>(std::move(pieces), "</s>");
        auto own = tokenizer::ChatTemplate::make(family, *plain).value();
        return tokenizer::ChatTokenizer(std::move(plain), std::move(own));
    };
    const auto teacher =
        chat(ChatFamily::Llama3, {"</s>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>", "I", " l", "ike"});
    const auto student = chat(ChatFamily::ChatMl, {"</s>", "<|im_start|>", "<|im_end|>", "I", " like"});
    const auto aligned = alignText(teacher, student, "I like", Method::EtaBytes);
    EXPECT_EQ(aligned.teacher.ids.back(), 3);
    EXPECT_EQ(aligned.student.ids.back(), 2);
    EXPECT_EQ(aligned.pairs, (std::vector<TokenPair>{{0, 0}, {3, 2}}));
    EXPECT_EQ(alignText(teacher, student, "I like", Method::EtaPublished).pairs, aligned.pairs);
}

TEST(AlignTokens, AlignsTheCommonPartOfTextsThatWereCut)
{
    const std::string text = "I like AI";
    const Encoding teacher = encodeResponse(llamaLike(), text);
    Encoding student = encodeResponse(gptLike(), text);
    student.ids.resize(2);
    student.offsets.resize(2);
    EXPECT_EQ(alignTokens({llamaLike(), teacher}, {gptLike(), student}, text, Method::EtaBytes),
              (std::vector<TokenPair>{{0, 0}, {1, 1}}));
}

} // namespace
} // namespace dskd::align

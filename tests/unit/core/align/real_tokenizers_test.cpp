// The whole way from tokenizer folders to pairs, on the papers' tokenizers and data.

#include "core/align/exact_alignment.h"
#include "core/align/minimum_edits.h"
#include "core/align/vocabulary.h"
#include "tests/support/shared_folder.h"

#include <fstream>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace dskd::align
{
namespace
{

struct Expected {
    const char* teacher;
    const char* student;
    std::size_t studentTokens;
    std::size_t published;
    std::size_t bytes;
    std::int64_t overlap;
    bool same;
};

// Test names must not hold the addresses of the texts.
void PrintTo(const Expected& expected, std::ostream* out)
{
    *out << expected.teacher << " to " << expected.student;
}

class RealTokenizers : public testing::TestWithParam<Expected>
{
};

// Counts over Dolly's test set, as tests/reference/eta_reference.py --count prints them from Hugging Face's tokenizers;
// the overlap of Qwen and Mistral is the number of exact entries in the maps that the papers' code ships.
TEST_P(RealTokenizers, AlignAsTheReferenceOnDolly)
{
    const auto shared = test::sharedFolder();
    if (!shared) {
        GTEST_SKIP() << test::kNoSharedFolder;
    }
    const std::filesystem::path& folder = *shared;
    const Expected& expected = GetParam();
    const auto teacher = tokenizer::loadTokenizer(folder / "tokenizers" / expected.teacher).value();
    const auto student = tokenizer::loadTokenizer(folder / "tokenizers" / expected.student).value();
    const VocabularyComparison vocabularies = compareVocabularies(*teacher, *student);
    EXPECT_EQ(vocabularies.overlap, expected.overlap);
    EXPECT_EQ(vocabularies.same, expected.same);

    std::ifstream file(folder / "data/dolly/test.jsonl");
    std::size_t studentTokens = 0;
    std::size_t published = 0;
    std::size_t bytes = 0;
    for (std::string line; std::getline(file, line);) {
        const auto text = nlohmann::json::parse(line).at("output").get<std::string>();
        const AlignedText bySpelling = alignText(*teacher, *student, text, Method::EtaPublished);
        studentTokens += bySpelling.student.ids.size();
        published += bySpelling.pairs.size();
        bytes += alignText(*teacher, *student, text, Method::EtaBytes).pairs.size();
    }
    EXPECT_EQ(studentTokens, expected.studentTokens);
    EXPECT_EQ(published, expected.published);
    EXPECT_EQ(bytes, expected.bytes);
}

INSTANTIATE_TEST_SUITE_P(
    Papers, RealTokenizers,
    testing::Values(Expected{"llama2-7b-hf", "gpt2-base", 47053, 19884, 40003, 17833, false},
                    Expected{"Qwen1.5-1.8B", "gpt2-base", 47053, 42405, 42489, 42257, false},
                    Expected{"mistral-7b-v0.1", "tinyllama-1.1b-3T", 54201, 48308, 47357, 24184, false},
                    Expected{"gpt2-xl", "gpt2-base", 47053, 47053, 46739, 50257, true}),
    [](const testing::TestParamInfo<Expected>& test) { return std::string("Pair") + std::to_string(test.index); });

struct ExpectedMap {
    const char* teacher;
    const char* student;
    std::int64_t exact;
    std::size_t matched;
};

class RealMaps : public testing::TestWithParam<ExpectedMap>
{
};

void PrintTo(const ExpectedMap& expected, std::ostream* out)
{
    *out << expected.teacher << " to " << expected.student;
}

// The maps of the pairs that the papers' code ships for MinED, by their numbers; single entries are compared with
// another library's distances by tests/reference/nearest_spelling_reference.py.
TEST_P(RealMaps, HaveTheNumbersOfTheShippedOnes)
{
    const auto shared = test::sharedFolder();
    if (!shared) {
        GTEST_SKIP() << test::kNoSharedFolder;
    }
    const std::filesystem::path folder = *shared / "tokenizers";
    const auto teacher = tokenizer::loadTokenizer(folder / GetParam().teacher).value();
    const auto student = tokenizer::loadTokenizer(folder / GetParam().student).value();
    const auto edits = MinimumEdits::find(*teacher, *student, SpellingRule::Text, {});
    ASSERT_TRUE(edits.has_value());
    EXPECT_EQ(edits->map().exact, GetParam().exact);
    EXPECT_EQ(edits->map().studentFromTeacher.size(), static_cast<std::size_t>(teacher->size()));
    EXPECT_EQ(edits->matched().student.size(), GetParam().matched);
}

INSTANTIATE_TEST_SUITE_P(Papers, RealMaps,
                         testing::Values(ExpectedMap{"Qwen1.5-1.8B", "gpt2-base", 42257, 43262},
                                         ExpectedMap{"mistral-7b-v0.1", "tinyllama-1.1b-3T", 24184, 24520}),
                         [](const testing::TestParamInfo<ExpectedMap>& test) {
                             return std::string("Pair") + std::to_string(test.index);
                         });

} // namespace
} // namespace dskd::align

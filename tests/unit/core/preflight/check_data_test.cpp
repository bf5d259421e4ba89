// What check() finds in the data, and how much of it two tokenizers align.

#include "core/preflight/preflight.h"
#include "tests/support/environment.h"
#include "tests/support/temporary_folder.h"
#include "tests/unit/core/preflight/demo_experiments.h"
#include "tests/unit/core/preflight/findings.h"

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>
#include <string>

namespace dskd::preflight
{
namespace
{

using testing::AllOf;
using testing::HasSubstr;

TEST(Preflight, MeasuresWhatTheFewestEditsMatch)
{
    const test::TemporaryFolder cache;
    const test::EnvironmentVariable cacheHome("XDG_CACHE_HOME", cache.path());
    auto experiment = demo("cma");
    experiment.method.space = config::Space::Different;
    experiment.method.alignment = config::Alignment::MinEd;
    const auto findings = findingsOf(experiment);
    EXPECT_FALSE(anyProblem(findings));
    const Finding* coverage = find(findings, "coverage");
    ASSERT_NE(coverage, nullptr);
    EXPECT_EQ(coverage->headline, "Minimum edit distance");
    EXPECT_THAT(coverage->sentence, AllOf(HasSubstr("% of the answer tokens are matched"),
                                          HasSubstr("of 4096 teacher tokens are spelled like")));
    EXPECT_FALSE(std::filesystem::is_empty(cache.path() / "dskd-workbench" / "spelling-maps")) << "kept for the run";
    experiment.method.distance = Distance::Rkl; // infinite where nothing is matched
    EXPECT_TRUE(anyProblem(findingsOf(experiment)));
}

TEST(Preflight, LeavesTheSearchForAMapToOthersWhenAsked)
{
    const test::TemporaryFolder cache;
    const test::EnvironmentVariable cacheHome("XDG_CACHE_HOME", cache.path());
    auto experiment = demo("cma");
    experiment.method.space = config::Space::Different;
    experiment.method.alignment = config::Alignment::MinEd;
    const Options quick{.onlyKeptMaps = true};
    const auto before = findingsOf(experiment, quick);
    EXPECT_NE(find(before, kUnmatched), nullptr);
    EXPECT_EQ(find(before, "coverage"), nullptr);
    EXPECT_NE(find(before, "memory"), nullptr) << "all the rest is said";
    std::atomic<bool> cancelled{true};
    ASSERT_TRUE(matchVocabularies(experiment, cancelled, {}));
    EXPECT_NE(find(findingsOf(experiment, quick), kUnmatched), nullptr) << "a cancelled search leaves nothing";
    cancelled = false;
    ASSERT_TRUE(matchVocabularies(experiment, cancelled, {}));
    const auto after = findingsOf(experiment, quick);
    EXPECT_EQ(find(after, kUnmatched), nullptr);
    EXPECT_NE(find(after, "coverage"), nullptr);
    experiment.teacher.model = "/nonexistent/teacher";
    EXPECT_FALSE(matchVocabularies(experiment, cancelled, {}));
}

TEST(Preflight, SaysWhenTheMapOfTwoVocabulariesCannotBeKept)
{
    const test::TemporaryFolder folder;
    const auto file = folder.path() / "file";
    std::ofstream(file) << "where a folder should be";
    const test::EnvironmentVariable cacheHome("XDG_CACHE_HOME", file);
    auto experiment = demo("cma");
    experiment.method.space = config::Space::Different;
    experiment.method.alignment = config::Alignment::MinEd;
    const std::atomic<bool> cancelled{false};
    const auto matched = matchVocabularies(experiment, cancelled, {});
    ASSERT_FALSE(matched);
    EXPECT_THAT(matched.failure().what, HasSubstr("could not be kept in " + file.string()));
}

TEST(Preflight, SaysWhichLinesAreLeftOut)
{
    const test::TemporaryFolder folder;
    const auto file = folder.path() / "data.jsonl";
    std::ofstream(file) << R"({"instruction": "a", "output": "ok then"})"
                        << "\n"
                        << R"({"instruction": "a", "output": "cut")"
                        << "\n"
                        << R"({"instruction": "a", "output": "cut")"
                        << "\n"
                        << R"({"instruction": "a", "output": "ok", "system": "Be brief."})"
                        << "\n";
    for (const char* topic : {"data", "validation"}) {
        auto experiment = demo("dual");
        (std::string(topic) == "data" ? experiment.data.train : experiment.data.validation) = file.string();
        const auto findings = findingsOf(experiment);
        EXPECT_EQ(find(findings, topic)->level, Level::Note);
        EXPECT_THAT(find(findings, topic)->sentence,
                    AllOf(HasSubstr("2 records"),
                          HasSubstr("2 of 4 lines used; 2 skipped, the first (line 2) because: "),
                          HasSubstr("The field \"system\" of 1 record is not used")));
    }
}

TEST(Preflight, NamesTheWorstAlignedSamplesWithTheirTokens)
{
    const auto findings = findingsOf(demo("cma"));
    const Finding* coverage = find(findings, "coverage");
    ASSERT_NE(coverage, nullptr);
    ASSERT_EQ(coverage->worst.size(), 5u);
    double before = 0.0;
    for (const AlignedSample& sample : coverage->worst) {
        EXPECT_GE(sample.coverage(), before) << "the worst first";
        EXPECT_LT(sample.coverage(), 1.0);
        before = sample.coverage();
        EXPECT_GT(sample.line, 0);
        EXPECT_EQ(static_cast<std::int64_t>(sample.student.size()), sample.tokens);
        EXPECT_EQ(std::count_if(sample.student.begin(), sample.student.end(), [](const auto& t) { return t.paired; }),
                  sample.paired);
        EXPECT_EQ(std::count_if(sample.teacher.begin(), sample.teacher.end(), [](const auto& t) { return t.paired; }),
                  sample.paired);
    }
    const std::string first = "The worst: line " + std::to_string(coverage->worst.front().line) + " (";
    EXPECT_THAT(coverage->sentence, HasSubstr(first));
    // its line of the file is what the tokens spell
    std::ifstream file(demo("cma").data.train);
    std::string line;
    for (std::int64_t i = 0; i < coverage->worst.front().line; ++i) {
        std::getline(file, line);
    }
    std::string spelled;
    for (const AlignedSample::Token& token : coverage->worst.front().teacher) {
        spelled += token.text;
    }
    const auto answer = nlohmann::json::parse(line).at("output").get<std::string>();
    EXPECT_THAT(answer, HasSubstr(spelled.substr(0, 4)));
}

TEST(TrainingSamples, AreTheLinesThatAreUsed)
{
    auto data = demo("sft").data;
    EXPECT_EQ(trainingSamples(data).value(), 400) << "data.limit";
    data.limit = 7;
    EXPECT_EQ(trainingSamples(data).value(), 7);
    data.train = "/nonexistent.jsonl";
    EXPECT_FALSE(trainingSamples(data));
}

} // namespace
} // namespace dskd::preflight

#include "core/config/schema/experiment_json.h"
#include "core/model/folder/model_config.h"
#include "core/preflight/memory_estimate.h"
#include "core/preflight/preflight.h"
#include "core/preflight/rules.h"
#include "tests/support/temporary_folder.h"
#include "tests/unit/core/preflight/demo_experiments.h"
#include "tests/unit/core/preflight/findings.h"

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

TEST(Preflight, FindsNoProblemInTheDemo)
{
    for (const char* name : {"diff", "student", "dual", "sft", "cma", "sft-llama"}) {
        const auto findings = findingsOf(demo(name));
        EXPECT_FALSE(anyProblem(findings)) << name;
        ASSERT_NE(find(findings, "steps"), nullptr);
        EXPECT_THAT(find(findings, "steps")->sentence, HasSubstr("600 steps of 8 samples")) << name;
    }
}

TEST(Preflight, NamesBothModelsWithTheirNumbers)
{
    const auto findings = findingsOf(demo("cma"));
    EXPECT_THAT(find(findings, "teacher")->sentence, AllOf(HasSubstr("gpt2"), HasSubstr("6 layers"), HasSubstr("256")));
    EXPECT_THAT(find(findings, "student")->sentence, AllOf(HasSubstr("llama"), HasSubstr("3 layers")));
    EXPECT_THAT(find(findings, "coverage")->sentence, HasSubstr("% of the answer tokens"));
}

TEST(Preflight, LooksAtTheTeacherOfTheProbes)
{
    config::Experiment experiment = demo("sft");
    EXPECT_EQ(find(findingsOf(experiment), "probe teacher"), nullptr);
    experiment.log.probeTeacher = demo("dual").teacher.model;
    const auto findings = findingsOf(experiment);
    ASSERT_NE(find(findings, "probe teacher"), nullptr);
    EXPECT_EQ(find(findings, "probe teacher")->level, Level::Good);
    EXPECT_THAT(find(findings, "probe teacher")->sentence, HasSubstr("6 layers"));
    EXPECT_NE(find(findings, "memory")->sentence, find(findingsOf(demo("sft")), "memory")->sentence);

    const test::TemporaryFolder empty;
    experiment.log.probeTeacher = empty.path().string();
    const auto refused = findingsOf(experiment);
    EXPECT_EQ(find(refused, "probe teacher")->level, Level::Problem);
    EXPECT_EQ(find(refused, "probe teacher")->field, "log.probe_teacher");

    experiment = demo("dual");
    experiment.log.probeTeacher = empty.path().string();
    EXPECT_EQ(find(findingsOf(experiment), "probe teacher"), nullptr) << "the method has a teacher";
    EXPECT_THAT(find(findingsOf(experiment), "unused")->sentence, HasSubstr("log.probe_teacher"));
}

TEST(Preflight, OffersCmaWhereTheVocabulariesDiffer)
{
    auto experiment = demo("cma");
    experiment.method.alignment = config::Alignment::None;
    const auto findings = findingsOf(experiment);
    const Finding* vocabularies = find(findings, "vocabularies");
    ASSERT_NE(vocabularies, nullptr);
    EXPECT_EQ(vocabularies->level, Level::Problem);
    ASSERT_FALSE(vocabularies->remedies.empty());
    for (const auto& [field, value] : vocabularies->remedies.front().fields) {
        ASSERT_TRUE(config::setField(experiment, field, value));
    }
    EXPECT_FALSE(anyProblem(findingsOf(experiment))) << "the remedy must cure it";
}

TEST(Preflight, SaysWhatIsMissingAndGoesOnWithTheRest)
{
    auto experiment = demo("dual");
    experiment.teacher.model = "/nonexistent/teacher";
    experiment.data.validation = "/nonexistent/held-out.jsonl";
    const auto findings = findingsOf(experiment);
    EXPECT_EQ(find(findings, "teacher")->level, Level::Problem);
    EXPECT_THAT(find(findings, "teacher")->sentence, HasSubstr("/nonexistent/teacher"));
    EXPECT_EQ(find(findings, "validation")->level, Level::Problem);
    EXPECT_THAT(find(findings, "data")->sentence, HasSubstr("400 records"));
}

TEST(Preflight, SaysWhatWasSetInVain)
{
    auto experiment = demo("dual");
    EXPECT_EQ(find(findingsOf(experiment), "unused"), nullptr);
    experiment.lora.rank = 4;
    const auto findings = findingsOf(experiment);
    ASSERT_NE(find(findings, "unused"), nullptr);
    EXPECT_EQ(find(findings, "unused")->level, Level::Note);
    EXPECT_THAT(find(findings, "unused")->sentence, HasSubstr("lora.rank: "));

    experiment.lora.rank = config::Experiment().lora.rank;
    experiment.method.objective = config::Objective::Sft;
    experiment.onPolicy.ratio = 0.5; // a problem, which is enough
    const auto refused = findingsOf(experiment);
    EXPECT_THAT(find(refused, "fields")->sentence, HasSubstr("on_policy.ratio is above 0"));
    const Finding* unused = find(refused, "unused");
    EXPECT_TRUE(unused == nullptr || unused->sentence.find("on_policy.ratio:") == std::string::npos);
}

TEST(Preflight, SaysWhatThePublishedCodeKnowsNothingOf)
{
    auto experiment = demo("dual");
    experiment.method.fidelity = config::Fidelity::ReferenceV1;
    EXPECT_EQ(find(findingsOf(experiment), "fidelity"), nullptr);
    experiment.method.agreementMask = true;
    const auto findings = findingsOf(experiment);
    ASSERT_NE(find(findings, "fidelity"), nullptr);
    EXPECT_THAT(find(findings, "fidelity")->sentence, HasSubstr("has no place for the agreement mask;"));
}

TEST(Preflight, RefusesALengthThatAModelCannotTake)
{
    auto experiment = demo("dual");
    experiment.data.maxLength = 100'000;
    const auto findings = findingsOf(experiment);
    EXPECT_TRUE(anyProblem(findings));
    EXPECT_THAT(find(findings, "vocabularies")->sentence, HasSubstr("positions"));
}

TEST(Preflight, SaysThatNothingEndsTheAnswers)
{
    const test::TemporaryFolder folder;
    auto experiment = demo("cma"); // a Llama student, whose files name </s>
    EXPECT_EQ(find(findingsOf(experiment), "ends"), nullptr);
    const auto model = replaceByCopy(experiment.student, folder);
    for (const char* file : {"config.json", "tokenizer_config.json"}) {
        auto object = nlohmann::json::parse(std::ifstream(model / file));
        object.erase("eos_token_id");
        object.erase("eos_token");
        std::ofstream(model / file) << object;
    }
    const auto findings = findingsOf(experiment);
    ASSERT_NE(find(findings, "ends"), nullptr);
    EXPECT_EQ(find(findings, "ends")->level, Level::Note);
    EXPECT_THAT(find(findings, "ends")->sentence, HasSubstr("No file of the student names a token that ends a text"));
}

TEST(Preflight, RefusesAnEndBeyondTheVocabulary)
{
    const test::TemporaryFolder folder;
    auto experiment = demo("dual");
    const auto model = replaceByCopy(experiment.teacher, folder);
    auto object = nlohmann::json::parse(std::ifstream(model / "config.json"));
    object["eos_token_id"] = 99'999;
    std::ofstream(model / "config.json") << object;
    const auto findings = findingsOf(experiment);
    EXPECT_TRUE(anyProblem(findings));
    EXPECT_THAT(find(findings, "vocabularies")->sentence, HasSubstr("token 99999"));
    auto names = nlohmann::json::parse(std::ifstream(model / "tokenizer_config.json"));
    names.erase("eos_token"); // what it names comes first
    std::ofstream(model / "tokenizer_config.json") << names;
    EXPECT_THAT(find(findingsOf(experiment), "special")->sentence,
                HasSubstr("eos a token that the tokenizer does not have (99999)"));
}

TEST(Preflight, RefusesAWarmupBeyondTheEpochs)
{
    auto experiment = demo("dual"); // 400 records
    experiment.train.steps = 0;
    experiment.train.epochs = 1;
    experiment.train.batchSize = 8;
    experiment.train.accumulation = 1;
    experiment.train.warmupSteps = 50;
    EXPECT_EQ(find(findingsOf(experiment), "steps")->level, Level::Good);
    experiment.train.warmupSteps = 51;
    const auto findings = findingsOf(experiment);
    EXPECT_EQ(find(findings, "steps")->level, Level::Problem);
    EXPECT_THAT(find(findings, "steps")->sentence, HasSubstr("train.warmup_steps is 51, more than the 50 steps"));
}

TEST(Preflight, StopsWhenItIsCancelled)
{
    std::atomic<bool> cancelled{false};
    int count = 0;
    check(demo("cma"), {}, cancelled, [&](const Finding&) {
        ++count;
        cancelled = true;
    });
    EXPECT_EQ(count, 1);
}

TEST(Preflight, ShowsThePartsOfTheMemoryWithTheirSum)
{
    const auto findings = findingsOf(demo("dual"));
    const Finding* memory = find(findings, "memory");
    ASSERT_NE(memory, nullptr);
    EXPECT_THAT(memory->sentence, HasSubstr(partsText(estimateMemory(demo("dual")).value())));
    EXPECT_THAT(memory->sentence, AllOf(HasSubstr("program 150"), HasSubstr("losses")));
}

TEST(Preflight, NamesTheSpecialTokensOfBothSidesAndTheirUse)
{
    const auto findings = findingsOf(demo("cma"));
    const Finding* special = find(findings, "special");
    ASSERT_NE(special, nullptr);
    const auto teacher = loadTokenizer(demo("cma").teacher, demo("cma").data).value();
    const auto eos = teacher->special().eos;
    ASSERT_TRUE(eos);
    const std::string piece(teacher->piece(*eos));
    EXPECT_THAT(special->sentence, AllOf(HasSubstr("Teacher: bos "), HasSubstr("Student: bos "), HasSubstr(" pad "),
                                         HasSubstr("eos " + piece + " (" + std::to_string(*eos) + ")"),
                                         HasSubstr("its answers end with " + piece + ".")));
    EXPECT_THAT(special->sentence, HasSubstr("Nothing is padded"));
    auto published = demo("cma");
    published.method.fidelity = config::Fidelity::ReferenceV1;
    EXPECT_THAT(find(findingsOf(published), "special")->sentence, HasSubstr("padded to data.max_length"));
    EXPECT_THAT(find(findingsOf(demo("sft")), "special")->sentence, testing::Not(HasSubstr("Teacher:")));
}

TEST(Preflight, CountsTheRowsOfAHeadBeyondItsTokenizer)
{
    const test::TemporaryFolder folder;
    auto experiment = demo("cma");
    const auto rows = model::readModelConfig(experiment.student.model).value().vocabularyRows;
    const auto model = replaceByCopy(experiment.student, folder); // without weights: init is random
    auto config = nlohmann::json::parse(std::ifstream(model / "config.json"));
    config["vocab_size"] = rows + 64;
    std::ofstream(model / "config.json") << config;
    const auto findings = findingsOf(experiment);
    const std::string tokens = std::to_string(loadTokenizer(experiment.student, experiment.data).value()->size());
    EXPECT_THAT(find(findings, "vocabularies")->sentence,
                HasSubstr("The student's head has " + std::to_string(rows + 64) + " rows for " + tokens + " tokens"));
}

TEST(Preflight, ReportsTheTimeWhereSomebodyKnowsIt)
{
    EXPECT_EQ(find(findingsOf(demo("sft")), "time"), nullptr);
    Options options;
    options.time = [](std::int64_t steps) { return std::to_string(steps) + " steps take a minute."; };
    const auto findings = findingsOf(demo("sft"), options);
    ASSERT_NE(find(findings, "time"), nullptr);
    EXPECT_EQ(find(findings, "time")->sentence, "600 steps take a minute.");
}

TEST(RefusedCombination, IsNamedWithWhatSpeaksAgainstIt)
{
    config::Plan plan;
    plan.base = demo("cma"); // two vocabularies
    plan.axes = {{"method.alignment", {"cma", "eta"}}, {"method.distance", {"kl", "rkl"}}};
    plan.seeds = {1, 2};
    std::atomic<bool> cancelled{false};
    EXPECT_FALSE(refusedCombination(config::expand(plan).value(), cancelled));
    plan.axes[0].values = {"cma", "none"};
    const auto refused = refusedCombination(config::expand(plan).value(), cancelled);
    ASSERT_TRUE(refused);
    EXPECT_EQ(refused->level, Level::Problem);
    EXPECT_EQ(refused->headline, "Combination alignment=none distance=kl");
    EXPECT_THAT(refused->sentence, HasSubstr("Different vocabularies: "));
    plan.excluded = {{{"method.alignment", "none"}}};
    EXPECT_FALSE(refusedCombination(config::expand(plan).value(), cancelled)) << "it does not run";
    plan.excluded.clear();
    cancelled = true;
    EXPECT_FALSE(refusedCombination(config::expand(plan).value(), cancelled));
}

} // namespace
} // namespace dskd::preflight

#include "core/base/regular_file.h"
#include "core/config/schema/experiment_json.h"
#include "core/model/folder/model_config.h"
#include "core/model/folder/safetensors_header.h"
#include "core/preflight/memory_estimate.h"
#include "core/preflight/preflight.h"
#include "core/preflight/rules.h"
#include "tests/support/environment.h"
#include "tests/support/paths.h"
#include "tests/support/temporary_folder.h"
#include "tests/unit/core/preflight/demo_experiments.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

namespace dskd::preflight
{
namespace
{

using testing::AllOf;
using testing::HasSubstr;

std::vector<Finding> findingsOf(const config::Experiment& experiment, const Options& options = {})
{
    std::vector<Finding> findings;
    const std::atomic<bool> cancelled{false};
    check(experiment, options, cancelled, [&](Finding finding) { findings.push_back(std::move(finding)); });
    return findings;
}

const Finding* find(const std::vector<Finding>& findings, const std::string& topic)
{
    const auto found =
        std::find_if(findings.begin(), findings.end(), [&](const Finding& finding) { return finding.topic == topic; });
    return found == findings.end() ? nullptr : &*found;
}

bool anyProblem(const std::vector<Finding>& findings)
{
    return std::any_of(findings.begin(), findings.end(),
                       [](const Finding& finding) { return finding.level == Level::Problem; });
}

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
    EXPECT_THAT(find(findings, "fidelity")->sentence, HasSubstr("knows nothing of the agreement mask;"));
}

TEST(Preflight, ReadsTheHeadersOfTheWeights)
{
    const test::TemporaryFolder folder;
    auto experiment = demo("dual");
    const auto cut = folder.path() / "cut";
    std::filesystem::copy(experiment.teacher.model, cut, std::filesystem::copy_options::recursive);
    std::filesystem::resize_file(cut / "model.safetensors", 200'000);
    experiment.teacher.model = cut.string();
    const auto findings = findingsOf(experiment);
    EXPECT_EQ(find(findings, "teacher")->level, Level::Problem);
    EXPECT_THAT(find(findings, "teacher")->sentence, HasSubstr("the file is truncated"));
}

TEST(Preflight, FindsATensorThatIsMissingOrOfAnotherShape)
{
    const test::TemporaryFolder folder;
    auto experiment = demo("dual");
    const auto model = folder.path() / "model";
    std::filesystem::copy(experiment.teacher.model, model, std::filesystem::copy_options::recursive);
    experiment.teacher.model = model.string();
    const std::string bytes = readTextFile(model / "model.safetensors").value();
    const auto renamed = [&](const std::string& from, const std::string& to) {
        std::string changed = bytes;
        changed.replace(changed.find(from), from.size(), to);
        std::ofstream(model / "model.safetensors", std::ios::binary) << changed;
    };
    renamed("transformer.h.1.ln_2.bias", "transformer.h.1.xx_2.bias");
    EXPECT_EQ(find(findingsOf(experiment), "teacher")->level, Level::Problem);
    EXPECT_THAT(find(findingsOf(experiment), "teacher")->sentence,
                HasSubstr("tensor \"transformer.h.1.ln_2.bias\" of shape"));
    std::ofstream(model / "model.safetensors", std::ios::binary) << bytes;
    auto config = nlohmann::json::parse(std::ifstream(model / "config.json"));
    config["n_positions"] = 511;
    std::ofstream(model / "config.json") << config;
    EXPECT_THAT(find(findingsOf(experiment), "teacher")->sentence, HasSubstr("should have the shape"));
}

TEST(Preflight, NamesAPointerOfGitLfs)
{
    const test::TemporaryFolder folder;
    auto experiment = demo("dual");
    const auto model = folder.path() / "model";
    std::filesystem::copy(experiment.teacher.model, model, std::filesystem::copy_options::recursive);
    experiment.teacher.model = model.string();
    std::ofstream(model / "model.safetensors")
        << "version https://git-lfs.github.com/spec/v1\noid sha256:" << std::string(64, 'a') << "\nsize 123456\n";
    EXPECT_THAT(find(findingsOf(experiment), "teacher")->sentence,
                AllOf(HasSubstr("model.safetensors is a Git LFS pointer"), HasSubstr("git lfs pull")));
}

TEST(Preflight, SaysWhereWeightsAreNotWhatIsRead)
{
    const test::TemporaryFolder folder;
    auto experiment = demo("dual");
    const auto model = folder.path() / "model";
    std::filesystem::copy(experiment.teacher.model, model, std::filesystem::copy_options::recursive);
    std::filesystem::rename(model / "model.safetensors", model / "pytorch_model.bin");
    experiment.teacher.model = model.string();
    EXPECT_THAT(find(findingsOf(experiment), "teacher")->sentence, HasSubstr("convert them once: python -c"));
    std::filesystem::remove(model / "pytorch_model.bin");
    EXPECT_THAT(find(findingsOf(experiment), "teacher")->sentence, HasSubstr("holds no weights"));
    experiment.teacher.model = (folder.path() / "nowhere").string();
    EXPECT_THAT(find(findingsOf(experiment), "teacher")->sentence, HasSubstr("is not a folder"));
}

TEST(Preflight, LooksAtTheWeightsThatAreReadAlone)
{
    const test::TemporaryFolder folder;
    auto experiment = demo("dual");
    const auto model = folder.path() / "model";
    std::filesystem::copy(experiment.teacher.model, model, std::filesystem::copy_options::recursive);
    std::ofstream(model / "consolidated.safetensors") << "cut off";
    experiment.teacher.model = model.string();
    EXPECT_EQ(find(findingsOf(experiment), "teacher")->level, Level::Good);

    std::filesystem::rename(model / "model.safetensors", model / "model-1-of-2.safetensors");
    // the first tensor in one file, all others in another
    nlohmann::json places = nlohmann::json::object();
    const auto bytes = readTextFile(model / "model-1-of-2.safetensors").value();
    const model::SafetensorsHeader header = model::parseSafetensorsHeader(bytes, bytes.size(), "").value();
    for (const auto& entry : header.entries) {
        places[entry.name] = places.empty() ? "model-1-of-2.safetensors" : "model-2-of-2.safetensors";
    }
    const auto index = model / "model.safetensors.index.json";
    std::ofstream(index) << nlohmann::json{{"weight_map", places}};
    EXPECT_THAT(find(findingsOf(experiment), "teacher")->sentence,
                HasSubstr("in model-2-of-2.safetensors, which is not in the folder"));
    std::filesystem::copy(model / "model-1-of-2.safetensors", model / "model-2-of-2.safetensors");
    EXPECT_EQ(find(findingsOf(experiment), "teacher")->level, Level::Good);
    places["another"] = "model-2-of-2.safetensors";
    std::ofstream(index) << nlohmann::json{{"weight_map", places}};
    EXPECT_THAT(find(findingsOf(experiment), "teacher")->sentence,
                HasSubstr("model-2-of-2.safetensors does not hold tensor \"another\""));
    std::filesystem::resize_file(model / "model-2-of-2.safetensors", 200'000);
    EXPECT_THAT(find(findingsOf(experiment), "teacher")->sentence, HasSubstr("the file is truncated"));
}

TEST(Preflight, RefusesALengthThatAModelCannotTake)
{
    auto experiment = demo("dual");
    experiment.data.maxLength = 100'000;
    const auto findings = findingsOf(experiment);
    EXPECT_TRUE(anyProblem(findings));
    EXPECT_THAT(find(findings, "vocabularies")->sentence, HasSubstr("positions"));
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

TEST(Preflight, SaysThatNothingEndsTheAnswers)
{
    const test::TemporaryFolder folder;
    auto experiment = demo("cma"); // a Llama student, whose files name </s>
    EXPECT_EQ(find(findingsOf(experiment), "ends"), nullptr);
    const auto model = folder.path() / "model";
    std::filesystem::copy(experiment.student.model, model, std::filesystem::copy_options::recursive);
    experiment.student.model = model.string();
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
    const auto model = folder.path() / "model";
    std::filesystem::copy(experiment.teacher.model, model, std::filesystem::copy_options::recursive);
    experiment.teacher.model = model.string();
    auto object = nlohmann::json::parse(std::ifstream(model / "config.json"));
    object["eos_token_id"] = 99'999;
    std::ofstream(model / "config.json") << object;
    const auto findings = findingsOf(experiment);
    EXPECT_TRUE(anyProblem(findings));
    EXPECT_THAT(find(findings, "vocabularies")->sentence, HasSubstr("token 99999"));
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

TEST(Preflight, ChecksAdaptersAgainstTheirModels)
{
    auto experiment = demo("dual");
    experiment.teacher.adapter = test::goldenDir() + "/lora/llama";
    const auto findings = findingsOf(experiment);
    EXPECT_EQ(find(findings, "teacher")->level, Level::Problem);
    EXPECT_EQ(find(findings, "teacher")->field, "teacher.adapter");
    EXPECT_THAT(find(findings, "teacher")->sentence, HasSubstr("model.layers.0"));
    EXPECT_EQ(find(findings, "student")->level, Level::Good);
}

TEST(Preflight, ChecksTheTargetsOfLora)
{
    auto experiment = demo("dual");
    experiment.student.model = experiment.teacher.model; // the demo's student has no weights to adapt
    experiment.student.init = config::StudentInit::Weights;
    experiment.train.fineTuning = config::FineTuning::Lora;
    EXPECT_FALSE(anyProblem(findingsOf(experiment)));
    experiment.lora.targets = "q_proj"; // of a Llama
    const auto findings = findingsOf(experiment);
    EXPECT_EQ(find(findings, "student")->level, Level::Problem);
    EXPECT_EQ(find(findings, "student")->field, "lora.targets");
    EXPECT_THAT(find(findings, "student")->sentence, HasSubstr("c_attn, c_proj, c_fc"));
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
    const auto model = folder.path() / "student";
    std::filesystem::copy(experiment.student.model, model, std::filesystem::copy_options::recursive);
    auto config = nlohmann::json::parse(std::ifstream(model / "config.json"));
    config["vocab_size"] = rows + 64;
    std::ofstream(model / "config.json") << config;
    experiment.student.model = model.string(); // without weights: init is random
    const auto findings = findingsOf(experiment);
    const std::string tokens = std::to_string(loadTokenizer(experiment.student, experiment.data).value()->size());
    EXPECT_THAT(find(findings, "vocabularies")->sentence,
                HasSubstr("The student's head has " + std::to_string(rows + 64) + " rows for " + tokens + " tokens"));
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

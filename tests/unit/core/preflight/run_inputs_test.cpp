// What a run keeps of its inputs tells every change of data, weights and tokenizer.

#include "core/preflight/run_inputs.h"

#include "core/base/regular_file.h"
#include "core/config/schema/experiment_json.h"
#include "tests/support/paths.h"
#include "tests/support/temporary_folder.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <gmock/gmock.h>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace dskd::preflight
{
namespace
{

namespace fs = std::filesystem;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

// The demo with a teacher and a student of its own, so that they can be changed.
class RunInputsTest : public testing::Test
{
protected:
    RunInputsTest()
    {
        experiment = config::loadExperiment(test::sourceDir() + "/experiments/demo/cma.json").value();
        const auto own = [&](std::string& path, const char* name) {
            fs::copy(path, folder.path() / name, fs::copy_options::recursive);
            path = (folder.path() / name).string();
        };
        own(experiment.teacher.model, "teacher");
        own(experiment.student.model, "student");
        own(experiment.data.train, "train.jsonl");
        own(experiment.data.validation, "dev.jsonl");
        before = inputFiles(experiment);
    }

    // What is found after `change`, which is taken back.
    std::vector<std::string> changesAfter(const std::string& file, const std::function<void(std::string&)>& change)
    {
        const fs::path path = folder.path() / file;
        const std::string whole = readTextFile(path).value();
        std::string changed = whole;
        change(changed);
        std::ofstream(path, std::ios::binary) << changed;
        auto changes = inputChanges(before, inputFiles(experiment));
        std::ofstream(path, std::ios::binary) << whole;
        EXPECT_THAT(inputChanges(before, inputFiles(experiment)), testing::IsEmpty()) << "equal files are equal";
        return changes;
    }

    test::TemporaryFolder folder;
    config::Experiment experiment;
    std::vector<InputFile> before;
};

TEST_F(RunInputsTest, AreDataModelsAndTokenizersOfBothSides)
{
    std::set<std::string> roles;
    for (const InputFile& file : before) {
        roles.insert(file.role);
        EXPECT_THAT(file.hash, testing::StartsWith("whole:"));
    }
    EXPECT_THAT(roles, ElementsAre("data.train", "data.validation", "student.model", "student.tokenizer",
                                   "teacher.model", "teacher.tokenizer"));
    experiment.method.objective = config::Objective::Sft;
    for (const InputFile& file : inputFiles(experiment)) {
        EXPECT_THAT(file.role, testing::Not(testing::StartsWith("teacher"))) << "SFT needs none";
    }
}

TEST_F(RunInputsTest, HoldTheTeacherOfTheProbesWhereTheyLoadOne)
{
    const auto roles = [&] {
        std::set<std::string> named;
        for (const InputFile& file : inputFiles(experiment)) {
            named.insert(file.role);
        }
        return named;
    };
    experiment.log.probeTeacher = experiment.teacher.model;
    EXPECT_FALSE(roles().contains("log.probe_teacher"));
    experiment.method.objective = config::Objective::Sft;
    EXPECT_TRUE(roles().contains("log.probe_teacher"));
    EXPECT_FALSE(roles().contains("teacher.model"));
}

TEST_F(RunInputsTest, ListTheFilesOfAModelWithoutReadingThem)
{
    std::vector<fs::path> expected;
    for (const InputFile& file : before) {
        if (file.role.starts_with("teacher")) {
            expected.push_back(file.path);
        }
    }
    EXPECT_THAT(modelFiles(experiment.teacher), testing::UnorderedElementsAreArray(expected));
    const InputFile weights = readInputFile("w", fs::path(experiment.teacher.model) / "model.safetensors").value();
    EXPECT_EQ(weights.role, "w");
    EXPECT_TRUE(std::any_of(before.begin(), before.end(), [&](const InputFile& file) {
        return file.path == weights.path && file.hash == weights.hash && file.size == weights.size;
    }));
    EXPECT_EQ(readInputFile("w", folder.path() / "none"), std::nullopt);
    EXPECT_THAT(modelFiles({(folder.path() / "none").string(), {}, {}}), testing::IsEmpty());
}

TEST_F(RunInputsTest, NameEveryChange)
{
    const auto flipLast = [](std::string& text) { text[text.size() - 3] ^= 1; };
    const std::pair<const char*, const char*> files[] = {{"train.jsonl", "data.train"},
                                                         {"dev.jsonl", "data.validation"},
                                                         {"teacher/model.safetensors", "teacher.model"},
                                                         {"teacher/tokenizer.json", "teacher.tokenizer"},
                                                         {"student/config.json", "student.model"}};
    for (const auto& [file, role] : files) {
        EXPECT_THAT(changesAfter(file, flipLast),
                    ElementsAre(AllOf(HasSubstr(std::string(role) + ": "), HasSubstr(file),
                                      HasSubstr("has changed (as many bytes, but others)"))));
    }
    EXPECT_THAT(changesAfter("train.jsonl", [](std::string& text) { text += "\n"; }),
                ElementsAre(HasSubstr("has changed (")));
}

TEST_F(RunInputsTest, NameFilesThatCameAndWent)
{
    fs::rename(folder.path() / "train.jsonl", folder.path() / "elsewhere.jsonl");
    std::ofstream(folder.path() / "student" / "added_tokens.json") << "{}";
    EXPECT_THAT(inputChanges(before, inputFiles(experiment)),
                ElementsAre(HasSubstr("train.jsonl is not there any more."),
                            AllOf(HasSubstr("student.tokenizer: "), HasSubstr("added_tokens.json was not there."))));
}

TEST_F(RunInputsTest, SampleLargeFilesAllOverTheirLength)
{
    constexpr std::uint64_t kSize = (std::uint64_t{65} << 20) + 12'345;
    const fs::path path = folder.path() / "large.jsonl";
    std::ofstream(path, std::ios::binary) << '\n';
    fs::resize_file(path, kSize); // a hole, which reads as zeros
    experiment.data.train = path.string();
    const std::vector<InputFile> large = inputFiles(experiment);
    EXPECT_THAT(large.front().hash, testing::StartsWith("sampled:"));
    // A stretch as long as the distance of two blocks holds one of them, wherever it begins.
    constexpr std::uint64_t kStretch = std::uint64_t{260} << 10;
    for (const std::uint64_t at : {std::uint64_t{0}, kSize / 3, kSize / 2, kSize - kStretch}) {
        {
            std::fstream file(path, std::ios::binary | std::ios::in | std::ios::out);
            file.seekp(static_cast<std::streamoff>(at));
            file << std::string(kStretch, 'x');
        }
        EXPECT_THAT(inputChanges(large, inputFiles(experiment)), testing::SizeIs(1)) << at;
        fs::resize_file(path, 0);
        std::ofstream(path, std::ios::binary) << '\n';
        fs::resize_file(path, kSize);
        EXPECT_THAT(inputChanges(large, inputFiles(experiment)), testing::IsEmpty());
    }
}

TEST_F(RunInputsTest, AsTheRunBeganAlwaysFit)
{
    const std::vector<InputFile> first{{"data.train", "/d", 1, "whole:1"}};
    const std::vector<InputFile> second{{"data.train", "/d", 2, "whole:2"}};
    const std::vector<InputFile> third{{"data.train", "/d", 3, "whole:3"}};
    RunInputs kept{first, {}};
    acceptInputs(kept, second, 7, inputChanges(kept, second));
    EXPECT_TRUE(inputChanges(kept, second).empty());
    EXPECT_TRUE(inputChanges(kept, first).empty()) << "the original was put back";
    EXPECT_EQ(inputChanges(kept, third).size(), 1u);
    const RunLayout run{folder.path()};
    ASSERT_TRUE(writeInputs(run, kept));
    const RunInputs again = readInputs(run).value().value();
    EXPECT_EQ(again.first, first);
    EXPECT_EQ(again.files, second);
    acceptInputs(kept, third, 9, {});
    EXPECT_EQ(kept.first, first) << "it stays that of the beginning";
}

TEST_F(RunInputsTest, ComeBackFromTheRunFolder)
{
    const RunLayout run{folder.path() / "run"};
    fs::create_directories(run.root);
    EXPECT_FALSE(readInputs(run).value().has_value());
    const RunInputs inputs{before, {{12.5, 50, {"data.train: x has changed."}}}};
    ASSERT_TRUE(writeInputs(run, inputs));
    const auto again = readInputs(run).value();
    ASSERT_TRUE(again);
    EXPECT_EQ(again->files, before);
    ASSERT_EQ(again->accepted.size(), 1U);
    EXPECT_EQ(again->accepted[0].step, 50);
    EXPECT_THAT(again->accepted[0].changes, ElementsAre("data.train: x has changed."));
    for (const char* damaged :
         {"", "{", "[]", "{\"files\": 3, \"accepted\": []}", "{\"files\": [{}], \"accepted\": []}"}) {
        std::ofstream(run.inputs()) << damaged;
        EXPECT_THAT(readInputs(run).failure().what, HasSubstr("inputs.json is damaged")) << damaged;
    }
}

TEST(RefusedChanges, NameWhatChangedAndHowToGoOn)
{
    const Failure refused = refusedChanges({"/w/runs/dual-10/"}, {"data.train: /d.jsonl has changed."});
    EXPECT_THAT(refused.what, AllOf(HasSubstr("The inputs of dual-10 are not those"), HasSubstr("/d.jsonl")));
    EXPECT_THAT(refused.hint, HasSubstr("dskd resume dual-10 --accept-changes"));
    EXPECT_EQ(refused.kind, FailureKind::BadData);
    EXPECT_EQ(refusedChanges({"/w/runs/dual-10"}, {"teacher.model: /t has changed."}).kind, FailureKind::BadModel);
}

} // namespace
} // namespace dskd::preflight

#include "core/export/export_plan.h"

#include "core/base/atomic_file.h"
#include "core/base/checkpoint_folders.h"
#include "core/base/regular_file.h"
#include "core/config/schema/experiment_json.h"
#include "tests/support/sample_checkpoint.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/unwritable.h"

#include <chrono>
#include <cstdint>
#include <fstream>
#include <future>
#include <gmock/gmock.h>
#include <thread>

namespace dskd::exporting
{
namespace
{

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;

class Export : public testing::Test
{
protected:
    ExportPlan plan() { return planExport(m_run, std::nullopt, ExportedAs::Model, m_target).value(); }

    test::TemporaryFolder m_folder;
    RunLayout m_run{m_folder / "run"};
    fs::path m_target = m_folder / "student";
    std::atomic<bool> m_cancelled{false};
};

TEST_F(Export, TakesTheNewestFinishedCheckpoint)
{
    test::writeSampleCheckpoint(m_run, 20);
    test::writeSampleCheckpoint(m_run, 100);
    test::writeSampleCheckpoint(m_run, 300);
    fs::remove(CheckpointLayout{m_run.checkpoint(300)}.done()); // interrupted
    EXPECT_EQ(plan().step, 100);
    ASSERT_TRUE(carryOut(plan(), Existing::Refuse, m_cancelled));
    EXPECT_EQ(readTextFile(m_target / "model.safetensors").value(), test::sampleWeights(100));
}

TEST_F(Export, TakesTheCheckpointOfTheStepThatIsAskedForOrListsThoseThereAre)
{
    test::writeSampleCheckpoint(m_run, 20);
    test::writeSampleCheckpoint(m_run, 100);
    EXPECT_EQ(planExport(m_run, 20, ExportedAs::Model, m_target).value().step, 20);
    const auto missing = planExport(m_run, 50, ExportedAs::Model, m_target);
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.failure().what, "run has no checkpoint of step 50.");
    EXPECT_EQ(missing.failure().hint, "It has: 20, 100.");
}

TEST_F(Export, FailsWithoutAFinishedCheckpoint)
{
    const auto none = planExport(m_run, std::nullopt, ExportedAs::Model, m_target);
    ASSERT_FALSE(none);
    EXPECT_EQ(none.failure().what, "run has no finished checkpoint yet.");
}

TEST_F(Export, WritesTheModelWithoutWhatOnlyTrainingNeeds)
{
    test::writeSampleCheckpoint(m_run, 20);
    EXPECT_THAT(carryOut(plan(), Existing::Refuse, m_cancelled).value(),
                ElementsAre("config.json", "model.safetensors", "tokenizer.json"));
}

TEST_F(Export, RefusesAFolderThatIsNotEmptyUnlessItMayOverwrite)
{
    test::writeSampleCheckpoint(m_run, 20);
    fs::create_directories(m_target);
    EXPECT_FALSE(plan().occupied) << "an empty folder is free";
    const ExportPlan before = plan();
    writeFileAtomically(m_target / "config.json", "mine").value();
    writeFileAtomically(m_target / "notes.txt", "mine").value();
    const auto noModel = carryOut(before, Existing::Overwrite, m_cancelled);
    ASSERT_FALSE(noModel) << "a configuration of something else";
    EXPECT_THAT(noModel.failure().what, HasSubstr("holds other things than a model"));
    for (const Existing existing : {Existing::Refuse, Existing::Overwrite}) {
        const auto same = carryOut(before, existing, m_cancelled);
        ASSERT_FALSE(same);
        EXPECT_EQ(same.failure().text(), noModel.failure().text()) << "overwriting would be refused too";
    }
    EXPECT_EQ(planExport(m_run, std::nullopt, ExportedAs::Model, m_target).failure().what, noModel.failure().what);
    writeFileAtomically(m_target / "model.safetensors", "mine").value();
    EXPECT_TRUE(plan().occupied);
    const auto refused = carryOut(before, Existing::Refuse, m_cancelled); // occupied since the plan
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.failure().what, HasSubstr(m_target.string() + " exists already"));
    EXPECT_EQ(refused.failure().hint, "Choose another folder, or have the model in it overwritten.") << "no options";
    EXPECT_EQ(readTextFile(m_target / "config.json").value(), "mine");
    EXPECT_THAT(carryOut(before, Existing::Overwrite, m_cancelled).value(),
                ElementsAre("config.json", "model.safetensors", "notes.txt", "tokenizer.json"));
    EXPECT_EQ(readTextFile(m_target / "config.json").value(), test::kSampleModelConfig);
    EXPECT_EQ(readTextFile(m_target / "notes.txt").value(), "mine");
}

TEST_F(Export, HandsOutNoBrokenModel)
{
    test::writeSampleCheckpoint(m_run, 20);
    const CheckpointLayout checkpoint{m_run.checkpoint(20)};
    const std::string weights = test::sampleWeights(20);
    const std::string config = test::kSampleModelConfig;
    const auto refused = [&](const std::string& sentence) {
        const auto result = carryOut(plan(), Existing::Refuse, m_cancelled);
        ASSERT_FALSE(result) << sentence;
        EXPECT_THAT(result.failure().what, HasSubstr(sentence));
        EXPECT_EQ(result.failure().kind, FailureKind::BadModel) << sentence;
        EXPECT_FALSE(fs::exists(m_target)) << sentence;
    };
    for (const std::string& bytes : {weights.substr(0, weights.size() - 1), weights.substr(0, 20), std::string()}) {
        writeFileAtomically(checkpoint.weights(), bytes).value();
        refused("model.safetensors");
    }
    writeFileAtomically(checkpoint.weights(), "version https://git-lfs.github.com/spec/v1\noid sha256:0\n").value();
    refused("is a Git LFS pointer");
    fs::remove(checkpoint.weights());
    refused("holds no weights");
    writeFileAtomically(checkpoint.weights(), weights).value();
    writeFileAtomically(checkpoint.modelConfig(), config.substr(0, config.size() / 2)).value();
    refused("config.json is not JSON");
    writeFileAtomically(checkpoint.modelConfig(), config).value();
    EXPECT_TRUE(carryOut(plan(), Existing::Refuse, m_cancelled)) << "whole again";
}

TEST_F(Export, HandsOutNoBrokenAdapter)
{
    test::writeSampleAdapterCheckpoint(m_run, 20); // whose weights are only text
    const fs::path folder = m_run.checkpoint(20);
    writeFileAtomically(folder / "adapter_config.json", R"({"peft_type": "LORA", "r": 2, "lora_alpha": 4})").value();
    const auto plan = planExport(m_run, std::nullopt, ExportedAs::Adapter, m_target).value();
    const auto refused = carryOut(plan, Existing::Refuse, m_cancelled);
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.failure().what, HasSubstr("adapter_model.safetensors"));
    EXPECT_EQ(refused.failure().kind, FailureKind::BadModel);
    EXPECT_FALSE(fs::exists(m_target));
    writeFileAtomically(folder / "adapter_model.safetensors", test::sampleWeights(20)).value();
    EXPECT_TRUE(carryOut(plan, Existing::Refuse, m_cancelled));
}

TEST_F(Export, MakesTheFoldersAboveThePlaceThatAreMissing)
{
    test::writeSampleCheckpoint(m_run, 20);
    m_target = m_folder / "students" / "of today" / "first";
    EXPECT_FALSE(plan().occupied);
    ASSERT_TRUE(carryOut(plan(), Existing::Refuse, m_cancelled));
    EXPECT_EQ(readTextFile(m_target / "model.safetensors").value(), test::sampleWeights(20));
}

TEST_F(Export, SaysWithoutOptionsThatARunHasNoAdapter)
{
    test::writeSampleCheckpoint(m_run, 20);
    const auto plan = planExport(m_run, std::nullopt, ExportedAs::Adapter, m_target);
    const auto refused = carryOut(plan.value(), Existing::Refuse, m_cancelled);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.failure().what, "run trained the model's own weights, so it has no adapter.");
    EXPECT_EQ(refused.failure().hint, "Export the model instead.");
}

TEST_F(Export, NeverGoesIntoAWorkspaceItsRunsOrAModelOfTheRun)
{
    const WorkspaceLayout workspace{m_folder / "w"};
    const RunLayout run = workspace.run("a");
    test::writeSampleCheckpoint(run, 20);
    writeFileAtomically(workspace.database(), "").value();
    config::Experiment experiment;
    experiment.teacher.model = m_folder / "teacher";
    fs::create_directories(experiment.teacher.model);
    writeFileAtomically(run.config(), config::toText(experiment)).value();
    const auto at = [&](const fs::path& place) { return planExport(run, std::nullopt, ExportedAs::Model, place); };
    for (const fs::path& place : {workspace.root, workspace.root / "", workspace.runs(), run.checkpoint(20),
                                  workspace.trash() / "b", fs::path(experiment.teacher.model)}) {
        const auto refused = at(place);
        ASSERT_FALSE(refused) << place;
        EXPECT_EQ(refused.failure().kind, FailureKind::Usage) << place;
    }
    EXPECT_TRUE(at(workspace.root / "students")) << "a folder of its own in the workspace";
    EXPECT_TRUE(at(m_target));
}

TEST_F(Export, RefusesAFileAndNoNameAtAll)
{
    test::writeSampleCheckpoint(m_run, 20);
    const ExportPlan before = plan();
    writeFileAtomically(m_target, "mine").value();
    for (const fs::path& place : {m_target, fs::path()}) {
        const auto refused = planExport(m_run, std::nullopt, ExportedAs::Model, place);
        ASSERT_FALSE(refused) << place;
        EXPECT_EQ(refused.failure().kind, FailureKind::Usage) << place;
    }
    const auto refused = carryOut(before, Existing::Overwrite, m_cancelled);
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.failure().what, HasSubstr("is a file, not a folder"));
    EXPECT_EQ(readTextFile(m_target).value(), "mine");
}

TEST_F(Export, SaysWhyAFolderCannotBeReadOrWritten)
{
    test::writeSampleCheckpoint(m_run, 20);
    fs::permissions(m_folder.path(), fs::perms::group_all | fs::perms::others_all, fs::perm_options::add);
    fs::create_directories(m_target);
    const ExportPlan free = plan();
    const auto refused = [&](fs::perms perms, const auto& act) {
        fs::permissions(m_target, perms);
        const test::NotRoot user;
        return act();
    };
    const auto unread =
        refused(fs::perms::none, [&] { return planExport(m_run, std::nullopt, ExportedAs::Model, m_target); });
    ASSERT_FALSE(unread);
    EXPECT_THAT(unread.failure().what, HasSubstr(m_target.string() + " cannot be read: Permission denied"));
    const auto unwritten =
        refused(fs::perms::others_read | fs::perms::others_exec | fs::perms::owner_read | fs::perms::owner_exec,
                [&] { return carryOut(free, Existing::Refuse, m_cancelled); });
    ASSERT_FALSE(unwritten);
    EXPECT_THAT(unwritten.failure().what, HasSubstr("Permission denied"));
    fs::permissions(m_target, fs::perms::owner_all);
}

TEST_F(Export, SaysThatTheCheckpointWasPrunedMeanwhile)
{
    test::writeSampleCheckpoint(m_run, 20);
    const ExportPlan planned = plan();
    test::writeSampleCheckpoint(m_run, 40);
    fs::remove_all(m_run.checkpoint(20)); // as a run does that goes on
    const auto written = carryOut(planned, Existing::Refuse, m_cancelled);
    ASSERT_FALSE(written);
    EXPECT_THAT(written.failure().what, HasSubstr("step 20 of run is no longer there"));
    EXPECT_FALSE(fs::exists(m_target));
    EXPECT_TRUE(carryOut(plan(), Existing::Refuse, m_cancelled));
}

TEST_F(Export, HoldsTheCheckpointAsLongAsItCopies)
{
    test::writeSampleCheckpoint(m_run, 20);
    const fs::path large = m_run.checkpoint(20) / "large.bin";
    std::ofstream(large).put('x');
    fs::resize_file(large, std::uintmax_t{1} << 28); // takes a while to copy
    const ExportPlan planned = plan();
    const auto isCopying = [&] { // into a folder beside the target
        std::error_code error;
        for (fs::directory_iterator entry(m_folder.path(), error), end; !error && entry != end;
             entry.increment(error)) {
            std::error_code ignored;
            if (fs::exists(entry->path() / "large.bin", ignored)) {
                return true;
            }
        }
        return false;
    };
    std::atomic<bool> ended = false;
    std::thread copying([&] {
        (void)carryOut(planned, Existing::Refuse, m_cancelled);
        ended = true;
    });
    bool held = false;
    while (!held && !ended) {
        held = isCopying() && CheckpointUse::isUsed(m_run.checkpoint(20));
    }
    m_cancelled = true;
    copying.join();
    EXPECT_TRUE(held);
    EXPECT_FALSE(CheckpointUse::isUsed(m_run.checkpoint(20)));
}

TEST_F(Export, WaitsForAPruningThatHasBegun)
{
    test::writeSampleCheckpoint(m_run, 20);
    const ExportPlan planned = plan();
    auto pruning = CheckpointUse::alone(m_run.checkpoint(20));
    ASSERT_TRUE(pruning);
    auto written =
        std::async(std::launch::async, [&] { return carryOut(planned, Existing::Refuse, m_cancelled).ok(); });
    EXPECT_EQ(written.wait_for(std::chrono::milliseconds(100)), std::future_status::timeout);
    fs::remove_all(m_run.checkpoint(20));
    pruning.reset();
    EXPECT_FALSE(written.get());
    EXPECT_FALSE(fs::exists(m_target)) << "half a student";
}

TEST_F(Export, LeavesNothingWhenItIsCancelled)
{
    test::writeSampleCheckpoint(m_run, 20);
    m_cancelled = true;
    const auto cancelled = carryOut(plan(), Existing::Refuse, m_cancelled);
    ASSERT_FALSE(cancelled);
    EXPECT_EQ(cancelled.failure().what, "The export was cancelled.");
    EXPECT_EQ(std::distance(fs::directory_iterator(m_folder.path()), fs::directory_iterator()), 1) << "the run alone";
}

} // namespace
} // namespace dskd::exporting

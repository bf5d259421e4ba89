#include "app/cli/workspace_access.h"
#include "tests/support/sample_checkpoint.h"
#include "tests/unit/app/cli/cli_fixture.h"

#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>
#include <string>

namespace dskd::cli
{
namespace
{

using testing::HasSubstr;

TEST_F(CliWithRuns, TheLastTrainedRunIsNoAnswerSince)
{
    auto workspace = store::WorkspaceDb::open(w).value();
    store::RunRow answers = workspace.run(ids.back()).value();
    Console console{out, err};
    test::writeSampleCheckpoint(workspace.layout().run(ids.front()), 10);
    const std::string trained = findTrainedRun(workspace, "last", console).value();
    EXPECT_EQ(trained, ids.front()) << "the only one with a checkpoint";
    EXPECT_THAT(err.str(), HasSubstr(ids.back() + " has no finished checkpoint (done: "));
    answers.id = "99991231-235959-generate-s10";
    answers.job = "generate";
    ASSERT_TRUE(workspace.addRun(answers));
    EXPECT_EQ(workspace.findRun("last").value(), answers.id);
    EXPECT_EQ(findTrainedRun(workspace, "last", console).value(), trained);
    EXPECT_EQ(run({"export", "last", "--to", folder / "taken", "-w", w}), 0) << err.str();
    EXPECT_THAT(out.str(), HasSubstr("Step 10 of " + trained));
}

TEST_F(Cli, SaysThatNothingHasTrainedYet)
{
    const std::string w = folder / "empty";
    ASSERT_EQ(run({"init", w}), 0);
    EXPECT_EQ(run({"export", "last", "--to", folder / "taken", "-w", w}), toInt(ExitCode::NotFound));
    EXPECT_THAT(err.str(), HasSubstr("There is no training run yet"));
}

TEST_F(CliWithRuns, NamesTheLastRunAndItsStateWhereNoneCanBeUsed)
{
    EXPECT_EQ(run({"export", "last", "--to", folder / "taken", "-w", w}), toInt(ExitCode::NotFound));
    EXPECT_THAT(err.str(), HasSubstr(ids.back() + " has no finished checkpoint (done: "));
}

TEST_F(CliWithRuns, AdvisesForceWhereItWorksAndNowhereElse)
{
    test::writeSampleCheckpoint(WorkspaceLayout{w}.run(ids[0]), 10);
    const std::string to = folder / "student";
    std::filesystem::create_directories(to);
    std::ofstream(to + "/notes.txt") << "mine";
    EXPECT_EQ(run({"export", ids[0], "-w", w, "--to", to}), toInt(ExitCode::Usage));
    EXPECT_THAT(err.str(), testing::AllOf(HasSubstr("holds other things than a model"), HasSubstr("another folder"),
                                          testing::Not(HasSubstr("--force"))));
    const std::string other = folder / "other";
    EXPECT_EQ(run({"export", ids[0], "-w", w, "--to", other}), 0) << err.str();
    EXPECT_EQ(run({"export", ids[0], "-w", w, "--to", other}), toInt(ExitCode::Failed));
    EXPECT_THAT(err.str(), HasSubstr("--force"));
    EXPECT_EQ(run({"export", ids[0], "-w", w, "--to", other, "--force"}), 0) << err.str();
}

TEST_F(CliWithRuns, NeverExportsOverAWorkspace)
{
    test::writeSampleCheckpoint(WorkspaceLayout{w}.run(ids[0]), 10);
    EXPECT_EQ(run({"export", ids[0], "-w", w, "--to", w, "--force"}), toInt(ExitCode::Usage));
    EXPECT_THAT(err.str(), HasSubstr(w + " is a workspace"));
    EXPECT_FALSE(std::filesystem::exists(w + "/model.safetensors"));
}

TEST_F(CliWithRuns, RefusesToExportWhatIsNotThere)
{
    EXPECT_EQ(run({"export", ids[0], "-w", w, "--to", (folder / "out").string()}), toInt(ExitCode::NotFound));
    EXPECT_THAT(err.str(), HasSubstr("no finished checkpoint"));
}

} // namespace
} // namespace dskd::cli

#include "tests/support/sample_checkpoint.h"
#include "tests/support/unwritable.h"
#include "tests/unit/app/cli/cli_fixture.h"

#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>
#include <string>

namespace dskd::cli
{
namespace
{

using testing::HasSubstr;

// Root goes on as another user here, who may read everything and write only what `elsewhere` names.
TEST_F(CliWithRuns, ReadsAWorkspaceThatCannotBeWritten)
{
    const WorkspaceLayout layout{w};
    test::writeSampleCheckpoint(layout.run(ids[0]), 50);
    const test::TemporaryFolder elsewhere;
    std::filesystem::permissions(elsewhere.path(), std::filesystem::perms::all);
    const test::Unwritable readOnly(folder.path());
    EXPECT_EQ(run({"runs", "-w", w, "--json"}), 0);
    ASSERT_EQ(json().size(), ids.size());
    EXPECT_EQ(json()[0]["status"], "done");
    EXPECT_TRUE(json()[0]["loss"].is_number());
    EXPECT_THAT(err.str(), testing::AllOf(HasSubstr("The workspace is only read."), HasSubstr("You may not write")));
    EXPECT_EQ(run({"show", ids[0], "-w", w, "--json"}), 0);
    EXPECT_EQ(json()["status"], "done");
    EXPECT_EQ(run({"metrics", ids[0], "-w", w, "--name", "loss", "--csv"}), 0);
    EXPECT_EQ(run({"compare", ids[0], ids[1], "-w", w, "--json"}), 0);
    EXPECT_EQ(json()["left_out"].size(), 0U);
    EXPECT_EQ(run({"report", "-w", w, "--to", elsewhere / "report.html"}), 0);
    EXPECT_TRUE(std::filesystem::exists(elsewhere / "report.html"));
    EXPECT_EQ(run({"report", "-w", w, "--to", elsewhere / "report.html"}), 0) << "a report replaces a report";
    std::ofstream(elsewhere / "thesis.html") << "<!doctype html><title>Thesis</title>";
    EXPECT_EQ(run({"report", "-w", w, "--to", elsewhere / "thesis.html"}), toInt(ExitCode::Usage));
    EXPECT_THAT(err.str(), HasSubstr("is no report of this program"));
    EXPECT_THAT(err.str(), testing::AllOf(HasSubstr("Name another file."), testing::Not(HasSubstr("--force"))));
    EXPECT_EQ(run({"report", "-w", w, "--to", elsewhere / "thesis.html", "--force"}), toInt(ExitCode::Usage));
    std::ifstream thesis(elsewhere / "thesis.html");
    EXPECT_EQ(std::string(std::istreambuf_iterator<char>(thesis), {}), "<!doctype html><title>Thesis</title>");
    EXPECT_EQ(run({"export", ids[0], "-w", w, "--to", elsewhere / "student"}), 0);
    EXPECT_TRUE(std::filesystem::exists(elsewhere.path() / "student" / "model.safetensors"));
    EXPECT_EQ(run({"report", "-w", w}), toInt(ExitCode::Failed));
    EXPECT_THAT(err.str(), HasSubstr("--to"));
    EXPECT_EQ(run({"delete", ids[0], "-w", w}), toInt(ExitCode::Failed));
    EXPECT_EQ(run({"runs", "-w", w, "--json"}), 0);
    EXPECT_EQ(json().size(), ids.size()) << "nothing has changed";
}

TEST_F(CliWithRuns, ReadsAWorkspaceWhereItMayNotWrite)
{
    std::filesystem::permissions(folder.path(),
                                 std::filesystem::perms::group_exec | std::filesystem::perms::others_exec,
                                 std::filesystem::perm_options::add);
    EXPECT_EQ(run({"runs", "-w", w, "--json"}), 0);
    const auto before = json();
    const test::Unwritable kept(w);
    EXPECT_EQ(run({"runs", "-w", w, "--json"}), 0) << err.str();
    EXPECT_EQ(json(), before);
    EXPECT_EQ(run({"compare", "demo", "-w", w, "--json"}), 0) << err.str();
    EXPECT_EQ(run({"delete", ids[0], "-w", w}), toInt(ExitCode::Failed));
}

TEST_F(CliWithRuns, SaysWhyAWorkspaceMayNotBeRead)
{
    namespace fs = std::filesystem;
    fs::permissions(folder.path(), fs::perms::group_exec | fs::perms::others_exec, fs::perm_options::add);
    const auto refused = [&](const fs::path& closed) {
        const fs::perms before = fs::status(closed).permissions();
        fs::permissions(closed, fs::perms::none);
        {
            const test::NotRoot user;
            EXPECT_EQ(run({"runs", "-w", w}), toInt(ExitCode::Failed)) << closed;
        }
        fs::permissions(closed, before);
        EXPECT_THAT(err.str(),
                    testing::AllOf(HasSubstr(w), HasSubstr("workspace.db cannot be read: Permission denied"),
                                   testing::Not(HasSubstr("no workspace")), testing::Not(HasSubstr("dskd init"))));
    };
    refused(w);
    refused(WorkspaceLayout{w}.database());
}

} // namespace
} // namespace dskd::cli

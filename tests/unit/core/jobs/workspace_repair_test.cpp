#include "core/jobs/workspace_repair.h"

#include "tests/support/job_fixture.h"

#include <ctime>
#include <filesystem>

namespace dskd::jobs
{
namespace
{

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class WorkspaceRepair : public test::JobTest
{
protected:
    [[nodiscard]] fs::path trash(const std::string& id) const { return workspace.layout().trash() / id; }
};

TEST_F(WorkspaceRepair, LeavesAWorkspaceInOrderAsItIs)
{
    const std::string id = newRun("a");
    ASSERT_TRUE(moveToTrash(workspace, newRun("b")));
    const Repair repair = repairWorkspace(workspace);
    EXPECT_THAT(repair.done, IsEmpty());
    EXPECT_THAT(repair.left, IsEmpty());
    EXPECT_EQ(workspace.runs().size(), 1u);
    EXPECT_EQ(workspace.runs(true).size(), 1u);
}

TEST_F(WorkspaceRepair, TakesUpRunFoldersWithoutARow)
{
    const std::string id = newRun("mine");
    fs::copy(layout(id).root, layout("20200229-123456-copied").root, fs::copy_options::recursive);
    fs::copy(layout(id).root, trash("old"), fs::copy_options::recursive);
    fs::create_directories(layout("notes").root);
    const Repair repair = repairWorkspace(workspace);
    ASSERT_EQ(repair.done.size(), 2u);
    EXPECT_THAT(repair.done[0], HasSubstr("20200229-123456-copied is taken up"));
    ASSERT_EQ(repair.left.size(), 1u);
    EXPECT_THAT(repair.left[0], HasSubstr("notes"));
    const store::RunRow row = workspace.run("20200229-123456-copied").value();
    EXPECT_EQ(row.name, "mine");
    EXPECT_EQ(row.method, workspace.run(id).value().method);
    std::tm made{};
    made.tm_year = 120;
    made.tm_mon = 1;
    made.tm_mday = 29;
    made.tm_hour = 12;
    made.tm_min = 34;
    made.tm_sec = 56;
    made.tm_isdst = -1;
    EXPECT_EQ(row.created, static_cast<double>(std::mktime(&made))) << "when it was made, which its id says";
    EXPECT_TRUE(workspace.run("old").value().trashed);
    EXPECT_THAT(repairWorkspace(workspace).done, IsEmpty()) << "once";
}

TEST_F(WorkspaceRepair, FinishesWhatWasKilledOnTheWayIntoTheTrashAndOutOfIt)
{
    const std::string in = newRun("a");
    const std::string out = newRun("b");
    ASSERT_TRUE(moveToTrash(workspace, out));
    fs::rename(layout(in).root, trash(in)); // and no row
    fs::rename(trash(out), layout(out).root);
    EXPECT_EQ(repairWorkspace(workspace).done.size(), 2u);
    EXPECT_TRUE(workspace.run(in).value().trashed);
    EXPECT_FALSE(workspace.run(out).value().trashed);
}

TEST_F(WorkspaceRepair, FinishesDeletionsForGood)
{
    const std::string renamed = newRun("a");     // killed before its row was gone
    const std::string forgotten = newRun("b");   // killed before its files were gone
    const std::string halfDeleted = newRun("c"); // by a version that deleted the files first
    for (const std::string& id : {renamed, forgotten, halfDeleted}) {
        ASSERT_TRUE(moveToTrash(workspace, id));
    }
    fs::rename(trash(renamed), trash(".purge-" + renamed));
    fs::rename(trash(forgotten), trash(".purge-" + forgotten));
    ASSERT_TRUE(workspace.forget(forgotten));
    fs::remove(trash(halfDeleted) / "config.json");
    const Repair repair = repairWorkspace(workspace);
    EXPECT_THAT(repair.left, IsEmpty());
    EXPECT_TRUE(workspace.runs(true).empty());
    EXPECT_TRUE(fs::is_empty(workspace.layout().trash()));
}

TEST_F(WorkspaceRepair, NamesARunWhoseFolderIsGone)
{
    const std::string id = newRun("a");
    fs::remove_all(layout(id).root);
    const Repair repair = repairWorkspace(workspace);
    EXPECT_THAT(repair.done, IsEmpty());
    EXPECT_THAT(repair.left, ElementsAre(HasSubstr(id)));
    EXPECT_TRUE(workspace.run(id)) << "it may come back";
}

} // namespace
} // namespace dskd::jobs

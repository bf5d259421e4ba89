#include "app/report/event_file.h"
#include "app/report/tensorboard.h"
#include "core/base/atomic_file.h"
#include "core/base/regular_file.h"
#include "core/store/run_reader.h"
#include "tests/support/paths.h"
#include "tests/support/sample_workspace.h"
#include "tests/support/temporary_folder.h"

#include <filesystem>
#include <gmock/gmock.h>
#include <limits>

namespace dskd::report
{
namespace
{

using testing::HasSubstr;

TEST(EventFile, HasTheBytesThatTensorBoardWrites)
{
    const test::TemporaryFolder folder;
    constexpr double kStarted = 1764500000.0;
    EventFile file = EventFile::create(folder / "events", kStarted).value();
    for (const Scalar& scalar :
         {Scalar{kStarted + 0.25, 1, "loss", 2.5F},
          Scalar{kStarted + 1.5, 300, "validation/loss", std::numeric_limits<float>::quiet_NaN()},
          Scalar{kStarted + 2.0, 70'000, "loss", -std::numeric_limits<float>::infinity()}}) {
        ASSERT_TRUE(file.add(scalar));
    }
    EXPECT_FALSE(std::filesystem::exists(folder / "events")) << "only when it is whole";
    ASSERT_TRUE(file.commit());
    // tests/reference/tensorboard_events.py golden
    EXPECT_EQ(readTextFile(folder / "events").value(),
              readTextFile(test::sourceDir() + "/tests/golden/report/scalars.tfevents").value());
}

class EventFilesOfRuns : public testing::Test
{
protected:
    test::TemporaryFolder folder;
    store::WorkspaceDb workspace = store::WorkspaceDb::create(folder / "w").value();
    std::vector<std::string> ids = test::fillSampleWorkspace(workspace, "", 50);
    std::atomic<bool> cancelled{false};
};

TEST_F(EventFilesOfRuns, HoldEveryPointOfEveryRun)
{
    const EventFiles written = writeEventFiles(workspace, {ids[0], ids[1]}, folder / "curves", cancelled).value();
    ASSERT_EQ(written.files.size(), 2U);
    EXPECT_TRUE(written.leftOut.empty());
    std::int64_t expected = 0;
    for (const std::string& id : {ids[0], ids[1]}) {
        expected += static_cast<std::int64_t>(
            store::RunReader::open(workspace.layout().run(id)).value().metricsAfter(0).size());
    }
    EXPECT_EQ(written.points, expected);
    EXPECT_EQ(written.files[0].parent_path(), folder / "curves" / ids[0]);
    const std::string bytes = readTextFile(written.files[0]).value();
    EXPECT_THAT(bytes, testing::AllOf(HasSubstr("brain.Event:2"), HasSubstr("validation/loss")));
    EXPECT_EQ(writeEventFiles(workspace, {ids[0]}, folder / "curves", cancelled).value().files[0], written.files[0])
        << "the same file again, so that TensorBoard sees no point twice";
    EXPECT_EQ(readTextFile(written.files[0]).value(), bytes);
}

TEST_F(EventFilesOfRuns, NameTheRunThatCannotBeRead)
{
    std::filesystem::remove(workspace.layout().run(ids[0]).database());
    ASSERT_TRUE(writeFileAtomically(workspace.layout().run(ids[0]).database(), std::string(5000, 'x')));
    const EventFiles written = writeEventFiles(workspace, {ids[0], ids[1]}, folder / "curves", cancelled).value();
    EXPECT_EQ(written.files.size(), 1U);
    ASSERT_EQ(written.leftOut.size(), 1U);
    EXPECT_EQ(written.leftOut[0].runId, ids[0]);
}

TEST_F(EventFilesOfRuns, LeaveNoHalfFile)
{
    cancelled = true;
    EXPECT_FALSE(writeEventFiles(workspace, {ids[0]}, folder / "curves", cancelled));
    EXPECT_TRUE(std::filesystem::is_empty(folder / "curves" / ids[0]));
    ASSERT_TRUE(writeFileAtomically(folder / "taken", "a file"));
    cancelled = false;
    const auto refused = writeEventFiles(workspace, {ids[0]}, folder / "taken", cancelled);
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.failure().text(), HasSubstr("taken"));
}

} // namespace
} // namespace dskd::report

#include "core/base/checkpoint_folders.h"

#include "core/base/mapped_file.h"
#include "tests/support/temporary_folder.h"

#include <gmock/gmock.h>

namespace dskd
{
namespace
{

TEST(CheckpointFolders, CountOnlyWhenTheyWereFinished)
{
    const test::TemporaryFolder folder;
    const RunLayout run{folder.path()};
    EXPECT_EQ(latestCheckpoint(run), std::nullopt);
    for (const char* name : {"step-5", "step-40", "step-100", "step-x", "step--1", "step-7 copy", "other"}) {
        std::filesystem::create_directories(run.checkpoints() / name);
    }
    for (const char* name : {"step-5", "step-40", "step-x", "step--1", "step-7 copy", "other"}) {
        ASSERT_TRUE(writeFileAtomically(CheckpointLayout{run.checkpoints() / name}.done(), ""));
    }
    EXPECT_THAT(finishedCheckpoints(run), testing::ElementsAre(5, 40)) << "step-100 was interrupted";
    EXPECT_EQ(latestCheckpoint(run), 40);
}

} // namespace
} // namespace dskd

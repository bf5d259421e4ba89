#include "core/base/checkpoint_folders.h"
#include "core/train/loop/checkpoint.h"
#include "tests/support/temporary_folder.h"

#include <fstream>
#include <gmock/gmock.h>
#include <optional>

namespace dskd::train
{
namespace
{

TEST(Pruning, LeavesACheckpointThatIsReadAndDeletesItTheNextTime)
{
    const test::TemporaryFolder folder;
    const RunLayout run{folder.path()};
    for (const std::int64_t step : {1, 2, 3}) {
        const CheckpointLayout checkpoint{run.checkpoint(step)};
        std::filesystem::create_directories(checkpoint.root);
        TrainerState state;
        state.step = step;
        writeTrainerState(checkpoint, state);
        std::ofstream(checkpoint.done()).flush();
    }
    auto use = CheckpointUse::of(run.checkpoint(1)); // an evaluation, or an export
    ASSERT_TRUE(use);
    pruneCheckpoints(run, 1);
    EXPECT_THAT(finishedCheckpoints(run), testing::ElementsAre(1, 3));
    EXPECT_TRUE(std::filesystem::exists(run.checkpoint(1) / "trainer.json")) << "whole";
    use.reset();
    pruneCheckpoints(run, 1);
    EXPECT_THAT(finishedCheckpoints(run), testing::ElementsAre(3));
}

} // namespace
} // namespace dskd::train

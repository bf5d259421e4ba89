#include "core/base/held_folder.h"

#include "tests/support/temporary_folder.h"

#include <gmock/gmock.h>

namespace dskd
{
namespace
{

namespace fs = std::filesystem;
using testing::HasSubstr;

TEST(HeldFolder, IsFoundWhereItWasOpened)
{
    const test::TemporaryFolder folder;
    const HeldFolder held = HeldFolder::open(folder.path()).value();
    EXPECT_TRUE(held.check());
    fs::create_directory(folder / "new");
    EXPECT_TRUE(held.check()) << "what comes into it does not matter";
    EXPECT_FALSE(HeldFolder::open(folder / "none"));
}

TEST(HeldFolder, SaysWhereItWasMoved)
{
    const test::TemporaryFolder folder;
    fs::create_directories(folder.path() / "workspace" / "run");
    const HeldFolder held = HeldFolder::open(folder.path() / "workspace" / "run").value();
    fs::rename(folder / "workspace", folder / "elsewhere");
    const Result<void> moved = held.check();
    ASSERT_FALSE(moved);
    EXPECT_THAT(moved.failure().what, HasSubstr("was moved to " + (folder.path() / "elsewhere" / "run").string()));
    fs::create_directories(folder.path() / "workspace" / "run");
    EXPECT_FALSE(held.check()) << "another folder at the old path is not the one";
    fs::remove_all(folder / "workspace");
    fs::rename(folder / "elsewhere", folder / "workspace");
    EXPECT_TRUE(held.check()) << "moved back";
}

TEST(HeldFolder, SaysThatItWasDeleted)
{
    const test::TemporaryFolder folder;
    fs::create_directory(folder / "run");
    const HeldFolder held = HeldFolder::open(folder / "run").value();
    fs::remove_all(folder / "run");
    const Result<void> deleted = held.check();
    ASSERT_FALSE(deleted);
    EXPECT_THAT(deleted.failure().what, HasSubstr("was deleted"));
}

} // namespace
} // namespace dskd

#include "core/base/regular_file.h"

#include "core/base/atomic_file.h"
#include "tests/support/temporary_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

namespace dskd
{
namespace
{
using testing::HasSubstr;

TEST(RegularFile, IsReadInParts)
{
    const test::TemporaryFolder folder;
    ASSERT_TRUE(writeFileAtomically(folder / "file", "0123456789"));
    const RegularFile file = RegularFile::open(folder / "file").value();
    EXPECT_EQ(file.size(), 10u);
    EXPECT_EQ(file.read(2, 3).value(), "234");
    EXPECT_EQ(file.read(8, 100).value(), "89");
    EXPECT_EQ(file.read(10, 1).value(), "");
}

TEST(RegularFile, OfTheSystemHasNoSizeAndIsReadToItsEnd)
{
    EXPECT_THAT(readTextFile("/proc/self/status").value(), HasSubstr("Threads:"));
}

TEST(RegularFile, IsNoPipeDeviceOrFolder)
{
    const test::TemporaryFolder folder;
    ASSERT_TRUE(writeFileAtomically(folder / "large", ""));
    ASSERT_EQ(::mkfifo((folder / "pipe").c_str(), 0600), 0);
    // without a writer: opening it like a file would wait for ever
    EXPECT_THAT(readTextFile(folder / "pipe").failure().what, HasSubstr("pipe is a named pipe, not a file"));
    EXPECT_THAT(readTextFile("/dev/zero").failure().what, HasSubstr("is a device"));
    EXPECT_THAT(readTextFile(folder.path()).failure().what, HasSubstr("is a folder"));
    EXPECT_EQ(readTextFile(folder / "none").failure().kind, FailureKind::NotFound);
    EXPECT_TRUE(requireRegularOrNone(folder / "none"));
    EXPECT_THAT(requireRegularOrNone(folder / "pipe").failure().what, HasSubstr("is a named pipe"));
    std::filesystem::resize_file(folder / "large", kLargestText + 1); // without a block on the disk
    EXPECT_THAT(readTextFile(folder / "large").failure().what, HasSubstr("is read up to"));
}

} // namespace
} // namespace dskd

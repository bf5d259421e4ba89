#include "core/base/atomic_file.h"

#include "core/base/regular_file.h"
#include "tests/support/temporary_folder.h"

#include <filesystem>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <string>
#include <sys/stat.h>
#include <unistd.h>

namespace dskd
{
namespace
{

namespace fs = std::filesystem;
using testing::HasSubstr;

constexpr const char* kNoProcess = "4194305"; // above the greatest number of a process

TEST(AtomicFile, LeavesTheOldOneUntilItIsCommitted)
{
    const test::TemporaryFolder folder;
    ASSERT_TRUE(writeFileAtomically(folder / "file", "old"));
    {
        AtomicFile file = AtomicFile::create(folder / "file").value();
        ASSERT_TRUE(file.write("ne"));
        EXPECT_EQ(readTextFile(folder / "file").value(), "old");
    }
    EXPECT_EQ(readTextFile(folder / "file").value(), "old") << "it was given up";
    AtomicFile file = AtomicFile::create(folder / "file").value();
    ASSERT_TRUE(file.write("ne"));
    ASSERT_TRUE(file.write("w"));
    ASSERT_TRUE(file.commit());
    EXPECT_EQ(readTextFile(folder / "file").value(), "new");
    EXPECT_EQ(std::distance(fs::directory_iterator(folder.path()), {}), 1) << "nothing is left beside it";
}

TEST(AtomicFile, ReplacesWhatALinkNamesAndNoPipe)
{
    const test::TemporaryFolder folder;
    ASSERT_TRUE(writeFileAtomically(folder / "file", "old"));
    fs::create_symlink("file", folder / "link");
    ASSERT_TRUE(writeFileAtomically(folder / "link", "new"));
    EXPECT_TRUE(fs::is_symlink(folder / "link"));
    EXPECT_EQ(readTextFile(folder / "file").value(), "new");
    ASSERT_EQ(::mkfifo((folder / "pipe").c_str(), 0600), 0);
    EXPECT_THAT(writeFileAtomically(folder / "pipe", "x").failure().what, HasSubstr("pipe is a named pipe"));
    EXPECT_THAT(writeFileAtomically("/dev/null", "x").failure().what, HasSubstr("/dev/null is a device"));
}

TEST(AtomicFile, RemovesWhatKilledWritersLeftAndNothingElse)
{
    const test::TemporaryFolder folder;
    const std::string prefix = temporaryPrefix(folder / "file");
    const fs::path left = folder.path() / (prefix + kNoProcess);
    const fs::path living = folder.path() / (prefix + std::to_string(::getppid()));
    const fs::path persons = folder.path() / ("file.part" + std::string(kNoProcess));
    const fs::path aFolder = folder.path() / (prefix + kNoProcess + "-1");
    for (const fs::path& path : {left, living, persons}) {
        ASSERT_TRUE(writeFileAtomically(path, "x"));
    }
    fs::create_directory(aFolder);
    ASSERT_TRUE(writeFileAtomically(folder / "file", "new"));
    EXPECT_FALSE(fs::exists(left));
    EXPECT_TRUE(fs::exists(living));
    EXPECT_TRUE(fs::exists(persons));
    EXPECT_TRUE(fs::exists(aFolder));
}

TEST(AtomicFile, NamesTheFileThatWasMeant)
{
    const test::TemporaryFolder folder;
    EXPECT_THAT(writeFileAtomically(folder / "none/file", "x").failure().what,
                HasSubstr("none/file cannot be created"));
    fs::create_directory(folder / "folder");
    EXPECT_THAT(writeFileAtomically(folder / "folder", "x").failure().what, HasSubstr("is a folder"));
}

} // namespace
} // namespace dskd

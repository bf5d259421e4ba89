#include "core/export/staged_folder.h"

#include "core/base/regular_file.h"
#include "tests/support/temporary_folder.h"

#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <iterator>
#include <unistd.h>

namespace dskd::exporting
{
namespace
{

namespace fs = std::filesystem;

class Staged : public testing::Test
{
protected:
    static void write(const fs::path& file, const std::string& text) { std::ofstream(file) << text; }
    static std::ptrdiff_t entries(const fs::path& folder)
    {
        return std::distance(fs::directory_iterator(folder), fs::directory_iterator());
    }

    test::TemporaryFolder m_folder;
    fs::path m_target = m_folder.path() / "above" / "student";
};

TEST_F(Staged, AppearsWhenItIsWhole)
{
    {
        auto staged = StagedFolder::forTarget(m_target / "").value(); // with a slash at its end
        write(staged.path() / "config.json", "{}");
        EXPECT_FALSE(fs::exists(m_target));
        ASSERT_TRUE(staged.finish());
    }
    EXPECT_EQ(readTextFile(m_target / "config.json").value(), "{}");
    EXPECT_EQ(entries(m_target.parent_path()), 1) << "nothing is left beside it";
}

TEST_F(Staged, LeavesNothingOfWhatWasGivenUp)
{
    {
        auto staged = StagedFolder::forTarget(m_target).value();
        write(staged.path() / "config.json", "{}");
    }
    EXPECT_TRUE(fs::is_empty(m_target.parent_path()));
}

TEST_F(Staged, TwoOfOneProcessForOnePlaceDoNotMeet)
{
    auto first = StagedFolder::forTarget(m_target).value();
    write(first.path() / "config.json", "first");
    auto second = StagedFolder::forTarget(m_target).value();
    EXPECT_EQ(readTextFile(first.path() / "config.json").value(), "first") << "the second removed it";
    write(second.path() / "config.json", "second");
    ASSERT_TRUE(first.finish());
    EXPECT_EQ(readTextFile(m_target / "config.json").value(), "first");
    ASSERT_TRUE(second.finish());
    EXPECT_EQ(readTextFile(m_target / "config.json").value(), "second");
}

TEST_F(Staged, KeepsWhatElseIsInAFolderThatExists)
{
    fs::create_directories(m_target);
    write(m_target / "mine.txt", "mine");
    write(m_target / "config.json", "old");
    {
        auto staged = StagedFolder::forTarget(m_target).value();
        write(staged.path() / "config.json", "new");
        EXPECT_EQ(readTextFile(m_target / "config.json").value(), "old");
        ASSERT_TRUE(staged.finish());
    }
    EXPECT_EQ(readTextFile(m_target / "config.json").value(), "new");
    EXPECT_EQ(readTextFile(m_target / "mine.txt").value(), "mine");
    EXPECT_EQ(entries(m_target), 2);
}

TEST_F(Staged, ChangesNothingWhereANameIsTakenByAFolder)
{
    fs::create_directories(m_target / "tokenizer.json");
    write(m_target / "config.json", "old");
    {
        auto staged = StagedFolder::forTarget(m_target).value();
        write(staged.path() / "config.json", "new");
        write(staged.path() / "tokenizer.json", "{}");
        const auto finished = staged.finish();
        ASSERT_FALSE(finished);
        EXPECT_THAT(finished.failure().what, testing::HasSubstr("tokenizer.json is in the way"));
    }
    EXPECT_EQ(readTextFile(m_target / "config.json").value(), "old");
    EXPECT_EQ(entries(m_target), 2) << "nothing is left of it";
}

TEST_F(Staged, SweepsUpAfterProcessesThatWereKilled)
{
    constexpr int kNoProcess = 2'147'483'646;
    const fs::path above = m_target.parent_path();
    char host[256] = {};
    ASSERT_EQ(::gethostname(host, sizeof host - 1), 0);
    const std::string part = ".student.part-" + std::string(host) + "-";
    const fs::path dead = above / (part + std::to_string(kNoProcess) + "-3");
    const fs::path ofEarlierVersion = above / (part + std::to_string(kNoProcess));
    const fs::path alive = above / (part + std::to_string(::getppid()) + "-0");
    const fs::path elsewhere =
        above / (".student.part-elsewhere." + std::string(host) + "-" + std::to_string(kNoProcess));
    const fs::path other = above / ".student.parts";
    for (const fs::path& folder : {dead, ofEarlierVersion, alive, elsewhere, other}) {
        fs::create_directories(folder);
    }
    const auto staged = StagedFolder::forTarget(m_target).value();
    EXPECT_FALSE(fs::exists(dead));
    EXPECT_FALSE(fs::exists(ofEarlierVersion));
    EXPECT_TRUE(fs::exists(alive));
    EXPECT_TRUE(fs::exists(elsewhere)) << "of a process of another machine";
    EXPECT_TRUE(fs::exists(other));
}

TEST_F(Staged, RefusesAFile)
{
    write(m_folder.path() / "file", "");
    EXPECT_FALSE(StagedFolder::forTarget(m_folder.path() / "file"));
}

} // namespace
} // namespace dskd::exporting

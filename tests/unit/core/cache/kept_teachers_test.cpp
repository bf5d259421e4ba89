#include "core/cache/kept_teachers.h"

#include "tests/support/temporary_folder.h"

#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <string>
#include <sys/file.h>
#include <unistd.h>

namespace dskd::cache
{
namespace
{

namespace fs = std::filesystem;

const TeacherIdentity kTeacher{.model = "/models/teacher",
                               .adapter = "",
                               .device = "CPU, 2 threads, float32",
                               .program = "LibTorch 2.11.0, AVX512",
                               .files = {"whole:1", "whole:2"}};

void addRow(const WorkspaceLayout& workspace, const TeacherIdentity& teacher, const std::string& content)
{
    RowStore rows = openTeacherRows(workspace, teacher).value();
    ASSERT_TRUE(rows.add(rowKey(std::as_bytes(std::span(content))), std::as_bytes(std::span(content))));
}

} // namespace

TEST(KeptTeachers, AreTheSameWhereverTheirFilesLie)
{
    const test::TemporaryFolder folder;
    const WorkspaceLayout workspace{folder.path()};
    addRow(workspace, kTeacher, "a sample");
    TeacherIdentity moved = kTeacher;
    moved.model = "/elsewhere/teacher";
    EXPECT_EQ(openTeacherRows(workspace, moved)->size(), 1U);
    TeacherIdentity other = kTeacher;
    other.files = {"whole:1", "whole:3"};
    EXPECT_EQ(openTeacherRows(workspace, other)->size(), 0U);
    other = kTeacher;
    other.device = "CPU, 1 thread, float32";
    EXPECT_EQ(openTeacherRows(workspace, other)->size(), 0U);
    other = kTeacher;
    other.program = "LibTorch 2.12.0, AVX512";
    EXPECT_EQ(openTeacherRows(workspace, other)->size(), 0U);
    EXPECT_EQ(keptTeachers(workspace).size(), 4U);
}

TEST(KeptTeachers, AreListedAndForgotten)
{
    const test::TemporaryFolder folder;
    const WorkspaceLayout workspace{folder.path()};
    EXPECT_TRUE(keptTeachers(workspace).empty());
    addRow(workspace, kTeacher, "a sample");
    addRow(workspace, kTeacher, "another sample");
    const std::vector<KeptTeacher> kept = keptTeachers(workspace);
    ASSERT_EQ(kept.size(), 1U);
    EXPECT_EQ(kept[0].samples, 2U);
    EXPECT_EQ(kept[0].teacher.model, "/models/teacher");
    EXPECT_EQ(kept[0].teacher.device, "CPU, 2 threads, float32");
    EXPECT_GT(kept[0].bytes, 0U);
    EXPECT_EQ(forgetTeacher(workspace, kept[0].key).value(), kept[0].bytes);
    EXPECT_TRUE(keptTeachers(workspace).empty());
    const auto again = forgetTeacher(workspace, kept[0].key);
    ASSERT_FALSE(again);
    EXPECT_EQ(again.failure().kind, FailureKind::NotFound);
}

TEST(KeptTeachers, ARunThatIsAtWorkKeepsNoMoreOfAForgottenTeacher)
{
    const test::TemporaryFolder folder;
    const WorkspaceLayout workspace{folder.path()};
    const std::string sample = "a sample";
    RowStore atWork = openTeacherRows(workspace, kTeacher).value();
    ASSERT_TRUE(atWork.add(rowKey(std::as_bytes(std::span(sample))), std::as_bytes(std::span(sample))));
    ASSERT_TRUE(forgetTeacher(workspace, keptTeachers(workspace).front().key));
    EXPECT_EQ(atWork.size(), 0U) << "its file is emptied, so that the disk has the room";
    EXPECT_FALSE(atWork.add(rowKey(std::as_bytes(std::span(sample))), std::as_bytes(std::span(sample))));
}

TEST(KeptTeachers, AreNotForgottenWhileAnotherProcessIsWriting)
{
    const test::TemporaryFolder folder;
    const WorkspaceLayout workspace{folder.path()};
    addRow(workspace, kTeacher, "a sample");
    const KeptTeacher kept = keptTeachers(workspace).front();
    const int other = ::open((workspace.teacherRows() / kept.key / "rows.bin").c_str(), O_RDWR);
    ASSERT_EQ(::flock(other, LOCK_EX), 0); // in the middle of an append
    const auto refused = forgetTeacher(workspace, kept.key);
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.failure().what.find("another process is writing"), std::string::npos) << refused.failure().what;
    ASSERT_EQ(keptTeachers(workspace).size(), 1U);
    EXPECT_EQ(keptTeachers(workspace)[0].samples, 1U);
    ::close(other);
    EXPECT_TRUE(forgetTeacher(workspace, kept.key));
    EXPECT_TRUE(keptTeachers(workspace).empty());
}

TEST(KeptTeachers, AKeyNamesNothingOutsideTheirFolder)
{
    const test::TemporaryFolder folder;
    const WorkspaceLayout workspace{folder.path()};
    addRow(workspace, kTeacher, "a sample");
    const std::string key = keptTeachers(workspace).front().key;
    for (const std::string& name : {std::string(), std::string("."), std::string(".."), "../teachers/" + key,
                                    (workspace.teacherRows() / key).string(), key + "/"}) {
        const auto refused = forgetTeacher(workspace, name);
        ASSERT_FALSE(refused) << name;
        EXPECT_EQ(refused.failure().kind, FailureKind::NotFound) << name;
    }
    EXPECT_EQ(keptTeachers(workspace).size(), 1U);
}

TEST(KeptTeachers, WhatElseLiesThereIsNeitherListedNorTouched)
{
    const test::TemporaryFolder folder;
    const WorkspaceLayout workspace{folder / "workspace"};
    addRow(workspace, kTeacher, "a sample");
    const std::string key = keptTeachers(workspace).front().key;
    fs::create_directories(folder / "elsewhere");
    std::ofstream(folder / "elsewhere" / "rows.bin") << "theirs";
    const std::string link(32, 'a');
    fs::create_directory_symlink(folder / "elsewhere", workspace.teacherRows() / link);
    fs::create_directories(workspace.teacherRows() / "notes");
    ASSERT_EQ(keptTeachers(workspace).size(), 1U);
    EXPECT_FALSE(forgetTeacher(workspace, link));
    EXPECT_FALSE(forgetTeacher(workspace, "notes"));
    EXPECT_EQ(fs::file_size(folder / "elsewhere" / "rows.bin"), 6U);
    std::ofstream(workspace.teacherRows() / key / "note.txt") << "mine";
    EXPECT_TRUE(forgetTeacher(workspace, key));
    EXPECT_TRUE(fs::exists(workspace.teacherRows() / key / "note.txt"));
    EXPECT_FALSE(fs::exists(workspace.teacherRows() / key / "rows.bin"));
}

TEST(KeptTeachers, ADamagedDescriptionSpoilsNoList)
{
    const test::TemporaryFolder folder;
    const WorkspaceLayout workspace{folder.path()};
    addRow(workspace, kTeacher, "a sample");
    std::ofstream(workspace.teacherRows() / keptTeachers(workspace).front().key / "teacher.json") << "{\"model\": [";
    ASSERT_EQ(keptTeachers(workspace).size(), 1U);
    EXPECT_EQ(keptTeachers(workspace)[0].samples, 1U);
}

TEST(KeptTeachers, BelongToTheWorkspaceThatARunLiesIn)
{
    const test::TemporaryFolder folder;
    const WorkspaceLayout workspace{fs::canonical(folder.path())};
    const RunLayout run = workspace.run("20261130-120000-dskd");
    fs::create_directories(run.root);
    EXPECT_FALSE(workspaceOf(run)); // without workspace.db
    std::ofstream(workspace.database()) << "";
    ASSERT_TRUE(workspaceOf(run));
    EXPECT_EQ(workspaceOf(run)->root, workspace.root);
    EXPECT_FALSE(workspaceOf({folder / "elsewhere"}));
}

} // namespace dskd::cache

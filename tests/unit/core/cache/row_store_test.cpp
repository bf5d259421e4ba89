#include "core/cache/row_store.h"

#include "tests/support/temporary_folder.h"

#include <array>
#include <chrono>
#include <csignal>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <string>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

namespace dskd::cache
{
namespace
{

namespace fs = std::filesystem;

RowKey key(const std::string& text)
{
    return rowKey(std::as_bytes(std::span(text)));
}

std::span<const std::byte> bytes(const std::string& text)
{
    return std::as_bytes(std::span(text));
}

// What is kept under the key, of as many bytes as `like`; "-" where nothing is.
std::string readLike(RowStore& store, const std::string& name, const std::string& like)
{
    std::string text(like.size(), ' ');
    return store.read(key(name), std::as_writable_bytes(std::span(text))) ? text : "-";
}

void flipByte(const fs::path& file, off_t at)
{
    const int opened = ::open(file.c_str(), O_RDWR);
    char byte = 0;
    ASSERT_EQ(::pread(opened, &byte, 1, at), 1);
    byte = static_cast<char>(byte ^ 1);
    ASSERT_EQ(::pwrite(opened, &byte, 1, at), 1);
    ::close(opened);
}

} // namespace

TEST(RowStore, KeepsRecordsForLaterAndForOtherStores)
{
    const test::TemporaryFolder folder;
    RowStore first = RowStore::open(folder.path()).value();
    RowStore second = RowStore::open(folder.path()).value();
    EXPECT_EQ(readLike(second, "a", "value"), "-");
    ASSERT_TRUE(first.add(key("a"), bytes("value")));
    ASSERT_TRUE(second.add(key("b"), bytes("other values")));
    EXPECT_EQ(readLike(second, "a", "value"), "value");
    EXPECT_EQ(readLike(first, "b", "other values"), "other values");
    EXPECT_EQ(readLike(first, "a", "val"), "-"); // of another length than is there
    EXPECT_EQ(first.size(), 2U);
    EXPECT_EQ(RowStore::count(folder.path()), 2U);
    EXPECT_EQ(RowStore::count(folder / "nothing"), 0U);
}

TEST(RowStore, KeepsARecordOnce)
{
    const test::TemporaryFolder folder;
    RowStore store = RowStore::open(folder.path()).value();
    ASSERT_TRUE(store.add(key("a"), bytes("value")));
    const auto size = fs::file_size(folder / "rows.bin");
    RowStore other = RowStore::open(folder.path()).value();
    ASSERT_TRUE(other.add(key("a"), bytes("value")));
    EXPECT_EQ(fs::file_size(folder / "rows.bin"), size);
}

TEST(RowStore, ADamagedRecordIsMissingAndCanBeAddedAnew)
{
    const test::TemporaryFolder folder;
    {
        RowStore store = RowStore::open(folder.path()).value();
        ASSERT_TRUE(store.add(key("a"), bytes("value")));
        ASSERT_TRUE(store.add(key("b"), bytes("value of b")));
    }
    flipByte(folder / "rows.bin", 16 + 40 + 2); // inside the first record's bytes
    RowStore store = RowStore::open(folder.path()).value();
    EXPECT_EQ(readLike(store, "a", "value"), "-");
    EXPECT_EQ(readLike(store, "b", "value of b"), "value of b");
    ASSERT_TRUE(store.add(key("a"), bytes("value")));
    EXPECT_EQ(readLike(store, "a", "value"), "value");
    RowStore later = RowStore::open(folder.path()).value();
    EXPECT_EQ(readLike(later, "a", "value"), "value");
}

TEST(RowStore, HalfARecordIsCutOffByTheNextThatAppends)
{
    for (const std::size_t kept : {1U, 20U, 41U}) {
        const test::TemporaryFolder folder;
        std::uintmax_t whole = 0;
        {
            RowStore store = RowStore::open(folder.path()).value();
            ASSERT_TRUE(store.add(key("a"), bytes("value")));
            whole = fs::file_size(folder / "rows.bin");
            ASSERT_TRUE(store.add(key("b"), bytes("value of b")));
        }
        fs::resize_file(folder / "rows.bin", whole + kept);
        RowStore store = RowStore::open(folder.path()).value();
        EXPECT_EQ(readLike(store, "a", "value"), "value");
        EXPECT_EQ(readLike(store, "b", "value of b"), "-");
        ASSERT_TRUE(store.add(key("c"), bytes("value of c")));
        RowStore later = RowStore::open(folder.path()).value();
        EXPECT_EQ(readLike(later, "a", "value"), "value");
        EXPECT_EQ(readLike(later, "c", "value of c"), "value of c");
        EXPECT_EQ(later.size(), 2U);
    }
}

TEST(RowStore, AFileOfAnotherKindIsEmptied)
{
    const test::TemporaryFolder folder;
    std::ofstream(folder / "rows.bin") << "something else";
    RowStore store = RowStore::open(folder.path()).value();
    EXPECT_EQ(store.size(), 0U);
    ASSERT_TRUE(store.add(key("a"), bytes("value")));
    EXPECT_EQ(readLike(store, "a", "value"), "value");
}

TEST(RowStore, AFileOfAnotherKindIsLeftToTheProcessThatIsWritingToIt)
{
    const test::TemporaryFolder folder;
    std::ofstream(folder / "rows.bin") << "something else";
    const int other = ::open((folder / "rows.bin").c_str(), O_RDWR);
    ASSERT_EQ(::flock(other, LOCK_EX), 0);
    EXPECT_FALSE(RowStore::open(folder.path()));
    EXPECT_EQ(fs::file_size(folder / "rows.bin"), 14U);
    ::close(other);
    EXPECT_TRUE(RowStore::open(folder.path()));
}

TEST(RowStore, WhatOneStoreForgetsIsGoneForAll)
{
    const test::TemporaryFolder folder;
    RowStore first = RowStore::open(folder.path()).value();
    RowStore second = RowStore::open(folder.path()).value();
    ASSERT_TRUE(first.add(key("a"), bytes("value")));
    EXPECT_EQ(readLike(second, "a", "value"), "value");
    ASSERT_TRUE(first.clear());
    EXPECT_EQ(readLike(second, "a", "value"), "-");
    ASSERT_TRUE(first.add(key("b"), bytes("longer than before")));
    EXPECT_EQ(readLike(second, "a", "value"), "-");
    EXPECT_EQ(readLike(second, "b", "longer than before"), "longer than before");
}

// Beyond where the other one had read to: it must not take the middle of a record for the end of the file.
TEST(RowStore, AFileThatWasEmptiedAndFilledAnewIsReadAnew)
{
    const test::TemporaryFolder folder;
    RowStore first = RowStore::open(folder.path()).value();
    RowStore second = RowStore::open(folder.path()).value();
    ASSERT_TRUE(second.add(key("a"), bytes("value")));
    ASSERT_TRUE(first.clear());
    for (const char* name : {"b", "c", "d"}) {
        ASSERT_TRUE(first.add(key(name), bytes("a longer value of " + std::string(name))));
    }
    ASSERT_TRUE(second.add(key("e"), bytes("value of e")));
    RowStore later = RowStore::open(folder.path()).value();
    EXPECT_EQ(later.size(), 4U);
    EXPECT_EQ(readLike(later, "c", "a longer value of c"), "a longer value of c");
    EXPECT_EQ(readLike(later, "e", "value of e"), "value of e");
}

TEST(RowStore, AddsNothingToAFileThatWasDeleted)
{
    const test::TemporaryFolder folder;
    RowStore store = RowStore::open(folder / "rows").value();
    ASSERT_TRUE(store.add(key("a"), bytes("value")));
    fs::remove_all(folder / "rows");
    const auto added = store.add(key("b"), bytes("value"));
    ASSERT_FALSE(added);
    EXPECT_NE(added.failure().what.find("was deleted"), std::string::npos);
}

TEST(RowStore, WaitsNoLongerThanASecondForAProcessThatWasStopped)
{
    const test::TemporaryFolder folder;
    RowStore store = RowStore::open(folder.path()).value();
    const int other = ::open((folder / "rows.bin").c_str(), O_RDWR);
    ASSERT_EQ(::flock(other, LOCK_EX), 0);            // in the middle of an append
    EXPECT_TRUE(store.add(key("a"), bytes("value"))); // is left out
    EXPECT_FALSE(store.clear());
    const auto begin = std::chrono::steady_clock::now();
    EXPECT_TRUE(store.add(key("b"), bytes("value"))); // without another second
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::milliseconds(900));
    ::close(other);
    EXPECT_EQ(store.size(), 0U);
    RowStore later = RowStore::open(folder.path()).value();
    ASSERT_TRUE(later.add(key("a"), bytes("value")));
    EXPECT_EQ(store.size(), 1U);
}

TEST(RowStore, WaitsForWhatAnotherProcessComputes)
{
    const test::TemporaryFolder folder;
    RowStore store = RowStore::open(folder.path()).value();
    std::array<int, 2> pipe{};
    ASSERT_EQ(::pipe(pipe.data()), 0);
    const pid_t child = ::fork();
    if (child == 0) {
        RowStore own = RowStore::open(folder.path()).value();
        (void)own.claim(key("a"));
        (void)!::write(pipe[1], "y", 1);
        ::usleep(50'000);
        (void)own.add(key("a"), bytes("value"));
        own.release(key("a"));
        ::_exit(0);
    }
    char claimed = 0;
    ASSERT_EQ(::read(pipe[0], &claimed, 1), 1);
    store.waitFor(key("a"), std::chrono::steady_clock::now() + std::chrono::minutes(1));
    EXPECT_EQ(readLike(store, "a", "value"), "value");
    ::waitpid(child, nullptr, 0);
    ::close(pipe[0]);
    ::close(pipe[1]);
}

TEST(RowStore, OneStoreAtATimeComputesARecord)
{
    const test::TemporaryFolder folder;
    RowStore first = RowStore::open(folder.path()).value();
    RowStore second = RowStore::open(folder.path()).value();
    EXPECT_TRUE(first.claim(key("a")));
    EXPECT_FALSE(second.claim(key("a")));
    EXPECT_TRUE(second.claim(key("b")));
    second.waitFor(key("a"), std::chrono::steady_clock::now() + std::chrono::milliseconds(20)); // in vain
    EXPECT_FALSE(second.claim(key("a")));
    first.release(key("a"));
    EXPECT_TRUE(second.claim(key("a")));
}

TEST(RowStore, TheClaimOfAKilledProcessEnds)
{
    const test::TemporaryFolder folder;
    RowStore store = RowStore::open(folder.path()).value();
    std::array<int, 2> pipe{};
    ASSERT_EQ(::pipe(pipe.data()), 0);
    const pid_t child = ::fork();
    if (child == 0) {
        RowStore own = RowStore::open(folder.path()).value();
        const char claimed = own.claim(key("a")) ? 'y' : 'n';
        (void)!::write(pipe[1], &claimed, 1);
        ::pause();
        ::_exit(0);
    }
    char claimed = 0;
    ASSERT_EQ(::read(pipe[0], &claimed, 1), 1);
    EXPECT_EQ(claimed, 'y');
    EXPECT_FALSE(store.claim(key("a")));
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    EXPECT_TRUE(store.claim(key("a")));
    ::close(pipe[0]);
    ::close(pipe[1]);
}

TEST(RowStore, AFolderThatCannotBeMadeIsNamed)
{
    const test::TemporaryFolder folder;
    std::ofstream(folder / "file") << "x";
    const auto opened = RowStore::open(folder / "file" / "rows");
    ASSERT_FALSE(opened);
    EXPECT_NE(opened.failure().what.find("rows.bin"), std::string::npos) << opened.failure().what;
}

} // namespace dskd::cache

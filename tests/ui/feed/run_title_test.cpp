#include "ui/feed/run_title.h"

#include "ui/feed/workspace_feed.h"

#include <gtest/gtest.h>

namespace dskd::ui
{
namespace
{

std::string titleOf(const std::string& name, std::uint64_t seed)
{
    RunRecord run;
    run.row.id = "20261130-1";
    run.row.name = name;
    run.row.seed = seed;
    return runTitle(run).toStdString();
}

TEST(RunTitle, NamesTheSeed)
{
    EXPECT_EQ(titleOf("dual · kl", 10), "dual · kl, seed 10");
    EXPECT_EQ(titleOf("gpt-10", 10), "gpt-10, seed 10") << "a number alone is no seed";
    EXPECT_EQ(titleOf("", 7), "20261130-1, seed 7");
}

TEST(RunTitle, DoesNotRepeatASeedThatTheNameHolds)
{
    EXPECT_EQ(titleOf("dual, seed 10", 10), "dual, seed 10");
    EXPECT_EQ(titleOf("dual-s10", 10), "dual-s10");
    EXPECT_EQ(titleOf("dual, seed 10", 20), "dual, seed 10, seed 20") << "another seed than the name says";
}

TEST(RunTitle, KeepsANameThatLooksLikeAPlaceholder)
{
    EXPECT_EQ(titleOf("%2 of 100%", 3), "%2 of 100%, seed 3");
}

TEST(RunTitle, StaysOnOneLine)
{
    EXPECT_EQ(titleOf("name\u2066\n", 3), "name\\u2066 , seed 3");
}

} // namespace
} // namespace dskd::ui

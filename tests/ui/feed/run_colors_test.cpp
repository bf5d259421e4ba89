#include "ui/feed/run_colors.h"

#include <gmock/gmock.h>

namespace dskd::ui
{
namespace
{

store::RunRow run(const std::string& id, double created, const std::string& hash, const std::string& group = "g")
{
    store::RunRow row;
    row.id = id;
    row.created = created;
    row.configHash = hash;
    row.group = group;
    return row;
}

TEST(RunColors, AreSharedByTheSeedsOfOneExperimentInOneGroup)
{
    RunColors colors;
    colors.assign({run("a", 1, "x"), run("b", 2, "y"), run("c", 3, "x"), run("d", 4, "x", "other")}, {});
    EXPECT_EQ(colors.of("a"), colors.of("c"));
    EXPECT_NE(colors.of("a"), colors.of("b"));
    EXPECT_NE(colors.of("a"), colors.of("d"));
}

TEST(RunColors, StayWhenAnEarlierRunIsForgottenOrRegrouped)
{
    RunColors colors;
    colors.assign({run("a", 1, "x"), run("b", 2, "y")}, {run("c", 3, "z")});
    RunColors later(colors.toJson());
    EXPECT_TRUE(later.assign({run("b", 2, "y", "renamed"), run("c", 3, "z")}, {}));
    EXPECT_EQ(later.of("b"), colors.of("b"));
    EXPECT_EQ(later.of("c"), colors.of("c"));
    EXPECT_FALSE(later.assign({run("b", 2, "y"), run("c", 3, "z")}, {}));
}

TEST(RunColors, TakeDamagedSettingsForNone)
{
    EXPECT_FALSE(RunColors("{\"a\": -3}").knows("a"));
    EXPECT_FALSE(RunColors("nonsense").knows("a"));
}

} // namespace
} // namespace dskd::ui

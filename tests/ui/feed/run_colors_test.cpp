#include "ui/feed/run_colors.h"

#include "ui/look/run_shade.h"

#include <gmock/gmock.h>

namespace dskd::ui
{
namespace
{

store::RunRow run(const std::string& id, double created, const std::string& hash, const std::string& group = "g",
                  std::uint64_t seed = 10)
{
    store::RunRow row;
    row.id = id;
    row.created = created;
    row.configHash = hash;
    row.group = group;
    row.seed = seed;
    return row;
}

TEST(RunColors, OfTheSeedsOfOneExperimentInOneGroupAreShadesOfOneHue)
{
    RunColors colors;
    colors.assign({run("a", 1, "x"), run("b", 2, "y"), run("c", 3, "x", "g", 20), run("d", 4, "x", "other")}, {});
    EXPECT_EQ(hueOf(colors.of("a")), hueOf(colors.of("c")));
    EXPECT_NE(colors.of("a"), colors.of("c")) << "seeds can be told apart";
    EXPECT_NE(hueOf(colors.of("a")), hueOf(colors.of("b")));
    EXPECT_NE(hueOf(colors.of("a")), hueOf(colors.of("d")));
}

TEST(RunColors, OfRunsOfOneSeedAreShadesOfOneHueToo)
{
    const std::vector<store::RunRow> runs{run("uninterrupted", 1, "x"), run("stopped", 2, "x"), run("resumed", 3, "x")};
    RunColors colors;
    colors.assign(runs, {});
    for (const char* id : {"stopped", "resumed"}) {
        EXPECT_EQ(hueOf(colors.of(id)), hueOf(colors.of("uninterrupted")));
        EXPECT_NE(colors.of(id), colors.of("uninterrupted")) << id;
    }
    EXPECT_NE(colors.of("stopped"), colors.of("resumed"));
    RunColors sharing(R"({"uninterrupted": 4, "stopped": 4, "resumed": 4})"); // as they were stored before
    EXPECT_TRUE(sharing.assign(runs, {}));
    EXPECT_EQ(sharing.of("uninterrupted"), 4);
    EXPECT_EQ(hueOf(sharing.of("resumed")), 4);
    EXPECT_NE(sharing.of("stopped"), sharing.of("resumed"));
    EXPECT_FALSE(sharing.assign(runs, {})) << "once";
}

TEST(RunColors, OfBeforeThereWereShadesKeepTheirHue)
{
    RunColors colors(R"({"a": 4, "b": 4, "c": 7})");
    const std::vector<store::RunRow> runs{run("a", 1, "x"), run("b", 2, "x", "g", 20), run("c", 3, "y")};
    EXPECT_TRUE(colors.assign(runs, {}));
    EXPECT_EQ(colors.of("a"), 4);
    EXPECT_EQ(hueOf(colors.of("b")), 4);
    EXPECT_NE(colors.of("b"), 4);
    EXPECT_EQ(colors.of("c"), 7);
}

TEST(RunColors, StayHoweverManySeedsThereAreAndWhenSomeAreForgotten)
{
    std::vector<store::RunRow> runs;
    for (std::uint64_t seed = 1; seed <= 8; ++seed) {
        runs.push_back(run("s" + std::to_string(seed), static_cast<double>(seed), "x", "g", seed));
    }
    RunColors colors;
    colors.assign(runs, {});
    RunColors later(colors.toJson());
    EXPECT_FALSE(later.assign(runs, {}));
    runs.erase(runs.begin(), runs.begin() + 2);
    later.assign(runs, {});
    for (const store::RunRow& row : runs) {
        EXPECT_EQ(hueOf(later.of(row.id)), hueOf(colors.of(row.id)));
    }
    EXPECT_EQ(later.of("s3"), colors.of("s3"));
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

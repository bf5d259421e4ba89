#include "ui/models/axis_names.h"

#include "ui/feed/workspace_records.h"

#include <gmock/gmock.h>

namespace dskd::ui
{
namespace
{

TEST(AxisNames, OfAnExperimentAreCutToWhatVaries)
{
    const std::vector<std::string_view> names{"space=student distance=kl objective=kd",
                                              "space=student distance=rkl objective=kd",
                                              "space=dual distance=kl objective=kd"};
    const std::vector<NamedAxis> axes = namedAxes(names);
    ASSERT_EQ(axes.size(), 3U);
    EXPECT_EQ(variedPart(names[0], axes), "student \u00b7 kl");
    EXPECT_EQ(variedPart(names[1], axes), "student \u00b7 rkl");
    EXPECT_EQ(variedPart(names[2], axes), "dual \u00b7 kl");
}

TEST(AxisNames, OfSeedsAloneAreCutWhole)
{
    const std::vector<std::string_view> names{"space=student", "space=student"};
    EXPECT_EQ(variedPart(names[0], namedAxes(names)), "");
}

TEST(AxisNames, ThatAPersonChoseStayWhole)
{
    const std::vector<std::string_view> names{"space=student distance=kl", "the good one", "space=student distance=akl",
                                              "=x", ""};
    const std::vector<NamedAxis> axes = namedAxes(names);
    EXPECT_EQ(variedPart(names[0], axes), "kl");
    EXPECT_EQ(variedPart(names[1], axes), "the good one");
    EXPECT_EQ(variedPart("space=dual", axes), "space=dual") << "fewer fields";
    EXPECT_EQ(variedPart("=x", axes), "=x");
    EXPECT_EQ(variedPart("", axes), "");
}

TEST(AxisNames, OfOneRunOrOfOtherFieldsShareNothing)
{
    EXPECT_TRUE(namedAxes({"space=student"}).empty());
    EXPECT_TRUE(namedAxes({"space=student", "distance=kl"}).empty());
    EXPECT_TRUE(namedAxes({"space=student", "space=student distance=kl"}).empty());
    EXPECT_TRUE(namedAxes({"dual", "sft"}).empty());
    EXPECT_EQ(variedPart("space=student", {}), "space=student");
}

TEST(AxisNames, ThatRunsOfFormerRevisionsShareWithOthersAreFound)
{
    std::vector<RunRecord> runs(4);
    const char* ids[] = {"a", "b", "c", "d"};
    const std::int64_t revisions[] = {1, 2, 3, 3};
    for (std::size_t i = 0; i < runs.size(); ++i) {
        runs[i].row.id = ids[i];
        runs[i].row.name = "dual";
        runs[i].row.seed = 10;
        runs[i].row.revision = revisions[i];
    }
    EXPECT_THAT(formerNamesakes(runs, 3), testing::ElementsAre("a", "b"));
    runs[1].row.seed = 20;
    EXPECT_THAT(formerNamesakes(runs, 3), testing::ElementsAre("a"));
    runs[0].row.name = "student";
    EXPECT_THAT(formerNamesakes(runs, 3), testing::IsEmpty());
    for (RunRecord& run : runs) {
        run.row.name = "dual";
        run.row.seed = 10;
        run.row.revision = 3;
    }
    EXPECT_THAT(formerNamesakes(runs, 3), testing::IsEmpty()) << "run again: all of one revision";
}

} // namespace
} // namespace dskd::ui

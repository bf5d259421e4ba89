#include "ui/models/axis_names.h"

#include <gtest/gtest.h>

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

} // namespace
} // namespace dskd::ui

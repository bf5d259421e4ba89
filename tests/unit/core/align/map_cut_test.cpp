#include "core/align/map_cut.h"

#include <gtest/gtest.h>

namespace dskd::align
{

TEST(MapCutText, SaysHowManyOfTheTokensOfEachSideAreThere)
{
    EXPECT_EQ(mapCutText("cma.t2s", {96, 310}, {96, 290}), "first 96 of 310 student and 96 of 290 teacher tokens");
    EXPECT_EQ(mapCutText("cma.s2t", {96, 310}, {96, 290}), "first 96 of 310 teacher and 96 of 290 student tokens");
    EXPECT_EQ(mapCutText("eta.t2s", {512, 700}, {480, 480}), "first 512 of 700 student tokens");
    EXPECT_EQ(mapCutText("eta.t2s", {480, 480}, {512, 513}), "first 512 of 513 teacher tokens");
}

TEST(MapCutText, IsEmptyOfAWholeSample)
{
    EXPECT_EQ(mapCutText("cma.t2s", {96, 96}, {1024, 1024}), "");
    EXPECT_EQ(mapCutText("cma.t2s", {0, 0}, {0, 0}), "");
}

TEST(MapCutText, TakesAMapThatDoesNotSayForCutWhereOlderVersionsCut)
{
    EXPECT_EQ(mapCutText("cma.t2s", {96, {}}, {95, {}}), "first 96 student tokens");
    EXPECT_EQ(mapCutText("cma.t2s", {95, {}}, {12, {}}), "");
}

} // namespace dskd::align

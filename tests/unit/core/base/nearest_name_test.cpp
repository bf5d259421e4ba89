#include "core/base/nearest_name.h"

#include <gtest/gtest.h>
#include <vector>

namespace dskd
{
namespace
{

TEST(EditDistance, CountsInsertionsDeletionsReplacementsAndSwaps)
{
    EXPECT_EQ(editDistance("", ""), 0);
    EXPECT_EQ(editDistance("abc", "abc"), 0);
    EXPECT_EQ(editDistance("abc", ""), 3);
    EXPECT_EQ(editDistance("kitten", "sitting"), 3);
    EXPECT_EQ(editDistance("lr", "rl"), 1);
}

TEST(NearestName, FindsTheMistypedNameAndNothingFarAway)
{
    const std::vector<std::string> names = {"temperature", "teacher_temperature", "distance"};
    EXPECT_EQ(nearestName("tempratur", names), "temperature");
    EXPECT_EQ(nearestName("distnace", names), "distance");
    EXPECT_EQ(nearestName("completely else", names), "");
    EXPECT_EQ(nearestName("", names), "");
    EXPECT_EQ(nearestName(std::string(1'000'000, 'a'), names), "");
}

} // namespace
} // namespace dskd

#include "core/jobs/point_csv.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <limits>

namespace dskd::jobs
{
namespace
{

TEST(PointCsv, TellsTheSeedsOfOneNameApart)
{
    const store::MetricPoint point{7, 60, 54000, 1000.5, 2.25};
    const std::string ten = pointLine(pointPrefix({"r-10", "dual", 10}, "loss"), point);
    const std::string twenty = pointLine(pointPrefix({"r-20", "dual", 20}, "loss"), point);
    EXPECT_EQ(ten, "r-10,dual,10,loss,60,54000,1000.5,2.25\n");
    EXPECT_EQ(twenty, "r-20,dual,20,loss,60,54000,1000.5,2.25\n");
}

TEST(PointCsv, QuotesANameAndSpellsOutWhatIsNotANumber)
{
    const store::MetricPoint point{1, 1, 0, 0.0, std::numeric_limits<double>::quiet_NaN()};
    EXPECT_EQ(pointLine(pointPrefix({"r", "a \"b\", c", 1}, "loss"), point), "r,\"a \"\"b\"\", c\",1,loss,1,0,0,NaN\n");
}

TEST(PointCsv, HasAColumnForEveryFieldOfALine)
{
    const std::string line = pointLine(pointPrefix({"r", "n", 1}, "loss"), {});
    EXPECT_EQ(std::count(line.begin(), line.end(), ','), std::count(kPointColumns.begin(), kPointColumns.end(), ','));
}

} // namespace
} // namespace dskd::jobs

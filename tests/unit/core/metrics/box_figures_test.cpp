#include "core/metrics/box_figures.h"

#include <gmock/gmock.h>

#include <limits>

namespace dskd::metrics
{
namespace
{

using testing::ElementsAre;
using testing::IsEmpty;

TEST(BoxFigures, AreThoseOfNumpyAndMatplotlib)
{
    // numpy.percentile([1, 2, 4, 7, 11, 40], [25, 50, 75]) = 2.5, 5.5, 10; whiskers reach to 2.5 - 11.25, 10 + 11.25
    const BoxFigures box = boxFigures({40, 7, 1, 11, 2, 4}).value();
    EXPECT_EQ(box.count, 6u);
    EXPECT_EQ(box.least, 1.0);
    EXPECT_EQ(box.lowerWhisker, 1.0);
    EXPECT_DOUBLE_EQ(box.lowerQuartile, 2.5);
    EXPECT_DOUBLE_EQ(box.median, 5.5);
    EXPECT_DOUBLE_EQ(box.upperQuartile, 10.0);
    EXPECT_EQ(box.upperWhisker, 11.0);
    EXPECT_EQ(box.greatest, 40.0);
    EXPECT_THAT(box.outliers, ElementsAre(40.0));
}

TEST(BoxFigures, OfOneValueAreThatValue)
{
    const BoxFigures box = boxFigures({3.5}).value();
    for (const double figure : {box.least, box.lowerWhisker, box.lowerQuartile, box.median, box.upperQuartile,
                                box.upperWhisker, box.greatest}) {
        EXPECT_EQ(figure, 3.5);
    }
    EXPECT_THAT(box.outliers, IsEmpty());
}

TEST(BoxFigures, PassOverWhatIsNotFinite)
{
    EXPECT_FALSE(boxFigures({}));
    EXPECT_FALSE(boxFigures({std::numeric_limits<double>::quiet_NaN()}));
    const BoxFigures box = boxFigures({2.0, std::numeric_limits<double>::infinity(), 4.0}).value();
    EXPECT_EQ(box.count, 2u);
    EXPECT_EQ(box.median, 3.0);
}

} // namespace
} // namespace dskd::metrics

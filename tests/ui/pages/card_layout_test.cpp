#include "ui/pages/curves/card_layout.h"

#include <gtest/gtest.h>

namespace dskd::ui
{
namespace
{

constexpr CardSize S = CardSize::Small;
constexpr CardSize M = CardSize::Medium;
constexpr CardSize L = CardSize::Large;

void expectApartAndInside(const std::vector<QRect>& places, int width)
{
    for (std::size_t i = 0; i < places.size(); ++i) {
        EXPECT_GE(places[i].left(), 0);
        EXPECT_LE(places[i].left() + places[i].width(), width);
        for (std::size_t j = 0; j < i; ++j) {
            EXPECT_FALSE(places[i].intersects(places[j])) << i << " on " << j;
        }
    }
}

TEST(CardLayout, KeepsCardsThreeToTwoAndApart)
{
    for (const int width : {320, 760, 1250, 1900, 3800}) {
        const std::vector<QRect> places = placeCards({M, M, M, M, M, M}, width);
        ASSERT_EQ(places.size(), 6U);
        expectApartAndInside(places, width);
        for (const QRect& place : places) {
            const double ratio = static_cast<double>(place.width()) / place.height();
            EXPECT_GT(ratio, 1.4) << width;
            EXPECT_LT(ratio, 1.75) << width;
        }
    }
}

TEST(CardLayout, SpreadsCardsOfOneSizeEvenly)
{
    const std::vector<QRect> four = placeCards({M, M, M, M}, 1000); // three would fit
    EXPECT_EQ(four[1].top(), four[0].top());
    EXPECT_GT(four[2].top(), four[1].top());
    EXPECT_EQ(four[3].top(), four[2].top());
}

TEST(CardLayout, HasLargeCardsWiderAndSmallOnesNarrower)
{
    for (const int width : {760, 1250, 1900}) {
        const std::vector<QRect> mixed = placeCards({S, M, L}, width);
        expectApartAndInside(mixed, width);
        EXPECT_LT(mixed[0].width(), mixed[1].width()) << width;
        EXPECT_LT(mixed[1].width(), mixed[2].width()) << width;
    }
}

TEST(CardLayout, TellsTheHeightOfAll)
{
    EXPECT_EQ(heightOf({}), 0);
    const std::vector<QRect> places = placeCards({L, S}, 700);
    EXPECT_EQ(heightOf(places), places[1].top() + places[1].height());
}

} // namespace
} // namespace dskd::ui

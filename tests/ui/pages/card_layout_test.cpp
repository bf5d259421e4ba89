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

TEST(CardLayout, OfALargeScreenIsUsedWithoutStretchingAChartOverAllOfIt)
{
    constexpr int kWide = 3000; // a page at 3840 x 2160
    constexpr int kHigh = 1800;
    const std::vector<QRect> six = placeCards({M, M, M, M, M, M}, kWide, kHigh);
    expectApartAndInside(six, kWide);
    EXPECT_EQ(six[2].top(), six[0].top());
    EXPECT_GT(six[3].top(), six[0].top()) << "three in a row, not six small ones above an empty page";
    EXPECT_LE(heightOf(six), kHigh);
    EXPECT_GT(heightOf(six), kHigh / 2);
    for (const std::vector<CardSize>& cards :
         {std::vector{M}, std::vector{M, M}, std::vector{L}, std::vector{S, M, L}}) {
        const std::vector<QRect> places = placeCards(cards, kWide, kHigh);
        expectApartAndInside(places, kWide);
        for (std::size_t i = 0; i < places.size(); ++i) {
            EXPECT_LE(places[i].width(), cards[i] == L ? kWidestLargeCard : kWidestCard) << cards.size();
        }
    }
}

TEST(CardLayout, FillsWhatIsSeenAndScrollsOnlyWhereItMust)
{
    for (const int count : {2, 4, 6, 9, 12, 20}) {
        const std::vector<CardSize> cards(static_cast<std::size_t>(count), M);
        const std::vector<QRect> places = placeCards(cards, 2000, 1000);
        expectApartAndInside(places, 2000);
        const std::vector<QRect> smallest = placeCards(cards, 2000);
        if (heightOf(smallest) <= 1000) {
            EXPECT_LE(heightOf(places), 1000) << count;
        }
        EXPECT_GE(places[0].width(), smallest[0].width()) << count;
    }
    EXPECT_EQ(placeCards({M, M, M, M, M, M}, 640, 420), placeCards({M, M, M, M, M, M}, 640)) << "they do not fit";
}

TEST(CardLayout, TellsTheHeightOfAll)
{
    EXPECT_EQ(heightOf({}), 0);
    const std::vector<QRect> places = placeCards({L, S}, 700);
    EXPECT_EQ(heightOf(places), places[1].top() + places[1].height());
}

} // namespace
} // namespace dskd::ui

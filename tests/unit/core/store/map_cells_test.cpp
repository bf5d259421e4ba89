// The two forms in which a heat map's values lie in run.db.

#include "core/store/map_cells.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <gtest/gtest.h>
#include <limits>

namespace dskd::store
{
namespace
{

constexpr float kInfinity = std::numeric_limits<float>::infinity();

std::vector<float> readBack(const MapCells& cells)
{
    return cellValues(cells.bytes, static_cast<std::int64_t>(cells.format));
}

} // namespace

TEST(HalfPrecision, HasTheBitPatternsOfTheStandard)
{
    EXPECT_EQ(toHalf(0.0F), 0x0000);
    EXPECT_EQ(toHalf(-0.0F), 0x8000);
    EXPECT_EQ(toHalf(1.0F), 0x3c00);
    EXPECT_EQ(toHalf(-2.0F), 0xc000);
    EXPECT_EQ(toHalf(0.333251953125F), 0x3555); // the nearest to 1/3
    EXPECT_EQ(toHalf(65504.0F), 0x7bff);
    EXPECT_EQ(toHalf(0x1p-14F), 0x0400) << "the least with an exponent";
    EXPECT_EQ(toHalf(0x1p-24F), 0x0001) << "the least of all";
    EXPECT_EQ(toHalf(kInfinity), 0x7c00);
    EXPECT_EQ(toHalf(-kInfinity), 0xfc00);
    EXPECT_TRUE(std::isnan(fromHalf(toHalf(std::nanf("")))));
}

TEST(HalfPrecision, RoundsToTheNearestAndTiesToTheEvenOne)
{
    constexpr float kUnit = 0x1p-10F; // behind 1
    EXPECT_EQ(toHalf(1.0F + 0.49F * kUnit), 0x3c00);
    EXPECT_EQ(toHalf(1.0F + 0.50F * kUnit), 0x3c00) << "a tie, down to the even one";
    EXPECT_EQ(toHalf(1.0F + 0.51F * kUnit), 0x3c01);
    EXPECT_EQ(toHalf(1.0F + 1.50F * kUnit), 0x3c02) << "a tie, up to the even one";
    EXPECT_EQ(toHalf(2.0F - 0.25F * kUnit), 0x4000) << "into the next exponent";
    EXPECT_EQ(toHalf(0.5F * 0x1p-24F), 0x0000) << "a tie below 2^-14";
    EXPECT_EQ(toHalf(1.5F * 0x1p-24F), 0x0002);
    EXPECT_EQ(toHalf(0x1p-14F - 0x1p-26F), 0x0400) << "up to the least with an exponent";
    EXPECT_EQ(toHalf(65519.0F), 0x7bff);
    EXPECT_EQ(toHalf(65520.0F), 0x7c00) << "as near to 65536, which is none";
    EXPECT_EQ(toHalf(1e-30F), 0x0000);
}

TEST(HalfPrecision, GivesBackEveryNumberThatItHas)
{
    for (std::uint32_t bits = 0; bits <= 0xffffU; ++bits) {
        const auto half = static_cast<std::uint16_t>(bits);
        const float value = fromHalf(half);
        if ((bits & 0x7fffU) > 0x7c00U) {
            EXPECT_TRUE(std::isnan(value)) << bits;
        } else {
            ASSERT_EQ(toHalf(value), half);
        }
    }
    EXPECT_EQ(fromHalf(0x3555), 0.333251953125F);
    EXPECT_EQ(fromHalf(0x03ff), 1023.0F * 0x1p-24F);
    EXPECT_TRUE(std::signbit(fromHalf(0x8000)));
}

TEST(MapCells, KeepMapsOfTheOldSizeToTheBit)
{
    std::vector<float> values(kMostFloatCells, 1.0F / 3.0F);
    values[1] = -0.0F;
    values[2] = 1e-30F;
    const MapCells cells = mapCells(values);
    EXPECT_EQ(cells.format, CellFormat::Float);
    const std::vector<float> read = readBack(cells);
    ASSERT_EQ(read.size(), values.size());
    EXPECT_EQ(std::memcmp(read.data(), values.data(), values.size() * sizeof(float)), 0);
}

TEST(MapCells, TakeTwoBytesAValueOfLargerMapsAndSayHowExactTheyAre)
{
    std::vector<float> values;
    values.reserve(kMostFloatCells + 1);
    for (std::size_t i = 0; i <= kMostFloatCells; ++i) {
        values.push_back(std::exp2(-static_cast<float>(i % 4000) / 160.0F)); // from 1 down to 2^-25
    }
    values[7] = std::nanf("");
    values[8] = 1.0F;
    values[9] = 0.0F;
    const MapCells cells = mapCells(values);
    EXPECT_EQ(cells.format, CellFormat::Half);
    EXPECT_EQ(cells.bytes.size(), 2 * values.size());
    const std::vector<float> read = readBack(cells);
    ASSERT_EQ(read.size(), values.size());
    double worst = 0.0; // of what is promised
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (i != 7) {
            const double promised = values[i] < 0x1p-14F ? 0x1p-25 : 0x1p-11 * static_cast<double>(values[i]);
            worst = std::max(worst, std::abs(static_cast<double>(read[i] - values[i])) / std::max(promised, 0x1p-25));
        }
    }
    EXPECT_LE(worst, 1.0);
    EXPECT_GT(worst, 0.5) << "the values are not all exact anyway";
    EXPECT_TRUE(std::isnan(read[7]));
    EXPECT_EQ(read[8], 1.0F) << "pairs stay pairs";
    EXPECT_EQ(read[9], 0.0F);
}

TEST(MapCells, StayFloatWhereAValueIsTooLargeForHalfAsMuch)
{
    std::vector<float> values(kMostFloatCells + 1, 0.5F);
    values.back() = 65505.0F;
    EXPECT_EQ(mapCells(values).format, CellFormat::Float);
    EXPECT_EQ(readBack(mapCells(values)).back(), 65505.0F);
    values.back() = kInfinity;
    EXPECT_EQ(mapCells(values).format, CellFormat::Half) << "what is not finite stays so in both";
    EXPECT_EQ(readBack(mapCells(values)).back(), kInfinity);
}

TEST(MapCells, OfAFormatThatDoesNotExistAreNone)
{
    const std::vector<std::byte> bytes(8);
    EXPECT_TRUE(cellValues(bytes, 9).empty());
    EXPECT_TRUE(cellValues({}, 0).empty());
    EXPECT_EQ(cellValues(bytes, 0).size(), 2U);
    EXPECT_EQ(cellValues(bytes, 1).size(), 4U);
}

} // namespace dskd::store

#include "ui/look/run_shade.h"
#include "ui/look/theme.h"

#include <QApplication>
#include <QColor>
#include <algorithm>
#include <array>
#include <cmath>
#include <gtest/gtest.h>

namespace dskd::ui
{
namespace
{

constexpr int kCycle = 12; // hues, until they repeat

double linear(float channel)
{
    const double value = channel;
    return value <= 0.04045 ? value / 12.92 : std::pow((value + 0.055) / 1.055, 2.4);
}

double luminance(const QColor& color)
{
    return 0.2126 * linear(color.redF()) + 0.7152 * linear(color.greenF()) + 0.0722 * linear(color.blueF());
}

// WCAG 2, written anew: what is tested chooses colours by a formula of its own.
double contrast(const QColor& a, const QColor& b)
{
    const double lighter = std::max(luminance(a), luminance(b));
    const double darker = std::min(luminance(a), luminance(b));
    return (lighter + 0.05) / (darker + 0.05);
}

// CIE L*a*b* of sRGB, D65.
std::array<double, 3> lab(const QColor& color)
{
    const double r = linear(color.redF());
    const double g = linear(color.greenF());
    const double b = linear(color.blueF());
    const auto f = [](double t) { return t > 0.008856 ? std::cbrt(t) : 7.787 * t + 16.0 / 116.0; };
    const double x = f((0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.95047);
    const double y = f(0.2126 * r + 0.7152 * g + 0.0722 * b);
    const double z = f((0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.08883);
    return {116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)};
}

double difference(const QColor& a, const QColor& b)
{
    const auto p = lab(a);
    const auto q = lab(b);
    return std::hypot(p[0] - q[0], p[1] - q[1], p[2] - q[2]);
}

class RunColor : public testing::TestWithParam<Appearance>
{
protected:
    RunColor() { applyTheme(*qApp, GetParam()); }
    ~RunColor() override { applyTheme(*qApp, Appearance::Light); }
};

TEST_P(RunColor, OfTwoExperimentsIsNoNearTwin)
{
    constexpr double kTwins = 15.0;
    for (int a = 0; a < kCycle; ++a) {
        for (int b = 0; b < a; ++b) {
            EXPECT_GT(difference(runColor(a), runColor(b)), kTwins)
                << a << " and " << b << ": " << runColor(a).name().toStdString() << ' '
                << runColor(b).name().toStdString();
        }
    }
}

TEST_P(RunColor, ReadsOnCardsAndWindow)
{
    for (int hue = 0; hue < kCycle; ++hue) {
        for (int shade = 0; shade < kShades; ++shade) {
            const QColor color = runColor(colorIndex(hue, shade));
            EXPECT_GE(contrast(color, palette().raised), 3.0) << hue << " shade " << shade;
            EXPECT_GE(contrast(color, palette().surface), 3.0) << hue << " shade " << shade;
            EXPECT_GE(contrast(runColorOnPaper(colorIndex(hue, shade)), paperPalette().raised), 3.0) << hue;
        }
    }
}

TEST_P(RunColor, OfSeedsCanBeToldApart)
{
    constexpr int kUsualSeeds = 3;
    for (int hue = 0; hue < kCycle; ++hue) {
        for (int a = 0; a < kShades; ++a) {
            for (int b = 0; b < a; ++b) {
                const QColor one = runColor(colorIndex(hue, a));
                const QColor other = runColor(colorIndex(hue, b));
                EXPECT_GT(contrast(one, other), 1.15) << hue << " shades " << a << " and " << b << ": also in grey";
                EXPECT_GT(difference(one, other), a < kUsualSeeds ? 12.0 : 5.9)
                    << hue << " shades " << a << " and " << b;
            }
        }
    }
}

TEST_P(RunColor, OfASeedKeepsAHueThatIsSeen)
{
    constexpr double kGrey = 18.0; // chroma of a colour that hardly differs from grey, near black or near white
    for (int hue = 0; hue < kCycle; ++hue) {
        for (int shade = 0; shade < kShades; ++shade) {
            const QColor color = runColor(colorIndex(hue, shade));
            const auto parts = lab(color);
            EXPECT_GT(std::hypot(parts[1], parts[2]), kGrey)
                << hue << " shade " << shade << ": " << color.name().toStdString();
        }
    }
}

TEST_P(RunColor, OfTheUsualSeedsOfTwoExperimentsIsNoNearTwin)
{
    constexpr int kUsualSeeds = 3;
    constexpr int kUsualExperiments = 8; // hues of the cycle that are no step of one before them
    constexpr double kTwins = 10.0;
    for (int one = 0; one < kUsualExperiments * kUsualSeeds; ++one) {
        for (int other = 0; other < one - one % kUsualSeeds; ++other) { // of the hues before its own
            const QColor a = runColor(colorIndex(one / kUsualSeeds, one % kUsualSeeds));
            const QColor b = runColor(colorIndex(other / kUsualSeeds, other % kUsualSeeds));
            EXPECT_GT(difference(a, b), kTwins) << a.name().toStdString() << ' ' << b.name().toStdString();
        }
    }
}

TEST_P(RunColor, FirstOfAHueIsTheHueItself)
{
    EXPECT_EQ(runColor(colorIndex(0, 0)).name(), GetParam() == Appearance::Light ? "#0072b2" : "#4c8df6");
}

TEST_P(RunColor, ShadesOfAHueAreFoundByItsNumber)
{
    const int index = colorIndex(7, 3);
    EXPECT_EQ(hueOf(index), 7);
    EXPECT_EQ(shadeOf(index), 3);
    EXPECT_EQ(runColor(hueOf(index)), runColor(7));
    EXPECT_NE(runColor(index), runColor(7));
}

INSTANTIATE_TEST_SUITE_P(InEveryTheme, RunColor, testing::Values(Appearance::Light, Appearance::Dark));

} // namespace
} // namespace dskd::ui

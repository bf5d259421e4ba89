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

constexpr int kFirstHues = 8; // of the cycle: those that most pages show together

double linear(float channel)
{
    const double value = channel;
    return value <= 0.04045 ? value / 12.92 : std::pow((value + 0.055) / 1.055, 2.4);
}

double luminance(const QColor& color)
{
    return 0.2126 * linear(color.redF()) + 0.7152 * linear(color.greenF()) + 0.0722 * linear(color.blueF());
}

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
    for (int a = 0; a < kFirstHues; ++a) {
        for (int b = 0; b < a; ++b) {
            EXPECT_GT(difference(runColor(a), runColor(b)), kTwins)
                << a << " and " << b << ": " << runColor(a).name().toStdString() << ' '
                << runColor(b).name().toStdString();
        }
    }
}

TEST_P(RunColor, OfTheFirstSeedsCanBeToldApartAndSeen)
{
    constexpr int kUsualSeeds = 3;
    for (int hue = 0; hue < kFirstHues; ++hue) {
        for (int a = 0; a < kShades; ++a) {
            EXPECT_GT(contrast(runColor(colorIndex(hue, a)), palette().raised), 1.35) << hue << " shade " << a;
            for (int b = 0; b < a; ++b) {
                const double least = a < kUsualSeeds ? 12.0 : 6.0;
                EXPECT_GT(difference(runColor(colorIndex(hue, a)), runColor(colorIndex(hue, b))), least)
                    << hue << " shades " << a << " and " << b;
            }
        }
    }
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

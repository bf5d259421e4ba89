#include "ui/look/run_shades.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

namespace dskd::ui
{
namespace
{

constexpr double kFlare = 0.05; // WCAG's light that every screen reflects

double linear(float channel)
{
    const double value = channel;
    return value <= 0.04045 ? value / 12.92 : std::pow((value + 0.055) / 1.055, 2.4);
}

double logLuminance(double of)
{
    return std::log(of + kFlare);
}

// Darker by `share`, 0 to 1. The smaller channels fall faster than the largest: with plain black mixed in, all dark
// shades look like the same near black.
QColor darkened(const QColor& color, double share)
{
    const double most = std::max({color.redF(), color.greenF(), color.blueF()});
    if (most <= 0.0) {
        return color;
    }
    const auto scaled = [&](float channel) {
        return static_cast<float>((1.0 - share) * most * std::pow(channel / most, 1.0 + share));
    };
    return QColor::fromRgbF(scaled(color.redF()), scaled(color.greenF()), scaled(color.blueF()));
}

// Lighter by `share`, 0 to 1: first as bright as the hue can be, which keeps its saturation, and white mixed in.
QColor lightened(const QColor& color, double share)
{
    const double most = std::max({color.redF(), color.greenF(), color.blueF()});
    const double gain = most <= 0.0 ? 1.0 : 1.0 + (1.0 / most - 1.0) * std::sqrt(share);
    const auto mixed = [&](float channel) {
        const double bright = std::min(1.0, channel * gain);
        return static_cast<float>(bright + (1.0 - bright) * share);
    };
    return QColor::fromRgbF(mixed(color.redF()), mixed(color.greenF()), mixed(color.blueF()));
}

QColor withLuminance(const QColor& hue, double wanted)
{
    const bool lighter = wanted > luminance(hue);
    const auto shade = [&](double share) { return lighter ? lightened(hue, share) : darkened(hue, share); };
    double low = 0.0;
    double high = 1.0;
    constexpr int kHalvings = 20;
    for (int i = 0; i < kHalvings; ++i) {
        const double share = (low + high) / 2.0;
        const double reached = luminance(shade(share));
        const bool enough = lighter ? reached >= wanted : reached <= wanted;
        (enough ? high : low) = share;
    }
    return shade((low + high) / 2.0);
}

// The level in [least, most] that is farthest from those in `taken`, which is sorted and not empty.
double farthestLevel(const std::vector<double>& taken, double least, double most)
{
    double level = least;
    double distance = taken.front() - least;
    if (most - taken.back() > distance) {
        level = most;
        distance = most - taken.back();
    }
    for (std::size_t i = 1; i < taken.size(); ++i) {
        if (const double half = (taken[i] - taken[i - 1]) / 2.0; half > distance) {
            level = taken[i - 1] + half;
            distance = half;
        }
    }
    return level;
}

} // namespace

double luminance(const QColor& color)
{
    return 0.2126 * linear(color.redF()) + 0.7152 * linear(color.greenF()) + 0.0722 * linear(color.blueF());
}

double contrast(const QColor& a, const QColor& b)
{
    const double lighter = std::max(luminance(a), luminance(b));
    const double darker = std::min(luminance(a), luminance(b));
    return (lighter + kFlare) / (darker + kFlare);
}

std::array<QColor, kShades> shadesOf(const QColor& hue, LuminanceRange range)
{
    const double least = logLuminance(range.least);
    const double most = logLuminance(range.most);
    const double own = std::clamp(logLuminance(luminance(hue)), least, most);
    std::vector<double> taken{own};
    std::array<QColor, kShades> shades{hue};
    while (taken.size() < shades.size()) {
        const double level = farthestLevel(taken, least, most);
        shades.at(taken.size()) = withLuminance(hue, std::exp(level) - kFlare);
        taken.insert(std::upper_bound(taken.begin(), taken.end(), level), level);
    }
    return shades;
}

} // namespace dskd::ui

#include "ui/look/run_shades.h"

#include <algorithm>
#include <cmath>
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

QColor mixed(const QColor& color, double share, bool white)
{
    const double to = white ? 1.0 : 0.0;
    const auto mix = [&](float channel) { return static_cast<float>(channel + (to - channel) * share); };
    return QColor::fromRgbF(mix(color.redF()), mix(color.greenF()), mix(color.blueF()));
}

// The hue with as much black or white as gives it that luminance.
QColor withLuminance(const QColor& hue, double wanted)
{
    const bool white = wanted > luminance(hue);
    double low = 0.0;
    double high = 1.0;
    constexpr int kHalvings = 20;
    for (int i = 0; i < kHalvings; ++i) {
        const double share = (low + high) / 2.0;
        const bool enough =
            white ? luminance(mixed(hue, share, white)) >= wanted : luminance(mixed(hue, share, white)) <= wanted;
        (enough ? high : low) = share;
    }
    return mixed(hue, (low + high) / 2.0, white);
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
    constexpr int kOthers = kShades - 1;
    const int darker = static_cast<int>(std::lround((own - least) / (most - least) * kOthers));
    std::vector<double> others;
    others.reserve(kOthers);
    for (int i = 0; i < darker; ++i) {
        others.push_back(least + (own - least) * i / darker);
    }
    for (int i = darker; i < kOthers; ++i) {
        others.push_back(own + (most - own) * (i - darker + 1) / (kOthers - darker));
    }
    std::vector<double> taken{own};
    std::array<QColor, kShades> shades{hue};
    while (!others.empty()) {
        const auto distance = [&](double level) {
            double nearest = most - least;
            for (const double one : taken) {
                nearest = std::min(nearest, std::abs(level - one));
            }
            return nearest;
        };
        const auto farthest = std::max_element(others.begin(), others.end(),
                                               [&](double a, double b) { return distance(a) < distance(b); });
        shades.at(taken.size()) = withLuminance(hue, std::exp(*farthest) - kFlare);
        taken.push_back(*farthest);
        others.erase(farthest);
    }
    return shades;
}

} // namespace dskd::ui

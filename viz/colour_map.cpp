#include "viz/colour_map.h"

#include <algorithm>
#include <cmath>
#include <span>

namespace dskd::viz
{

namespace
{

// Ten evenly spaced colours of matplotlib's viridis, nine of ColorBrewer's RdBu turned round.
constexpr std::array<QRgb, 10> kViridis{0xff440154, 0xff482878, 0xff3e4989, 0xff31688e, 0xff26828e,
                                        0xff1f9e89, 0xff35b779, 0xff6ece58, 0xffb5de2b, 0xfffde725};
constexpr std::array<QRgb, 9> kBlueRed{0xff2166ac, 0xff4393c3, 0xff92c5de, 0xffd1e5f0, 0xfff7f7f7,
                                       0xfffddbc7, 0xfff4a582, 0xffd6604d, 0xffb2182b};

ColourMap interpolated(std::span<const QRgb> stops)
{
    ColourMap map{};
    for (std::size_t i = 0; i < map.size(); ++i) {
        const double position = static_cast<double>(i) / 255.0 * static_cast<double>(stops.size() - 1);
        const std::size_t left = std::min(static_cast<std::size_t>(position), stops.size() - 2);
        const double part = position - static_cast<double>(left);
        const auto mix = [&](int a, int b) { return static_cast<int>(std::lround(a + part * (b - a))); };
        const QRgb from = stops[left];
        const QRgb to = stops[left + 1];
        map[i] = qRgb(mix(qRed(from), qRed(to)), mix(qGreen(from), qGreen(to)), mix(qBlue(from), qBlue(to)));
    }
    return map;
}

} // namespace

const ColourMap& viridis()
{
    static const ColourMap map = interpolated(kViridis);
    return map;
}

const ColourMap& diverging()
{
    static const ColourMap map = interpolated(kBlueRed);
    return map;
}

int colourIndex(float value, float low, float high)
{
    if (!(high > low)) {
        return 0;
    }
    return static_cast<int>(std::clamp((value - low) / (high - low), 0.0F, 1.0F) * 255.0F + 0.5F);
}

QColor textOn(QRgb background)
{
    const double luminance = 0.299 * qRed(background) + 0.587 * qGreen(background) + 0.114 * qBlue(background);
    return luminance > 140.0 ? QColor(Qt::black) : QColor(Qt::white);
}

} // namespace dskd::viz

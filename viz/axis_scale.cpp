#include "viz/axis_scale.h"

#include <QLocale>
#include <algorithm>
#include <array>
#include <cmath>

namespace dskd::viz
{

namespace
{

double roundStep(double rough)
{
    const double power = std::pow(10.0, std::floor(std::log10(rough)));
    for (const double factor : {1.0, 2.0, 5.0}) {
        if (power * factor >= rough * 0.999) {
            return power * factor;
        }
    }
    return power * 10.0;
}

QString plain(double value, double step)
{
    constexpr double kLarge = 1e5; // from here on with k, M, G
    constexpr std::array<std::pair<double, const char*>, 3> kPrefixes{{{1e9, "G"}, {1e6, "M"}, {1e3, "k"}}};
    const double size = std::abs(value);
    if (size >= kLarge || (size >= 1e4 && step >= 1e3)) {
        for (const auto& [unit, prefix] : kPrefixes) {
            if (size >= unit) {
                return plain(value / unit, step / unit) + QLatin1String(prefix);
            }
        }
    }
    if (value != 0.0 && step < 1e-5) {
        return QString::number(value, 'g', 1 + static_cast<int>(std::ceil(std::log10(size / step))));
    }
    const int decimals = std::clamp(static_cast<int>(std::ceil(-std::log10(step) - 1e-9)), 0, 8);
    return QString::number(value == 0.0 ? 0.0 : value, 'f', decimals);
}

std::vector<Tick> multiples(double low, double high, double step, const auto& textOf)
{
    std::vector<Tick> ticks;
    const double first = std::ceil(low / step - 1e-9);
    const double last = std::floor(high / step + 1e-9);
    for (double i = first; i <= last && ticks.size() < 100; i += 1.0) {
        ticks.push_back({i * step, textOf(i * step)});
    }
    return ticks;
}

} // namespace

std::vector<Tick> linearTicks(double low, double high, int count)
{
    if (!(high > low) || count < 1) {
        return {};
    }
    const double step = roundStep((high - low) / count);
    const auto ticks = multiples(low, high, step, [&](double value) { return plain(value, step); });
    constexpr std::size_t kFewest = 3; // one label gives no scale
    if (ticks.size() >= kFewest) {
        return ticks;
    }
    const double finer = roundStep(step * 0.39);
    return multiples(low, high, finer, [&](double value) { return plain(value, finer); });
}

std::vector<Tick> wholeTicks(double low, double high, int count)
{
    std::vector<Tick> ticks = linearTicks(low, high, count);
    const bool fractions = std::any_of(ticks.begin(), ticks.end(), [](const Tick& tick) {
        return std::abs(tick.value - std::round(tick.value)) > 1e-9;
    });
    return fractions ? multiples(low, high, 1.0, [](double value) { return plain(value, 1.0); }) : ticks;
}

std::vector<Tick> logTicks(double low, double high, int count)
{
    if (!(low > 0.0) || !(high > low)) {
        return {};
    }
    if (high / low < 10.0) {
        return linearTicks(low, high, count);
    }
    const int firstPower = static_cast<int>(std::floor(std::log10(low)));
    const int lastPower = static_cast<int>(std::ceil(std::log10(high)));
    const int decades = lastPower - firstPower;
    const int stride = std::max(1, decades / std::max(1, count));
    const bool between = decades * 3 <= count * 2;
    std::vector<Tick> ticks;
    for (int power = firstPower; power <= lastPower; power += stride) {
        for (const double factor : {1.0, 2.0, 5.0}) {
            const double value = factor * std::pow(10.0, power);
            if (value >= low * 0.9999 && value <= high * 1.0001 && (factor == 1.0 || (between && stride == 1))) {
                ticks.push_back({value, value >= 1e-4 && value < 1e5 ? plain(value, std::min(1.0, value))
                                                                     : QString::number(value, 'g', 2)});
            }
        }
    }
    return ticks;
}

std::vector<Tick> secondTicks(double low, double high, int count)
{
    constexpr std::array kSteps{1.0,   2.0,   5.0,    10.0,   15.0,   30.0,    60.0,    120.0,   300.0,
                                600.0, 900.0, 1800.0, 3600.0, 7200.0, 10800.0, 21600.0, 43200.0, 86400.0};
    if (!(high > low) || count < 1 || (high - low) / count < 1.0) {
        return linearTicks(low, high, count);
    }
    const auto step = std::find_if(kSteps.begin(), kSteps.end(), [&](double s) { return s * count >= high - low; });
    const double chosen = step == kSteps.end() ? roundStep((high - low) / count / 86400.0) * 86400.0 : *step;
    return multiples(low, high, chosen, [&](double value) {
        if (value == 0.0) {
            return QStringLiteral("0");
        }
        const auto whole = [](double amount, const char* unit) {
            return QString::number(amount, 'f', std::abs(amount - std::round(amount)) < 1e-9 ? 0 : 1) + ' ' +
                   QLatin1String(unit);
        };
        return chosen < 60.0      ? (value >= 120.0 ? whole(value / 60.0, "m") : whole(value, "s"))
               : chosen < 3600.0  ? whole(value / 60.0, "m")
               : chosen < 86400.0 ? whole(value / 3600.0, "h")
                                  : whole(value / 86400.0, "d");
    });
}

} // namespace dskd::viz

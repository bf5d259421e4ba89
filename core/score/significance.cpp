#include "core/score/significance.h"

#include "core/base/random_stream.h"

#include <algorithm>
#include <boost/math/distributions/students_t.hpp>
#include <cassert>
#include <cmath>
#include <numeric>

namespace dskd::score
{

double standardError(double deviation, int n)
{
    assert(n >= 1);
    return deviation / std::sqrt(static_cast<double>(n));
}

double intervalHalfWidth(double deviation, int n)
{
    assert(n >= 2);
    constexpr double kOneTail = 0.025;
    const boost::math::students_t distribution(n - 1);
    return boost::math::quantile(boost::math::complement(distribution, kOneTail)) * standardError(deviation, n);
}

double pairedTTest(std::span<const double> differences)
{
    assert(differences.size() >= 2);
    const auto n = static_cast<double>(differences.size());
    const double mean = std::accumulate(differences.begin(), differences.end(), 0.0) / n;
    double squares = 0.0;
    for (const double difference : differences) {
        squares += (difference - mean) * (difference - mean);
    }
    if (squares == 0.0) {
        return mean == 0.0 ? 1.0 : 0.0;
    }
    const double t = mean / std::sqrt(squares / (n - 1) / n);
    const boost::math::students_t distribution(n - 1);
    return 2.0 * boost::math::cdf(boost::math::complement(distribution, std::abs(t)));
}

double pairedBootstrap(std::span<const double> differences, int draws, std::uint64_t seed)
{
    assert(!differences.empty() && draws >= 1);
    RandomStream random(seed, "bootstrap");
    int notAbove = 0;
    int notBelow = 0;
    for (int draw = 0; draw < draws; ++draw) {
        double sum = 0.0;
        for (std::size_t i = 0; i < differences.size(); ++i) {
            sum += differences[random.below(differences.size())];
        }
        notAbove += sum <= 0.0 ? 1 : 0;
        notBelow += sum >= 0.0 ? 1 : 0;
    }
    return std::min(1.0, 2.0 * (std::min(notAbove, notBelow) + 1) / (draws + 1.0));
}

std::vector<double> holm(const std::vector<double>& p)
{
    std::vector<std::size_t> order(p.size());
    std::iota(order.begin(), order.end(), 0U);
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return p[a] < p[b]; });
    std::vector<double> adjusted(p.size());
    double least = 0.0;
    for (std::size_t i = 0; i < order.size(); ++i) {
        least = std::max(least, std::min(1.0, static_cast<double>(p.size() - i) * p[order[i]]));
        adjusted[order[i]] = least;
    }
    return adjusted;
}

} // namespace dskd::score

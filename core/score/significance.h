#pragma once

// Is a difference more than chance? Intervals of means, and paired tests of what was measured twice: over seeds, or
// over samples. All p are two-sided. Pure functions; any thread.

#include <cstdint>
#include <span>
#include <vector>

namespace dskd::score
{

// The standard error of a mean of n >= 1 values whose sample standard deviation (n - 1) is `deviation`.
[[nodiscard]] double standardError(double deviation, int n);

// Half the 95 % interval of that mean, by Student's t with n - 1 degrees of freedom: it is mean +- this.
// REQUIRES: n >= 2.
[[nodiscard]] double intervalHalfWidth(double deviation, int n);

// The paired t-test (Student, 1908): p of differences whose mean is this far from 0, were their true mean 0 and they
// normally distributed. 1 where all are 0; 0 where all are the same and not 0. REQUIRES: two or more, all finite.
[[nodiscard]] double pairedTTest(std::span<const double> differences);

// The paired bootstrap (Koehn, "Statistical significance tests for machine translation evaluation", 2004), which
// assumes no distribution: samples are drawn again with replacement, and p is twice the share of the draws whose mean
// lies at 0 or beyond it, on the side where fewer do. One draw is added to the share, so p is never 0. The same numbers
// give the same p: the random stream is "bootstrap" of `seed`. Takes time in proportion to draws x differences.
// REQUIRES: one difference or more, all finite; draws >= 1.
[[nodiscard]] double pairedBootstrap(std::span<const double> differences, int draws, std::uint64_t seed);

// p of several tests of one question, raised so that the chance of any false answer among them stays what it is for one
// (Holm, 1979). In the order given.
[[nodiscard]] std::vector<double> holm(const std::vector<double>& p);

} // namespace dskd::score

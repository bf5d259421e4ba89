#pragma once

// A series of any length as few points, so that charts of millions of points cost what charts of thousands do. What a
// line shows of many points in one pixel column is their least and their greatest value: those are kept as they were
// recorded, so no spike is lost at any width.

#include "core/store/measured_rows.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

namespace dskd::store
{

// One metric, or a part of it, in order of step.
struct MetricColumns {
    std::vector<std::int64_t> steps;
    std::vector<std::int64_t> tokens; // response tokens seen so far
    std::vector<double> times;        // seconds since 1970
    std::vector<double> values;       // NaN and infinities are kept

    [[nodiscard]] std::size_t size() const { return steps.size(); }
    void add(const MetricPoint& point);
    void append(const MetricColumns& more);
    [[nodiscard]] MetricPoint at(std::size_t i) const; // id 0
    void dropAfter(std::int64_t step);
};

// The first NaN, the first +infinity and the first -infinity of some points.
using NonFinitePoints = std::array<std::optional<MetricPoint>, 3>;

// Points next to each other.
struct PointBucket {
    std::int64_t count = 0;
    std::int64_t notFinite = 0; // of them
    MetricPoint least;          // of the finite ones; of no meaning without one
    MetricPoint greatest;

    [[nodiscard]] bool anyFinite() const { return count > notFinite; }
    void add(const MetricPoint& point);
    void add(const PointBucket& later);
};

// Stores a point that is not finite where it is the first of its kind.
void noteNonFinite(NonFinitePoints& nonFinite, const MetricPoint& point);
// Least, greatest and non-finite points, each once, in order of step.
void appendShown(const PointBucket& bucket, const NonFinitePoints* nonFinite, std::vector<MetricPoint>& to);

// At most `mostBuckets` buckets of equal size, which doubles when there are more. Of up to 2 `mostBuckets` points every
// one is kept, since thinning would save nothing. Linear in the points. One thread at a time.
class ThinnedPoints
{
public:
    explicit ThinnedPoints(std::size_t mostBuckets); // at least 2

    void add(const MetricPoint& point); // of a step after the others
    [[nodiscard]] bool thinned() const { return m_bucketSize > 0; }
    [[nodiscard]] std::int64_t count() const { return m_count; } // points that were added
    [[nodiscard]] std::int64_t notFinite() const { return m_notFinite; }
    // What a line shows, with the first and the last point.
    [[nodiscard]] MetricColumns points() const;

    // REQUIRES: not thinned, because a bucket does not hold the points beside its extremes.
    void dropAfter(std::int64_t step);

private:
    void addToBuckets(const MetricPoint& point);
    void mergePairs();

    std::size_t m_mostBuckets;
    std::int64_t m_bucketSize = 0; // points; 0: every point is kept
    std::int64_t m_count = 0;
    std::int64_t m_notFinite = 0;
    MetricPoint m_first; // of no meaning without a point
    MetricPoint m_last;
    MetricColumns m_every;
    std::vector<PointBucket> m_buckets;
    std::map<std::size_t, NonFinitePoints> m_nonFinite; // by bucket, where there is one
};

} // namespace dskd::store

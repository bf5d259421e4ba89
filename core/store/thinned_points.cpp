#include "core/store/thinned_points.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <utility>

namespace dskd::store
{
namespace
{

template <typename T>
void appendTo(std::vector<T>& to, const std::vector<T>& more)
{
    to.insert(to.end(), more.begin(), more.end());
}

void merge(NonFinitePoints& first, const NonFinitePoints& later)
{
    for (std::size_t kind = 0; kind < first.size(); ++kind) {
        if (!first[kind]) {
            first[kind] = later[kind];
        }
    }
}

} // namespace

void MetricColumns::add(const MetricPoint& point)
{
    steps.push_back(point.step);
    tokens.push_back(point.tokens);
    times.push_back(point.time);
    values.push_back(point.value);
}

void MetricColumns::append(const MetricColumns& more)
{
    appendTo(steps, more.steps);
    appendTo(tokens, more.tokens);
    appendTo(times, more.times);
    appendTo(values, more.values);
}

MetricPoint MetricColumns::at(std::size_t i) const
{
    return {0, steps[i], tokens[i], times[i], values[i]};
}

void MetricColumns::dropAfter(std::int64_t step)
{
    const auto kept = static_cast<std::size_t>(std::upper_bound(steps.begin(), steps.end(), step) - steps.begin());
    steps.resize(kept);
    tokens.resize(kept);
    times.resize(kept);
    values.resize(kept);
}

void PointBucket::add(const MetricPoint& point)
{
    if (!std::isfinite(point.value)) {
        ++count;
        ++notFinite;
        return;
    }
    if (!anyFinite() || point.value < least.value) {
        least = point;
    }
    if (!anyFinite() || point.value > greatest.value) {
        greatest = point;
    }
    ++count;
}

void PointBucket::add(const PointBucket& later)
{
    if (later.anyFinite()) {
        if (!anyFinite() || later.least.value < least.value) {
            least = later.least;
        }
        if (!anyFinite() || later.greatest.value > greatest.value) {
            greatest = later.greatest;
        }
    }
    count += later.count;
    notFinite += later.notFinite;
}

void noteNonFinite(NonFinitePoints& nonFinite, const MetricPoint& point)
{
    if (std::isfinite(point.value)) {
        return;
    }
    const std::size_t kind = std::isnan(point.value) ? 0 : point.value > 0.0 ? 1 : 2;
    if (!nonFinite[kind]) {
        nonFinite[kind] = point;
    }
}

void appendShown(const PointBucket& bucket, const NonFinitePoints* nonFinite, std::vector<MetricPoint>& to)
{
    const auto before = static_cast<std::ptrdiff_t>(to.size());
    if (bucket.anyFinite()) {
        to.push_back(bucket.least);
        if (bucket.greatest.step != bucket.least.step) {
            to.push_back(bucket.greatest);
        }
    }
    if (nonFinite != nullptr) {
        for (const std::optional<MetricPoint>& point : *nonFinite) {
            if (point) {
                to.push_back(*point);
            }
        }
    }
    std::sort(to.begin() + before, to.end(),
              [](const MetricPoint& a, const MetricPoint& b) { return a.step < b.step; });
}

ThinnedPoints::ThinnedPoints(std::size_t mostBuckets) : m_mostBuckets(mostBuckets)
{
    assert(mostBuckets >= 2);
}

void ThinnedPoints::add(const MetricPoint& point)
{
    m_first = m_count == 0 ? point : m_first;
    m_last = point;
    ++m_count;
    m_notFinite += std::isfinite(point.value) ? 0 : 1;
    if (thinned()) {
        addToBuckets(point);
        return;
    }
    m_every.add(point);
    if (m_every.size() > 2 * m_mostBuckets) {
        constexpr std::int64_t kFirstSize = 4; // of two points both are extremes
        m_bucketSize = kFirstSize;
        const MetricColumns every = std::exchange(m_every, {});
        for (std::size_t i = 0; i < every.size(); ++i) {
            addToBuckets(every.at(i));
        }
    }
}

void ThinnedPoints::addToBuckets(const MetricPoint& point)
{
    if (m_buckets.empty() || m_buckets.back().count >= m_bucketSize) {
        if (m_buckets.size() >= m_mostBuckets) {
            mergePairs();
        }
        if (m_buckets.empty() || m_buckets.back().count >= m_bucketSize) { // of an odd number the last is half full
            m_buckets.emplace_back();
        }
    }
    m_buckets.back().add(point);
    if (!std::isfinite(point.value)) {
        noteNonFinite(m_nonFinite[m_buckets.size() - 1], point);
    }
}

void ThinnedPoints::mergePairs()
{
    std::vector<PointBucket> merged;
    merged.reserve(m_mostBuckets);
    for (std::size_t i = 0; i < m_buckets.size(); ++i) {
        if (i % 2 == 0) {
            merged.push_back(m_buckets[i]);
        } else {
            merged.back().add(m_buckets[i]);
        }
    }
    std::map<std::size_t, NonFinitePoints> nonFinite;
    for (const auto& [bucket, points] : m_nonFinite) { // in order, so the first of each kind stays
        merge(nonFinite[bucket / 2], points);
    }
    m_buckets = std::move(merged);
    m_nonFinite = std::move(nonFinite);
    m_bucketSize *= 2;
}

MetricColumns ThinnedPoints::points() const
{
    if (!thinned()) {
        return m_every;
    }
    MetricColumns shown;
    shown.add(m_first);
    std::vector<MetricPoint> ofBucket;
    for (std::size_t i = 0; i < m_buckets.size(); ++i) {
        const auto nonFinite = m_nonFinite.find(i);
        ofBucket.clear();
        appendShown(m_buckets[i], nonFinite == m_nonFinite.end() ? nullptr : &nonFinite->second, ofBucket);
        for (const MetricPoint& point : ofBucket) {
            if (point.step > shown.steps.back()) { // the first point may be an extreme too
                shown.add(point);
            }
        }
    }
    if (m_last.step > shown.steps.back()) {
        shown.add(m_last);
    }
    return shown;
}

void ThinnedPoints::dropAfter(std::int64_t step)
{
    assert(!thinned());
    m_every.dropAfter(step);
    m_last = m_every.size() == 0 ? m_last : m_every.at(m_every.size() - 1);
    m_count = static_cast<std::int64_t>(m_every.size());
    m_notFinite =
        std::count_if(m_every.values.begin(), m_every.values.end(), [](double value) { return !std::isfinite(value); });
}

} // namespace dskd::store

#include "ui/feed/followed_series.h"

namespace dskd::ui
{

void FollowedSeries::take(const store::MetricPoint& point)
{
    if (every) {
        pending.add(point);
        return;
    }
    points.add(point);
    changed = true;
    if (!points.thinned()) {
        pending.add(point);
    } else if (pending.size() > 0) {
        pending = {};
    }
    if (partRead && point.step >= closely->first && point.step <= closely->last) {
        part->add(point);
    }
}

void FollowedSeries::restart(bool everyPoint)
{
    const std::size_t buckets = mostBuckets;
    *this = FollowedSeries(buckets);
    every = everyPoint;
    replaces = true;
}

void FollowedSeries::startPart(const std::optional<StepSpan>& span)
{
    closely = span;
    part = span ? std::optional(store::ThinnedPoints(mostBuckets)) : std::nullopt;
    partBlock = 0;
    partId.reset();
    partRead = false;
}

store::MetricColumns FollowedSeries::shown() const
{
    store::MetricColumns whole = points.points();
    if (!partRead) {
        return whole;
    }
    store::MetricColumns result;
    const auto addSome = [&](std::int64_t first, std::int64_t last) {
        for (std::size_t i = 0; i < whole.size(); ++i) {
            if (whole.steps[i] >= first && whole.steps[i] <= last) {
                result.add(whole.at(i));
            }
        }
    };
    if (whole.size() > 0 && whole.steps.front() < closely->first) {
        addSome(whole.steps.front(), closely->first - 1);
    }
    result.append(part->points());
    if (whole.size() > 0 && whole.steps.back() > closely->last) {
        addSome(closely->last + 1, whole.steps.back());
    }
    return result;
}

} // namespace dskd::ui

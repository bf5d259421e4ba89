#include "ui/pages/curves/curve_points.h"

#include "core/jobs/compare.h"

#include <algorithm>
#include <limits>

namespace dskd::ui
{
namespace
{

// What all x of a series depend on besides its rows.
double originOf(const SeriesView& view, XAxis axis)
{
    switch (axis) {
    case XAxis::Time:
    case XAxis::Active: return view.began;
    case XAxis::Epoch: return static_cast<double>(view.stepsPerEpoch);
    case XAxis::Step:
    case XAxis::Tokens: break;
    }
    return 0.0;
}

template <typename T>
void shorten(std::shared_ptr<std::vector<T>>& values, std::size_t size)
{
    if (values->size() > size) { // charts still hold the old ones
        values = std::make_shared<std::vector<T>>(values->begin(), values->begin() + static_cast<std::ptrdiff_t>(size));
    }
}

} // namespace

double xOf(const SeriesView& view, std::size_t index, XAxis axis)
{
    switch (axis) {
    case XAxis::Epoch:
        return static_cast<double>(view.series->steps[index]) /
               static_cast<double>(std::max<std::int64_t>(1, view.stepsPerEpoch));
    case XAxis::Tokens: return static_cast<double>(view.series->tokens[index]);
    case XAxis::Time: return view.series->times[index] - view.began;
    case XAxis::Active: return view.series->times[index] - view.began - view.pauses.before(view.series->times[index]);
    case XAxis::Step: break;
    }
    return static_cast<double>(view.series->steps[index]);
}

std::optional<double> xOfStep(const SeriesView& view, std::int64_t step, XAxis axis)
{
    if (axis == XAxis::Step) {
        return static_cast<double>(step);
    }
    if (axis == XAxis::Epoch) {
        return static_cast<double>(step) / static_cast<double>(std::max<std::int64_t>(1, view.stepsPerEpoch));
    }
    const auto& steps = view.series->steps;
    const auto after = std::upper_bound(steps.begin(), steps.end(), step) - steps.begin();
    return after == 0 ? std::nullopt : std::optional(xOf(view, static_cast<std::size_t>(after - 1), axis));
}

std::optional<StepSpan> stepsBetween(const SeriesView& view, double from, double to, XAxis axis)
{
    const auto& steps = view.series->steps;
    if (steps.empty()) {
        return std::nullopt;
    }
    // The number of points whose x is less than `x`; x rises with the step.
    const auto before = [&](double x) {
        std::size_t low = 0;
        std::size_t high = steps.size();
        while (low < high) {
            const std::size_t middle = low + (high - low) / 2;
            if (xOf(view, middle, axis) < x) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    };
    const std::size_t first = before(from);
    const std::size_t last = std::min(before(to), steps.size() - 1);
    return StepSpan{steps[first > 0 ? first - 1 : 0], steps[last]};
}

std::size_t ReadMark::standing(const Series& series) const
{
    // A step that was recorded again after a resume has another time.
    const bool stands = m_count > 0 && series.revision == m_revision && series.steps.size() >= m_count &&
                        series.steps[m_count - 1] == m_lastStep && series.times[m_count - 1] == m_lastTime;
    return stands ? m_count : 0;
}

void ReadMark::set(const Series& series, std::size_t count)
{
    m_count = count;
    m_revision = series.revision;
    if (count > 0) {
        m_lastStep = series.steps[count - 1];
        m_lastTime = series.times[count - 1];
    }
}

bool CurvePoints::update(const SeriesView& view)
{
    const Series& series = *view.series;
    const double origin = originOf(view, m_axis);
    const std::size_t from = origin == m_origin ? m_mark.standing(series) : 0;
    const bool changed = from != m_points->size() || from != series.values.size();
    shorten(m_points, from);
    for (std::size_t i = from; i < series.values.size(); ++i) {
        m_points->emplace_back(xOf(view, i, m_axis), series.values[i]);
    }
    m_origin = origin;
    m_mark.set(series, series.values.size());
    return changed;
}

void SeedMean::keepSettled()
{
    shorten(m_points, m_settled);
    shorten(m_deviations, m_settled);
    shorten(m_counts, m_settled);
}

bool SeedMean::update(const std::vector<SeriesView>& seeds)
{
    bool stands = seeds.size() == m_seeds.size(); // what is settled
    bool same = stands;                           // all of it
    for (std::size_t i = 0; stands && i < seeds.size(); ++i) {
        const Seed& seed = m_seeds[i];
        const Series& series = *seeds[i].series;
        const bool unread = seed.read.count() == series.steps.size() && seed.read.standing(series) == seed.read.count();
        stands = seed.origin == originOf(seeds[i], m_axis) && seed.settled.standing(series) == seed.settled.count() &&
                 (seed.growing || unread); // one that had ended was not waited for
        same = same && stands && unread && seed.growing == seeds[i].growing;
    }
    if (same && stands) {
        return false;
    }
    if (!stands) {
        m_seeds.assign(seeds.size(), {});
        m_settled = 0;
    }
    keepSettled();
    append(seeds);
    for (std::size_t i = 0; i < seeds.size(); ++i) {
        m_seeds[i].read.set(*seeds[i].series, seeds[i].series->steps.size());
        m_seeds[i].origin = originOf(seeds[i], m_axis);
        m_seeds[i].growing = seeds[i].growing;
    }
    return true;
}

void SeedMean::append(const std::vector<SeriesView>& seeds)
{
    // Up to here no seed that still runs can add a step.
    std::int64_t settledUpTo = std::numeric_limits<std::int64_t>::max();
    std::vector<std::size_t> next;
    for (std::size_t i = 0; i < seeds.size(); ++i) {
        const auto& steps = seeds[i].series->steps;
        if (seeds[i].growing) {
            settledUpTo = std::min(settledUpTo, steps.empty() ? -1 : steps.back());
        }
        next.push_back(m_seeds[i].settled.count());
    }
    std::vector<double> values;
    while (true) {
        std::optional<std::int64_t> step;
        for (std::size_t i = 0; i < seeds.size(); ++i) {
            const auto& steps = seeds[i].series->steps;
            if (next[i] < steps.size()) {
                step = std::min(step.value_or(steps[next[i]]), steps[next[i]]);
            }
        }
        if (!step) {
            return;
        }
        values.clear();
        double x = 0.0;
        for (std::size_t i = 0; i < seeds.size(); ++i) {
            const Series& series = *seeds[i].series;
            if (next[i] < series.steps.size() && series.steps[next[i]] == *step) {
                values.push_back(series.values[next[i]]);
                x += xOf(seeds[i], next[i], m_axis);
                ++next[i];
            }
        }
        x = m_axis == XAxis::Step ? static_cast<double>(*step) : x / static_cast<double>(values.size());
        const jobs::Summary summary = jobs::summarize(values);
        m_points->emplace_back(m_points->empty() ? x : std::max(x, m_points->back().x()), summary.mean);
        m_deviations->push_back(summary.deviation);
        m_counts->push_back(static_cast<int>(values.size()));
        if (*step <= settledUpTo) {
            m_settled = m_points->size();
            for (std::size_t i = 0; i < seeds.size(); ++i) {
                m_seeds[i].settled.set(*seeds[i].series, next[i]);
            }
        }
    }
}

} // namespace dskd::ui

#include "ui/pages/curves/curve_points.h"

#include "core/jobs/compare.h"

#include <algorithm>

namespace dskd::ui
{

double xOf(const SeriesView& view, std::size_t index, XAxis axis)
{
    switch (axis) {
    case XAxis::Tokens: return static_cast<double>(view.series->tokens[index]);
    case XAxis::Time: return view.series->times[index] - view.began;
    case XAxis::Step: break;
    }
    return static_cast<double>(view.series->steps[index]);
}

std::size_t ReadMark::standing(const Series& series) const
{
    // A step that was recorded again after a resume has another time.
    const bool stands = m_count > 0 && series.steps.size() >= m_count && series.steps[m_count - 1] == m_lastStep &&
                        series.times[m_count - 1] == m_lastTime;
    return stands ? m_count : 0;
}

void ReadMark::set(const Series& series, std::size_t count)
{
    m_count = count;
    if (count > 0) {
        m_lastStep = series.steps[count - 1];
        m_lastTime = series.times[count - 1];
    }
}

bool CurvePoints::update(const SeriesView& view)
{
    const Series& series = *view.series;
    std::size_t from = m_mark.standing(series);
    if (m_axis == XAxis::Time && view.began != m_began) {
        from = 0;
    }
    const bool changed = from != m_points->size() || from != series.values.size();
    if (from < m_points->size()) { // charts still hold the old ones
        m_points = std::make_shared<std::vector<QPointF>>(m_points->begin(),
                                                          m_points->begin() + static_cast<std::ptrdiff_t>(from));
    }
    for (std::size_t i = from; i < series.values.size(); ++i) {
        m_points->emplace_back(xOf(view, i, m_axis), series.values[i]);
    }
    m_began = view.began;
    m_mark.set(series, series.values.size());
    return changed;
}

bool SeedMean::update(const std::vector<SeriesView>& seeds)
{
    bool stands = seeds.size() == m_next.size();
    for (std::size_t i = 0; stands && i < seeds.size(); ++i) {
        stands = m_next[i] == 0 || (m_marks[i].standing(*seeds[i].series) == m_next[i] &&
                                    (m_axis != XAxis::Time || m_began[i] == seeds[i].began));
    }
    const std::size_t before = m_points->size();
    if (!stands) {
        m_marks.assign(seeds.size(), {});
        m_next.assign(seeds.size(), 0);
        m_began.assign(seeds.size(), 0.0);
        m_points = std::make_shared<std::vector<QPointF>>();
        m_deviations = std::make_shared<std::vector<double>>();
    }
    append(seeds);
    for (std::size_t i = 0; i < seeds.size(); ++i) {
        m_marks[i].set(*seeds[i].series, m_next[i]);
        m_began[i] = seeds[i].began;
    }
    return !stands || m_points->size() != before;
}

void SeedMean::append(const std::vector<SeriesView>& seeds)
{
    std::vector<double> values(seeds.size());
    const auto ended = [&](std::size_t i) { return m_next[i] >= seeds[i].series->steps.size(); };
    while (!seeds.empty()) {
        std::int64_t step = 0;
        for (std::size_t i = 0; i < seeds.size(); ++i) {
            if (ended(i)) {
                return;
            }
            step = std::max(step, seeds[i].series->steps[m_next[i]]);
        }
        bool everywhere = true;
        for (std::size_t i = 0; i < seeds.size(); ++i) {
            while (!ended(i) && seeds[i].series->steps[m_next[i]] < step) {
                ++m_next[i];
            }
            everywhere = everywhere && !ended(i) && seeds[i].series->steps[m_next[i]] == step;
        }
        if (!everywhere) {
            continue;
        }
        double x = 0.0;
        for (std::size_t i = 0; i < seeds.size(); ++i) {
            x += xOf(seeds[i], m_next[i], m_axis) / static_cast<double>(seeds.size());
            values[i] = seeds[i].series->values[m_next[i]];
            ++m_next[i];
        }
        const jobs::Summary summary = jobs::summarize(values);
        m_points->emplace_back(m_axis == XAxis::Step ? static_cast<double>(step) : x, summary.mean);
        m_deviations->push_back(summary.deviation);
    }
}

} // namespace dskd::ui

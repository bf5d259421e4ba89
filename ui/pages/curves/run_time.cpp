#include "ui/pages/curves/run_time.h"

#include <algorithm>

namespace dskd::ui
{

Pauses::Pauses(const RunSeries& run)
{
    double total = 0.0;
    for (const SeriesAttempt& attempt : run.attempts) {
        double kept = 0.0; // the time of the last point before it
        for (const auto& [name, series] : run.byMetric) {
            const auto after = std::lower_bound(series.times.begin(), series.times.end(), attempt.started);
            if (after != series.times.begin()) {
                kept = std::max(kept, *std::prev(after));
            }
        }
        if (kept > 0.0) {
            total += attempt.started - kept;
            m_until.emplace_back(attempt.started, total);
        }
    }
}

double Pauses::before(double time) const
{
    const auto after = std::upper_bound(m_until.begin(), m_until.end(), time,
                                        [](double at, const auto& pause) { return at < pause.first; });
    return after == m_until.begin() ? 0.0 : std::prev(after)->second;
}

} // namespace dskd::ui

#include "ui/pages/curves/run_time.h"

#include <algorithm>

namespace dskd::ui
{

Pauses::Pauses(const RunSeries& run)
{
    double total = 0.0;
    for (const SeriesAttempt& attempt : run.attempts) {
        if (attempt.kept > 0.0) {
            total += attempt.started - attempt.kept;
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

#pragma once

#include "ui/feed/series_feed.h"

#include <utility>
#include <vector>

namespace dskd::ui
{

// What a run's clock counts although nothing was learnt: from the last step that was kept to the start of the attempt
// that went on from it. So the steps that were lost with a killed worker do not count as active either.
class Pauses
{
public:
    Pauses() = default;
    explicit Pauses(const RunSeries& run);
    // Seconds of all pauses before that time (seconds since 1970).
    [[nodiscard]] double before(double time) const;

private:
    std::vector<std::pair<double, double>> m_until; // end of a pause, all seconds up to there
};

} // namespace dskd::ui

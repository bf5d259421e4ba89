#include "ui/models/experiment_counts.h"

#include <set>
#include <string_view>

namespace dskd::ui
{

StateCounts countsOf(const ExperimentRecord& experiment, const std::vector<RunRecord>& runs)
{
    StateCounts counts;
    const std::set<std::string_view> earlier(experiment.earlier.begin(), experiment.earlier.end());
    for (const RunRecord& run : runs) {
        if (run.row.experiment == experiment.row.id && !earlier.contains(run.row.id)) {
            counts.add(run.status.status);
        }
    }
    counts.missing = experiment.unmade;
    return counts;
}

} // namespace dskd::ui

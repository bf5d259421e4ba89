#include "ui/pages/shared/joint_reading.h"

namespace dskd::ui
{

std::string stateOfRuns(const WorkspaceFeed& workspace, const std::vector<std::string>& runIds)
{
    std::string state;
    for (const std::string& id : runIds) {
        if (const RunRecord* record = workspace.find(id)) {
            state += id + "\n" + record->row.name + "\n" + record->row.group + "\n" +
                     std::string(jobs::name(record->status.status)) + " " + std::to_string(record->status.step) + "\n";
        }
    }
    return state;
}

} // namespace dskd::ui

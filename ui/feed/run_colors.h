#pragma once

#include "core/store/workspace_rows.h"

#include <map>
#include <string>
#include <vector>

namespace dskd::ui
{

// Which colour each run has (ui/look/run_shade.h). Given once, in the order of creation, and kept with the run id (the
// workspace setting "ui.colors"), so that a run looks the same in every view, in every window and tomorrow. The runs
// of one configuration within one group share the hue and have shades of their own: its seeds, and runs of one seed
// that were stopped, resumed or repeated.
class RunColors
{
public:
    RunColors() = default;
    explicit RunColors(const std::string& json); // what toJson() made; anything else counts as empty
    [[nodiscard]] std::string toJson() const;

    // Gives a colour to the runs that have none, and removes those of runs that are gone. Colours of before there were
    // shades keep their hue. True when that changed something.
    bool assign(const std::vector<store::RunRow>& runs, const std::vector<store::RunRow>& trash);
    [[nodiscard]] int of(const std::string& runId) const; // 0 when it has none
    [[nodiscard]] bool knows(const std::string& runId) const { return m_indexes.contains(runId); }

private:
    std::map<std::string, int> m_indexes;
};

} // namespace dskd::ui

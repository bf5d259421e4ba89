#pragma once

#include "core/config/plan/plan.h"

#include <functional>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

namespace dskd::ui
{

// A plan, and its runs: worked out once, on the thread that asks first, for all that ask. Any thread.
class ExpandedPlan
{
public:
    using Runs = Result<std::vector<config::PlannedRun>>;
    using Expand = std::function<Runs(const config::Plan&)>;

    explicit ExpandedPlan(config::Plan plan, Expand expand = config::expand)
        : m_plan(std::move(plan)), m_expand(std::move(expand))
    {
    }

    [[nodiscard]] const config::Plan& plan() const { return m_plan; }
    // May take seconds: not for the GUI thread.
    [[nodiscard]] const Runs& runs() const
    {
        std::call_once(m_once, [this] { m_runs = m_expand(m_plan); });
        return *m_runs;
    }

private:
    config::Plan m_plan;
    Expand m_expand;
    mutable std::once_flag m_once;
    mutable std::optional<Runs> m_runs;
};

} // namespace dskd::ui

#pragma once

// What the window holds of runs and experiments, as values.

#include "core/jobs/plan_progress.h"
#include "core/jobs/status.h"
#include "core/store/experiment_table.h"
#include "core/store/workspace_rows.h"

#include <QString>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace dskd::ui
{

// One run as lists and details show it.
struct RunRecord {
    store::RunRow row;
    jobs::RunStatus status;
    std::map<std::string, double> latest; // newest value of every metric
    double started = 0.0;                 // of the first attempt; 0: never
    double ended = 0.0;                   // of the last attempt; 0: going on or never
    double attemptStarted = 0.0;          // the last attempt
    std::int64_t attemptStep = 0;         // the step that it went on from
    int color = 0;                        // index for runColor(); bound to the run id, equal in every view
};

// One experiment as lists show it. Its runs are those whose row.experiment is row.id.
struct ExperimentRecord {
    store::ExperimentRow row;
    std::optional<jobs::PlanProgress> progress; // of its newest revision; none: its runs are not counted yet
    std::string trouble;                        // why they cannot be counted: a sentence

    // Planned runs that are still to be run (jobs::isMissing); none: not counted yet.
    [[nodiscard]] std::optional<std::size_t> missing() const
    {
        return progress ? std::optional(progress->missing()) : std::nullopt;
    }
};

// A change that was stored and can be taken back.
struct Edit {
    QString name; // "Rename"
    std::function<void()> undo;
    std::function<void()> redo;
};

} // namespace dskd::ui

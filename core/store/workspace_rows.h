#pragma once

// Runs and the queue, as rows of workspace.db. Times are seconds since 1970.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace dskd::store
{

// What people read for a run: its name, else its id.
[[nodiscard]] inline const std::string& nameOrId(const std::string& name, const std::string& id)
{
    return name.empty() ? id : name;
}

struct RunRow {
    std::string id; // folder name under runs/
    std::string name;
    std::string group;
    double created = 0.0;
    // As config.json names them.
    std::string job;
    std::string objective;
    std::string space;
    std::string alignment;
    std::string distance;
    std::string method;      // config::MethodName::id: empty for a composition without a name
    std::string methodLabel; // config::MethodName::label: what tables show
    std::uint64_t seed = 0;
    std::string teacher; // folder; empty for SFT
    std::string student;
    std::string configHash; // jobs::configHash: equal for the seeds of one experiment
    std::string note;
    std::vector<std::string> tags;          // sorted
    std::optional<double> trashed;          // when it was moved to the trash
    std::optional<std::int64_t> experiment; // ExperimentRow::id; none of a run without an experiment yet
    std::optional<std::int64_t> revision;   // of its plan, when the run was made

    [[nodiscard]] const std::string& shownName() const { return nameOrId(name, id); }
};

enum class QueueState { Waiting, Running };

struct QueueRow {
    std::int64_t position = 0; // 1 is next
    std::string runId;
    QueueState state = QueueState::Waiting;
    double added = 0.0;
};

} // namespace dskd::store

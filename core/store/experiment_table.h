#pragma once

// The experiments of a workspace: named configurations that people edit, each change of which is kept as a revision.
// What a plan is made of (configuration, axes, seeds) is the business of config/plan; here it is text.

#include "core/base/result.h"
#include "core/store/workspace_db.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dskd::store
{

struct ExperimentRow {
    std::int64_t id = 0; // grows; never used again
    std::string name;    // no two have the same
    double created = 0.0;
    std::int64_t revision = 0; // the newest, from 1
    std::string note;
    std::vector<std::string> tags;  // sorted
    std::optional<double> archived; // when it was put out of sight
};

struct RevisionRow {
    std::int64_t number = 0; // from 1
    double created = 0.0;
    std::string plan; // JSON
};

// Part of a WorkspaceDb, which must outlive it; with its threads and its failures: what a person can get wrong is a
// Failure, a database that cannot be read or written throws dskd::Error.
class ExperimentTable
{
public:
    explicit ExperimentTable(WorkspaceDb& workspace) : m_workspace(workspace) {}

    // Its id; the plan is revision 1. Refuses (Usage) a name that is taken or not usable (chosen_names.h),
    // and proposes another.
    Result<std::int64_t> add(const std::string& name, std::string_view plan);
    // The same for runs that have no experiment, under the wanted name or the next usable and free one, in one change:
    // two programs that do this at once make one experiment. How many runs it got; 0, and no experiment, where all have
    // one by now.
    Result<std::size_t> addFor(const std::vector<std::string>& runIds, const std::string& wanted,
                               std::string_view plan);
    // The number of the newest revision: of a new one, or of the last where its plan is the same.
    Result<std::int64_t> revise(std::int64_t id, std::string_view plan);

    std::vector<ExperimentRow> all(); // the newest last, archived ones among them
    // The one a person means: its name, or "#" and its id. NotFound, with the nearest name.
    Result<ExperimentRow> find(const std::string& text);
    std::vector<RevisionRow> revisions(std::int64_t id);                // the oldest first
    Result<RevisionRow> revision(std::int64_t id, std::int64_t number); // NotFound
    std::vector<std::string> runs(std::int64_t id);  // their ids, the oldest first; none in the trash
    std::string freeName(const std::string& wanted); // `wanted`, with " 2", " 3" … when taken

    // Stores for runs to which revision of which experiment they belong. NotFound, and nothing is changed, when the
    // experiment has been deleted meanwhile.
    Result<void> place(const std::vector<std::string>& runIds, std::int64_t id, std::int64_t revision);

    Result<void> rename(std::int64_t id, const std::string& name);
    Result<void> setNote(std::int64_t id, const std::string& note);
    Result<void> setTags(std::int64_t id, const std::vector<std::string>& tags);
    Result<void> setArchived(std::int64_t id, std::optional<double> when);
    // With its revisions. Its runs in use stay, without an experiment. While runs of it are in the trash it is only out
    // of sight: it is there again when the first of them is restored, and goes for good with the last of them.
    Result<void> forget(std::int64_t id);
    // Takes forget() back: the experiment has its number, note, tags, archiving and revisions again, and its name or,
    // where another has that by now, the next free one, which is returned. Runs that it lost stay without. One that is
    // there already, since a run of it came out of the trash, stays as it is.
    Result<std::string> putBack(const ExperimentRow& row, const std::vector<RevisionRow>& revisions);

private:
    WorkspaceDb& m_workspace;
};

} // namespace dskd::store

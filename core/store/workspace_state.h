#pragma once

// What the methods of WorkspaceDb share. Only for the sources of workspace.db.

#include "core/store/database.h"
#include "core/store/read_access.h"
#include "core/store/workspace_db.h"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace dskd::store
{

struct WorkspaceDb::State {
    WorkspaceLayout layout;
    Database database;
    std::string whyReadOnly; // empty: it can be written
    std::int64_t dataVersion = -1;

    State(const std::filesystem::path& root, Database::Access access, std::chrono::milliseconds patience);
    State(const std::filesystem::path& root, ReadAccess access); // for reading

    // Changes one column of a run that must exist.
    Result<void> update(const std::string& id, const std::string& assignment, const std::string& value) const;
    [[nodiscard]] Failure unknownRun(const std::string& text) const;
    [[nodiscard]] Failure notInTrash(const std::string& text) const;

private:
    // `names`: the query for ids and names; `list`: the command that lists them.
    [[nodiscard]] Failure unknownAmong(const std::string& text, std::string_view names,
                                       const std::filesystem::path& place, const std::string& list) const;
};

// Gives the waiting entries of the queue the places 1, 2, 3 ... in their order.
void closeGaps(const Database& database);

// The experiment of the run, should it have been deleted, is there again: no run in use belongs to one that is not. Its
// name is that of before, with a number where another has it by now.
void reviveExperimentOf(const Database& database, const std::string& runId);
// Deleted experiments of which there is no run any more, not even in the trash, go for good.
void dropDeletedExperiments(const Database& database);

// At the end of the queue; a run that is in it keeps its place.
void insertLast(const Database& database, const std::string& id);

} // namespace dskd::store

#pragma once

// The runs that `dskd runs` lists, read from their folders, as rows of a table.

#include "core/base/run_layout.h"
#include "core/jobs/table/table_data.h"
#include "core/store/workspace_db.h"

#include <cstddef>
#include <map>
#include <string>
#include <vector>

namespace dskd::cli
{

struct ListedRun {
    store::RunRow row;
    RunLayout folder;
    jobs::RunStatus status;
    std::map<std::string, double> latest;
    double started = 0.0;
    double ended = 0.0;
    std::string experiment; // its name
    jobs::TableConfig config;
};

struct ListingChoice {
    std::string group = {}; // empty: of any
    bool trashed = false;
    std::string query = {};
    std::vector<std::string> columns = {};
    bool usualColumns = false; // where `columns` is empty
    std::string sort = {};     // empty: the oldest first
    bool descending = false;
    bool acrossSeeds = false;
};

struct RunListing {
    std::vector<ListedRun> runs;          // of the group, whatever the query
    std::vector<jobs::TableRun> rows;     // of all of them; refer to `runs`
    std::vector<jobs::RunColumn> columns; // that are asked for
    std::vector<std::size_t> order;       // places of the runs that are listed
    std::vector<jobs::SeedGroup> groups;  // of the listed runs, with acrossSeeds

    RunListing() = default;
    RunListing(RunListing&&) = default; // the runs stay where they are
    RunListing& operator=(RunListing&&) = delete;
};

// Throws Error: of kind Usage for a query or a column that is not understood.
[[nodiscard]] RunListing listRuns(store::WorkspaceDb& workspace, const ListingChoice& choice);

} // namespace dskd::cli

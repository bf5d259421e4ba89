#include "app/cli/commands/runs_listing.h"

#include "core/base/parallel.h"
#include "core/base/process.h"
#include "core/jobs/run_files.h"
#include "core/jobs/run_summary.h"
#include "core/jobs/table/run_query.h"
#include "core/store/experiment_table.h"

#include <algorithm>
#include <numeric>
#include <optional>
#include <set>

namespace dskd::cli
{
namespace
{

// What of the workspace's runs was read anew.
struct ReadRun {
    jobs::RunTrace trace; // before it was read
    jobs::RunSummary summary;
};

// Returns what was read; nothing where the cache has the run.
std::optional<ReadRun> readFolder(ListedRun& run, const store::QueueRow* queued, const jobs::SummaryCache* cache)
{
    ReadRun read{jobs::RunFiles(run.folder).trace(), {}};
    const std::optional<jobs::RunSummary> known = cache != nullptr ? cache->find(run.row.id, read.trace) : std::nullopt;
    read.summary = known ? *known : jobs::readSummary(run.folder);
    run.status = jobs::withQueue(read.summary.status, queued);
    run.latest = read.summary.latest;
    run.started = read.summary.started;
    run.ended = read.summary.ended;
    return known ? std::nullopt : std::optional(std::move(read));
}

// In the order of the workspace, several at a time.
std::vector<ListedRun> readAll(store::WorkspaceDb& workspace, const ListingChoice& choice)
{
    std::map<std::string, store::QueueRow> queue;
    for (store::QueueRow& row : workspace.queue()) {
        queue[row.runId] = std::move(row);
    }
    std::map<std::int64_t, std::string> experiments;
    for (const store::ExperimentRow& row : store::ExperimentTable(workspace).all()) {
        experiments[row.id] = row.name;
    }
    std::vector<ListedRun> runs;
    for (store::RunRow& row : workspace.runs(choice.trashed)) {
        if (!choice.group.empty() && row.group != choice.group) {
            continue;
        }
        ListedRun run;
        run.folder = choice.trashed ? RunLayout{workspace.layout().trash() / row.id} : workspace.layout().run(row.id);
        run.experiment = row.experiment ? experiments[*row.experiment] : std::string();
        run.row = std::move(row);
        runs.push_back(std::move(run));
    }
    std::optional<jobs::SummaryCache> cache;
    if (!choice.trashed) {
        cache.emplace(workspace.layout());
    }
    std::vector<std::optional<ReadRun>> read(runs.size());
    inParallel(runs.size(), [&](const Block& block) {
        for (std::size_t i = block.begin; i < block.end; ++i) {
            const auto queued = queue.find(runs[i].row.id);
            read[i] = readFolder(runs[i], queued == queue.end() ? nullptr : &queued->second, cache ? &*cache : nullptr);
        }
    });
    for (std::size_t i = 0; cache && i < runs.size(); ++i) {
        if (read[i]) {
            cache->remember(runs[i].row.id, read[i]->trace, read[i]->summary);
        }
    }
    if (cache && cache->added() >= jobs::kWorthSaving) {
        (void)cache->save(); // on a disk that cannot be written the runs are read again next time
    }
    return runs;
}

void sort(RunListing& listing, const jobs::RunColumn& column, bool descending)
{
    const auto sorted = [&](auto& places, const auto& valueAt) {
        std::stable_sort(places.begin(), places.end(), [&](const auto& a, const auto& b) {
            const jobs::RunValue left = valueAt(a);
            const jobs::RunValue right = valueAt(b);
            const bool swapped = descending && !jobs::isMissing(left) && !jobs::isMissing(right);
            return swapped ? jobs::comesBefore(right, left) : jobs::comesBefore(left, right);
        });
    };
    sorted(listing.order, [&](std::size_t place) { return jobs::valueOf(column, listing.rows[place]); });
    sorted(listing.groups,
           [&](const jobs::SeedGroup& group) { return jobs::orderOf(jobs::valueOf(column, group, listing.rows)); });
}

// Places in the listing, of groups of the listed runs alone.
std::vector<jobs::SeedGroup> groupsOf(const RunListing& listing)
{
    std::vector<jobs::TableRun> rows;
    std::vector<std::string> keys;
    for (const std::size_t place : listing.order) {
        rows.push_back(listing.rows[place]);
        keys.push_back(listing.runs[place].config.groupKey);
    }
    std::vector<jobs::SeedGroup> groups = jobs::seedGroups(rows, keys);
    for (jobs::SeedGroup& group : groups) {
        for (std::vector<std::size_t>* places : {&group.runs, &group.counted}) {
            for (std::size_t& place : *places) {
                place = listing.order[place];
            }
        }
    }
    return groups;
}

} // namespace

RunListing listRuns(store::WorkspaceDb& workspace, const ListingChoice& choice)
{
    RunListing listing;
    listing.runs = readAll(workspace, choice);
    std::set<std::string> recorded;
    for (const ListedRun& run : listing.runs) {
        for (const auto& [name, value] : run.latest) {
            recorded.insert(name);
        }
    }
    const std::vector<jobs::RunColumn> all = jobs::runColumns(recorded);
    const jobs::RunQuery query = jobs::RunQuery::parse(choice.query, all).value();
    for (const std::string& word :
         choice.columns.empty() && choice.usualColumns ? jobs::defaultColumns() : choice.columns) {
        listing.columns.push_back(*jobs::findColumn(all, word).value());
    }
    const jobs::RunColumn* sortedBy = choice.sort.empty() ? nullptr : jobs::findColumn(all, choice.sort).value();
    const auto isField = [](const jobs::RunColumn& column) { return column.source == jobs::RunColumn::Source::Field; };
    if (choice.acrossSeeds || query.readsConfig() || (sortedBy != nullptr && isField(*sortedBy)) ||
        std::any_of(listing.columns.begin(), listing.columns.end(), isField)) {
        for (ListedRun& run : listing.runs) {
            if (auto config = jobs::readTableConfig(workspace, run.folder)) { // else its status reports what is wrong
                run.config = *std::move(config);
            }
        }
    }
    const double now = unixTime();
    for (std::size_t place = 0; place < listing.runs.size(); ++place) {
        const ListedRun& run = listing.runs[place];
        listing.rows.push_back(
            {run.row, run.status, run.latest, run.started, run.ended, now, run.experiment, &run.config.texts});
        if (query.matches(listing.rows.back())) {
            listing.order.push_back(place);
        }
    }
    if (choice.acrossSeeds) {
        listing.groups = groupsOf(listing);
    }
    if (sortedBy != nullptr) {
        sort(listing, *sortedBy, choice.descending);
    }
    return listing;
}

} // namespace dskd::cli

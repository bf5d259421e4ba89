#include "app/report/tensorboard.h"

#include "app/report/event_file.h"
#include "core/store/run_reader.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <system_error>
#include <utility>

namespace dskd::report
{

namespace fs = std::filesystem;

namespace
{

constexpr std::int64_t kRowsAtOnce = 20'000;

std::string tagOf(std::string name)
{
    std::replace(name.begin(), name.end(), '.', '/');
    return name;
}

// TensorBoard reads only files with "tfevents" in their name.
fs::path eventFileOf(const fs::path& folder, const store::RunRow& run)
{
    return folder / run.id / ("events.out.tfevents." + std::to_string(std::llround(run.created)) + ".dskd");
}

// How many points were written. Throws Error when run.db cannot be read.
Result<std::int64_t> writeRun(const RunLayout& run, const store::RunRow& row, const fs::path& to,
                              const std::atomic<bool>& cancelled)
{
    store::RunReader reader = store::RunReader::open(run).value();
    Result<EventFile> file = EventFile::create(to, row.created);
    if (!file) {
        return file.failure();
    }
    std::map<std::string, std::string> tags;
    std::int64_t points = 0;
    std::int64_t last = 0;
    for (bool more = true; more;) {
        if (cancelled) {
            return Failure{"Writing for TensorBoard was cancelled.", {}};
        }
        const std::vector<store::MetricRow> rows = reader.metricsAfter(last, kRowsAtOnce);
        for (const store::MetricRow& metric : rows) {
            const auto tag = tags.try_emplace(metric.name, tagOf(metric.name)).first;
            if (const auto added = file->add({metric.time, metric.step, tag->second, static_cast<float>(metric.value)});
                !added) {
                return added.failure();
            }
            last = metric.id;
        }
        points += static_cast<std::int64_t>(rows.size());
        more = static_cast<std::int64_t>(rows.size()) == kRowsAtOnce;
    }
    const Result<void> committed = file->commit();
    return committed ? Result<std::int64_t>(points) : Result<std::int64_t>(committed.failure());
}

} // namespace

Result<EventFiles> writeEventFiles(store::WorkspaceDb& workspace, const std::vector<std::string>& runIds,
                                   const fs::path& folder, const std::atomic<bool>& cancelled)
{
    EventFiles written;
    for (const std::string& id : runIds) {
        const Result<store::RunRow> row = workspace.run(id);
        if (!row) {
            return row.failure();
        }
        const fs::path to = eventFileOf(folder, *row);
        std::error_code error;
        fs::create_directories(to.parent_path(), error);
        if (error) {
            return Failure{"The folder " + to.parent_path().string() + " cannot be made: " + error.message() + ".",
                           "Name a folder where you may write."};
        }
        try {
            const Result<std::int64_t> points = writeRun(workspace.layout().run(id), *row, to, cancelled);
            if (!points) {
                return points.failure();
            }
            written.points += *points;
            written.files.push_back(to);
        } catch (const Error& unreadable) {
            written.leftOut.push_back({id, unreadable.failure()});
        }
    }
    return written;
}

} // namespace dskd::report

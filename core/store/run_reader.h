#pragma once

#include "core/base/result.h"
#include "core/base/run_layout.h"
#include "core/store/baseline_records.h"
#include "core/store/records.h"
#include "core/store/space_records.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace dskd::store
{

// Reads run.db, also while a worker writes it, also before it exists (everything is empty until it does).
// Not thread-safe: one reader per thread. Methods throw dskd::Error when the file is damaged.
class RunReader
{
public:
    // Fails when run.db was written by a newer version of the program or is not a database.
    // `patience`: how long every method waits for a lock of another process before it throws.
    static Result<RunReader> open(const RunLayout& run, std::chrono::milliseconds patience = std::chrono::seconds(5));

    RunReader(RunReader&&) noexcept;
    RunReader& operator=(RunReader&&) noexcept;
    ~RunReader();

    // What is wrong with everything that is read: on a disk that cannot be written, changes that were never finished.
    // Empty otherwise.
    std::string warning();

    // While it lives, all methods see one state of run.db, and each costs a fraction: SQLite looks for other processes
    // once. Short-lived, because a worker in rollback mode waits for it. One inside another does nothing. Must not
    // outlive its reader.
    class Snapshot
    {
    public:
        explicit Snapshot(RunReader& reader);
        ~Snapshot();
        Snapshot(const Snapshot&) = delete;
        Snapshot& operator=(const Snapshot&) = delete;

    private:
        RunReader& m_reader;
        bool m_began = false;
    };

    // True when anything was written since the last call (or ever, at the first call). Costs microseconds.
    bool changed();

    // Rows with id > `id` in order of id, at most `limit` (0: all). Poll with the last id seen. When a run is resumed
    // attempts() grows, and rows already read with a step after the new attempt's resumeStep no longer count.
    std::vector<MetricRow> metricsAfter(std::int64_t id, std::int64_t limit = 0);
    std::vector<std::string> metricNames(); // sorted
    // The same row by row. Returns how many there were.
    std::int64_t eachMetricAfter(std::int64_t id, std::int64_t limit,
                                 const std::function<void(const std::string& name, const MetricPoint& point)>& take);
    std::int64_t lastMetricId();                             // of all metrics; 0: there is none
    std::optional<MetricPoint> metricPoint(std::int64_t id); // none: there is no such row
    std::optional<double> lastMetricTimeBefore(double time); // of the newest row that is older; none: all are newer
    // Points with id > `afterId` in order of id, at most `limit` (0: all).
    std::vector<MetricPoint> series(const std::string& name, std::int64_t afterId = 0, std::int64_t limit = 0);
    std::map<std::string, MetricPoint> latest(); // the newest point of every series

    std::vector<HeatMapRow> heatMaps(); // without values and tokens
    std::optional<HeatMapRow> heatMap(std::int64_t id);
    // The newest one of that name and sample, at or before `step` when given.
    std::optional<HeatMapRow> heatMap(const std::string& name, std::int64_t sample,
                                      std::optional<std::int64_t> step = std::nullopt);

    std::vector<AnswerRow> answers(std::optional<std::int64_t> step = std::nullopt); // none: all steps
    // Of the teacher and of the untrained student, by sample. Empty in runs of older versions.
    std::vector<BaselineAnswerRow> baselineAnswers();

    // Representation spaces at the probes (space_records.h). Empty in runs of older versions.
    std::vector<StructureRow> structure(std::optional<std::int64_t> step = std::nullopt); // none: all steps
    std::vector<std::int64_t> structureSteps();                                           // rising
    std::vector<std::int64_t> spacePointSteps();                                          // rising
    std::vector<SpacePointRow> spacePoints(std::int64_t step);
    std::vector<SpaceAxesRow> spaceAxes(); // the newest of each space: those of spacePoints

    std::vector<EventRow> eventsAfter(std::int64_t id = 0);
    std::optional<EventRow> lastEvent(const std::string& kind);
    std::vector<AttemptRow> attempts(); // oldest first
    std::optional<Heartbeat> heartbeat();
    std::optional<Plan> plan();
    std::map<std::string, std::string> info();

private:
    struct State;
    explicit RunReader(std::unique_ptr<State> state);
    std::unique_ptr<State> m_state;
};

} // namespace dskd::store

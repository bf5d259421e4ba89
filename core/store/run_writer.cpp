#include "core/store/run_writer.h"

#include "core/store/run_writer_state.h"
#include "core/store/schema.h"

#include <fcntl.h>
#include <iterator>
#include <mutex>
#include <system_error>
#include <thread>
#include <unistd.h>
#include <utility>

namespace dskd::store
{
namespace
{

constexpr const char* kSetInfo = "INSERT OR REPLACE INTO info(key, value) VALUES(?, ?)";

// Room for the rows that say how the attempt ended; a disk without it is no reason not to begin.
void keepReserve(const std::filesystem::path& file)
{
    constexpr off_t kBytes = 1 << 18;
    const int descriptor = ::open(file.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
    if (descriptor >= 0) {
        (void)posix_fallocate(descriptor, 0, kBytes);
        ::close(descriptor);
    }
}

} // namespace

RunWriter::RunWriter(std::unique_ptr<State> state) : m_state(std::move(state)) {}

RunWriter::~RunWriter()
{
    (void)flush();
}

Result<std::unique_ptr<RunWriter>> RunWriter::open(const RunLayout& run, const WriterOptions& options)
{
    for (const auto end = State::Clock::now() + options.patience;;) {
        try {
            auto state = std::make_unique<State>(run, options);
            const Result<void> migrated = migrate(state->database, kRunSchema, run.database().string());
            if (!migrated) {
                return migrated.failure();
            }
            keepReserve(run.reserve());
            return std::unique_ptr<RunWriter>(new RunWriter(std::move(state)));
        } catch (const DatabaseError& error) {
            if (!error.isLock() || State::Clock::now() >= end) {
                return error.failure();
            }
            std::this_thread::sleep_for(State::kPause);
        } catch (const Error& error) {
            return error.failure();
        }
    }
}

Result<void> RunWriter::beginAttempt(std::optional<std::int64_t> resumeStep)
{
    return m_state->begin([&](const Database& database) {
        if (const auto missing = missingSteps(database, resumeStep.value_or(0))) {
            RunRows warning;
            warning.events.push_back({0, unixTime(), *resumeStep, "warning", *missing,
                                      "What is missing are points of the curves; the training itself lacks nothing."});
            m_state->tables->write(warning);
        }
        for (const char* table : kTablesOfSteps) {
            const std::string all = std::string("DELETE FROM ") + table;
            if (resumeStep.value_or(0) > 0) {
                database.prepare(all + " WHERE step > ?").bind(1, *resumeStep).run();
            } else {
                database.prepare(all).run();
            }
        }
        return resumeStep;
    });
}

Result<void> RunWriter::beginFailedAttempt()
{
    return m_state->begin([](const Database& database) -> std::optional<std::int64_t> {
        Statement last = database.prepare("SELECT MAX(step) FROM metrics");
        if (last.step() && !last.isNull(0)) {
            return last.integer(0); // so that readers keep every row too
        }
        return std::nullopt;
    });
}

Result<void> RunWriter::endAttempt(int exitCode, const std::string& reason)
{
    State::Written ended = m_state->end(exitCode, reason);
    std::error_code ignored;
    if (ended.fullDisk) {
        std::filesystem::remove(m_state->run.reserve(), ignored);
        ended = m_state->end(exitCode, reason);
        if (ended.fullDisk) {
            m_state->forgetRows();
            ended = m_state->end(exitCode, reason);
        }
    }
    if (ended.result) {
        (void)flush(); // what was noted while this waited for a lock
        std::filesystem::remove(m_state->run.reserve(), ignored);
        // Usually milliseconds. Behind a reader of millions of rows the log stays, and the next one who opens the run
        // moves it into the file: a worker that has ended should soon be gone, others wait for its memory.
        constexpr int kTries = 10;
        for (int i = 0; i < kTries && !m_state->checkpointWal("TRUNCATE", std::chrono::milliseconds(500)); ++i) {
        }
        m_state->leaveWalMode();
    }
    return ended.result;
}

void RunWriter::addMetrics(std::int64_t step, std::int64_t tokens, const std::map<std::string, double>& values)
{
    const double now = unixTime();
    const std::scoped_lock lock(m_state->bufferMutex);
    m_state->lastStep = step;
    for (const auto& [name, value] : values) {
        m_state->buffer.metrics.push_back({0, step, tokens, now, name, value});
    }
}

void RunWriter::addHeatMap(HeatMapRow map)
{
    const std::scoped_lock lock(m_state->bufferMutex);
    m_state->buffer.heatMaps.push_back(std::move(map));
}

void RunWriter::addAnswer(AnswerRow answer)
{
    const std::scoped_lock lock(m_state->bufferMutex);
    m_state->buffer.answers.push_back(std::move(answer));
}

void RunWriter::addBaselineAnswer(BaselineAnswerRow answer)
{
    const std::scoped_lock lock(m_state->bufferMutex);
    m_state->buffer.baselineAnswers.push_back(std::move(answer));
}

void RunWriter::addStructure(StructureRow row)
{
    const std::scoped_lock lock(m_state->bufferMutex);
    m_state->buffer.structure.push_back(row);
}

void RunWriter::addSpaceAxes(SpaceAxesRow axes)
{
    const std::scoped_lock lock(m_state->bufferMutex);
    m_state->buffer.spaceAxes.push_back(std::move(axes));
}

void RunWriter::addSpacePoints(std::vector<SpacePointRow> points)
{
    const std::scoped_lock lock(m_state->bufferMutex);
    std::vector<SpacePointRow>& all = m_state->buffer.spacePoints;
    all.insert(all.end(), std::make_move_iterator(points.begin()), std::make_move_iterator(points.end()));
}

Result<std::vector<SpaceAxesRow>> RunWriter::spaceAxes()
{
    std::vector<SpaceAxesRow> axes;
    const Result<void> read = m_state->write([&] { axes = newestSpaceAxes(m_state->database); });
    if (!read) {
        return read.failure();
    }
    return axes;
}

void RunWriter::addEvent(std::int64_t step, const std::string& kind, const std::string& message,
                         const std::string& hint)
{
    const double now = unixTime();
    const std::scoped_lock lock(m_state->bufferMutex);
    m_state->buffer.events.push_back({0, now, step, kind, message, hint});
}

Result<Flushed> RunWriter::flush()
{
    {
        const std::scoped_lock databaseLock(m_state->databaseMutex);
        const std::scoped_lock bufferLock(m_state->bufferMutex);
        if (m_state->buffer.empty() && m_state->unwritten.empty()) {
            return Flushed::Written;
        }
    }
    return m_state->tryWrite([] {}).flushed();
}

Result<Flushed> RunWriter::flushToDisk()
{
    const std::scoped_lock lock(m_state->durableMutex);
    // A commit in this mode syncs the whole journal, and with it the commits before it. It needs a row of its own,
    // since a heartbeat may have written all others just now.
    if (const Result<void> set = m_state->setSynchronous("FULL"); !set) {
        return set.failure();
    }
    const State::Written written = m_state->tryWrite(
        [&] { m_state->database.prepare(kSetInfo).bind(1, kSavedKey).bind(2, std::to_string(unixTime())).run(); });
    m_state->checkpointWal("FULL", std::chrono::milliseconds(500));
    if (const Result<void> reset = m_state->setSynchronous("NORMAL"); !reset) {
        return reset.failure();
    }
    return written.flushed();
}

Result<void> RunWriter::setPlan(const Plan& plan)
{
    return m_state->write([&] {
        Statement statement = m_state->database.prepare(kSetInfo);
        statement.bind(1, kPlanTotalSteps).bind(2, std::to_string(plan.totalSteps)).run();
        statement.bind(1, kPlanStepsPerEpoch).bind(2, std::to_string(plan.stepsPerEpoch)).run();
    });
}

Result<void> RunWriter::setInfo(const std::string& key, const std::string& value)
{
    return m_state->write([&] { m_state->database.prepare(kSetInfo).bind(1, key).bind(2, value).run(); });
}

Result<void> RunWriter::heartbeat(std::int64_t step, const std::string& phase)
{
    return m_state->write([&] {
        m_state->database.prepare("INSERT OR REPLACE INTO heartbeat(only, time, step, phase) VALUES(1, ?, ?, ?)")
            .bind(1, unixTime())
            .bind(2, step)
            .bind(3, phase)
            .run();
        m_state->database.prepare("UPDATE attempts SET seconds = ? WHERE id = ?")
            .bind(1, m_state->seconds())
            .bind(2, m_state->attempt)
            .run();
    });
}

} // namespace dskd::store

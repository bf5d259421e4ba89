#include "core/store/run_writer.h"

#include "core/store/database.h"
#include "core/store/run_tables.h"
#include "core/store/schema.h"

#include <algorithm>
#include <fcntl.h>
#include <mutex>
#include <system_error>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

namespace dskd::store
{
namespace
{

// A database error is something the worker reports and survives (its checkpoints are elsewhere), so it is a value here.
template <typename Action>
Result<void> guarded(const Action& action)
{
    try {
        action();
        return {};
    } catch (const Error& error) {
        return error.failure();
    }
}

constexpr std::chrono::milliseconds kPause{20}; // between two tries while another program holds the file
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

std::string secondsText(std::chrono::steady_clock::duration time)
{
    return std::to_string(std::chrono::duration_cast<std::chrono::seconds>(time).count()) + " s";
}

} // namespace

// Two locks: a step that adds rows waits for another step's addition at most, never for the disk.
struct RunWriter::State {
    using Clock = std::chrono::steady_clock;

    State(RunLayout layout, const WriterOptions& wanted)
        : run(std::move(layout)), options(wanted), patience(std::min(kPatience, wanted.patience)),
          database(run.database(), Database::Access::Create, patience)
    {
        const Journal journal = options.journal.value_or(journalFor(run.root));
        database.execute(journal == Journal::Wal ? "PRAGMA journal_mode = WAL" : "PRAGMA journal_mode = DELETE");
        database.execute("PRAGMA synchronous = NORMAL");
    }

    RunLayout run;
    WriterOptions options;
    std::chrono::milliseconds patience; // of one statement; options.patience is that of a method

    std::mutex bufferMutex;
    RunRows buffer;
    std::int64_t lastStep = 0; // of the rows added

    std::mutex durableMutex; // one flush to the disk at a time; taken before databaseMutex
    std::mutex databaseMutex;
    Database database;
    std::optional<RunTables> tables; // none: after a change that failed
    RunRows unwritten;               // what a failed flush could not write; goes first next time
    std::optional<std::int64_t> attempt;
    Clock::time_point began;                      // of the attempt, by a clock that nobody sets
    std::optional<Clock::time_point> lockedSince; // another program holds the file

    struct Written {
        Result<void> result;
        bool locked = false;   // another program's lock outlasted the patience
        bool fullDisk = false; // the disk has no room

        [[nodiscard]] Result<Flushed> flushed() const
        {
            if (!result && !locked) {
                return result.failure();
            }
            return locked ? Flushed::Kept : Flushed::Written;
        }
    };

    // Writes the buffer and then what `more` writes, all in one transaction. Takes both locks, and waits for those of
    // other programs.
    template <typename More>
    Written tryWrite(const More& more)
    {
        const std::scoped_lock databaseLock(databaseMutex);
        {
            const std::scoped_lock bufferLock(bufferMutex);
            take(unwritten.metrics, buffer.metrics);
            take(unwritten.heatMaps, buffer.heatMaps);
            take(unwritten.answers, buffer.answers);
            take(unwritten.events, buffer.events);
        }
        for (const Clock::time_point end = Clock::now() + options.patience;;) {
            try {
                writeOnce(more);
                noteUnlocked();
                return {};
            } catch (const DatabaseError& error) {
                if (!error.isLock()) {
                    const bool overQuota = error.code() == SQLITE_IOERR_WRITE; // is how SQLite reports it
                    return {error.failure(), false, error.isFullDisk() || overQuota};
                }
                noteLocked();
                if (Clock::now() >= end) {
                    return {error.failure(), true, false};
                }
                std::this_thread::sleep_for(kPause); // some locks are reported at once
            } catch (const Error& error) {
                return {error.failure()};
            }
        }
    }

    template <typename More>
    Result<void> write(const More& more)
    {
        return tryWrite(more).result;
    }

    // Moves what the log beside run.db holds into it (`mode` of wal_checkpoint), as far as readers let it.
    bool fold(const std::string& mode, std::chrono::milliseconds longest)
    {
        const std::scoped_lock lock(databaseMutex);
        bool whole = false;
        (void)guarded([&] {
            database.setPatience(longest);
            Statement row = database.prepare("PRAGMA wal_checkpoint(" + mode + ")");
            whole = row.step() && row.integer(0) == 0;
        });
        database.setPatience(patience);
        return whole;
    }

    Written end(int exitCode, const std::string& reason)
    {
        return tryWrite([&] {
            database.prepare("UPDATE attempts SET ended = ?, seconds = ?, exit_code = ?, reason = ? WHERE id = ?")
                .bind(1, unixTime())
                .bind(2, seconds())
                .bind(3, std::int64_t{exitCode})
                .bind(4, reason)
                .bind(5, attempt)
                .run();
        });
    }

    [[nodiscard]] double seconds() const { return std::chrono::duration<double>(Clock::now() - began).count(); }

    // What the end of the attempt does not need: a resume writes it again.
    void forgetRows()
    {
        const std::scoped_lock lock(databaseMutex);
        unwritten.metrics.clear();
        unwritten.heatMaps.clear();
        unwritten.answers.clear();
    }

    Result<void> setSynchronous(const std::string& mode)
    {
        const std::scoped_lock lock(databaseMutex);
        return guarded([&] { database.execute("PRAGMA synchronous = " + mode); });
    }

    // Records this process as the newest attempt, together with what `prepare` does to the rows; it returns the step
    // that the attempt goes on from.
    template <typename Prepare>
    Result<void> begin(const Prepare& prepare)
    {
        began = Clock::now();
        std::int64_t id = 0;
        Result<void> result = write([&] {
            const std::optional<std::int64_t> resumeStep = prepare(database);
            // a worker that vanished wrote no end: its last heartbeat was its last sign of life
            database.execute("UPDATE attempts SET ended = (SELECT time FROM heartbeat) WHERE ended IS NULL AND "
                             "EXISTS(SELECT 1 FROM heartbeat)");
            database.execute("DELETE FROM heartbeat");
            const ProcessIdentity process = thisProcess();
            database
                .prepare("INSERT INTO attempts(pid, start_ticks, boot_id, host, resume_step, started) "
                         "VALUES(?, ?, ?, ?, ?, ?)")
                .bind(1, std::int64_t{process.pid})
                .bind(2, static_cast<std::int64_t>(process.startTicks))
                .bind(3, process.bootId)
                .bind(4, process.host)
                .bind(5, resumeStep)
                .bind(6, unixTime())
                .run();
            id = database.lastId();
        });
        if (result) {
            attempt = id;
        }
        return result;
    }

private:
    template <typename More>
    void writeOnce(const More& more)
    {
        try {
            if (!tables) {
                tables.emplace(database);
            }
            Transaction transaction(database);
            tables->write(unwritten);
            more();
            transaction.commit();
        } catch (...) {
            tables.reset(); // statements that stopped half-way would hold on to the broken transaction
            throw;
        }
        unwritten = {};
    }

    void noteLocked()
    {
        if (!lockedSince) {
            lockedSince = Clock::now();
            if (options.onLock) {
                options.onLock(run.database().string() +
                               " is held by another program. The job goes on, its rows wait in memory, and a " +
                               "checkpoint waits up to " + secondsText(options.patience) + " for them.");
            }
        }
    }

    // Says afterwards, in run.db itself, that it could not be written for a while.
    void noteUnlocked()
    {
        if (lockedSince) {
            const std::scoped_lock lock(bufferMutex);
            buffer.events.push_back({0,
                                     unixTime(),
                                     lastStep,
                                     "warning",
                                     "Another program held run.db for " + secondsText(Clock::now() - *lockedSince) +
                                         "; what came meanwhile was written when it let go.",
                                     {}});
            lockedSince.reset();
        }
    }

    template <typename Row>
    static void take(std::vector<Row>& to, std::vector<Row>& from)
    {
        to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
        from.clear();
    }
};

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
            std::this_thread::sleep_for(kPause);
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
                                      "The curves have a gap there; the training itself lacks nothing."});
            m_state->tables->write(warning);
        }
        for (const char* table : {"metrics", "heatmaps", "answers"}) {
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
        constexpr int kTries = 10; // a reader that is in the way is so for milliseconds
        for (int i = 0; i < kTries && !m_state->fold("TRUNCATE", std::chrono::milliseconds(500)); ++i) {
        }
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
        [&] { m_state->database.prepare(kSetInfo).bind(1, "saved").bind(2, std::to_string(unixTime())).run(); });
    m_state->fold("FULL", std::chrono::milliseconds(500));
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

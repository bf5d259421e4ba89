#include "core/store/run_writer_state.h"

#include <algorithm>
#include <thread>
#include <utility>

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

std::string secondsText(std::chrono::steady_clock::duration time)
{
    return std::to_string(std::chrono::duration_cast<std::chrono::seconds>(time).count()) + " s";
}

} // namespace

RunWriter::State::State(RunLayout layout, const WriterOptions& wanted)
    : run(std::move(layout)), options(wanted), patience(std::min(kPatience, wanted.patience)),
      database(run.database(), Database::Access::Create, patience)
{
    useJournal(database, options.journal.value_or(journalFor(run.root)));
}

Result<Flushed> RunWriter::State::Written::flushed() const
{
    if (!result && !locked) {
        return result.failure();
    }
    return locked ? Flushed::Kept : Flushed::Written;
}

RunWriter::State::Written RunWriter::State::tryWrite(const Change& more)
{
    const std::scoped_lock databaseLock(databaseMutex);
    {
        const std::scoped_lock bufferLock(bufferMutex);
        unwritten.take(buffer);
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

void RunWriter::State::writeOnce(const Change& more)
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

void RunWriter::State::noteLocked()
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

// Records afterwards, in run.db itself, that it could not be written for a while.
void RunWriter::State::noteUnlocked()
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

bool RunWriter::State::checkpointWal(const std::string& mode, std::chrono::milliseconds longest)
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

void RunWriter::State::leaveWalMode()
{
    const std::scoped_lock lock(databaseMutex);
    database.setPatience(std::chrono::milliseconds(0)); // a window may read it for hours
    (void)guarded([&] { database.execute("PRAGMA journal_mode = DELETE"); });
    database.setPatience(patience);
}

Result<void> RunWriter::State::setSynchronous(const std::string& mode)
{
    const std::scoped_lock lock(databaseMutex);
    return guarded([&] { database.execute("PRAGMA synchronous = " + mode); });
}

Result<void> RunWriter::State::begin(const std::function<std::optional<std::int64_t>(const Database&)>& prepare)
{
    began = Clock::now();
    std::int64_t id = 0;
    Result<void> result = write([&] {
        const double started = unixTime(); // before the events that `prepare` writes: they are of this attempt
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
            .bind(6, started)
            .run();
        id = database.lastId();
    });
    if (result) {
        attempt = id;
    }
    return result;
}

RunWriter::State::Written RunWriter::State::end(int exitCode, const std::string& reason)
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

void RunWriter::State::forgetRows()
{
    const std::scoped_lock lock(databaseMutex);
    unwritten.forgetSteps();
}

} // namespace dskd::store

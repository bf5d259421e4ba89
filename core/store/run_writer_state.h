#pragma once

// What the methods of RunWriter share: the buffer, the connection, and how both are locked. Only for the sources of
// RunWriter.

#include "core/store/database.h"
#include "core/store/run_tables.h"
#include "core/store/run_writer.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>

namespace dskd::store
{

// Two locks: a step that adds rows waits for another step's addition at most, never for the disk.
struct RunWriter::State {
    using Clock = std::chrono::steady_clock;
    using Change = std::function<void()>; // of the database, within a transaction

    static constexpr std::chrono::milliseconds kPause{20}; // between two tries while another program holds the file

    // Creates the file when there is none. Throws DatabaseError.
    State(RunLayout layout, const WriterOptions& wanted);

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
    Clock::time_point began; // of the attempt

    struct Written {
        Result<void> result;
        bool locked = false;   // another program's lock outlasted the patience
        bool fullDisk = false; // the disk has no room

        [[nodiscard]] Result<Flushed> flushed() const;
    };

    // Writes the buffer and then what `more` writes, all in one transaction. Takes both locks, and waits for those of
    // other programs.
    Written tryWrite(const Change& more);
    Result<void> write(const Change& more) { return tryWrite(more).result; }

    // Moves what the log beside run.db holds into it (`mode` of wal_checkpoint), as far as readers let it.
    bool checkpointWal(const std::string& mode, std::chrono::milliseconds longest);
    // Leaves the log for good, when no one else has run.db open: SQLite makes files beside it for every reader else,
    // which costs more than what is read. The next writer begins a log again.
    void leaveWalMode();
    Result<void> setSynchronous(const std::string& mode);

    // Records this process as the newest attempt, together with what `prepare` does to the rows; it returns the step
    // that the attempt goes on from.
    Result<void> begin(const std::function<std::optional<std::int64_t>(const Database&)>& prepare);
    Written end(int exitCode, const std::string& reason);
    [[nodiscard]] double seconds() const { return std::chrono::duration<double>(Clock::now() - began).count(); }

    // What the end of the attempt does not need: a resume writes it again.
    void forgetRows();

private:
    void writeOnce(const Change& more);
    void noteLocked();
    void noteUnlocked();

    std::optional<Clock::time_point> lockedSince; // another program holds the file
};

} // namespace dskd::store

#pragma once

#include "core/base/result.h"
#include "core/base/run_layout.h"
#include "core/store/baseline_records.h"
#include "core/store/journal.h"
#include "core/store/records.h"
#include "core/store/space_records.h"

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace dskd::store
{

struct WriterOptions {
    std::optional<Journal> journal; // none: journalFor the folder
    // How long a lock of another program is waited for before a method gives up.
    std::chrono::milliseconds patience = std::chrono::minutes(2);
    // Told once a lock that lasts some seconds, while it lasts; from the thread that writes.
    std::function<void(const std::string& sentence)> onLock = nullptr;
};

// What became of the rows that were added.
enum class Flushed {
    Written,
    Kept, // in memory: another program holds the file. The next flush writes them
};

// Writes run.db. Worker only: one writer per run folder. Every method may be called from any thread.
//
// add...() only appends to a buffer in memory and never touches the disk, so a training step does not wait for it.
// flush() writes everything buffered in one transaction; call it from the heartbeat thread or between steps.
// The other methods write at once, after flushing what was added before them. What was flushed survives a SIGKILL.
class RunWriter
{
public:
    // Creates or migrates <run>/run.db. Fails when it was written by a newer version or cannot be written.
    static Result<std::unique_ptr<RunWriter>> open(const RunLayout& run, const WriterOptions& options = {});

    ~RunWriter(); // flushes; a failure then is lost
    RunWriter(const RunWriter&) = delete;
    RunWriter& operator=(const RunWriter&) = delete;

    // Call first. Records this process, and in the same transaction removes what earlier attempts wrote for steps after
    // `resumeStep` (everything when there is none, or when it is 0: what is written before the first step will be
    // written again), so that each step appears once. Steps up to it that have no rows, because they were lost, get a
    // `warning` event.
    Result<void> beginAttempt(std::optional<std::int64_t> resumeStep);
    // Instead, when it is known already that this attempt cannot do anything: every row stays.
    Result<void> beginFailedAttempt();
    // Call last, with the code the process will exit with. Afterwards run.db is whole by itself, also beside readers;
    // one that holds a snapshot is waited for, half a minute at most.
    // On a full disk it takes the room that was kept for it (RunLayout::reserve).
    Result<void> endAttempt(int exitCode, const std::string& reason);

    void addMetrics(std::int64_t step, std::int64_t tokens, const std::map<std::string, double>& values);
    void addHeatMap(HeatMapRow map);                  // id is ignored
    void addAnswer(AnswerRow answer);                 // id is ignored
    void addBaselineAnswer(BaselineAnswerRow answer); // likewise, as in the next three
    void addStructure(StructureRow row);
    void addSpaceAxes(SpaceAxesRow axes);
    void addSpacePoints(std::vector<SpacePointRow> points);
    void addEvent(std::int64_t step, const std::string& kind, const std::string& message, const std::string& hint = {});

    Result<Flushed> flush();
    // Also survives a power failure, together with everything flushed before (needs a disk sync: milliseconds), and is
    // in run.db itself, not only in the log beside it, unless a reader is in the way.
    Result<Flushed> flushToDisk();

    Result<void> setPlan(const Plan& plan);
    Result<void> setInfo(const std::string& key, const std::string& value); // "device", "version", "torch", ...
    // The newest axes of each space, also those of earlier attempts that beginAttempt left. Flushes.
    [[nodiscard]] Result<std::vector<SpaceAxesRow>> spaceAxes();
    // Also flushes. Call about once a second; status calls a run stalled when it stays away.
    Result<void> heartbeat(std::int64_t step, const std::string& phase);

private:
    struct State;
    explicit RunWriter(std::unique_ptr<State> state);
    std::unique_ptr<State> m_state;
};

} // namespace dskd::store

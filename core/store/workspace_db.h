#pragma once

#include "core/base/result.h"
#include "core/base/run_layout.h"
#include "core/store/workspace_rows.h"

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace dskd::store
{

enum class Queueing { No, Yes }; // whether new runs are put into the queue, in their order

// workspace.db: which runs there are, what people call them, and the queue. Written by `dskd` and the workbench, by
// several processes at once if need be. Not thread-safe: one object per thread. What a person can get wrong (an unknown
// run) is a Failure; a database that cannot be read or written throws dskd::Error.
class WorkspaceDb
{
public:
    // Whether `root` holds workspace.db. A Failure, with the system's reason, where it may not be read.
    static Result<bool> isWorkspace(const std::filesystem::path& root);
    // Makes the folders and the database; opening an existing workspace this way is fine. Fails (Usage) inside another
    // workspace: its own commands would be meant for either.
    static Result<WorkspaceDb> create(const std::filesystem::path& root);
    // Fails when `root` is no workspace (the hint says how to make one) or was written by a newer version. One on a
    // disk that is full or cannot be written is opened for reading; what would change it throws then. `patience`: how
    // long every method waits for a lock of another process before it throws.
    static Result<WorkspaceDb> open(const std::filesystem::path& root,
                                    std::chrono::milliseconds patience = std::chrono::seconds(5));

    WorkspaceDb(WorkspaceDb&&) noexcept;
    WorkspaceDb& operator=(WorkspaceDb&&) noexcept;
    ~WorkspaceDb();

    [[nodiscard]] const WorkspaceLayout& layout() const;
    // Why it can only be read: a sentence. Empty when it can be written.
    [[nodiscard]] const std::string& whyReadOnly() const;

    // True when another connection wrote anything since the last call (and at the first call). Costs microseconds.
    bool changed();

    // Runs. The id must be new.
    Result<void> addRun(const RunRow& run);
    // All of them or none, also when the process is killed meanwhile. `place` is called when all rows are written and
    // not yet sure; when it fails there are none.
    Result<void> addRuns(const std::vector<RunRow>& runs, Queueing queueing,
                         const std::function<Result<void>()>& place);
    std::vector<RunRow> runs(bool trashed = false); // oldest first; either those in use or those in the trash
    Result<RunRow> run(const std::string& id);
    // The id a person means: an id, its unambiguous beginning, a unique name, or "last" (the newest; of the trash what
    // went there last). Looks at the runs in use or at those in the trash. Failures are NotFound.
    Result<std::string> findRun(const std::string& text, bool trashed = false);
    Result<void> rename(const std::string& id, const std::string& name);
    Result<void> setGroup(const std::string& id, const std::string& group);
    Result<void> setNote(const std::string& id, const std::string& note);
    Result<void> addTag(const std::string& id, const std::string& tag);
    Result<void> removeTag(const std::string& id, const std::string& tag);
    // Only the row; see jobs::moveToTrash. Of a run that comes out of the trash the experiment does so too, should it
    // have been deleted meanwhile (ExperimentTable::forget).
    Result<void> setTrashed(const std::string& id, std::optional<double> when);
    Result<void> forget(const std::string& id); // removes the row, its tags and queue entry

    // Queue: run ids in the order they will start; positions count from 1 without gaps.
    Result<std::int64_t> enqueue(const std::string& id); // its position; queueing twice keeps the first place
    std::vector<QueueRow> queue();                       // running entries first, then waiting ones
    Result<void> moveInQueue(const std::string& id, std::int64_t position); // among the waiting
    bool dequeue(const std::string& id);                                    // false when it was not queued
    // Marks the first waiting entry as running and returns its run; no two callers get the same one.
    std::optional<std::string> takeNext();
    void putBack(const std::string& id); // running -> waiting, first in line

    std::optional<std::string> setting(const std::string& key);
    void setSetting(const std::string& key, const std::string& value);

private:
    friend class ExperimentTable;
    friend class InputTable;
    struct State;
    explicit WorkspaceDb(std::unique_ptr<State> state);
    static Result<WorkspaceDb> forWriting(std::unique_ptr<State> state);
    static Result<WorkspaceDb> forReading(std::unique_ptr<State> state);
    std::unique_ptr<State> m_state;
};

} // namespace dskd::store

#pragma once

// What the files of WorkspaceFeed share: its snapshot, the threads that read and write, and how a command is carried
// out. Only workspace_feed*.cpp include it.

#include "ui/feed/background.h"
#include "ui/feed/workspace_commands.h"
#include "ui/feed/workspace_feed.h"
#include "ui/feed/workspace_scan.h"

#include <QTimer>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace dskd::ui
{

// GUI thread only.
class WorkspaceFeed::Private
{
public:
    Private(WorkspaceFeed* feed, std::filesystem::path folder);

    // The snapshot: workspace_feed.cpp.
    void pollNow();
    void take(WorkspaceChanges changes);
    // Runs of earlier versions and of other programs get an experiment. Those whose configuration cannot be read stay
    // without: the same ones are tried once.
    void placeRuns();

    // The edit that was made to these runs, or to an experiment; none of what cannot be undone or changes nothing.
    using EditOf = std::function<std::optional<Edit>(const std::vector<std::string>& done)>;
    using Command = std::function<CommandOutcome()>; // called on the thread
    void command(Background& thread, Command work, EditOf editOf = nullptr, Answer answer = nullptr);

    // Commands to runs: workspace_feed_runs.cpp.
    void toEach(const std::vector<std::string>& runIds, RunCommand work, EditOf editOf = nullptr,
                Answer answer = nullptr);
    // The edit puts back what each run had when its turn came, which the snapshot may not show yet.
    void editRuns(const std::vector<std::string>& runIds, const jobs::RunEdit& wanted, Answer answer);
    void moveToTrash(const std::vector<std::string>& runIds, EditOf editOf = nullptr, Answer answer = nullptr);
    void restore(const std::vector<std::string>& runIds, EditOf editOf = nullptr);
    // Signals need no database, so they have a thread that no locked one holds up.
    void signalEach(const std::vector<std::string>& runIds, Result<void> (*send)(const RunLayout&));

    // Commands to experiments: workspace_feed_experiments.cpp.
    void toOne(std::int64_t experimentId, ExperimentCommand work, EditOf editOf = nullptr);
    // Stores another value of an experiment; the edit puts back what `of` gives of it now.
    template <typename Value>
    void setValue(const QString& edit, std::int64_t experimentId, const Value& value,
                  Value (*of)(const store::ExperimentRow&),
                  Result<void> (*keep)(store::WorkspaceDb&, std::int64_t, const Value&));

    WorkspaceFeed* q;
    std::filesystem::path workspace;
    std::vector<RunRecord> runs;
    std::unordered_map<std::string, std::size_t> places;
    std::vector<ExperimentRecord> experiments;
    std::vector<std::string> unplacedBefore; // runs without an experiment, for which one was looked for
    std::vector<store::RunRow> trash;
    std::vector<store::QueueRow> queue;
    bool loaded = false;
    bool polling = false;
    bool pollAgain = false;
    QTimer timer;
    std::shared_ptr<WorkspaceScan> scan; // used on the polling thread only
    Background polls{QStringLiteral("workspace")};
    Background commands{QStringLiteral("commands"), nullptr, Background::OnClose::FinishPending};
    Background signalling{QStringLiteral("signals"), nullptr, Background::OnClose::FinishPending};
};

} // namespace dskd::ui

#pragma once

#include "core/base/result.h"
#include "core/config/plan/plan.h"
#include "core/config/schema/experiment.h"
#include "core/store/workspace_rows.h"
#include "ui/feed/workspace_records.h"

#include <QObject>
#include <QString>
#include <QStringList>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace dskd::jobs
{
struct RunEdit;
}

namespace dskd::ui
{

// The workspace as the window sees it: a snapshot that a thread of its own keeps up to date (runs every 250 ms or
// less), and the things a person does to runs. Every command returns at once; what goes wrong comes back as
// commandFailed, what went right shows in the next snapshot. Workers and the queue runner are processes of their own,
// so closing the window touches none of them. GUI thread only.
class WorkspaceFeed final : public QObject
{
    Q_OBJECT
public:
    explicit WorkspaceFeed(std::filesystem::path workspace, QObject* parent = nullptr);
    ~WorkspaceFeed() override;

    [[nodiscard]] const std::filesystem::path& workspace() const;
    [[nodiscard]] bool loaded() const;                                      // false until the first snapshot
    [[nodiscard]] const std::vector<RunRecord>& runs() const;               // oldest first
    [[nodiscard]] const std::vector<ExperimentRecord>& experiments() const; // oldest first, archived ones among them
    [[nodiscard]] const std::vector<store::RunRow>& trash() const;
    [[nodiscard]] const std::vector<store::QueueRow>& queue() const;
    [[nodiscard]] const RunRecord* find(const std::string& runId) const; // nullptr: gone

    // Makes one run per experiment, queues them in order and sees that a queue runner works.
    void add(std::vector<config::Experiment> experiments);
    void enqueue(const std::vector<std::string>& runIds); // start or resume when its turn comes
    void dequeue(const std::string& runId);
    void moveInQueue(const std::string& runId, int position);
    void stop(const std::vector<std::string>& runIds); // after the step, with a checkpoint
    void checkpointNow(const std::vector<std::string>& runIds);
    void kill(const std::vector<std::string>& runIds); // at once; the last checkpoint stays
    void rename(const std::string& runId, const QString& name);
    void setNote(const std::string& runId, const QString& note);
    // Name, group, note and tags of several runs, as one edit. `answer`, where passed, gets what went wrong
    // (nothing: all was done) instead of commandFailed; it is called once, on the GUI thread, while the feed lives.
    using Answer = std::function<void(const std::vector<Failure>& failures)>;
    void editRuns(const std::vector<std::string>& runIds, const jobs::RunEdit& edit, const Answer& answer = nullptr);
    void moveToTrash(const std::vector<std::string>& runIds, const Answer& answer = nullptr);
    void restore(const std::vector<std::string>& runIds);
    // `purged`, where passed, gets the bytes that were freed and what went wrong, as Answer does.
    using Purged = std::function<void(std::uint64_t freed, const std::vector<Failure>& failures)>;
    void purge(const std::vector<std::string>& runIds, const Purged& purged = nullptr);

    // A new experiment, or a new revision of the one that has this name. With `run` its missing runs are made and
    // queued, and added() follows.
    void saveExperiment(const std::string& name, config::Plan plan, bool run);
    void runMissing(std::int64_t experimentId); // makes and queues what its newest revision plans and it does not have
    // The same of some that it does not have.
    void runThese(std::int64_t experimentId, const std::vector<config::Experiment>& missing);
    void runAgain(std::int64_t experimentId); // makes and queues all that its newest revision plans once more
    void renameExperiment(std::int64_t experimentId, const QString& name);
    void setExperimentNote(std::int64_t experimentId, const QString& note);
    void setExperimentTags(std::int64_t experimentId, const QStringList& tags);
    void archiveExperiment(std::int64_t experimentId, bool archived);
    void deleteExperiment(std::int64_t experimentId); // one that has no runs

Q_SIGNALS:
    void experimentsChanged();
    void runsChanged(); // runs() or trash()
    void queueChanged();
    void added(const QStringList& runIds);     // by add() and whatever else makes runs, in order
    void experimentSaved(const QString& name); // by saveExperiment(), also where nothing was to change or to run
    void commandFailed(const QString& what, const QString& hint);
    // A name, group, note, tag, archiving, trashing or the deletion of an experiment was stored. Not sent again when
    // the edit is undone or redone. The edit's functions may be called as long as the feed lives.
    void edited(const ui::Edit& edit);
    // The workspace cannot be read at the moment (locked, unmounted); runs() holds the last state. Empty: it can again.
    void troubleChanged(const QString& sentence);

private:
    class Private;
    std::unique_ptr<Private> d;
};

} // namespace dskd::ui

#include "ui/feed/workspace_feed.h"

#include "core/base/process.h"
#include "core/config/schema/choices.h"
#include "core/jobs/experiments.h"
#include "core/jobs/launch.h"
#include "core/jobs/run_folder.h"
#include "ui/feed/background.h"
#include "ui/feed/workspace_commands.h"
#include "ui/feed/workspace_scan.h"

#include <QStringList>
#include <QTimer>
#include <unordered_map>

namespace dskd::ui
{
namespace
{

constexpr int kPollMs = 250;

Result<void> withoutValue(const Result<std::uint64_t>& result)
{
    return result ? Result<void>() : Result<void>(result.failure());
}

} // namespace

class WorkspaceFeed::Private
{
public:
    Private(WorkspaceFeed* feed, std::filesystem::path folder)
        : q(feed), workspace(std::move(folder)), scan(std::make_shared<WorkspaceScan>(workspace))
    {
        QObject::connect(&timer, &QTimer::timeout, q, [this] { look(); });
        timer.start(kPollMs);
        look();
    }

    void look()
    {
        if (looking) {
            return;
        }
        looking = true;
        lookAgain = false;
        polling.run(
            q,
            [polled = scan](const std::atomic<bool>& cancelled) -> Result<WorkspaceChanges> {
                return polled->look(cancelled);
            },
            [this](Result<WorkspaceChanges> changes) {
                looking = false;
                take(changes ? std::move(*changes) : troubled(changes.failure()));
                if (lookAgain) {
                    look();
                }
            });
    }

    static WorkspaceChanges troubled(const Failure& failure)
    {
        WorkspaceChanges changes;
        changes.trouble = failure.text();
        return changes;
    }

    void take(WorkspaceChanges changes)
    {
        const bool runsDiffer = changes.runs || !changes.records.empty() || changes.trash;
        if (changes.runs) {
            runs = std::move(*changes.runs);
            places.clear();
            for (std::size_t place = 0; place < runs.size(); ++place) {
                places[runs[place].row.id] = place;
            }
        }
        for (auto& [place, record] : changes.records) {
            runs[place] = std::move(record);
        }
        if (changes.experiments) {
            experiments = std::move(*changes.experiments);
        }
        if (changes.trash) {
            trash = std::move(*changes.trash);
        }
        if (changes.queue) {
            queue = std::move(*changes.queue);
        }
        loaded = loaded || changes.read;
        if (changes.trouble) {
            Q_EMIT q->troubleChanged(QString::fromStdString(*changes.trouble));
        }
        if (changes.experiments) { // before the runs that belong to them
            Q_EMIT q->experimentsChanged();
        }
        if (runsDiffer) {
            placeRuns();
            Q_EMIT q->runsChanged();
        }
        if (changes.queue) {
            Q_EMIT q->queueChanged();
        }
    }

    template <typename Command>
    void command(Background& thread, Command work)
    {
        thread.run(
            q, [work = std::move(work)](const std::atomic<bool>&) -> Result<CommandOutcome> { return work(); },
            [this](Result<CommandOutcome> result) {
                const CommandOutcome outcome = result ? std::move(*result) : CommandOutcome{{}, {result.failure()}};
                lookAgain = looking; // that look may have begun before the command
                look();
                if (!outcome.runs.empty()) {
                    QStringList ids;
                    for (const std::string& id : outcome.runs) {
                        ids << QString::fromStdString(id);
                    }
                    Q_EMIT q->added(ids);
                }
                if (!outcome.failures.empty()) {
                    const Failure failure = joined(outcome.failures);
                    Q_EMIT q->commandFailed(QString::fromStdString(failure.what), QString::fromStdString(failure.hint));
                }
            });
    }

    // Runs of earlier versions and of other programs get an experiment. Those whose configuration cannot be read stay
    // without: the same ones are tried once.
    void placeRuns()
    {
        std::vector<std::string> homeless;
        for (const RunRecord& run : runs) {
            if (!run.row.experiment && run.row.job == config::name(config::JobKind::Train)) {
                homeless.push_back(run.row.id);
            }
        }
        if (homeless.empty() || homeless == homelessBefore) {
            return;
        }
        homelessBefore = std::move(homeless);
        commands.run(
            q,
            [root = workspace](const std::atomic<bool>&) -> Result<void> {
                ui::placeRuns(root);
                return {};
            },
            [this](const Result<void>&) { // a failure changes nothing that a person asked for
                lookAgain = looking;
                look();
            });
    }

    void toOne(std::int64_t experimentId, ExperimentCommand work)
    {
        command(commands,
                [=, root = workspace, work = std::move(work)] { return toExperiment(root, experimentId, work); });
    }

    void toEach(const std::vector<std::string>& runIds, RunCommand work)
    {
        command(commands, [=, root = workspace] { return forEachRun(root, runIds, work); });
    }

    // Signals need no database, so they have a thread that no locked one holds up.
    void signalEach(const std::vector<std::string>& runIds, Result<void> (*send)(const RunLayout&))
    {
        command(signalling, [=, layout = WorkspaceLayout{workspace}] {
            CommandOutcome outcome;
            for (const std::string& id : runIds) {
                if (const Result<void> sent = send(layout.run(id)); !sent) {
                    outcome.failures.push_back(sent.failure());
                }
            }
            return outcome;
        });
    }

    WorkspaceFeed* q;
    std::filesystem::path workspace;
    std::vector<RunRecord> runs;
    std::unordered_map<std::string, std::size_t> places;
    std::vector<ExperimentRecord> experiments;
    std::vector<std::string> homelessBefore; // runs without an experiment, for which one was looked for
    std::vector<store::RunRow> trash;
    std::vector<store::QueueRow> queue;
    bool loaded = false;
    bool looking = false;
    bool lookAgain = false;
    QTimer timer;
    std::shared_ptr<WorkspaceScan> scan; // used on the polling thread only
    Background polling{QStringLiteral("workspace")};
    Background commands{QStringLiteral("commands"), nullptr, Background::OnClose::FinishPending};
    Background signalling{QStringLiteral("signals"), nullptr, Background::OnClose::FinishPending};
};

WorkspaceFeed::WorkspaceFeed(std::filesystem::path workspace, QObject* parent)
    : QObject(parent), d(std::make_unique<Private>(this, std::move(workspace)))
{
}

WorkspaceFeed::~WorkspaceFeed() = default;

const std::filesystem::path& WorkspaceFeed::workspace() const
{
    return d->workspace;
}

bool WorkspaceFeed::loaded() const
{
    return d->loaded;
}

const std::vector<RunRecord>& WorkspaceFeed::runs() const
{
    return d->runs;
}

const std::vector<ExperimentRecord>& WorkspaceFeed::experiments() const
{
    return d->experiments;
}

const std::vector<store::RunRow>& WorkspaceFeed::trash() const
{
    return d->trash;
}

const std::vector<store::QueueRow>& WorkspaceFeed::queue() const
{
    return d->queue;
}

const RunRecord* WorkspaceFeed::find(const std::string& runId) const
{
    const auto place = d->places.find(runId);
    return place == d->places.end() ? nullptr : &d->runs[place->second];
}

void WorkspaceFeed::add(std::vector<config::Experiment> experiments)
{
    d->command(d->commands,
               [root = d->workspace, experiments = std::move(experiments)] { return addRuns(root, experiments); });
}

void WorkspaceFeed::enqueue(const std::vector<std::string>& runIds)
{
    d->command(d->commands, [root = d->workspace, runIds] { return queueRuns(root, runIds); });
}

void WorkspaceFeed::dequeue(const std::string& runId)
{
    d->toEach({runId}, [](store::WorkspaceDb& workspace, const std::string& id) -> Result<void> {
        workspace.dequeue(id); // not there any more is what was asked for
        return {};
    });
}

void WorkspaceFeed::moveInQueue(const std::string& runId, int position)
{
    d->toEach({runId}, [position](auto& workspace, const auto& id) { return workspace.moveInQueue(id, position); });
}

void WorkspaceFeed::stop(const std::vector<std::string>& runIds)
{
    for (const std::string& id : runIds) {
        dequeue(id); // or a queue runner that finds it stopped would start it again
    }
    d->signalEach(runIds, jobs::requestStop);
}

void WorkspaceFeed::checkpointNow(const std::vector<std::string>& runIds)
{
    d->signalEach(runIds, jobs::requestCheckpoint);
}

void WorkspaceFeed::kill(const std::vector<std::string>& runIds)
{
    for (const std::string& id : runIds) {
        dequeue(id); // as above
    }
    d->signalEach(runIds, jobs::killWorker);
}

void WorkspaceFeed::rename(const std::string& runId, const QString& name)
{
    d->toEach({runId},
              [text = name.toStdString()](auto& workspace, const auto& id) { return workspace.rename(id, text); });
}

void WorkspaceFeed::setGroup(const std::vector<std::string>& runIds, const QString& group)
{
    d->toEach(runIds,
              [text = group.toStdString()](auto& workspace, const auto& id) { return workspace.setGroup(id, text); });
}

void WorkspaceFeed::setNote(const std::string& runId, const QString& note)
{
    d->toEach({runId},
              [text = note.toStdString()](auto& workspace, const auto& id) { return workspace.setNote(id, text); });
}

void WorkspaceFeed::moveToTrash(const std::vector<std::string>& runIds)
{
    d->toEach(runIds, [](auto& workspace, const auto& id) { return jobs::moveToTrash(workspace, id); });
}

void WorkspaceFeed::restore(const std::vector<std::string>& runIds)
{
    d->toEach(runIds, [](auto& workspace, const auto& id) { return jobs::restoreFromTrash(workspace, id); });
}

void WorkspaceFeed::purge(const std::vector<std::string>& runIds)
{
    d->toEach(runIds, [](auto& workspace, const auto& id) { return withoutValue(jobs::purge(workspace, id)); });
}

void WorkspaceFeed::saveExperiment(const std::string& name, config::Plan plan, bool run)
{
    d->command(d->commands, [this, root = d->workspace, name, plan = std::move(plan), run] {
        CommandOutcome outcome = ui::saveExperiment(root, name, plan, run ? PlannedRuns::Missing : PlannedRuns::None);
        if (outcome.failures.empty()) { // queued for a feed that outlives the thread of its commands
            QMetaObject::invokeMethod(this, [this, name] { Q_EMIT experimentSaved(QString::fromStdString(name)); });
        }
        return outcome;
    });
}

void WorkspaceFeed::runMissing(std::int64_t experimentId)
{
    d->command(d->commands,
               [=, root = d->workspace] { return createPlanned(root, experimentId, PlannedRuns::Missing); });
}

void WorkspaceFeed::runThese(std::int64_t experimentId, const std::vector<config::Experiment>& missing)
{
    d->command(d->commands, [=, root = d->workspace] { return createMissing(root, experimentId, missing); });
}

void WorkspaceFeed::runAgain(std::int64_t experimentId)
{
    d->command(d->commands, [=, root = d->workspace] { return createPlanned(root, experimentId, PlannedRuns::All); });
}

void WorkspaceFeed::renameExperiment(std::int64_t experimentId, const QString& name)
{
    d->toOne(experimentId, [text = name.toStdString()](store::WorkspaceDb& workspace, const store::ExperimentRow& row) {
        return store::ExperimentTable(workspace).rename(row.id, text);
    });
}

void WorkspaceFeed::setExperimentNote(std::int64_t experimentId, const QString& note)
{
    d->toOne(experimentId, [text = note.toStdString()](store::WorkspaceDb& workspace, const store::ExperimentRow& row) {
        return store::ExperimentTable(workspace).setNote(row.id, text);
    });
}

void WorkspaceFeed::setExperimentTags(std::int64_t experimentId, const QStringList& tags)
{
    std::vector<std::string> texts;
    for (const QString& tag : tags) {
        texts.push_back(tag.toStdString());
    }
    d->toOne(experimentId, [texts](store::WorkspaceDb& workspace, const store::ExperimentRow& row) {
        return store::ExperimentTable(workspace).setTags(row.id, texts);
    });
}

void WorkspaceFeed::archiveExperiment(std::int64_t experimentId, bool archived)
{
    d->toOne(experimentId, [archived](store::WorkspaceDb& workspace, const store::ExperimentRow& row) {
        return store::ExperimentTable(workspace).setArchived(row.id, archived ? std::optional(unixTime()) : std::nullopt);
    });
}

void WorkspaceFeed::deleteExperiment(std::int64_t experimentId)
{
    d->toOne(experimentId, jobs::deleteExperiment);
}

} // namespace dskd::ui

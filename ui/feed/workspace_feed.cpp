#include "ui/feed/workspace_feed.h"

#include "core/base/process.h"
#include "core/config/schema/choices.h"
#include "core/jobs/experiments.h"
#include "core/jobs/launch.h"
#include "core/jobs/run_folder.h"
#include "core/jobs/table/run_edit.h"
#include "ui/feed/background.h"
#include "ui/feed/workspace_commands.h"
#include "ui/feed/workspace_scan.h"

#include <QStringList>
#include <QTimer>
#include <algorithm>
#include <set>
#include <unordered_map>

namespace dskd::ui
{
namespace
{

constexpr int kPollMs = 250;

template <typename Value>
Result<void> withoutValue(const Result<Value>& result)
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

    // The edit that was made to these runs, or to an experiment; none of what cannot be undone or changes nothing.
    using EditOf = std::function<std::optional<Edit>(const std::vector<std::string>& done)>;

    template <typename Command>
    void command(Background& thread, Command work, EditOf editOf = nullptr, Answer answer = nullptr)
    {
        thread.run(
            q, [work = std::move(work)](const std::atomic<bool>&) -> Result<CommandOutcome> { return work(); },
            [this, editOf = std::move(editOf), answer = std::move(answer)](Result<CommandOutcome> result) {
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
                if (editOf && !outcome.done.empty()) {
                    if (const std::optional<Edit> edit = editOf(outcome.done)) {
                        Q_EMIT q->edited(*edit);
                    }
                }
                if (answer) {
                    answer(outcome.failures);
                } else if (!outcome.failures.empty()) {
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

    void toOne(std::int64_t experimentId, ExperimentCommand work, EditOf editOf = nullptr)
    {
        command(
            commands, [=, root = workspace, work = std::move(work)] { return toExperiment(root, experimentId, work); },
            std::move(editOf));
    }

    void toEach(const std::vector<std::string>& runIds, RunCommand work, EditOf editOf = nullptr,
                Answer answer = nullptr)
    {
        command(
            commands, [=, root = workspace, work = std::move(work)] { return forEachRun(root, runIds, work); },
            std::move(editOf), std::move(answer));
    }

    static QString nameOf(const jobs::RunEdit& edit)
    {
        const bool tags = edit.tags || !edit.addedTags.empty() || !edit.removedTags.empty();
        if ((edit.name ? 1 : 0) + (edit.group ? 1 : 0) + (edit.note ? 1 : 0) + (tags ? 1 : 0) != 1) {
            return tr("Edit runs");
        }
        return edit.name    ? tr("Rename")
               : edit.group ? tr("Change the group")
               : tags       ? tr("Change tags")
                            : tr("Edit a note");
    }

    // The edit puts back what each run had when its turn came, which the snapshot may not show yet.
    void editRuns(const std::vector<std::string>& runIds, const jobs::RunEdit& wanted, Answer answer)
    {
        using Edits = std::map<std::string, jobs::RunEdit>; // by run
        const auto set = [this](const Edits& edits) {
            std::vector<std::string> ids;
            for (const auto& [id, edit] : edits) {
                ids.push_back(id);
            }
            toEach(ids, [edits](store::WorkspaceDb& database, const std::string& id) {
                return jobs::editRun(database, id, edits.at(id));
            });
        };
        const auto before = std::make_shared<Edits>(); // of the runs that it changed; read when all is done
        const auto after = std::make_shared<Edits>();
        toEach(
            runIds,
            [=](store::WorkspaceDb& database, const std::string& id) -> Result<void> {
                const Result<store::RunRow> had = database.run(id);
                if (!had) {
                    return had.failure();
                }
                Result<void> stored = jobs::editRun(database, id, wanted);
                if (!stored) {
                    return stored;
                }
                jobs::RunEdit now = jobs::currentOf(database.run(id).value(), wanted);
                if (jobs::RunEdit earlier = jobs::currentOf(*had, wanted); earlier != now) {
                    (*before)[id] = std::move(earlier);
                    (*after)[id] = std::move(now);
                }
                return {};
            },
            [=](const std::vector<std::string>&) -> std::optional<Edit> {
                if (before->empty()) {
                    return std::nullopt;
                }
                return Edit{nameOf(wanted), [=] { set(*before); }, [=] { set(*after); }};
            },
            std::move(answer));
    }

    // Stores another value of an experiment; the edit puts back what `of` gives of it now.
    template <typename Value>
    void setValue(const QString& edit, std::int64_t experimentId, const Value& value,
                  Value (*of)(const store::ExperimentRow&),
                  Result<void> (*keep)(store::WorkspaceDb&, std::int64_t, const Value&))
    {
        const auto set = [=, this](const Value& wanted, EditOf editOf = nullptr) {
            toOne(
                experimentId,
                [=](store::WorkspaceDb& database, const store::ExperimentRow& row) {
                    return keep(database, row.id, wanted);
                },
                std::move(editOf));
        };
        const auto known = std::find_if(experiments.begin(), experiments.end(),
                                        [&](const ExperimentRecord& record) { return record.row.id == experimentId; });
        if (known == experiments.end() || of(known->row) == value) {
            set(value);
            return;
        }
        set(value, [=, before = of(known->row)](const std::vector<std::string>&) {
            return Edit{edit, [=] { set(before); }, [=] { set(value); }};
        });
    }

    void moveToTrash(const std::vector<std::string>& runIds, EditOf editOf = nullptr, Answer answer = nullptr)
    {
        toEach(
            runIds, [](auto& database, const auto& id) { return jobs::moveToTrash(database, id); }, std::move(editOf),
            std::move(answer));
    }

    void restore(const std::vector<std::string>& runIds, EditOf editOf = nullptr)
    {
        toEach(
            runIds, [](auto& database, const auto& id) { return withoutValue(jobs::restoreRun(database, id)); },
            std::move(editOf));
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
    editRuns({runId}, {.name = name.toStdString()});
}

void WorkspaceFeed::setNote(const std::string& runId, const QString& note)
{
    editRuns({runId}, {.note = note.toStdString()});
}

void WorkspaceFeed::editRuns(const std::vector<std::string>& runIds, const jobs::RunEdit& edit, const Answer& answer)
{
    d->editRuns(runIds, edit, answer);
}

void WorkspaceFeed::moveToTrash(const std::vector<std::string>& runIds, const Answer& answer)
{
    d->moveToTrash(
        runIds,
        [this](const std::vector<std::string>& moved) {
            return Edit{tr("Move to trash"), [=, this] { d->restore(moved); }, [=, this] { d->moveToTrash(moved); }};
        },
        answer);
}

void WorkspaceFeed::restore(const std::vector<std::string>& runIds)
{
    d->restore(runIds, [this](const std::vector<std::string>& restored) {
        return Edit{tr("Restore"), [=, this] { d->moveToTrash(restored); }, [=, this] { d->restore(restored); }};
    });
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
    d->setValue<std::string>(
        tr("Rename"), experimentId, name.toStdString(), [](const store::ExperimentRow& row) { return row.name; },
        [](store::WorkspaceDb& workspace, std::int64_t id, const std::string& text) {
            return store::ExperimentTable(workspace).rename(id, text);
        });
}

void WorkspaceFeed::setExperimentNote(std::int64_t experimentId, const QString& note)
{
    d->setValue<std::string>(
        tr("Edit a note"), experimentId, note.toStdString(), [](const store::ExperimentRow& row) { return row.note; },
        [](store::WorkspaceDb& workspace, std::int64_t id, const std::string& text) {
            return store::ExperimentTable(workspace).setNote(id, text);
        });
}

void WorkspaceFeed::setExperimentTags(std::int64_t experimentId, const QStringList& tags)
{
    std::set<std::string> sorted; // as the table keeps them
    for (const QString& tag : tags) {
        sorted.insert(tag.toStdString());
    }
    d->setValue<std::vector<std::string>>(
        tr("Change tags"), experimentId, {sorted.begin(), sorted.end()},
        [](const store::ExperimentRow& row) { return row.tags; },
        [](store::WorkspaceDb& workspace, std::int64_t id, const std::vector<std::string>& wanted) {
            return store::ExperimentTable(workspace).setTags(id, wanted);
        });
}

void WorkspaceFeed::archiveExperiment(std::int64_t experimentId, bool archived)
{
    d->setValue<bool>(
        archived ? tr("Archive") : tr("Take out of the archive"), experimentId, archived,
        [](const store::ExperimentRow& row) { return row.archived.has_value(); },
        [](store::WorkspaceDb& workspace, std::int64_t id, const bool& wanted) {
            return store::ExperimentTable(workspace).setArchived(id, wanted ? std::optional(unixTime()) : std::nullopt);
        });
}

void WorkspaceFeed::deleteExperiment(std::int64_t experimentId)
{
    d->toOne(experimentId, jobs::deleteExperiment);
}

} // namespace dskd::ui

// The snapshot of a workspace and how a command is carried out. The commands themselves are in workspace_feed_runs.cpp
// and workspace_feed_experiments.cpp.

#include "ui/feed/workspace_feed.h"

#include "core/config/schema/choices.h"
#include "ui/feed/workspace_feed_private.h"

#include <QStringList>
#include <utility>

namespace dskd::ui
{
namespace
{

constexpr int kPollMs = 250;

WorkspaceChanges troubled(const Failure& failure)
{
    WorkspaceChanges changes;
    changes.trouble = failure.text();
    return changes;
}

} // namespace

WorkspaceFeed::Private::Private(WorkspaceFeed* feed, std::filesystem::path folder)
    : q(feed), workspace(std::move(folder)), scan(std::make_shared<WorkspaceScan>(workspace))
{
    QObject::connect(&timer, &QTimer::timeout, q, [this] { pollNow(); });
    timer.start(kPollMs);
    pollNow();
}

void WorkspaceFeed::Private::pollNow()
{
    if (polling) {
        return;
    }
    polling = true;
    pollAgain = false;
    polls.run(
        q,
        [polled = scan](const std::atomic<bool>& cancelled) -> Result<WorkspaceChanges> {
            return polled->poll(cancelled);
        },
        [this](Result<WorkspaceChanges> changes) {
            polling = false;
            take(changes ? std::move(*changes) : troubled(changes.failure()));
            if (pollAgain) {
                pollNow();
            }
        });
}

void WorkspaceFeed::Private::take(WorkspaceChanges changes)
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

void WorkspaceFeed::Private::command(Background& thread, Command work, EditOf editOf, Answer answer)
{
    thread.run(
        q, [work = std::move(work)](const std::atomic<bool>&) -> Result<CommandOutcome> { return work(); },
        [this, editOf = std::move(editOf), answer = std::move(answer)](Result<CommandOutcome> result) {
            const CommandOutcome outcome = result ? std::move(*result) : CommandOutcome{{}, {result.failure()}};
            pollAgain = polling; // that poll may have begun before the command
            pollNow();
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

void WorkspaceFeed::Private::placeRuns()
{
    std::vector<std::string> unplaced;
    for (const RunRecord& run : runs) {
        if (!run.row.experiment && run.row.job == config::name(config::JobKind::Train)) {
            unplaced.push_back(run.row.id);
        }
    }
    if (unplaced.empty() || unplaced == unplacedBefore) {
        return;
    }
    unplacedBefore = std::move(unplaced);
    commands.run(
        q,
        [root = workspace](const std::atomic<bool>&) -> Result<void> {
            ui::placeRuns(root);
            return {};
        },
        [this](const Result<void>&) { // a failure changes nothing that a person asked for
            pollAgain = polling;
            pollNow();
        });
}

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

} // namespace dskd::ui

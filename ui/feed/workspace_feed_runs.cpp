// What a person does to runs: the queue, signals to workers, names, notes and tags, the trash.

#include "core/jobs/experiments.h"
#include "core/jobs/launch.h"
#include "core/jobs/run_folder.h"
#include "core/jobs/table/run_edit.h"
#include "ui/feed/workspace_feed_private.h"

#include <cstdint>
#include <map>
#include <memory>
#include <utility>

namespace dskd::ui
{
namespace
{

template <typename Value>
Result<void> withoutValue(const Result<Value>& result)
{
    return result ? Result<void>() : Result<void>(result.failure());
}

QString nameOf(const jobs::RunEdit& edit)
{
    const bool tags = edit.tags || !edit.addedTags.empty() || !edit.removedTags.empty();
    if ((edit.name ? 1 : 0) + (edit.group ? 1 : 0) + (edit.note ? 1 : 0) + (tags ? 1 : 0) != 1) {
        return WorkspaceFeed::tr("Edit runs");
    }
    return edit.name    ? WorkspaceFeed::tr("Rename")
           : edit.group ? WorkspaceFeed::tr("Change the group")
           : tags       ? WorkspaceFeed::tr("Change tags")
                        : WorkspaceFeed::tr("Edit a note");
}

} // namespace

void WorkspaceFeed::Private::toEach(const std::vector<std::string>& runIds, RunCommand work, EditOf editOf,
                                    Answer answer)
{
    command(
        commands, [=, root = workspace, work = std::move(work)] { return forEachRun(root, runIds, work); },
        std::move(editOf), std::move(answer));
}

void WorkspaceFeed::Private::editRuns(const std::vector<std::string>& runIds, const jobs::RunEdit& wanted,
                                      Answer answer)
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

void WorkspaceFeed::Private::moveToTrash(const std::vector<std::string>& runIds, EditOf editOf, Answer answer)
{
    toEach(
        runIds, [](auto& database, const auto& id) { return jobs::moveToTrash(database, id); }, std::move(editOf),
        std::move(answer));
}

void WorkspaceFeed::Private::restore(const std::vector<std::string>& runIds, EditOf editOf)
{
    toEach(
        runIds, [](auto& database, const auto& id) { return withoutValue(jobs::restoreRun(database, id)); },
        std::move(editOf));
}

void WorkspaceFeed::Private::signalEach(const std::vector<std::string>& runIds, Result<void> (*send)(const RunLayout&))
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

void WorkspaceFeed::purge(const std::vector<std::string>& runIds, const Purged& purged)
{
    const auto freed = std::make_shared<std::uint64_t>(0); // of the thread of commands; read when all is done
    Answer answer;
    if (purged) {
        answer = [freed, purged](const std::vector<Failure>& failures) { purged(*freed, failures); };
    }
    d->toEach(
        runIds,
        [freed](store::WorkspaceDb& workspace, const std::string& id) {
            const Result<std::uint64_t> bytes = jobs::purge(workspace, id);
            *freed += bytes ? *bytes : 0;
            return withoutValue(bytes);
        },
        nullptr, answer);
}

} // namespace dskd::ui

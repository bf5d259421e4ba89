// What a person does to experiments: plans are saved and run, names, notes, tags and the archive.

#include "core/base/process.h"
#include "core/jobs/experiments.h"
#include "ui/feed/workspace_feed_private.h"

#include <QStringList>
#include <algorithm>
#include <set>
#include <utility>

namespace dskd::ui
{

void WorkspaceFeed::Private::toOne(std::int64_t experimentId, ExperimentCommand work, EditOf editOf)
{
    command(
        commands, [=, root = workspace, work = std::move(work)] { return toExperiment(root, experimentId, work); },
        std::move(editOf));
}

template <typename Value>
void WorkspaceFeed::Private::setValue(const QString& edit, std::int64_t experimentId, const Value& value,
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
    const auto deleted = std::make_shared<DeletedExperiment>(); // as it was then; the thread of the commands only
    const auto remove = [=, this](Private::EditOf editOf = nullptr) {
        d->toOne(
            experimentId,
            [=](store::WorkspaceDb& database, const store::ExperimentRow& row) {
                DeletedExperiment now{row, store::ExperimentTable(database).revisions(row.id)};
                Result<void> done = jobs::deleteExperiment(database, row);
                if (done) {
                    *deleted = std::move(now);
                }
                return done;
            },
            std::move(editOf));
    };
    remove([=, this](const std::vector<std::string>&) {
        return Edit{
            tr("Delete an experiment"),
            [=, this] { d->command(d->commands, [=, root = d->workspace] { return putBack(root, *deleted); }); },
            [=] { remove(); }};
    });
}

} // namespace dskd::ui

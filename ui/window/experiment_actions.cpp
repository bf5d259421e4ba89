#include "ui/window/experiment_actions.h"

#include "core/jobs/experiment_file.h"
#include "core/jobs/experiments.h"
#include "ui/feed/background.h"
#include "ui/look/format.h"
#include "ui/look/theme.h"
#include "ui/window/experiment_comparison.h"
#include "ui/window/experiment_notes.h"

#include <QAction>
#include <QDir>
#include <QFileDialog>
#include <QMessageBox>
#include <QPushButton>
#include <algorithm>

namespace dskd::ui
{

ExperimentActions::ExperimentActions(WorkspaceFeed& feed, Background& background, QWidget& window,
                                     std::function<std::vector<std::int64_t>()> selected)
    : QObject(&window), m_feed(feed), m_background(background), m_window(window), m_selected(std::move(selected))
{
    edit = add("editExperiment", tr("&Edit experiment …"), "settings",
               tr("Change its configuration, what its runs vary and their seeds: a new revision"));
    duplicate = add("duplicateExperiment", tr("D&uplicate experiment …"), "duplicate",
                    tr("A new experiment that begins with the plan of this one"));
    runMissing = add("runMissing", tr("Run &missing"), "play",
                     tr("Make and queue the runs that the experiment plans and does not have"));
    runAgain =
        add("runAgain", tr("Run a&gain …"), "restore", tr("Make and queue all that the experiment plans once more"));
    compare = add("compareExperiments", tr("&Compare with …"), "compare",
                  tr("What differs between two experiments, and the runs of both in the charts"));
    notes = add("experimentNotes", tr("&Note and tags …"), "log", tr("A note in your words, and tags to filter by"));
    archive = add("archiveExperiment", tr("Arc&hive"), "folder",
                  tr("Put the experiment out of sight with its runs, or bring it back; nothing is deleted"));
    showArchived = add("showArchived", tr("Show archi&ved experiments"), {},
                       tr("List the experiments that were put out of sight too"));
    showArchived->setCheckable(true);
    exportFile = add("exportExperiment", tr("E&xport as JSON …"), "export",
                     tr("Write the experiment to a file, for another workspace or another person"));
    importFile = add("importExperiment", tr("&Import experiment …"), "folder",
                     tr("Make an experiment of a file that was exported, or of a configuration"));
    remove = add("deleteExperiment", tr("De&lete experiment …"), "trash", tr("Delete an experiment that has no runs"));

    connect(edit, &QAction::triggered, this, [this] {
        if (const ExperimentRecord* experiment = only()) {
            readPlan(*experiment, experiment->row.name);
        }
    });
    connect(duplicate, &QAction::triggered, this, [this] {
        if (const ExperimentRecord* experiment = only()) {
            readPlan(*experiment, {});
        }
    });
    connect(runMissing, &QAction::triggered, this, [this] {
        for (const std::int64_t id : m_selected()) {
            m_feed.runMissing(id);
        }
    });
    connect(runAgain, &QAction::triggered, this, &ExperimentActions::askBeforeRunningAgain);
    connect(compare, &QAction::triggered, this, &ExperimentActions::openComparison);
    connect(notes, &QAction::triggered, this, &ExperimentActions::openNotes);
    connect(archive, &QAction::triggered, this, [this] {
        const std::vector<std::int64_t> ids = m_selected();
        const ExperimentRecord* first = ids.empty() ? nullptr : record(ids.front());
        for (const std::int64_t id : ids) {
            m_feed.archiveExperiment(id, first != nullptr && !first->row.archived);
        }
    });
    connect(exportFile, &QAction::triggered, this, &ExperimentActions::askForExport);
    connect(importFile, &QAction::triggered, this, &ExperimentActions::askForImport);
    connect(remove, &QAction::triggered, this, &ExperimentActions::askBeforeRemoving);
    update();
}

QAction* ExperimentActions::add(const QString& name, const QString& text, const QString& iconName, const QString& tip)
{
    auto* action = new QAction(text, &m_window);
    if (!iconName.isEmpty()) {
        action->setIcon(icon(iconName));
    }
    action->setObjectName(name);
    action->setToolTip(tip);
    action->setStatusTip(tip);
    m_window.addAction(action);
    return action;
}

const ExperimentRecord* ExperimentActions::record(std::int64_t id) const
{
    const auto& all = m_feed.experiments();
    const auto found =
        std::find_if(all.begin(), all.end(), [id](const ExperimentRecord& one) { return one.row.id == id; });
    return found == all.end() ? nullptr : &*found;
}

const ExperimentRecord* ExperimentActions::only() const
{
    const std::vector<std::int64_t> ids = m_selected();
    return ids.size() == 1 ? record(ids.front()) : nullptr;
}

void ExperimentActions::update()
{
    const std::vector<std::int64_t> ids = m_selected();
    const ExperimentRecord* one = only();
    std::size_t missing = 0;
    const ExperimentRecord* first = nullptr;
    for (const std::int64_t id : ids) {
        if (const ExperimentRecord* experiment = record(id)) {
            missing += experiment->missing().value_or(0);
            first = first == nullptr ? experiment : first;
        }
    }
    for (QAction* action : {edit, duplicate, runAgain, notes, exportFile, remove}) {
        action->setEnabled(one != nullptr);
    }
    runMissing->setEnabled(missing > 0);
    runMissing->setText(missing > 0 ? tr("Run &missing (%1)").arg(missing) : tr("Run &missing"));
    compare->setEnabled(first != nullptr && ids.size() <= 2 && m_feed.experiments().size() > 1);
    archive->setEnabled(first != nullptr);
    archive->setText(first != nullptr && first->row.archived ? tr("Take out of the arc&hive") : tr("Arc&hive"));
}

void ExperimentActions::readPlan(const ExperimentRecord& experiment, const std::string& name)
{
    m_background.run(
        this,
        [root = m_feed.workspace(), row = experiment.row](const std::atomic<bool>&) -> Result<config::Plan> {
            store::WorkspaceDb workspace = store::WorkspaceDb::open(root).value();
            return jobs::planOf(workspace, row);
        },
        [this, name](Result<config::Plan> plan) {
            if (plan) {
                Q_EMIT editRequested(name, *std::move(plan));
            } else {
                fail(plan.failure());
            }
        });
}

void ExperimentActions::openComparison()
{
    const std::vector<std::int64_t> ids = m_selected();
    if (ids.empty()) {
        return;
    }
    auto* dialog = new ExperimentComparison(m_feed, m_background, ids.front(), ids.size() > 1 ? ids[1] : 0, &m_window);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &ExperimentComparison::chartsRequested, this, &ExperimentActions::chartsRequested);
    dialog->open();
}

void ExperimentActions::openNotes()
{
    const ExperimentRecord* experiment = only();
    if (experiment == nullptr) {
        return;
    }
    auto* dialog = new ExperimentNotes(experiment->row, &m_window);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &QDialog::accepted, this, [this, dialog, row = experiment->row] {
        if (dialog->note() != QString::fromStdString(row.note)) {
            m_feed.setExperimentNote(row.id, dialog->note());
        }
        QStringList before;
        for (const std::string& tag : row.tags) {
            before += QString::fromStdString(tag);
        }
        if (dialog->tags() != before) {
            m_feed.setExperimentTags(row.id, dialog->tags());
        }
    });
    dialog->open();
}

void ExperimentActions::askForExport()
{
    const ExperimentRecord* experiment = only();
    if (experiment == nullptr) {
        return;
    }
    QString file = QString::fromStdString(experiment->row.name);
    for (const char forbidden : {'/', '\\', ':', '\n'}) {
        file.replace(QLatin1Char(forbidden), QLatin1Char('-'));
    }
    auto* dialog = new QFileDialog(&m_window, tr("Export experiment"), QDir::homePath(), tr("Experiments (*.json)"));
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setDefaultSuffix(QStringLiteral("json"));
    dialog->selectFile(file + QStringLiteral(".json"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &QFileDialog::fileSelected, this,
            [this, id = experiment->row.id](const QString& chosen) { exportTo(id, chosen); });
    dialog->open();
}

void ExperimentActions::exportTo(std::int64_t experimentId, const QString& file)
{
    m_background.run(
        this,
        [root = m_feed.workspace(), experimentId, to = file.toStdString()](const std::atomic<bool>&) -> Result<void> {
            store::WorkspaceDb workspace = store::WorkspaceDb::open(root).value();
            const auto row = store::ExperimentTable(workspace).find("#" + std::to_string(experimentId));
            return row ? jobs::exportExperiment(workspace, *row, to, jobs::Overwrite::Yes)
                       : Result<void>(row.failure());
        },
        [this, file](const Result<void>& written) {
            if (written) {
                Q_EMIT finished(true, tr("The experiment is in %1 now.").arg(file),
                                tr("File → Import experiment reads it in another workspace."));
            } else {
                fail(written.failure());
            }
        });
}

void ExperimentActions::askForImport()
{
    auto* dialog = new QFileDialog(&m_window, tr("Import experiment"), QDir::homePath(), tr("Experiments (*.json)"));
    dialog->setFileMode(QFileDialog::ExistingFile);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &QFileDialog::fileSelected, this, &ExperimentActions::importFrom);
    dialog->open();
}

void ExperimentActions::importFrom(const QString& file)
{
    struct Imported {
        std::string wanted;
        std::string name;
    };
    m_background.run(
        this,
        [root = m_feed.workspace(), from = file.toStdString()](const std::atomic<bool>&) -> Result<Imported> {
            const auto read = jobs::readExperimentFile(from);
            if (!read) {
                return read.failure();
            }
            store::WorkspaceDb workspace = store::WorkspaceDb::open(root).value();
            const auto row = jobs::importExperiment(workspace, *read);
            return row ? Result<Imported>(Imported{read->name, row->name}) : Result<Imported>(row.failure());
        },
        [this](const Result<Imported>& imported) {
            if (!imported) {
                fail(imported.failure());
                return;
            }
            Q_EMIT finished(true, tr("%1 is imported.").arg(shownName(imported->name)),
                            imported->name == imported->wanted
                                ? QString()
                                : tr("There is an experiment %1 already.").arg(shownName(imported->wanted)));
        });
}

void ExperimentActions::askBeforeRunningAgain()
{
    const ExperimentRecord* experiment = only();
    if (experiment == nullptr) {
        return;
    }
    auto* box = new QMessageBox(QMessageBox::Question, tr("Run again"),
                                tr("Make and queue every run of %1 once more?").arg(shownName(experiment->row.name)),
                                QMessageBox::Cancel, &m_window);
    box->setObjectName("confirmRunAgain");
    box->setTextFormat(Qt::PlainText); // the name may look like a tag
    box->setInformativeText(tr("The runs that it has stay as they are. \"Run missing\" makes those that it lacks."));
    const auto* again = box->addButton(tr("Run again"), QMessageBox::AcceptRole);
    box->setAttribute(Qt::WA_DeleteOnClose);
    connect(again, &QPushButton::clicked, this, [this, id = experiment->row.id] { m_feed.runAgain(id); });
    box->open();
}

void ExperimentActions::askBeforeRemoving()
{
    const ExperimentRecord* experiment = only();
    if (experiment == nullptr) {
        return;
    }
    const std::int64_t id = experiment->row.id;
    const auto& all = m_feed.runs();
    const auto runs =
        std::count_if(all.begin(), all.end(), [id](const RunRecord& run) { return run.row.experiment == id; });
    auto* box = new QMessageBox(QMessageBox::Warning, tr("Delete experiment"), {}, QMessageBox::Cancel, &m_window);
    box->setObjectName("confirmDeleteExperiment");
    box->setTextFormat(Qt::PlainText);
    const QString name = shownName(experiment->row.name);
    if (runs > 0) {
        box->setText((runs == 1 ? tr("%1 has %2 run.") : tr("%1 has %2 runs.")).arg(name, QString::number(runs)));
        box->setInformativeText(
            tr("Move its runs to the trash first; or archive the experiment, which deletes nothing."));
        const auto* archiveIt = box->addButton(tr("Archive"), QMessageBox::AcceptRole);
        connect(archiveIt, &QPushButton::clicked, this, [this, id] { m_feed.archiveExperiment(id, true); });
    } else {
        box->setText(tr("Delete %1?").arg(name));
        box->setInformativeText(
            tr("Its plan goes with every revision, its note and its tags. Edit \u2192 Undo brings it "
               "back as long as this window is open."));
        const auto* removeIt = box->addButton(tr("Delete"), QMessageBox::DestructiveRole);
        connect(removeIt, &QPushButton::clicked, this, [this, id] { m_feed.deleteExperiment(id); });
    }
    box->setAttribute(Qt::WA_DeleteOnClose);
    box->open();
}

void ExperimentActions::fail(const Failure& failure)
{
    Q_EMIT finished(false, QString::fromStdString(failure.what), QString::fromStdString(failure.hint));
}

} // namespace dskd::ui

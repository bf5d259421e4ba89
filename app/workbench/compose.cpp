#include "app/workbench/compose.h"

#include "app/workbench/dropped_inputs.h"
#include "app/workbench/file_menu.h"
#include "app/workbench/recent_workspaces.h"
#include "app/workbench/start_window.h"
#include "core/jobs/watchdogs.h"
#include "ui/experiment/experiment_dialog.h"
#include "ui/feed/background.h"
#include "ui/feed/series_feed.h"
#include "ui/feed/workspace_feed.h"
#include "ui/look/theme.h"
#include "ui/look/window_words.h"
#include "ui/models/run_tree_model.h"
#include "ui/pages/curves/curves_page.h"
#include "ui/pages/page_table.h"
#include "ui/pages/pairs/pairs_page.h"
#include "ui/pages/shared/step_link.h"
#include "ui/window/edit_history.h"
#include "ui/window/findings_bar.h"
#include "ui/window/main_window.h"
#include "ui/window/run_list.h"

#include <QJsonDocument>
#include <QSettings>
#include <QTabWidget>
#include <utility>

namespace dskd::workbench
{

class Workbench::Private
{
public:
    explicit Private(const std::filesystem::path& workspace)
        : feed(workspace), series(workspace), background("window"), window(feed, background)
    {
    }

    // In the order in which they need each other: what is declared last goes first.
    ui::WorkspaceFeed feed;
    ui::SeriesFeed series;
    ui::Background background;
    ui::StepLink steps;
    ui::MainWindow window;
};

Workbench::Workbench(const std::filesystem::path& workspace, QObject* parent)
    : QObject(parent), d(std::make_unique<Private>(workspace))
{
    noteOpened(workspace);
    linkSteps();
    addPages();
    connectExperiments();
    connectFindings();
    connectWorkspaces();
    d->window.restoreLayout();
}

Workbench::~Workbench() = default;

ui::MainWindow& Workbench::window() const
{
    return d->window;
}

// Before the pages, whose sliders show whether they are linked.
void Workbench::linkSteps()
{
    static const QString kLinked = QStringLiteral("linkSteps");
    d->steps.setLinked(QSettings().value(kLinked, true).toBool());
    connect(&d->steps, &ui::StepLink::linkedChanged, this, [](bool linked) { QSettings().setValue(kLinked, linked); });
    d->window.addFindables([this] {
        ui::Findable one;
        one.text = d->steps.linked() ? tr("Unlink steps") : tr("Link steps");
        one.tip = tr("Whether the sliders of Alignment, Spaces and Samples move together");
        one.icon = ui::icon("link");
        one.act = [this] { d->steps.setLinked(!d->steps.linked()); };
        return std::vector<ui::Findable>{std::move(one)};
    });
}

void Workbench::addPages()
{
    connect(&d->window, &ui::MainWindow::runsChosen, this, // before the pages, which draw what the feed watches
            [this](const std::vector<std::string>& shown) {
                d->series.watch({shown.begin(), shown.end()});
            });
    for (const ui::PageRow& row : ui::pageTable()) {
        ui::Page* page = row.create({d->feed, d->series, d->background});
        page->setStepLink(d->steps);
        d->window.addPage(page, tr(row.title), row.icon);
        connect(&d->window, &ui::MainWindow::runsChosen, page, &ui::Page::setRuns);
        connect(page, &ui::Page::experimentRequested, this,
                [this](const config::Plan& plan) { Q_EMIT d->window.experimentRequested({}, plan); });
        connect(page, &ui::Page::selectRequested, this,
                [this](const std::vector<std::string>& runIds) { d->window.runList().select(runIds); });
        connect(page, &ui::Page::alignmentRequested, this, &Workbench::showAlignment);
        connect(page, &ui::Page::edited, this, [this](const ui::Edit& edit) { d->window.history().add(edit); });
        d->window.addFindables([this, page] { return findablesOn(*page); });
        keepState(*page, row.name);
    }
}

void Workbench::showAlignment(const config::Experiment& experiment, qint64 line)
{
    for (auto* page : d->window.pages().findChildren<ui::Page*>()) {
        if (page->showAlignment(experiment, line)) {
            d->window.pages().setCurrentWidget(page);
            return;
        }
    }
}

// What the page has, each of which goes to the page first.
std::vector<ui::Findable> Workbench::findablesOn(ui::Page& page)
{
    std::vector<ui::Findable> found = page.findables();
    for (ui::Findable& one : found) {
        one.act = [this, &page, act = std::move(one.act)] {
            d->window.pages().setCurrentWidget(&page);
            act();
        };
    }
    return found;
}

void Workbench::keepState(ui::Page& page, const QString& name)
{
    const QString key = name + QString::fromStdString(d->feed.workspace().string());
    const auto saved = QJsonDocument::fromJson(QSettings().value(key).toByteArray());
    if (saved.isObject()) {
        page.restoreState(saved.object());
    }
    connect(&page, &ui::Page::stateChanged, this, [&page, key] {
        QSettings().setValue(key, QJsonDocument(page.savedState()).toJson(QJsonDocument::Compact));
    });
}

void Workbench::connectExperiments()
{
    connect(&d->window, &ui::MainWindow::experimentRequested, this,
            [this](const std::string& name, const std::optional<config::Plan>& plan) {
                auto* dialog = new ui::ExperimentDialog(name, plan, &d->window);
                dialog->setAttribute(Qt::WA_DeleteOnClose);
                std::vector<std::string> taken;
                for (const ui::ExperimentRecord& experiment : d->feed.experiments()) {
                    taken.push_back(experiment.row.name);
                }
                dialog->setWorkspace(d->feed.workspace(), std::move(taken));
                connect(dialog, &ui::ExperimentDialog::submitted, &d->feed, &ui::WorkspaceFeed::saveExperiment);
                connect(&d->feed, &ui::WorkspaceFeed::experimentSaved, dialog, [dialog](const QString& saved) {
                    if (saved.toStdString() == dialog->name()) {
                        dialog->accept();
                    }
                });
                connect(&d->feed, &ui::WorkspaceFeed::commandFailed, dialog, &ui::ExperimentDialog::refused);
                dialog->open();
            });
}

// What the watchdogs find is marked on the curves that show it.
void Workbench::connectFindings()
{
    const auto* bar = d->window.findChild<ui::FindingsBar*>();
    auto* curves = d->window.findChild<ui::CurvesPage*>();
    const auto mark = [this, bar, curves] {
        std::vector<ui::RunMark> marks;
        for (const std::string& id : d->window.runModel().shownRuns()) {
            const std::vector<jobs::Finding> findings = bar->findings(id);
            for (const jobs::FindingMark& one : jobs::marksOf(findings)) {
                marks.push_back({id, one.metric, one.step, one.step, ui::windowWords(one.text), {}});
            }
        }
        curves->setMarks(std::move(marks));
    };
    connect(bar, &ui::FindingsBar::findingsChanged, this, mark);
    connect(&d->window, &ui::MainWindow::runsChosen, this, mark);
}

void Workbench::connectWorkspaces()
{
    connect(&d->window, &ui::MainWindow::openWorkspaceRequested, this, [this] { askForWorkspace(&d->window); });
    new FileMenu(d->feed.workspace(), d->window);                                              // goes with the window
    new DroppedInputs(d->feed.workspace(), d->window, *d->window.findChild<ui::PairsPage*>()); // likewise
}

} // namespace dskd::workbench

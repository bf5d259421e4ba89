#include "app/workbench/compose.h"

#include "app/workbench/start_window.h"
#include "ui/experiment/experiment_dialog.h"
#include "ui/feed/background.h"
#include "ui/feed/series_feed.h"
#include "ui/feed/workspace_feed.h"
#include "ui/pages/alignment/alignment_page.h"
#include "ui/pages/compare/compare_page.h"
#include "ui/pages/curves/curves_page.h"
#include "ui/pages/samples/samples_page.h"
#include "ui/window/main_window.h"

#include <QJsonDocument>
#include <QSettings>

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
    ui::MainWindow window;
};

Workbench::Workbench(const std::filesystem::path& workspace, QObject* parent)
    : QObject(parent), d(std::make_unique<Private>(workspace))
{
    QSettings().setValue("lastWorkspace", QString::fromStdString(workspace.string()));
    addPages();
    connectExperiments();
    connectWorkspaces();
    d->window.restoreLayout();
}

Workbench::~Workbench() = default;

ui::MainWindow& Workbench::window() const
{
    return d->window;
}

void Workbench::addPages()
{
    auto* curves = new ui::CurvesPage(d->feed, d->series);
    auto* compare = new ui::ComparePage(d->feed, d->series, d->background);
    auto* alignment = new ui::AlignmentPage(d->feed, d->background);
    auto* samples = new ui::SamplesPage(d->feed, d->background);
    d->window.addPage(curves, tr("Curves"), "curves");
    d->window.addPage(compare, tr("Compare"), "compare");
    d->window.addPage(alignment, tr("Alignment"), "heatmap");
    d->window.addPage(samples, tr("Samples"), "samples");
    connect(&d->window, &ui::MainWindow::runsChosen, this,
            [this, curves, compare, alignment, samples](const std::vector<std::string>& shown,
                                                        const std::vector<std::string>& selected) {
                d->series.watch({shown.begin(), shown.end()});
                curves->setRuns(shown, selected);
                compare->setRuns(shown, selected);
                alignment->setRuns(shown, selected);
                samples->setRuns(shown, selected);
            });

    const QString key = "curves" + QString::fromStdString(d->feed.workspace().string());
    const auto saved = QJsonDocument::fromJson(QSettings().value(key).toByteArray());
    if (saved.isObject()) {
        curves->setState(ui::curvesFromJson(saved.object()));
    }
    connect(curves, &ui::CurvesPage::stateChanged, this, [curves, key] {
        QSettings().setValue(key, QJsonDocument(ui::toJson(curves->state())).toJson(QJsonDocument::Compact));
    });
}

void Workbench::connectExperiments()
{
    connect(&d->window, &ui::MainWindow::newExperimentRequested, this,
            [this](const std::optional<config::Experiment>& from) {
                auto* dialog = new ui::ExperimentDialog(from, &d->window);
                dialog->setAttribute(Qt::WA_DeleteOnClose);
                connect(dialog, &ui::ExperimentDialog::submitted, &d->feed,
                        [this](const std::vector<config::Experiment>& experiments) { d->feed.add(experiments); });
                connect(&d->feed, &ui::WorkspaceFeed::added, dialog, &QDialog::accept);
                connect(&d->feed, &ui::WorkspaceFeed::commandFailed, dialog, &ui::ExperimentDialog::refused);
                dialog->open();
            });
}

void Workbench::connectWorkspaces()
{
    connect(&d->window, &ui::MainWindow::openWorkspaceRequested, this, [this] { askForWorkspace(&d->window); });
}

} // namespace dskd::workbench

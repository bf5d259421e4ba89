// What the page of spaces shows, on its way out of the window.

#include "core/base/run_layout.h"
#include "core/metrics/metric_table.h"
#include "ui/feed/run_title.h"
#include "ui/look/theme.h"
#include "ui/pages/shared/chart_export.h"
#include "ui/pages/shared/muted_label.h"
#include "ui/pages/shared/point_export.h"
#include "ui/pages/shared/step_slider.h"
#include "ui/pages/spaces/space_export.h"
#include "ui/pages/spaces/spaces_page.h"
#include "viz/box_plot.h"
#include "viz/curve_chart.h"
#include "viz/scatter.h"

#include <QAction>
#include <QMenu>
#include <QPointer>
#include <QToolButton>
#include <algorithm>
#include <utility>

namespace dskd::ui
{
namespace
{

RunToExport toExport(const WorkspaceFeed& workspace, const std::string& id)
{
    const RunRecord* record = workspace.find(id);
    return {{id, record != nullptr ? record->row.shownName() : id, record != nullptr ? record->row.seed : 0},
            WorkspaceLayout{workspace.workspace()}.run(id)};
}

} // namespace

// Each view has the action in its context menu; the page's button has those of the views that are seen.
void SpacesPage::offerExport(QWidget& view, const QString& title, std::function<std::optional<ExportSubject>()> subject)
{
    auto* action = new QAction(tr("Export %1 \u2026").arg(title), &view);
    action->setObjectName(QStringLiteral("export.") + view.objectName());
    action->setToolTip(tr("As a picture (PNG, SVG, PDF), or every recorded number as CSV"));
    view.addAction(action);
    connect(action, &QAction::triggered, this, [this, make = std::move(subject)] { openExport(make()); });
    m_exports.push_back({&view, action});
}

QToolButton* SpacesPage::makeExportButton()
{
    auto* button = new QToolButton;
    button->setObjectName(QStringLiteral("exportSpaces"));
    button->setIcon(icon(QStringLiteral("export")));
    button->setToolTip(tr("Export what is shown as a picture (PNG, SVG, PDF), or every recorded number as CSV"));
    button->setAccessibleName(tr("Export"));
    button->setPopupMode(QToolButton::InstantPopup);
    auto* menu = new QMenu(button);
    button->setMenu(menu);
    connect(menu, &QMenu::aboutToShow, this, [this, menu] {
        menu->clear();
        for (const auto& [view, action] : m_exports) {
            if (view->isVisible()) {
                menu->addAction(action);
            }
        }
    });
    return button;
}

void SpacesPage::openExport(std::optional<ExportSubject> subject)
{
    if (!subject) {
        say(tr("There is nothing to export: nothing is drawn there."));
        return;
    }
    subject->said = [page = QPointer<SpacesPage>(this)](const QString& sentence) {
        if (page) {
            page->say(sentence);
        }
    };
    auto* dialog = new PictureExportDialog(*std::move(subject), exporting(), this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->open();
}

void SpacesPage::say(const QString& sentence)
{
    m_said->setText(sentence);
    m_said->setVisible(!sentence.isEmpty());
}

Background& SpacesPage::exporting()
{
    if (!m_exporting) { // a thread of its own: others wait for theirs
        m_exporting = std::make_unique<Background>(QStringLiteral("spaces"));
    }
    return *m_exporting;
}

std::optional<ExportSubject> SpacesPage::chartToExport(const viz::CurveChart& chart,
                                                       const std::vector<std::string>& metrics,
                                                       const std::vector<const SpaceGroup*>& groups)
{
    const viz::ChartPicture picture = chart.picture(kPaperColumns);
    if (picture.lines.empty()) {
        return std::nullopt;
    }
    std::vector<RunToExport> runs;
    for (const SpaceGroup* group : groups) {
        for (const std::string& id : group->runs) {
            runs.push_back(toExport(m_workspace, id));
        }
    }
    ExportSubject subject = exportSubject(picture);
    subject.writeCsv = writeCsvInBackground(
        *this, exporting(), [runs = std::move(runs), metrics](const QString& file, const std::atomic<bool>& cancelled) {
            return writePoints(runs, metrics, file, cancelled);
        });
    return subject;
}

std::optional<ExportSubject> SpacesPage::boxesToExport(const Distance& distance)
{
    viz::BoxPaper paper = distance.boxes->onPaper();
    if (paper.boxes.empty()) {
        return std::nullopt;
    }
    paper.title = tr("%1 of the probe samples").arg(QString::fromStdString(metrics::titleOf(distance.metric)));
    paper.valueTitle = QString::fromStdString(metrics::titleOf(distance.metric));
    paper.notes = {tr("step %1").arg(m_step->step().value_or(0)),
                   tr("whiskers: the farthest values within 1.5 quartile ranges")};
    if (std::any_of(paper.boxes.begin(), paper.boxes.end(),
                    [](const viz::Box& box) { return !box.instead.isEmpty(); })) {
        paper.notes += tr("hatched: nothing is recorded at this step; the label names the nearest one");
    }
    std::vector<RunToExport> runs;
    for (const SpaceGroup& group : m_groups) {
        for (const std::string& id : group.runs) {
            runs.push_back(toExport(m_workspace, id));
        }
    }
    ExportSubject subject = exportSubject(paper);
    subject.writeCsv = writeCsvInBackground(
        *this, exporting(), [runs = std::move(runs)](const QString& file, const std::atomic<bool>& cancelled) {
            return writeSamples(runs, file, cancelled);
        });
    return subject;
}

std::optional<ExportSubject> SpacesPage::pointsToExport(const viz::ScatterView& view, store::ModelSide space)
{
    viz::ScatterPaper paper = view.onPaper();
    if (paper.picture.points.empty()) {
        return std::nullopt;
    }
    paper.title = view.accessibleName();
    paper.notes = {runTitle(m_workspace, m_shownRun), tr("step %1").arg(m_shownStep)};
    ExportSubject subject = exportSubject(paper);
    subject.writeCsv = writeCsvInBackground(
        *this, exporting(),
        [run = toExport(m_workspace, m_shownRun), space](const QString& file, const std::atomic<bool>& cancelled) {
            return writeSpacePoints(run, space, file, cancelled);
        });
    return subject;
}

} // namespace dskd::ui

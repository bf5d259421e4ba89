// Charts and their points on the way out of the window.

#include "core/base/run_layout.h"
#include "ui/feed/background.h"
#include "ui/pages/curves/chart_card.h"
#include "ui/pages/curves/chart_grid.h"
#include "ui/pages/shared/chart_export.h"
#include "ui/pages/shared/picture_export_dialog.h"
#include "ui/pages/shared/point_export.h"

#include <QApplication>
#include <QClipboard>
#include <QPointer>

namespace dskd::ui
{
Background& ChartGrid::background()
{
    if (!m_background) { // a thread of its own: others wait for theirs
        m_background = std::make_unique<Background>(QStringLiteral("charts"));
    }
    return *m_background;
}

std::vector<RunToExport> ChartGrid::runsToExport() const
{
    std::vector<RunToExport> exported;
    const WorkspaceLayout layout{m_workspace.workspace()};
    for (const DrawnRun& run : runs()) {
        const RunRecord* record = m_workspace.find(run.id);
        exported.push_back({{run.id, record ? record->row.shownName() : run.id, run.seed.seed}, layout.run(run.id)});
    }
    return exported;
}

void ChartGrid::exportChart(ChartCard& card)
{
    viz::ChartPicture picture = card.chart().picture(kPaperColumns);
    picture.title = card.title();
    for (const QString& note : card.notes()) {
        if (!picture.notes.contains(note)) {
            picture.notes.append(note);
        }
    }
    ExportSubject subject = exportSubject(picture);
    subject.writeCsv = writeCsvInBackground(*this, background(),
                                            [runs = runsToExport(), metrics = card.curves().chart().metrics](
                                                const QString& file, const std::atomic<bool>& cancelled) {
                                                return writePoints(runs, metrics, file, cancelled);
                                            });
    subject.said = [grid = QPointer<ChartGrid>(this)](const QString& sentence) {
        if (grid) {
            Q_EMIT grid->said(sentence);
        }
    };
    auto* dialog = new PictureExportDialog(std::move(subject), background(), this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->open();
}

void ChartGrid::copyPoints(ChartCard& card)
{
    background().run(
        this,
        [runs = runsToExport(), metrics = card.curves().chart().metrics](const std::atomic<bool>& cancelled) {
            return pointsAsText(runs, metrics, cancelled);
        },
        [this](const Result<QByteArray>& text) {
            if (!text) {
                Q_EMIT said(QString::fromStdString(text.failure().text()));
                return;
            }
            QApplication::clipboard()->setText(QString::fromUtf8(*text));
            Q_EMIT said(tr("%1 points copied").arg(text->count('\n') - 1));
        });
}

} // namespace dskd::ui

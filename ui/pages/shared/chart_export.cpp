#include "ui/pages/shared/chart_export.h"

#include "ui/look/theme.h"
#include "viz/box_paint.h"
#include "viz/scatter_paint.h"

#include <QApplication>
#include <QPointer>
#include <utility>

namespace dskd::ui
{
namespace
{

constexpr int kFontUnits = 12; // 9 pt

} // namespace

QFont paperFont()
{
    QFont font = QApplication::font();
    font.setPixelSize(kFontUnits);
    return font;
}

viz::ChartInk paperInk()
{
    const Palette& paper = paperPalette();
    return {paper.raised, paper.text, paper.muted};
}

ExportSubject exportSubject(const viz::ChartPicture& picture)
{
    ExportSubject subject;
    subject.title = picture.title;
    subject.paint = [picture, ink = paperInk(), font = paperFont()](QPainter& painter, const QRectF& target) {
        viz::paintChart(painter, target, picture, ink, font);
    };
    return subject;
}

ExportSubject exportSubject(const viz::BoxPaper& picture)
{
    ExportSubject subject;
    subject.title = picture.title;
    subject.paint = [picture, ink = paperInk(), font = paperFont()](QPainter& painter, const QRectF& target) {
        viz::paintBoxes(painter, target, picture, ink, font);
    };
    return subject;
}

ExportSubject exportSubject(const viz::ScatterPaper& picture)
{
    ExportSubject subject;
    subject.title = picture.title;
    subject.heightPerWidth = 0.9; // both axes have one scale
    subject.paint = [picture, ink = paperInk(), font = paperFont()](QPainter& painter, const QRectF& target) {
        viz::paintScatter(painter, target, picture, ink, font);
    };
    return subject;
}

std::function<void(const QString& file, std::function<void(const QString& sentence)> done)>
writeCsvInBackground(QObject& page, Background& background,
                     std::function<Result<std::int64_t>(const QString& file, const std::atomic<bool>& cancelled)> write)
{
    return [guard = QPointer<QObject>(&page), &background,
            write = std::move(write)](const QString& file, const std::function<void(const QString&)>& done) {
        if (!guard) {
            return;
        }
        background.run(
            guard.data(), [write, file](const std::atomic<bool>& cancelled) { return write(file, cancelled); },
            [file, done](const Result<std::int64_t>& written) {
                done(written ? PictureExportDialog::tr("%1 points written to %2").arg(QString::number(*written), file)
                             : QString::fromStdString(written.failure().text()));
            });
    };
}

} // namespace dskd::ui

#include "ui/pages/shared/picture_export.h"

#include "tests/support/temporary_folder.h"
#include "ui/pages/shared/picture_export_dialog.h"

#include <QComboBox>
#include <QDoubleSpinBox>
#include <QFile>
#include <QImage>
#include <QLabel>
#include <QPainter>
#include <QSignalSpy>
#include <QSpinBox>
#include <gtest/gtest.h>

namespace dskd::ui
{
namespace
{

void paintFrame(QPainter& painter, const QRectF& target)
{
    painter.fillRect(target, Qt::white);
    painter.setPen(QPen(Qt::red, 4.0));
    painter.drawRect(target.adjusted(2, 2, -2, -2));
    painter.drawText(target, Qt::AlignCenter, QStringLiteral("ROUGE-L"));
}

QByteArray bytesOf(const QString& file)
{
    QFile read(file);
    return read.open(QIODevice::ReadOnly) ? read.readAll() : QByteArray();
}

class PictureExport : public testing::Test
{
protected:
    [[nodiscard]] QString file(const char* name) const { return QString::fromStdString((folder / name).string()); }
    test::TemporaryFolder folder;
};

TEST_F(PictureExport, OfPngHasItsSizeInPixelsAndMillimetres)
{
    ASSERT_TRUE(writePicture(paintFrame, PictureFormat::Png, {101.6, 50.8, 300}, "chart", file("a.png")));
    const QImage picture(file("a.png"));
    EXPECT_EQ(picture.size(), QSize(1200, 600)); // 4 x 2 inches
    EXPECT_NEAR(picture.dotsPerMeterX() * 0.0254, 300.0, 0.1);
    EXPECT_EQ(picture.pixelColor(600, 6), QColor(Qt::red)) << "scaled to the resolution";
    EXPECT_EQ(picture.pixelColor(600, 40), QColor(Qt::white));
}

TEST_F(PictureExport, OfSvgIsMadeOfLinesAndTextInMillimetres)
{
    ASSERT_TRUE(writePicture(paintFrame, PictureFormat::Svg, {101.6, 50.8, 300}, "chart", file("a.svg")));
    const QByteArray svg = bytesOf(file("a.svg"));
    EXPECT_TRUE(svg.contains("width=\"101.6mm\"")) << svg.left(400).toStdString();
    EXPECT_TRUE(svg.contains("viewBox=\"0 0 384 192\"")) << svg.left(400).toStdString();
    EXPECT_TRUE(svg.contains("ROUGE-L")) << "text stays text";
    EXPECT_FALSE(svg.contains("<image"));
}

TEST_F(PictureExport, OfPdfHasOnePageOfItsSize)
{
    ASSERT_TRUE(writePicture(paintFrame, PictureFormat::Pdf, {101.6, 50.8, 300}, "chart", file("a.pdf")));
    const QByteArray pdf = bytesOf(file("a.pdf"));
    EXPECT_TRUE(pdf.startsWith("%PDF-"));
    EXPECT_TRUE(pdf.contains("/MediaBox [0 0 288")) << "4 inches of 72 points";
    EXPECT_EQ(pdf.count("/Type /Page\n"), 1);
}

TEST_F(PictureExport, RefusesWhatCannotBeMadeWithAReason)
{
    const auto large = writePicture(paintFrame, PictureFormat::Png, {1000.0, 1000.0, 2400}, "chart", file("a.png"));
    ASSERT_FALSE(large);
    EXPECT_NE(large.failure().text().find("too large"), std::string::npos);
    EXPECT_FALSE(QFile::exists(file("a.png")));
    EXPECT_FALSE(writePicture(paintFrame, PictureFormat::Png, {0.0, 10.0, 300}, "chart", file("a.png")));
    EXPECT_FALSE(
        writePicture(paintFrame, PictureFormat::Svg, {10.0, 10.0, 300}, "chart", "/proc/no-such-folder/a.svg"));
}

TEST_F(PictureExport, TheDialogWritesWhatIsSet)
{
    ExportSubject subject;
    subject.title = QStringLiteral("loss");
    subject.paint = paintFrame;
    PictureExportDialog dialog(subject, nullptr);
    dialog.show();
    QSignalSpy finished(&dialog, &PictureExportDialog::finishedWriting);
    dialog.findChild<QDoubleSpinBox*>(QStringLiteral("width"))->setValue(50.8);
    dialog.findChild<QDoubleSpinBox*>(QStringLiteral("height"))->setValue(25.4);
    dialog.findChild<QSpinBox*>(QStringLiteral("dpi"))->setValue(100);
    EXPECT_EQ(dialog.findChild<QComboBox*>(QStringLiteral("format"))->count(), 3) << "no numbers to give";
    dialog.writeTo(file("missing/a.png"));
    EXPECT_TRUE(dialog.isVisible());
    EXPECT_TRUE(dialog.findChild<QLabel*>(QStringLiteral("trouble"))->isVisible());
    dialog.writeTo(file("a.png"));
    EXPECT_FALSE(dialog.isVisible());
    EXPECT_EQ(QImage(file("a.png")).size(), QSize(200, 100));
    EXPECT_EQ(finished.count(), 2);
}

} // namespace
} // namespace dskd::ui

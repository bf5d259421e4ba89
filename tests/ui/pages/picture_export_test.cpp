#include "ui/pages/shared/picture_export.h"

#include "tests/support/temporary_folder.h"
#include "ui/feed/background.h"
#include "ui/pages/shared/picture_export_dialog.h"

#include <QComboBox>
#include <QDir>
#include <QDoubleSpinBox>
#include <QFile>
#include <QImage>
#include <QLabel>
#include <QPainter>
#include <QSignalSpy>
#include <QSpinBox>
#include <QTest>
#include <functional>
#include <gtest/gtest.h>
#include <memory>

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
    EXPECT_FALSE(writePicture(paintFrame, PictureFormat::Png, {700.0, 700.0, 300}, "chart", file("a.png"))) << "68 M";
    EXPECT_FALSE(writePicture(paintFrame, PictureFormat::Png, {0.0, 10.0, 300}, "chart", file("a.png")));
    EXPECT_FALSE(
        writePicture(paintFrame, PictureFormat::Svg, {10.0, 10.0, 300}, "chart", "/proc/no-such-folder/a.svg"));
}

TEST_F(PictureExport, ThatFailsLeavesWhatWasThere)
{
    // a folder in the file's place cannot be replaced
    ASSERT_TRUE(QDir().mkpath(file("a.png")));
    EXPECT_FALSE(writePicture(paintFrame, PictureFormat::Png, {50.8, 25.4, 100}, "chart", file("a.png")));
    EXPECT_EQ(QDir(folder.path().c_str()).entryList(QDir::AllEntries | QDir::Hidden | QDir::NoDotAndDotDot),
              QStringList{QStringLiteral("a.png")});
}

TEST_F(PictureExport, TellsThePageAlsoWhenTheDialogIsClosed)
{
    Background background(QStringLiteral("test"));
    QStringList said;
    std::function<void(const QString&)> finish;
    ExportSubject subject;
    subject.title = QStringLiteral("loss");
    subject.paint = paintFrame;
    subject.said = [&said](const QString& sentence) { said.append(sentence); };
    subject.writeCsv = [&finish](const QString&, std::function<void(const QString&)> done) {
        finish = std::move(done);
    };
    for (const bool csv : {true, false}) {
        auto dialog = std::make_unique<PictureExportDialog>(subject, background, nullptr);
        dialog->findChild<QComboBox*>(QStringLiteral("format"))->setCurrentIndex(csv ? 3 : 0);
        dialog->writeTo(file("a.png"));
    }
    finish(QStringLiteral("3 points written"));
    ASSERT_TRUE(QTest::qWaitFor([&] { return said.size() == 2; }));
    EXPECT_TRUE(said.contains(QStringLiteral("3 points written")));
    EXPECT_TRUE(said.contains(QStringLiteral("saved as ") + file("a.png")));
}

TEST_F(PictureExport, TheDialogWritesWhatIsSet)
{
    Background background(QStringLiteral("test"));
    ExportSubject subject;
    subject.title = QStringLiteral("loss");
    subject.paint = paintFrame;
    PictureExportDialog dialog(subject, background, nullptr);
    dialog.show();
    QSignalSpy finished(&dialog, &PictureExportDialog::finishedWriting);
    dialog.findChild<QDoubleSpinBox*>(QStringLiteral("width"))->setValue(50.8);
    dialog.findChild<QDoubleSpinBox*>(QStringLiteral("height"))->setValue(25.4);
    dialog.findChild<QSpinBox*>(QStringLiteral("dpi"))->setValue(100);
    EXPECT_EQ(dialog.findChild<QComboBox*>(QStringLiteral("format"))->count(), 3) << "no numbers to give";
    dialog.writeTo(file("missing/a.png"));
    ASSERT_TRUE(QTest::qWaitFor([&] { return finished.count() == 1; }));
    EXPECT_TRUE(dialog.isVisible());
    EXPECT_TRUE(dialog.findChild<QLabel*>(QStringLiteral("trouble"))->isVisible());
    dialog.writeTo(file("a.png"));
    ASSERT_TRUE(QTest::qWaitFor([&] { return finished.count() == 2; }));
    EXPECT_FALSE(dialog.isVisible());
    EXPECT_EQ(QImage(file("a.png")).size(), QSize(200, 100));
}

} // namespace
} // namespace dskd::ui

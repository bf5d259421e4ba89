// Every page of the window and the dialog of a new experiment, compared with the pictures in tests/golden/ui.
// UPDATE_SNAPSHOTS=1 writes those anew; look at them before they are committed.

#include "core/store/workspace_db.h"
#include "tests/support/paths.h"
#include "tests/support/sample_workspace.h"
#include "tests/support/temporary_folder.h"
#include "tests/ui/pictures/capture.h"
#include "tests/ui/pictures/picture.h"
#include "ui/look/theme.h"

#include <QApplication>
#include <QDir>
#include <QFileInfo>
#include <QPainter>
#include <QSettings>
#include <QTest>
#include <gtest/gtest.h>

namespace dskd::test
{
namespace
{

bool updating()
{
    return qEnvironmentVariableIntValue("UPDATE_SNAPSHOTS") == 1;
}

QString goldenFile(const QString& name)
{
    return QString::fromStdString(goldenDir()) + "/ui/" + name + ".png";
}

// Colours in steps of 17 make the files half as large and are far from what compare() takes for another colour.
QImage withFewColours(QImage picture)
{
    const auto rounded = [](int value) { return (value + 8) / 17 * 17; };
    for (int y = 0; y < picture.height(); ++y) {
        for (int x = 0; x < picture.width(); ++x) {
            const QRgb pixel = picture.pixel(x, y);
            picture.setPixel(x, y, qRgb(rounded(qRed(pixel)), rounded(qGreen(pixel)), rounded(qBlue(pixel))));
        }
    }
    return picture;
}

// Waits until the widget looks like its stored picture; otherwise writes what it looks like and what differs to
// `folder`. Always true: the other pictures are looked at too.
bool looksAsStored(QWidget& widget, const QString& name, const QString& folder)
{
    const QString file = goldenFile(name);
    if (updating()) {
        EXPECT_TRUE(QDir().mkpath(QFileInfo(file).path()));
        EXPECT_TRUE(withFewColours(steadyPicture(widget)).save(file, "PNG", 0)) << file.toStdString();
        return true;
    }
    const QImage expected(file);
    EXPECT_FALSE(expected.isNull()) << file.toStdString() << " is missing; UPDATE_SNAPSHOTS=1 writes it";
    if (expected.isNull()) {
        return true;
    }
    QImage actual;
    PictureDifference difference;
    const auto same = [&] {
        actual = pictureOf(widget);
        difference = compare(expected, actual);
        return difference.same;
    };
    if (!QTest::qWaitFor(same, 15'000)) {
        const QString written = folder + '/' + name;
        actual.save(written + ".actual.png");
        difference.difference.save(written + ".difference.png");
        ADD_FAILURE() << name.toStdString() << " does not look as in " << file.toStdString() << ": "
                      << difference.sentence.toStdString() << "\n  " << written.toStdString() << ".actual.png\n  "
                      << written.toStdString() << ".difference.png";
    }
    return true;
}

class Pictures : public testing::TestWithParam<std::pair<ui::Appearance, const char*>>
{
protected:
    Pictures()
    {
        QSettings::setPath(QSettings::NativeFormat, QSettings::UserScope,
                           QString::fromStdString((m_folder / "settings").string()));
        ui::applyTheme(*qApp, GetParam().first);
    }
    ~Pictures() override { QDir::setCurrent(m_startedIn); }

    // The current folder changes, because what is shown contains paths relative to it.
    [[nodiscard]] Take compareWithStored() const
    {
        return [this](QWidget& widget, const QString& name) {
            return looksAsStored(widget, name + '-' + GetParam().second, m_startedIn);
        };
    }

    TemporaryFolder m_folder;
    QString m_startedIn = QDir::currentPath();
};

TEST_P(Pictures, OfThePagesAreAsStored)
{
    auto workspace = store::WorkspaceDb::create(m_folder / "demo").value();
    fillSampleWorkspace(workspace);
    setSampleTimes(workspace);
    QDir::setCurrent(QString::fromStdString(m_folder.path().string())); // the status bar shows the path
    EXPECT_TRUE(showPages("demo", {1280, 720}, compareWithStored()));
}

TEST_P(Pictures, OfTheExperimentDialogAreAsStored)
{
    EXPECT_TRUE(showExperimentDialog(compareWithStored()));
}

INSTANTIATE_TEST_SUITE_P(InEveryTheme, Pictures,
                         testing::Values(std::pair(ui::Appearance::Light, "light"),
                                         std::pair(ui::Appearance::Dark, "dark")),
                         [](const auto& theme) { return std::string(theme.param.second); });

class Comparison : public testing::Test
{
protected:
    void SetUp() override
    {
        if (m_stored.isNull()) {
            FAIL() << "there is no stored picture";
        }
    }
    QImage m_stored = QImage(goldenFile("curves-light"));
};

TEST_F(Comparison, PassesThePictureItselfAndOneOfSlightlyOtherColours)
{
    EXPECT_TRUE(compare(m_stored, m_stored).same);
    QImage paler = m_stored;
    QPainter(&paler).fillRect(paler.rect(), QColor(128, 128, 128, 20));
    EXPECT_TRUE(compare(m_stored, paler).same) << compare(m_stored, paler).sentence.toStdString();
}

TEST_F(Comparison, FailsAtAnotherWordAndSaysWhere)
{
    QImage other = m_stored;
    QPainter painter(&other);
    painter.setPen(Qt::black);
    painter.drawText(QPoint(660, 300), "loss");
    painter.end();
    const auto difference = compare(m_stored, other);
    EXPECT_FALSE(difference.same);
    EXPECT_TRUE(difference.sentence.contains("tiles differ, the first one at (656, 288)"))
        << difference.sentence.toStdString();
    EXPECT_EQ(difference.difference.size(), other.size());
}

TEST_F(Comparison, FailsWhenEverythingMovesByAPixel)
{
    QImage moved = m_stored;
    QPainter(&moved).drawImage(1, 0, m_stored);
    EXPECT_FALSE(compare(m_stored, moved).same);
}

TEST_F(Comparison, FailsAtTheOtherTheme)
{
    EXPECT_FALSE(compare(m_stored, QImage(goldenFile("curves-dark"))).same);
}

} // namespace
} // namespace dskd::test

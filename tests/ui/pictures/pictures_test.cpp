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
#include <QLabel>
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

// Waits until the widget looks like its stored picture; otherwise writes what it looks like and what differs.
bool looksAsStored(QWidget& widget, const QString& name)
{
    const QString file = goldenFile(name);
    if (updating()) {
        QDir().mkpath(QFileInfo(file).path());
        const bool saved = steadyPicture(widget).save(file, "PNG", 0);
        EXPECT_TRUE(saved) << file.toStdString();
        return saved;
    }
    const QImage expected(file);
    EXPECT_FALSE(expected.isNull()) << file.toStdString() << " is missing; UPDATE_SNAPSHOTS=1 writes it";
    if (expected.isNull()) {
        return true; // the other pictures are looked at too
    }
    QImage actual;
    PictureDifference difference;
    const auto same = [&] {
        actual = pictureOf(widget);
        difference = compare(expected, actual);
        return difference.same;
    };
    if (!QTest::qWaitFor(same, 15'000)) {
        const QString written = QDir::current().absoluteFilePath(name);
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
    ~Pictures() override { ui::applyTheme(*qApp, ui::Appearance::Light); }

    [[nodiscard]] QString named(const QString& name) const { return name + '-' + GetParam().second; }

    TemporaryFolder m_folder;
    QString m_startedIn = QDir::currentPath();
};

TEST_P(Pictures, OfThePagesAreAsStored)
{
    auto workspace = store::WorkspaceDb::create(m_folder / "demo").value();
    fillSampleWorkspace(workspace);
    setSampleTimes(workspace);
    QDir::setCurrent(QString::fromStdString(m_folder.path().string())); // the status bar shows the path
    const bool shown = showPages("demo", {1280, 720}, [&](QWidget& window, const QString& page) {
        QDir::setCurrent(m_startedIn);
        const bool on = looksAsStored(window, named(page));
        QDir::setCurrent(QString::fromStdString(m_folder.path().string()));
        return on;
    });
    QDir::setCurrent(m_startedIn);
    EXPECT_TRUE(shown);
}

TEST_P(Pictures, OfTheExperimentDialogAreAsStored)
{
    const bool shown = showExperimentDialog([&](QWidget& dialog, const QString& part) {
        const QString checkout = QDir::currentPath();
        QDir::setCurrent(m_startedIn);
        const bool on = looksAsStored(dialog, named(part));
        QDir::setCurrent(checkout);
        return on;
    });
    QDir::setCurrent(m_startedIn);
    EXPECT_TRUE(shown);
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
    EXPECT_FALSE(compare(m_stored, m_stored.transformed(QTransform::fromTranslate(1, 0)).copy(1, 0, 1279, 720)).same);
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

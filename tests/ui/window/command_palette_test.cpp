#include "ui/window/command_palette.h"

#include "tests/ui/window/main_window_fixture.h"
#include "ui/feed/run_title.h"

#include <QLineEdit>
#include <QListWidget>
#include <gmock/gmock.h>

namespace dskd::ui
{
namespace
{

TEST_F(Window, ThePaletteFindsACommandByItsLettersAndRunsIt)
{
    bool asked = false;
    QObject::connect(window.get(), &MainWindow::experimentRequested, [&] { asked = true; });
    action("palette")->trigger();
    auto* palette = window->findChild<CommandPalette*>();
    ASSERT_NE(palette, nullptr);
    auto* line = palette->findChild<QLineEdit*>();
    QTest::keyClicks(line, "nw exp");
    QTest::keyClick(line, Qt::Key_Return);
    EXPECT_TRUE(asked);
}

TEST(CommandPalette, ListsACommandThatCannotBeDoneAtMostOnce)
{
    const CommandPalette palette(std::vector<Findable>{{.text = "Move to trash", .enabled = false},
                                                       {.text = "Move to trash"},
                                                       {.text = "Stop", .enabled = false},
                                                       {.text = "Stop", .enabled = false},
                                                       {.text = "Zoom"}},
                                 nullptr);
    const auto* list = palette.findChild<QListWidget*>();
    QStringList texts;
    for (int row = 0; row < list->count(); ++row) {
        texts += list->item(row)->text();
    }
    EXPECT_EQ(texts, (QStringList{"Move to trash", "Zoom", "Stop"}));
    EXPECT_TRUE(list->item(0)->flags().testFlag(Qt::ItemIsEnabled));
}

TEST_F(Window, ThePaletteFindsARunAndWhatThePagesHave)
{
    bool shown = false;
    window->addFindables([&shown] {
        return std::vector<Findable>{{.text = "a made-up curve", .kind = "Metric", .act = [&shown] { shown = true; }}};
    });
    ASSERT_TRUE(QTest::qWaitFor([this] { return feed->find(ids[3]) != nullptr; }, 5000));
    const auto find = [this](const QString& letters) {
        action("palette")->trigger();
        auto* palette = window->findChild<CommandPalette*>();
        QTest::keyClicks(palette->findChild<QLineEdit*>(), letters);
        const QString first = palette->findChild<QListWidget*>()->item(0)->text();
        QTest::keyClick(palette->findChild<QLineEdit*>(), Qt::Key_Return);
        delete palette;
        return first.toStdString();
    };
    const std::string run = runTitle(*feed->find(ids[3])).toStdString();
    EXPECT_EQ(find(QString::fromStdString(run)), "Run: " + run);
    EXPECT_THAT(window->runList().selected(), testing::ElementsAre(ids[3]));
    EXPECT_EQ(find("made-up"), "Metric: a made-up curve");
    EXPECT_TRUE(shown);
    EXPECT_EQ(find("zzzz"), "Nothing has these letters in its name");
}

TEST(Palette, ListsNoMoreThanAPersonReads)
{
    std::vector<Findable> all;
    for (int i = 0; i < 250; ++i) {
        all.push_back({.text = QString("run %1").arg(i), .kind = "Run", .act = [] {}});
    }
    CommandPalette palette(std::move(all), nullptr);
    auto* list = palette.findChild<QListWidget*>();
    EXPECT_FALSE(list->item(0)->flags().testFlag(Qt::ItemIsEnabled))
        << "only commands are listed before anything is typed";
    QTest::keyClicks(palette.findChild<QLineEdit*>(), "run");
    EXPECT_EQ(list->count(), 101);
    EXPECT_EQ(list->item(100)->text(), "150 more: type more letters");
}

} // namespace
} // namespace dskd::ui

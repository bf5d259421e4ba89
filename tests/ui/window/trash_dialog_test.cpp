#include "ui/window/trash_dialog.h"

#include "core/base/run_layout.h"
#include "core/jobs/run_folder.h"
#include "tests/ui/window/main_window_fixture.h"
#include "ui/look/format.h"

#include <QLabel>
#include <QMessageBox>
#include <QPushButton>
#include <QTableWidget>
#include <algorithm>
#include <fstream>
#include <gmock/gmock.h>
#include <map>

namespace dskd::ui
{
namespace
{

using testing::HasSubstr;

constexpr int kSizeColumn = 2;

QPushButton* buttonOf(const QWidget& of, const QString& begin)
{
    for (auto* button : of.findChildren<QPushButton*>()) {
        if (button->text().remove('&').startsWith(begin)) {
            return button;
        }
    }
    return nullptr;
}

TEST_F(Window, TheTrashSaysHowMuchRoomItsRunsTakeAndWhatWasFreed)
{
    const WorkspaceLayout layout{root()};
    std::ofstream(layout.run(ids[0]).root / "weights") << std::string(3'000'000, 'w');
    feed->moveToTrash({ids[0], ids[1]});
    ASSERT_TRUE(QTest::qWaitFor([this] { return feed->trash().size() == 2; }, 5000));
    const auto sizeOf = [&](const std::string& id) {
        return static_cast<double>(jobs::folderSize(layout.trash() / id));
    };
    const double one = sizeOf(ids[0]);
    const double both = one + sizeOf(ids[1]);
    ASSERT_GT(one, 3e6);
    ASSERT_GT(both, one);

    TrashDialog dialog(*feed, window.get());
    dialog.show();
    auto* table = dialog.findChild<QTableWidget*>();
    const auto* sum = dialog.findChild<QLabel*>("trashSum");
    const auto* purged = dialog.findChild<QLabel*>("trashPurged");
    ASSERT_TRUE(table != nullptr && sum != nullptr && purged != nullptr);
    EXPECT_TRUE(purged->isHidden()) << "nothing is deleted yet";
    ASSERT_TRUE(QTest::qWaitFor([&] { return sum->text() == "All in the trash: " + bytes(both); }, 5000))
        << sum->text().toStdString();
    int row = 0;
    while (table->item(row, 0)->data(Qt::UserRole).toString().toStdString() != ids[0]) {
        ASSERT_LT(++row, table->rowCount());
    }
    EXPECT_EQ(table->item(row, kSizeColumn)->text(), bytes(one));
    table->selectRow(row);
    EXPECT_EQ(sum->text(), "Selected: " + bytes(one) + " of " + bytes(both));
    table->selectAll();
    EXPECT_EQ(sum->text(), "Selected: " + bytes(both) + " of " + bytes(both));

    table->selectRow(row);
    auto* askToDelete = buttonOf(dialog, "Delete for good");
    ASSERT_NE(askToDelete, nullptr);
    askToDelete->click();
    const auto* box = dialog.findChild<QMessageBox*>();
    ASSERT_NE(box, nullptr);
    EXPECT_THAT(box->informativeText().toStdString(), HasSubstr("frees " + bytes(one).toStdString()));
    auto* confirm = buttonOf(*box, "Delete");
    ASSERT_NE(confirm, nullptr);
    confirm->click();
    ASSERT_TRUE(QTest::qWaitFor([&] { return !purged->isHidden(); }, 5000));
    EXPECT_EQ(purged->text(), "Deleted for good: " + bytes(one) + " freed.");
    EXPECT_TRUE(QTest::qWaitFor([&] { return table->rowCount() == 1; }, 5000));
    EXPECT_TRUE(QTest::qWaitFor([&] { return sum->text() == "All in the trash: " + bytes(both - one); }, 5000));
}

TEST_F(Window, TheTrashTellsRunsOfOneNameApartByTheirSeeds)
{
    const RunRecord* first = feed->find(ids[0]);
    ASSERT_NE(first, nullptr);
    const auto& runs = feed->runs();
    const auto second = std::find_if(runs.begin(), runs.end(), [&](const RunRecord& run) {
        return run.row.name == first->row.name && run.row.seed != first->row.seed;
    });
    ASSERT_NE(second, runs.end());
    const std::map<std::string, std::string> seeds{{first->row.id, std::to_string(first->row.seed)},
                                                   {second->row.id, std::to_string(second->row.seed)}};
    const std::string name = first->row.name;
    feed->moveToTrash({first->row.id, second->row.id});
    ASSERT_TRUE(QTest::qWaitFor([this] { return feed->trash().size() == 2; }, 5000));

    const TrashDialog dialog(*feed, window.get());
    const auto* table = dialog.findChild<QTableWidget*>();
    ASSERT_NE(table, nullptr);
    ASSERT_EQ(table->rowCount(), 2);
    for (int row = 0; row < table->rowCount(); ++row) {
        const QTableWidgetItem* run = table->item(row, 0);
        const std::string id = run->data(Qt::UserRole).toString().toStdString();
        EXPECT_EQ(run->text().toStdString(), name + ", seed " + seeds.at(id));
        EXPECT_EQ(run->toolTip().toStdString(), id);
    }
}

TEST_F(Window, TabLeavesTheTableOfTheTrash)
{
    feed->moveToTrash({ids[0], ids[1]});
    ASSERT_TRUE(QTest::qWaitFor([this] { return feed->trash().size() == 2; }, 5000));
    TrashDialog dialog(*feed, window.get());
    dialog.show();
    dialog.activateWindow();
    ASSERT_TRUE(QTest::qWaitForWindowActive(&dialog)); // shortcuts belong to the active window
    auto* table = dialog.findChild<QTableWidget*>();
    ASSERT_NE(table, nullptr);
    table->setFocus();
    table->setCurrentCell(0, 0);
    QTest::keyClick(table, Qt::Key_Tab);
    EXPECT_NE(qobject_cast<QPushButton*>(dialog.focusWidget()), nullptr);
}

TEST_F(Window, TheTrashSaysWhyARunCouldNotBeDeleted)
{
    feed->moveToTrash({ids[0]});
    ASSERT_TRUE(QTest::qWaitFor([this] { return feed->trash().size() == 1; }, 5000));
    std::vector<Failure> failed;
    std::uint64_t bytesFreed = 1;
    feed->purge({ids[0], ids[1]}, [&](std::uint64_t freed, const std::vector<Failure>& failures) {
        bytesFreed = freed;
        failed = failures;
    });
    ASSERT_TRUE(QTest::qWaitFor([&] { return !failed.empty(); }, 5000));
    EXPECT_EQ(failed.size(), 1U);
    EXPECT_THAT(failed[0].what, HasSubstr(ids[1] + " is not in the trash"));
    EXPECT_GT(bytesFreed, 1U) << "of the one that could be deleted";
}

} // namespace
} // namespace dskd::ui

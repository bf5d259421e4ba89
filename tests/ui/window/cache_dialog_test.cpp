#include "ui/window/cache_dialog.h"

#include "core/cache/kept_teachers.h"
#include "tests/ui/window/main_window_fixture.h"

#include <QLabel>
#include <QPushButton>
#include <QTableWidget>
#include <fcntl.h>
#include <gmock/gmock.h>
#include <span>
#include <sys/file.h>
#include <unistd.h>

namespace dskd::ui
{
namespace
{

class CacheDialogTest : public EmptyWindow
{
protected:
    [[nodiscard]] WorkspaceLayout layout() const { return {root()}; }
    void keep(const std::string& teacher, int samples)
    {
        auto rows = cache::openTeacherRows(
            layout(), {.model = teacher, .adapter = "", .device = "CPU, 2 threads, float32", .files = {teacher}});
        ASSERT_TRUE(rows);
        for (int sample = 0; sample < samples; ++sample) {
            const std::string content = teacher + std::to_string(sample);
            const auto row = std::as_bytes(std::span(content));
            ASSERT_TRUE(rows->add(cache::rowKey(row), row));
        }
    }
    void openDialog()
    {
        action("showCache")->trigger();
        dialog = window->findChild<CacheDialog*>();
        ASSERT_NE(dialog, nullptr);
        ASSERT_TRUE(QTest::qWaitFor([this] { return !label("cacheSum").startsWith("Reading"); }, 10'000));
    }
    [[nodiscard]] QTableWidget& table() const { return *dialog->findChild<QTableWidget*>(); }
    [[nodiscard]] QPushButton& button(const char* name) const
    {
        return *dialog->findChild<QPushButton*>(QLatin1String(name));
    }
    [[nodiscard]] QString label(const char* name) const
    {
        return dialog->findChild<QLabel*>(QLatin1String(name))->text();
    }
    [[nodiscard]] int rowOf(const QString& teacher) const
    {
        for (int row = 0; row < table().rowCount(); ++row) {
            if (table().item(row, 0)->text() == teacher) {
                return row;
            }
        }
        return -1;
    }

    CacheDialog* dialog = nullptr;
};

TEST_F(CacheDialogTest, ShowsTheTeachersOfWhichRowsAreKeptAndDeletesTheSelectedOne)
{
    keep("/models/a", 2);
    keep("/models/b", 1);
    openDialog();
    ASSERT_EQ(table().rowCount(), 2);
    const int first = rowOf("/models/a");
    ASSERT_GE(first, 0);
    EXPECT_EQ(table().item(first, 1)->text(), "2");
    EXPECT_THAT(table().item(first, 2)->text().toStdString(), testing::MatchesRegex("[1-9][0-9.]* k?B"));
    EXPECT_EQ(table().item(first, 3)->text(), "CPU, 2 threads, float32");
    EXPECT_EQ(table().item(first, 4)->text().size(), 16) << "a date and a time";
    EXPECT_FALSE(button("forgetTeachers").isEnabled()) << "nothing is selected";

    table().selectRow(first);
    ASSERT_TRUE(button("forgetTeachers").isEnabled());
    button("forgetTeachers").click();
    EXPECT_FALSE(button("forgetAllTeachers").isEnabled()) << "while it deletes";
    ASSERT_TRUE(QTest::qWaitFor([this] { return table().rowCount() == 1; }, 10'000));
    EXPECT_EQ(rowOf("/models/b"), 0);
    EXPECT_TRUE(label("cacheOutcome").endsWith("freed.")) << label("cacheOutcome").toStdString();
    const auto left = cache::keptTeachers(layout());
    ASSERT_EQ(left.size(), 1U);
    EXPECT_EQ(left[0].teacher.model, "/models/b");
}

// Rows are selected by their number: after a deletion that would be the row of another teacher.
TEST_F(CacheDialogTest, ADeletionSelectsNoOtherTeacher)
{
    keep("/models/a", 1);
    keep("/models/b", 1);
    openDialog();
    ASSERT_EQ(table().rowCount(), 2);
    table().selectRow(0);
    button("forgetTeachers").click();
    ASSERT_TRUE(QTest::qWaitFor([this] { return table().rowCount() == 1; }, 10'000));
    EXPECT_TRUE(table().selectedItems().isEmpty());
    EXPECT_FALSE(button("forgetTeachers").isEnabled());
    EXPECT_TRUE(button("forgetAllTeachers").isEnabled());
}

TEST_F(CacheDialogTest, WhatCannotBeDeletedIsNamedBesideWhatWasFreed)
{
    keep("/models/a", 1);
    keep("/models/b", 1);
    openDialog();
    const QString first = table().item(0, 0)->text(); // that is deleted
    const std::string key = table().item(0, 0)->data(Qt::UserRole).toString().toStdString();
    const auto rows = layout().teacherRows() / key / "rows.bin";
    const int other = ::open(rows.c_str(), O_RDWR);
    ASSERT_EQ(::flock(other, LOCK_EX), 0); // a run that is writing
    button("forgetAllTeachers").click();
    ASSERT_TRUE(QTest::qWaitFor([this] { return table().rowCount() == 1; }, 10'000));
    ::close(other);
    EXPECT_EQ(table().item(0, 0)->text(), first);
    const std::string outcome = label("cacheOutcome").toStdString();
    EXPECT_THAT(outcome, testing::MatchesRegex("[1-9][0-9.]* k?B freed\\.\n(.|\n)*")) << "of the other one";
    EXPECT_THAT(outcome, testing::HasSubstr(rows.string() + " cannot be emptied"));
    EXPECT_EQ(dialog->findChild<QLabel*>("cacheOutcome")->textFormat(), Qt::PlainText);
    EXPECT_EQ(dialog->findChild<QLabel*>("cacheSum")->textFormat(), Qt::PlainText);
}

TEST_F(CacheDialogTest, DeletesWhatIsKeptOfEveryTeacher)
{
    keep("/models/a", 1);
    keep("/models/b", 1);
    openDialog();
    EXPECT_TRUE(label("cacheSum").endsWith("of the disk in all."));
    button("forgetAllTeachers").click();
    ASSERT_TRUE(QTest::qWaitFor([this] { return table().rowCount() == 0; }, 10'000));
    EXPECT_TRUE(cache::keptTeachers(layout()).empty());
    EXPECT_EQ(label("cacheSum"), "Nothing is kept of a teacher.");
    EXPECT_FALSE(button("forgetAllTeachers").isEnabled());
}

TEST_F(CacheDialogTest, TabGoesFromTheTableToTheButtons)
{
    keep("/models/a", 1);
    keep("/models/b", 1);
    openDialog();
    ASSERT_EQ(table().rowCount(), 2);
    dialog->activateWindow();
    ASSERT_TRUE(QTest::qWaitForWindowActive(dialog));
    table().setFocus();
    table().setCurrentCell(0, 0);
    ASSERT_EQ(dialog->focusWidget(), &table());
    QTest::keyClick(&table(), Qt::Key_Tab);
    EXPECT_NE(qobject_cast<QPushButton*>(dialog->focusWidget()), nullptr);
}

TEST_F(CacheDialogTest, WhatIsGoneAlreadyIsNoFailure)
{
    keep("/models/a", 1);
    openDialog();
    ASSERT_TRUE(cache::forgetTeacher(layout(), cache::keptTeachers(layout()).front().key));
    button("forgetAllTeachers").click();
    ASSERT_TRUE(QTest::qWaitFor([this] { return table().rowCount() == 0; }, 10'000));
    EXPECT_EQ(label("cacheOutcome"), "0 B freed.");
}

} // namespace
} // namespace dskd::ui

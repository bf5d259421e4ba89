// The window for those who do not see it, or have no mouse: whatever takes the keyboard has a name, every action can be
// reached by keys, and no two share theirs.

#include "app/workbench/compose.h"
#include "app/workbench/start_window.h"
#include "core/store/workspace_db.h"
#include "tests/support/sample_workspace.h"
#include "tests/support/temporary_folder.h"
#include "ui/models/run_tree_model.h"
#include "ui/window/main_window.h"
#include "ui/window/run_list.h"

#include <QAbstractButton>
#include <QAbstractScrollArea>
#include <QAbstractSpinBox>
#include <QAction>
#include <QComboBox>
#include <QGroupBox>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QScrollArea>
#include <QSettings>
#include <QShortcut>
#include <QTabBar>
#include <QTabWidget>
#include <QTableView>
#include <QTest>
#include <QToolButton>
#include <QTreeView>
#include <algorithm>
#include <functional>
#include <gmock/gmock.h>
#include <set>
#include <string>
#include <vector>

namespace dskd::workbench
{
namespace
{

using testing::IsEmpty;

// Parts of other widgets, which have the name, and those that only hold others.
bool isPartOrFrame(const QWidget& widget)
{
    const QWidget* parent = widget.parentWidget();
    const auto* area = qobject_cast<const QAbstractScrollArea*>(parent);
    const bool isPart =
        (area != nullptr && area->viewport() == &widget) || qobject_cast<const QComboBox*>(parent) != nullptr ||
        qobject_cast<const QAbstractSpinBox*>(parent) != nullptr || qobject_cast<const QTabBar*>(parent) != nullptr ||
        qobject_cast<const QLineEdit*>(parent) != nullptr || qobject_cast<const QHeaderView*>(&widget) != nullptr;
    const bool isFrame = widget.isWindow() || qobject_cast<const QScrollArea*>(&widget) != nullptr ||
                         qobject_cast<const QTabWidget*>(&widget) != nullptr ||
                         qobject_cast<const QTabBar*>(&widget) != nullptr;
    return isPart || isFrame;
}

bool isNamed(const QWidget& widget)
{
    if (!widget.accessibleName().isEmpty()) {
        return true;
    }
    if (const auto* button = qobject_cast<const QAbstractButton*>(&widget)) {
        return !button->text().isEmpty();
    }
    if (const auto* label = qobject_cast<const QLabel*>(&widget)) {
        return !label->text().isEmpty();
    }
    if (const auto* group = qobject_cast<const QGroupBox*>(&widget)) {
        return !group->title().isEmpty();
    }
    const QList<QLabel*> labels = widget.window()->findChildren<QLabel*>();
    return std::any_of(labels.begin(), labels.end(),
                       [&](const QLabel* label) { return label->buddy() == &widget && !label->text().isEmpty(); });
}

// Of what is visible and takes the keyboard: class and object name of each that has no name.
void findUnnamed(const QWidget& top, std::set<std::string>& unnamed)
{
    const QList<QWidget*> all = top.findChildren<QWidget*>();
    for (const QWidget* widget : all) {
        if (widget->isVisible() && widget->window() == top.window() && (widget->focusPolicy() & Qt::TabFocus) != 0 &&
            !isPartOrFrame(*widget) && !isNamed(*widget)) {
            unnamed.insert(std::string(widget->metaObject()->className()) + " \"" + widget->objectName().toStdString() +
                           "\" in \"" + widget->parentWidget()->objectName().toStdString() + "\"");
        }
    }
}

class Access : public testing::Test
{
protected:
    Access()
    {
        QSettings::setPath(QSettings::NativeFormat, QSettings::UserScope,
                           QString::fromStdString((folder / "settings").string()));
        auto workspace = store::WorkspaceDb::create(folder / "w").value();
        ids = test::fillSampleWorkspace(workspace, "", 100);
        bench = std::make_unique<Workbench>(folder / "w");
        window().resize(1280, 720);
        window().show();
        EXPECT_TRUE(QTest::qWaitFor([this] { return window().runModel().indexOf(ids.back()).isValid(); }, 20'000));
        window().runList().select({ids.back()});
    }

    ui::MainWindow& window() const { return bench->window(); }
    QAction* action(const char* name) const { return window().findChild<QAction*>(QLatin1String(name)); }

    // Every tab of every visible tab widget below `top`, one after another.
    void walkTabs(const QWidget& top, std::set<std::string>& unnamed) const
    {
        QTest::qWait(60); // what is read in the background comes
        findUnnamed(top, unnamed);
        const QList<QTabWidget*> inner = top.findChildren<QTabWidget*>();
        for (QTabWidget* tabs : inner) {
            if (!tabs->isVisible() || tabs == &window().pages()) {
                continue;
            }
            const int before = tabs->currentIndex();
            for (int tab = 0; tab < tabs->count(); ++tab) {
                tabs->setCurrentIndex(tab);
                QTest::qWait(60);
                findUnnamed(top, unnamed);
            }
            tabs->setCurrentIndex(before);
        }
    }

    // The dialog or window that `open` shows; it is closed again.
    void walkDialog(const std::string& what, const std::function<void()>& open, std::set<std::string>& unnamed) const
    {
        const auto shown = [this]() -> QWidget* {
            const QList<QWidget*> all = window().findChildren<QWidget*>();
            for (QWidget* widget : all) {
                if (widget->isWindow() && widget->isVisible() && qobject_cast<QMenu*>(widget) == nullptr &&
                    widget->windowType() != Qt::ToolTip && widget->windowType() != Qt::Popup) {
                    return widget;
                }
            }
            return nullptr;
        };
        open();
        if (!QTest::qWaitFor([&] { return shown() != nullptr; }, 10'000)) {
            ADD_FAILURE() << what << " opens nothing";
            return;
        }
        std::set<std::string> here;
        walkTabs(*shown(), here);
        for (const std::string& one : here) {
            unnamed.insert(what + ": " + one);
        }
        shown()->close();
        EXPECT_TRUE(QTest::qWaitFor([&] { return shown() == nullptr; }, 5000)) << what;
        QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);
    }

    test::TemporaryFolder folder;
    std::vector<std::string> ids;
    std::unique_ptr<Workbench> bench;
};

TEST_F(Access, WhatTakesTheKeyboardHasANameOnEveryPage)
{
    std::set<std::string> unnamed;
    for (int page = 0; page < window().pages().count(); ++page) {
        window().pages().setCurrentIndex(page);
        walkTabs(window(), unnamed);
    }
    EXPECT_THAT(unnamed, IsEmpty());
}

TEST_F(Access, WhatTakesTheKeyboardHasANameInEveryDialog)
{
    std::set<std::string> unnamed;
    for (const char* name :
         {"newExperiment", "showTrash", "showCache", "palette", "shortcuts", "about", "guide", "duplicate"}) {
        ASSERT_NE(action(name), nullptr) << name;
        walkDialog(
            name, [&] { action(name)->trigger(); }, unnamed);
    }
    auto& tree = window().runList().view();
    tree.setCurrentIndex(tree.model()->index(0, 0)); // an experiment
    for (const char* name : {"editExperiment", "experimentNotes", "deleteExperiment"}) {
        ASSERT_NE(action(name), nullptr) << name;
        ASSERT_TRUE(QTest::qWaitFor([&] { return action(name)->isEnabled(); }, 5000)) << name;
        walkDialog(
            name, [&] { action(name)->trigger(); }, unnamed);
    }
    window().pages().setCurrentIndex(0);
    ASSERT_TRUE(QTest::qWaitFor([this] { return action("exportChart") != nullptr; }, 5000));
    walkDialog(
        "exportChart", [&] { action("exportChart")->trigger(); }, unnamed);
    walkDialog(
        "addChart", [this] { window().findChild<QToolButton*>("addChart")->click(); }, unnamed);
    EXPECT_THAT(unnamed, IsEmpty());
}

TEST_F(Access, WhatTakesTheKeyboardHasANameInTheFirstWindow)
{
    StartWindow start;
    start.show();
    std::set<std::string> unnamed;
    findUnnamed(start, unnamed);
    EXPECT_THAT(unnamed, IsEmpty());
}

// Their own Tab goes from cell to cell and never on.
TEST_F(Access, TabLeavesEveryTable)
{
    for (int page = 0; page < window().pages().count(); ++page) { // some make their tables when they are shown
        window().pages().setCurrentIndex(page);
        QTest::qWait(30);
    }
    for (const char* name : {"showTrash", "showCache"}) {
        ASSERT_NE(action(name), nullptr) << name;
        action(name)->trigger();
    }
    const QList<QTableView*> tables = window().findChildren<QTableView*>();
    EXPECT_GE(tables.size(), 6);
    for (const QTableView* table : tables) {
        EXPECT_FALSE(table->tabKeyNavigation()) << table->accessibleName().toStdString();
    }
}

TEST_F(Access, FindsWhatHasNoName)
{
    QWidget top;
    auto* line = new QLineEdit(&top);
    line->setObjectName("line");
    line->setPlaceholderText("this is no name");
    auto* button = new QToolButton(&top);
    auto* label = new QLabel("&Name", &top);
    top.show();
    std::set<std::string> unnamed;
    findUnnamed(top, unnamed);
    EXPECT_EQ(unnamed.size(), 2U);
    label->setBuddy(line);
    button->setAccessibleName("Press");
    unnamed.clear();
    findUnnamed(top, unnamed);
    EXPECT_THAT(unnamed, IsEmpty());
}

// A key, and where it is one: in a whole window, or while one widget has the keyboard.
struct Key {
    QKeySequence keys;
    const QWidget* window = nullptr;
    const QWidget* widget = nullptr; // none: in the whole window
    std::string of;
};

std::vector<Key> keysIn(const QWidget& top)
{
    std::vector<Key> found;
    const QList<QAction*> actions = top.findChildren<QAction*>();
    for (const QAction* action : actions) {
        const bool narrow = action->shortcutContext() == Qt::WidgetShortcut ||
                            action->shortcutContext() == Qt::WidgetWithChildrenShortcut;
        std::set<const QWidget*> owners; // an action in several menus of a window is one
        const QList<QObject*> associated = action->associatedObjects();
        for (const QObject* object : associated) {
            const auto* widget = qobject_cast<const QWidget*>(object);
            if (widget == nullptr || (narrow && qobject_cast<const QMenu*>(widget) != nullptr)) {
                continue; // in a menu it is only written
            }
            owners.insert(narrow ? widget : top.window());
        }
        for (const QWidget* owner : owners) {
            const QList<QKeySequence> all = action->shortcuts();
            for (const QKeySequence& keys : all) {
                found.push_back({keys, owner->window(), narrow ? owner : nullptr, action->text().toStdString()});
            }
        }
    }
    const QList<QShortcut*> shortcuts = top.findChildren<QShortcut*>();
    for (const QShortcut* shortcut : shortcuts) {
        const auto* widget = qobject_cast<const QWidget*>(shortcut->parent());
        if (widget != nullptr) {
            const bool narrow =
                shortcut->context() == Qt::WidgetShortcut || shortcut->context() == Qt::WidgetWithChildrenShortcut;
            found.push_back({shortcut->key(), widget->window(), narrow ? widget : nullptr,
                             "a shortcut of " + widget->objectName().toStdString()});
        }
    }
    return found;
}

// Two that a key press cannot choose between.
bool clash(const Key& a, const Key& b)
{
    const bool together = a.widget == nullptr || b.widget == nullptr || a.widget == b.widget;
    return !a.keys.isEmpty() && a.keys == b.keys && a.window == b.window && together;
}

TEST_F(Access, NoTwoActionsHaveTheSameKeys)
{
    for (int page = 0; page < window().pages().count(); ++page) { // some make their actions when they are shown
        window().pages().setCurrentIndex(page);
        QTest::qWait(30);
    }
    const std::vector<Key> all = keysIn(window());
    EXPECT_GT(all.size(), 25U);
    for (std::size_t i = 0; i < all.size(); ++i) {
        for (std::size_t j = 0; j < i; ++j) {
            EXPECT_FALSE(clash(all[i], all[j]))
                << all[i].keys.toString().toStdString() << ": " << all[i].of << " and " << all[j].of;
        }
    }
}

TEST_F(Access, FindsKeysThatClash)
{
    QWidget top;
    auto* line = new QLineEdit(&top);
    auto* inWindow = new QAction("one", &top);
    inWindow->setShortcut(Qt::Key_F7);
    top.addAction(inWindow);
    auto* inLine = new QAction("two", &top);
    inLine->setShortcut(Qt::Key_F7);
    inLine->setShortcutContext(Qt::WidgetShortcut);
    line->addAction(inLine);
    const std::vector<Key> keys = keysIn(top);
    ASSERT_EQ(keys.size(), 2U);
    EXPECT_TRUE(clash(keys[0], keys[1]));
    inLine->setShortcut(Qt::Key_F8);
    const std::vector<Key> others = keysIn(top);
    EXPECT_FALSE(clash(others[0], others[1]));
}

TEST_F(Access, EveryActionOfTheWindowIsReachedByKeys)
{
    int checked = 0;
    const QList<QAction*> actions = window().findChildren<QAction*>();
    for (const QAction* action : actions) {
        if (action->objectName().isEmpty() || action->objectName().startsWith("_q_") || !action->isVisible() ||
            action->isSeparator()) {
            continue;
        }
        ++checked;
        const QList<QObject*> places = action->associatedObjects();
        const bool reached = std::any_of(places.begin(), places.end(), [](const QObject* place) {
            const auto* widget = qobject_cast<const QWidget*>(place);
            return qobject_cast<const QMenu*>(place) != nullptr ||
                   (widget != nullptr && widget->focusPolicy() != Qt::NoFocus);
        });
        EXPECT_TRUE(reached || !action->shortcut().isEmpty()) << action->objectName().toStdString();
    }
    EXPECT_GT(checked, 30);
}

TEST_F(Access, KeysReachTheMenuOfEveryChart)
{
    window().pages().setCurrentIndex(0);
    const auto menus = [this] {
        QList<QToolButton*> found;
        for (QToolButton* button : window().findChildren<QToolButton*>()) {
            if (button->isVisible() && button->accessibleName().startsWith("Menu of the chart")) {
                found.append(button);
            }
        }
        return found;
    };
    ASSERT_TRUE(QTest::qWaitFor([&] { return menus().size() > 2; }, 10'000));
    for (const QToolButton* button : menus()) {
        EXPECT_NE(button->focusPolicy() & Qt::TabFocus, 0) << button->accessibleName().toStdString();
    }
}

} // namespace
} // namespace dskd::workbench

#include "ui/window/edit_history.h"

#include "ui/feed/workspace_feed.h"
#include "ui/look/theme.h"

#include <QAction>
#include <QUndoCommand>
#include <QWidget>
#include <utility>

namespace dskd::ui
{

namespace
{

constexpr int kEditsKept = 100;

class StoredEdit final : public QUndoCommand
{
public:
    explicit StoredEdit(Edit edit) : QUndoCommand(edit.name), m_edit(std::move(edit)) {}

    void undo() override { m_edit.undo(); }
    void redo() override
    {
        if (std::exchange(m_made, true)) { // a command that is pushed is done at once, and this one is already
            m_edit.redo();
        }
    }

private:
    Edit m_edit;
    bool m_made = false;
};

} // namespace

EditHistory::EditHistory(WorkspaceFeed& feed, QWidget& window) : QObject(&window)
{
    m_stack.setUndoLimit(kEditsKept);
    undo = m_stack.createUndoAction(&window, tr("&Undo"));
    undo->setObjectName("undo");
    undo->setIcon(icon("restore"));
    undo->setShortcut(QKeySequence(QStringLiteral("Ctrl+Z")));
    undo->setToolTip(
        tr("Take back the last change of a name, note, tag, group, archive, trash, experiment or of the charts"));
    redo = m_stack.createRedoAction(&window, tr("&Redo"));
    redo->setObjectName("redo");
    redo->setShortcut(QKeySequence(QStringLiteral("Ctrl+Shift+Z")));
    redo->setToolTip(tr("Make the change that was taken back again"));
    for (QAction* action : {undo, redo}) {
        action->setStatusTip(action->toolTip());
        window.addAction(action);
    }
    connect(&feed, &WorkspaceFeed::edited, this, &EditHistory::add);
}

void EditHistory::add(const Edit& edit)
{
    m_stack.push(new StoredEdit(edit));
}

} // namespace dskd::ui

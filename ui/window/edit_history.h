#pragma once

#include <QUndoStack>

class QAction;
class QWidget;

namespace dskd::ui
{

class WorkspaceFeed;
struct Edit;

// What was changed in this window, from whatever page, and can be taken back: Ctrl+Z and Ctrl+Shift+Z. A line of text
// that is being typed has its own undo under the same keys. GUI thread only.
class EditHistory final : public QObject
{
    Q_OBJECT
public:
    // `window` owns the actions.
    EditHistory(WorkspaceFeed& feed, QWidget& window);

    void add(const Edit& edit); // one that is made already

    QAction* undo;
    QAction* redo;

private:
    QUndoStack m_stack;
};

} // namespace dskd::ui

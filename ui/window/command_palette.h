#pragma once

#include "ui/look/findable.h"

#include <QDialog>
#include <vector>

class QAction;
class QLineEdit;
class QListWidget;

namespace dskd::ui
{

// Commands, runs, experiments and whatever else has a name: type some letters, Enter goes there. Without letters the
// commands alone are listed. GUI thread only.
class CommandPalette final : public QDialog
{
    Q_OBJECT
public:
    CommandPalette(std::vector<Findable> all, QWidget* parent);

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void fill(const QString& text);
    void run();

    std::vector<Findable> m_all;
    QLineEdit* m_text;
    QListWidget* m_list;
};

// An action's text without mnemonic and dots.
[[nodiscard]] QString plainText(const QAction& action);
// Does what the action does. The action must outlive it.
[[nodiscard]] Findable findableOf(QAction& action);

} // namespace dskd::ui

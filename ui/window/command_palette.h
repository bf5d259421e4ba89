#pragma once

#include <QDialog>
#include <QList>

class QAction;
class QLineEdit;
class QListWidget;

namespace dskd::ui
{

// Every action by name: type some letters, Enter does it. GUI thread only.
class CommandPalette final : public QDialog
{
    Q_OBJECT
public:
    explicit CommandPalette(QList<QAction*> actions, QWidget* parent);

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void fill(const QString& text);
    void run();

    QList<QAction*> m_actions;
    QLineEdit* m_text;
    QListWidget* m_list;
};

// An action's text without mnemonic and dots.
[[nodiscard]] QString plainText(const QAction& action);

} // namespace dskd::ui

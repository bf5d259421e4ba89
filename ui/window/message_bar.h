#pragma once

#include <QFrame>

class QLabel;
class QToolButton;

namespace dskd::ui
{

enum class Tone { Info, Good, Bad };

// A line above the pages that shows what happened and what can be done. It stays until it is dismissed. A newer message
// takes its place. GUI thread only.
class MessageBar final : public QFrame
{
    Q_OBJECT
public:
    explicit MessageBar(QWidget* parent = nullptr);

    void showMessage(Tone tone, const QString& what, const QString& hint = {});
    void dismiss();
    [[nodiscard]] QString text() const;

private:
    QLabel* m_icon;
    QLabel* m_text;
    QToolButton* m_copy;
    QToolButton* m_close;
};

} // namespace dskd::ui

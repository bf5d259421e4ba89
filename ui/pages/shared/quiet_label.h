#pragma once

#include <QLabel>

namespace dskd::ui
{

// A label in the muted colour of the theme in force: notes and the sentences of empty pages. GUI thread only.
class QuietLabel final : public QLabel
{
    Q_OBJECT
public:
    explicit QuietLabel(const QString& text = {}, QWidget* parent = nullptr);

protected:
    void changeEvent(QEvent* event) override;

private:
    void recolor();
};

// The same, in the middle of a page and wrapped.
[[nodiscard]] QuietLabel* newEmptyState(const QString& text, QWidget* parent);

} // namespace dskd::ui

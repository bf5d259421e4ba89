#pragma once

#include <QLabel>

namespace dskd::ui
{

// A label in the muted colour of the current theme, for notes. GUI thread only.
class MutedLabel final : public QLabel
{
    Q_OBJECT
public:
    explicit MutedLabel(const QString& text = {}, QWidget* parent = nullptr);

protected:
    void changeEvent(QEvent* event) override;

private:
    void recolor();
};

} // namespace dskd::ui

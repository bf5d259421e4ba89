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

    // One line that ends in an ellipsis where it does not fit; the tool tip has it whole then.
    void setEndCut(bool cut);

protected:
    void changeEvent(QEvent* event) override;
    bool event(QEvent* event) override;
    void paintEvent(QPaintEvent* event) override;

private:
    void recolor();
    [[nodiscard]] bool isCut() const;

    bool m_endCut = false;
};

} // namespace dskd::ui

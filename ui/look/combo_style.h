#pragma once

#include <QProxyStyle>

namespace dskd::ui
{

// Combo boxes as the whole window has them: as wide as their texts where there is room; where there is not, the chosen
// text is cut in its middle and stands whole in the tool tip. GUI thread only.
class ComboStyle final : public QProxyStyle
{
public:
    explicit ComboStyle(QStyle* base); // takes ownership

    using QProxyStyle::polish;
    void polish(QWidget* widget) override;
    void drawControl(ControlElement element, const QStyleOption* option, QPainter* painter,
                     const QWidget* widget) const override;
    bool eventFilter(QObject* watched, QEvent* event) override; // of combo boxes
};

} // namespace dskd::ui

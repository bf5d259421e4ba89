#include "ui/pages/shared/quiet_label.h"

#include "ui/look/theme.h"

#include <QEvent>

namespace dskd::ui
{

QuietLabel::QuietLabel(const QString& text, QWidget* parent) : QLabel(text, parent)
{
    recolor();
}

void QuietLabel::recolor()
{
    const QColor muted = ui::palette().muted;
    QPalette colors = QLabel::palette();
    if (colors.color(QPalette::WindowText) != muted) { // setPalette sends PaletteChange again
        colors.setColor(QPalette::WindowText, muted);
        setPalette(colors);
    }
}

void QuietLabel::changeEvent(QEvent* event)
{
    QLabel::changeEvent(event);
    if (event->type() == QEvent::PaletteChange || event->type() == QEvent::StyleChange) {
        recolor();
    }
}

QuietLabel* newEmptyState(const QString& text, QWidget* parent)
{
    auto* label = new QuietLabel(text, parent);
    label->setAlignment(Qt::AlignCenter);
    label->setWordWrap(true);
    label->setMargin(kSpace6);
    return label;
}

} // namespace dskd::ui

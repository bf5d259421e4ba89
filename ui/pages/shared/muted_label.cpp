#include "ui/pages/shared/muted_label.h"

#include "ui/look/theme.h"

#include <QEvent>

namespace dskd::ui
{

MutedLabel::MutedLabel(const QString& text, QWidget* parent) : QLabel(text, parent)
{
    setTextFormat(Qt::PlainText); // names, notes and paths stand in such lines, and may look like tags
    recolor();
}

void MutedLabel::recolor()
{
    const QColor muted = ui::palette().muted;
    QPalette colors = QLabel::palette();
    if (colors.color(QPalette::WindowText) != muted) { // setPalette sends PaletteChange again
        colors.setColor(QPalette::WindowText, muted);
        setPalette(colors);
    }
}

void MutedLabel::changeEvent(QEvent* event)
{
    QLabel::changeEvent(event);
    if (event->type() == QEvent::PaletteChange || event->type() == QEvent::StyleChange) {
        recolor();
    }
}

} // namespace dskd::ui

#include "ui/pages/shared/muted_label.h"

#include "ui/look/theme.h"

#include <QEvent>
#include <QHelpEvent>
#include <QPainter>
#include <QToolTip>

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

void MutedLabel::setEndCut(bool cut)
{
    m_endCut = cut;
    update();
}

bool MutedLabel::isCut() const
{
    return m_endCut && !wordWrap() && fontMetrics().horizontalAdvance(text()) > contentsRect().width();
}

bool MutedLabel::event(QEvent* event)
{
    if (event->type() == QEvent::ToolTip && isCut() && toolTip().isEmpty()) {
        QToolTip::showText(static_cast<QHelpEvent*>(event)->globalPos(), Qt::convertFromPlainText(text()), this);
        return true;
    }
    return QLabel::event(event);
}

void MutedLabel::paintEvent(QPaintEvent* event)
{
    if (!isCut() || hasSelectedText()) { // what is selected must be seen
        QLabel::paintEvent(event);
        return;
    }
    QPainter painter(this);
    painter.setPen(QLabel::palette().color(QPalette::WindowText));
    painter.drawText(contentsRect(), static_cast<int>(alignment()),
                     fontMetrics().elidedText(text(), Qt::ElideRight, contentsRect().width()));
}

void MutedLabel::changeEvent(QEvent* event)
{
    QLabel::changeEvent(event);
    if (event->type() == QEvent::PaletteChange || event->type() == QEvent::StyleChange) {
        recolor();
    }
}

} // namespace dskd::ui

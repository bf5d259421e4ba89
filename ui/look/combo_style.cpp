#include "ui/look/combo_style.h"

#include "ui/look/format.h"

#include <QComboBox>
#include <QHelpEvent>
#include <QStyleOption>
#include <QToolTip>

namespace dskd::ui
{
namespace
{

int textRoom(const QComboBox& box)
{
    QStyleOptionComboBox option;
    option.initFrom(&box);
    option.editable = box.isEditable();
    constexpr int kPadding = 2; // of the text in its field
    return box.style()->subControlRect(QStyle::CC_ComboBox, &option, QStyle::SC_ComboBoxEditField, &box).width() -
           kPadding;
}

} // namespace

ComboStyle::ComboStyle(QStyle* base) : QProxyStyle(base) {}

void ComboStyle::polish(QWidget* widget)
{
    QProxyStyle::polish(widget);
    if (auto* box = qobject_cast<QComboBox*>(widget)) {
        if (box->sizeAdjustPolicy() == QComboBox::AdjustToContentsOnFirstShow) {
            box->setSizeAdjustPolicy(QComboBox::AdjustToContents); // most texts come after the first show
        }
        box->removeEventFilter(this); // once, however often it is polished
        box->installEventFilter(this);
    }
}

void ComboStyle::drawControl(ControlElement element, const QStyleOption* option, QPainter* painter,
                             const QWidget* widget) const
{
    const auto* combo = element == CE_ComboBoxLabel ? qstyleoption_cast<const QStyleOptionComboBox*>(option) : nullptr;
    const auto* box = qobject_cast<const QComboBox*>(widget);
    if (combo == nullptr || box == nullptr) {
        QProxyStyle::drawControl(element, option, painter, widget);
        return;
    }
    QStyleOptionComboBox cut(*combo);
    cut.currentText = combo->fontMetrics.elidedText(combo->currentText, Qt::ElideMiddle, textRoom(*box));
    QProxyStyle::drawControl(element, &cut, painter, widget);
}

bool ComboStyle::eventFilter(QObject* watched, QEvent* event)
{
    const auto* box = event->type() == QEvent::ToolTip ? qobject_cast<QComboBox*>(watched) : nullptr;
    if (box == nullptr || box->fontMetrics().horizontalAdvance(box->currentText()) <= textRoom(*box)) {
        return QProxyStyle::eventFilter(watched, event);
    }
    const QString whole = plainHint(box->currentText());
    QToolTip::showText(static_cast<QHelpEvent*>(event)->globalPos(),
                       box->toolTip().isEmpty() ? whole : whole + QStringLiteral("<br>") + box->toolTip(),
                       const_cast<QComboBox*>(box));
    return true;
}

} // namespace dskd::ui

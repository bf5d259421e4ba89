#include "ui/pages/shared/page_stack.h"

#include "ui/look/theme.h"
#include "ui/look/window_words.h"
#include "ui/pages/shared/muted_label.h"

#include <algorithm>

namespace dskd::ui
{

PageStack::PageStack(QWidget* parent) : QStackedWidget(parent), m_sentence(new MutedLabel({}, this))
{
    m_sentence->setObjectName(QStringLiteral("emptyState"));
    m_sentence->setAlignment(Qt::AlignCenter);
    m_sentence->setWordWrap(true);
    addWidget(m_sentence);
}

void PageStack::setContent(QWidget* content)
{
    addWidget(content);
}

void PageStack::resizeEvent(QResizeEvent* event)
{
    QStackedWidget::resizeEvent(event);
    const int side = std::max(kSpace6, (width() - kTextColumn) / 2);
    m_sentence->setContentsMargins(side, kSpace6, side, kSpace6);
}

void PageStack::showSentence(const QString& sentence)
{
    m_sentence->setText(windowWords(sentence));
    setCurrentIndex(0);
}

} // namespace dskd::ui

#include "ui/pages/samples/answer_grid.h"

#include "ui/look/theme.h"
#include "ui/pages/samples/answer_card.h"

#include <QBoxLayout>
#include <QGridLayout>
#include <algorithm>

namespace dskd::ui
{
namespace
{

constexpr int kColumnWidth = 300;

} // namespace

AnswerGrid::AnswerGrid(QWidget* parent) : QScrollArea(parent), m_content(new QWidget)
{
    m_grid = new QGridLayout(m_content);
    m_grid->setContentsMargins(0, 0, 0, 0);
    m_grid->setSpacing(kSpace2);
    setFrameShape(QFrame::NoFrame);
    setWidgetResizable(true);
    auto* answers = new QWidget;
    auto* column = new QVBoxLayout(answers);
    column->setContentsMargins(0, 0, 0, 0);
    column->addWidget(m_content);
    column->addStretch(1);
    setWidget(answers);
}

AnswerCard& AnswerGrid::cardAt(std::size_t place)
{
    if (place == m_cards.size()) {
        auto* card = new AnswerCard(m_content);
        connect(card, &AnswerCard::chosen, this, [this, card] { Q_EMIT chosen(card); });
        m_cards.push_back(card);
        m_columns = 0;
    }
    return *m_cards[place];
}

void AnswerGrid::setCount(std::size_t count)
{
    while (m_cards.size() > count) {
        delete m_cards.back();
        m_cards.pop_back();
        m_columns = 0;
    }
    place();
}

void AnswerGrid::place()
{
    const int count = std::max(1, static_cast<int>(m_cards.size()));
    int least = kColumnWidth; // a word that cannot break, which an untrained student writes, takes more
    for (const AnswerCard* card : m_cards) {
        least = std::max(least, card->minimumSizeHint().width());
    }
    const int most = std::clamp((viewport()->width() + kSpace2) / (least + kSpace2), 1, count);
    const int rows = (count + most - 1) / most;
    const int columns = (count + rows - 1) / rows;
    if (columns == m_columns) {
        return;
    }
    m_columns = columns;
    for (int column = 0; column < m_grid->columnCount(); ++column) {
        m_grid->setColumnStretch(column, 0);
    }
    for (std::size_t i = 0; i < m_cards.size(); ++i) {
        m_grid->removeWidget(m_cards[i]);
        m_grid->addWidget(m_cards[i], static_cast<int>(i) / columns, static_cast<int>(i) % columns);
        m_grid->setColumnStretch(static_cast<int>(i) % columns, 1);
    }
}

void AnswerGrid::resizeEvent(QResizeEvent* event)
{
    QScrollArea::resizeEvent(event);
    place();
}

} // namespace dskd::ui

#pragma once

#include <QScrollArea>
#include <cstddef>
#include <vector>

class QGridLayout;

namespace dskd::ui
{

class AnswerCard;

// Answers side by side, in as many columns as the width has room for. GUI thread only.
class AnswerGrid final : public QScrollArea
{
    Q_OBJECT
public:
    explicit AnswerGrid(QWidget* parent = nullptr);

    AnswerCard& cardAt(std::size_t place); // made where it is the next one
    void setCount(std::size_t count);      // drops the cards from there on, and places those that stay
    [[nodiscard]] const std::vector<AnswerCard*>& cards() const { return m_cards; }

Q_SIGNALS:
    void chosen(const ui::AnswerCard* card); // AnswerCard::chosen

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    void place();

    QWidget* m_content;
    QGridLayout* m_grid;
    std::vector<AnswerCard*> m_cards;
    int m_columns = 0; // 0: they must be placed anew
};

} // namespace dskd::ui

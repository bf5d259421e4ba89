#pragma once

// How exact partners, chunks and tokens without a partner look: a colour and a shape each, so that either suffices.

#include "core/align/marked_answer.h"

#include <QColor>
#include <QString>
#include <QWidget>

class QPainter;

namespace dskd::ui
{

[[nodiscard]] QColor markColor(align::Mark mark); // of the current theme

// A disc for exact, a diamond for chunk, a ring for unaligned, in the middle of `box`.
void paintMark(QPainter& painter, align::Mark mark, const QPointF& centre, double radius);

// "exact", "chunk", "unaligned"; under MinED "matched" and under alignment by position "same place" for an exact one.
[[nodiscard]] QString markName(align::Mark mark, const config::AlignmentRow& alignment);
[[nodiscard]] QString markSentence(align::Mark mark, const config::AlignmentRow& alignment);

// The three shapes with their names. GUI thread only.
class MarkLegend final : public QWidget
{
    Q_OBJECT
public:
    explicit MarkLegend(QWidget* parent = nullptr);

    void setAlignment(const config::AlignmentRow& alignment);

    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override { return sizeHint(); }

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    config::AlignmentRow m_alignment;
};

} // namespace dskd::ui

#pragma once

#include <QColor>
#include <QString>
#include <QWidget>
#include <optional>
#include <vector>

namespace dskd::viz
{

// The transparent sheet over a plot: crosshair, dots on the curves and the box that lists their values. Repainting it
// leaves the chart below as it is. GUI thread only.
class Readout final : public QWidget
{
public:
    struct Row {
        QString label;
        QString value;
        QColor color;
        std::optional<double> y; // pixel of the dot; none: nothing to mark
    };

    explicit Readout(QWidget* parent);

    // `x`: pixel of the crosshair; rows from top to bottom. Hidden without x.
    void show(std::optional<double> x, const QRectF& plot, QString title, std::vector<Row> rows);

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    std::optional<double> m_x;
    QRectF m_plot;
    QString m_title;
    std::vector<Row> m_rows;
};

} // namespace dskd::viz

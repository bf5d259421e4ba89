#pragma once

// How box plots are laid out and painted, on the screen and on paper.

#include "viz/box_plot.h"
#include "viz/paper.h"

#include <QFont>
#include <QRectF>
#include <optional>
#include <utility>
#include <vector>

class QPainter;

namespace dskd::viz
{

// Where each box stands: columns side by side over one axis of values.
struct BoxLayout {
    QRectF plot;
    std::pair<double, double> range{0.0, 1.0}; // of the axis, low to high
    std::size_t count = 0;

    [[nodiscard]] double toY(double value) const;
    [[nodiscard]] QRectF column(std::size_t box) const;
};

// Within `outer`, less the numbers of the axis at its left and the boxes' labels below.
[[nodiscard]] BoxLayout layOutBoxes(std::size_t count, std::pair<double, double> range, const QRectF& outer,
                                    const QFont& font);

// Whether the label of every box fits below it.
[[nodiscard]] bool labelsFit(const std::vector<Box>& boxes, const BoxLayout& layout, const QFont& font);

// Axis, boxes and their labels; one of which hardly a letter would be left is left out. `onPaper`: in their colours for
// paper.
void paintBoxes(QPainter& painter, const std::vector<Box>& boxes, const BoxLayout& layout, std::optional<int> marked,
                const ChartInk& ink, const QFont& font, bool onPaper);

// As it goes to paper: with title, notes and the name of the axis; the boxes' labels are the legend, and where one is
// cut, a legend below shows it whole. A font with a pixel size looks the same on every device.
void paintBoxes(QPainter& painter, const QRectF& target, const BoxPaper& paper, const ChartInk& ink, const QFont& font);

} // namespace dskd::viz

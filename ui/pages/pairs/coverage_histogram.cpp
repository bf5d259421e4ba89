#include "ui/pages/pairs/coverage_histogram.h"

#include "ui/look/theme.h"
#include "ui/pages/pairs/pairs_model.h"

#include <QPainter>
#include <algorithm>

namespace dskd::ui
{

CoverageHistogram::CoverageHistogram(QWidget* parent) : QWidget(parent)
{
    setObjectName(QStringLiteral("coverageHistogram"));
    setAccessibleName(tr("Distribution of the coverage over samples"));
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
}

void CoverageHistogram::setAnalysis(const pairs::PairAnalysis* analysis)
{
    m_bins = analysis == nullptr ? decltype(m_bins){} : analysis->histogram;
    const QString lines = analysis == nullptr ? QString() : distributionLines(*analysis).join('\n');
    setToolTip(lines);
    setAccessibleDescription(lines);
    update();
}

QSize CoverageHistogram::sizeHint() const
{
    return {240, 4 * fontMetrics().lineSpacing()};
}

void CoverageHistogram::paintEvent(QPaintEvent* /*event*/)
{
    QPainter painter(this);
    const QFontMetrics metrics = fontMetrics();
    const int axis = height() - metrics.lineSpacing();
    const std::int64_t most = std::max<std::int64_t>(1, *std::max_element(m_bins.begin(), m_bins.end()));
    const auto numBins = static_cast<int>(m_bins.size());
    for (int bin = 0; bin < numBins; ++bin) {
        const int left = bin * width() / numBins;
        const int right = (bin + 1) * width() / numBins;
        const auto samples = m_bins[static_cast<std::size_t>(bin)];
        const int bar = static_cast<int>(samples * (axis - 2) / most);
        painter.fillRect(left + 1, axis - std::max(bar, samples > 0 ? 1 : 0), right - left - 2,
                         std::max(bar, samples > 0 ? 1 : 0), ui::palette().accent);
    }
    painter.setPen(ui::palette().line);
    painter.drawLine(0, axis, width(), axis);
    painter.setPen(ui::palette().muted);
    painter.drawText(QRect(0, axis, width(), metrics.lineSpacing()), Qt::AlignLeft, QStringLiteral("0 %"));
    painter.drawText(QRect(0, axis, width(), metrics.lineSpacing()), Qt::AlignHCenter, tr("coverage of a sample"));
    painter.drawText(QRect(0, axis, width(), metrics.lineSpacing()), Qt::AlignRight, QStringLiteral("100 %"));
}

} // namespace dskd::ui

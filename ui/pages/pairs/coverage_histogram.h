#pragma once

#include "core/pairs/pair_analysis.h"

#include <QWidget>

namespace dskd::ui
{

// How many samples have which coverage: twenty bars over [0, 1]. Its accessible description has their values. GUI
// thread only.
class CoverageHistogram final : public QWidget
{
    Q_OBJECT
public:
    explicit CoverageHistogram(QWidget* parent = nullptr);

    void setAnalysis(const pairs::PairAnalysis* analysis); // null: nothing
    [[nodiscard]] QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    decltype(pairs::PairAnalysis::histogram) m_bins{};
};

} // namespace dskd::ui

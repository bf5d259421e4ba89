#pragma once

#include "core/align/coverage_report.h"

#include <QTabWidget>
#include <map>
#include <optional>
#include <vector>

class QTreeWidget;

namespace dskd::ui
{

class CoverageBars;
class MutedLabel;

// What a coverage report lists: the samples, worst first; how their coverage is distributed; the tokens without a
// partner, most frequent first, or by class. GUI thread only.
class CoverageLists final : public QTabWidget
{
    Q_OBJECT
public:
    explicit CoverageLists(QWidget* parent = nullptr);

    void setReport(const align::CoverageReport& report);
    void clear();
    // Attention inside the true chunk of recorded samples, at the step that is looked at.
    void setInsideChunks(const std::map<std::int64_t, double>& bySample);
    // Marks the row of a sample; does not emit.
    void showSample(std::optional<std::int64_t> sample);

Q_SIGNALS:
    void sampleChosen(qint64 sample);

private:
    void showUncovered(const std::vector<align::UncoveredToken>& uncovered);

    QTreeWidget* m_samples;
    CoverageBars* m_bars;
    MutedLabel* m_classes; // how many of each class have no partner
    QTreeWidget* m_tokens;
};

// Samples per twentieth of coverage. GUI thread only.
class CoverageBars final : public QWidget
{
    Q_OBJECT
public:
    explicit CoverageBars(QWidget* parent = nullptr);

    void setCoverage(std::optional<align::CoverageStatistics> coverage);
    [[nodiscard]] QRectF barOf(std::size_t bin) const; // empty where no sample is
    [[nodiscard]] QString hintOf(std::size_t bin) const;

    [[nodiscard]] QSize sizeHint() const override { return {220, 160}; }
    [[nodiscard]] QSize minimumSizeHint() const override { return {120, 80}; }

protected:
    bool event(QEvent* event) override; // tooltips
    void paintEvent(QPaintEvent* event) override;

private:
    [[nodiscard]] QRectF plot() const;

    std::optional<align::CoverageStatistics> m_coverage;
};

} // namespace dskd::ui

#pragma once

#include "ui/pages/curves/curves_state.h"

#include <QDialog>

class QLineEdit;
class QListWidget;
class QPushButton;

namespace dskd::ui
{

// Which metrics a chart draws: a list to tick by their titles, with a filter that matches their names too. Space ticks,
// Return adds the chart. Shown with open(). GUI thread only.
class MetricChooser final : public QDialog
{
    Q_OBJECT
public:
    // `available`: what the shown runs record; metrics of `chart` that they do not are offered too.
    MetricChooser(const std::vector<std::string>& available, const ChartSpec& chart, QWidget* parent);

Q_SIGNALS:
    void chosen(const dskd::ui::ChartSpec& chart);

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void makeAVisibleRowCurrent();
    [[nodiscard]] ChartSpec ticked() const;

    ChartSpec m_chart;
    QLineEdit* m_filter;
    QListWidget* m_list;
    QPushButton* m_ok;
};

} // namespace dskd::ui

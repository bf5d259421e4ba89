#pragma once

#include "core/config/plan/plan.h"

#include <QWidget>
#include <string>
#include <vector>

class QVBoxLayout;

namespace dskd::ui
{

class ExcludedCells;

// What the runs of an experiment vary: its axes with their values, each with a button that ends it, the combinations
// that are left out, and one click for the paper's ablation. GUI thread only.
class AxesPanel final : public QWidget
{
    Q_OBJECT
public:
    explicit AxesPanel(QWidget* parent = nullptr);

    // Emits no signal.
    void setPlan(const std::vector<config::Axis>& axes, const std::vector<config::Exclusion>& excluded);
    [[nodiscard]] const std::vector<config::Exclusion>& excluded() const;

Q_SIGNALS:
    void excludedChanged();
    void endRequested(const std::string& field);  // it is to have one value again
    void editRequested(const std::string& field); // its values are to be shown
    void ablationRequested();                     // spaces x distances x seeds (config/plan/ablation.h)

private:
    void fill();

    std::vector<config::Axis> m_axes;
    QVBoxLayout* m_lines;
    QWidget* m_box = nullptr; // the lines
    ExcludedCells* m_cells;
};

} // namespace dskd::ui

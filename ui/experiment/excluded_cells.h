#pragma once

#include "core/config/plan/plan.h"

#include <QWidget>
#include <vector>

class QComboBox;
class QTableWidget;
class QVBoxLayout;

namespace dskd::ui
{

// Which combinations of two axes are left out: a grid with a tick for each that runs. Of more than two axes a person
// picks the two. Exclusions that the grid does not show stand below it, each with a button that takes it back. GUI
// thread only.
class ExcludedCells final : public QWidget
{
    Q_OBJECT
public:
    explicit ExcludedCells(QWidget* parent = nullptr);

    // Shows them; emits no signal. Hidden where there are fewer than two axes and nothing is excluded.
    void setPlan(const std::vector<config::Axis>& axes, const std::vector<config::Exclusion>& excluded);
    [[nodiscard]] const std::vector<config::Exclusion>& excluded() const { return m_excluded; }

Q_SIGNALS:
    void changed();

private:
    void fillGrid();
    void fillOthers();
    void toggle(int row, int column);
    [[nodiscard]] const config::Axis* axis(const QComboBox& box) const;
    [[nodiscard]] config::Exclusion cell(int row, int column) const;

    std::vector<config::Axis> m_axes;
    std::vector<config::Exclusion> m_excluded;
    QComboBox* m_rows;
    QComboBox* m_columns;
    QWidget* m_choice; // of the two axes
    QTableWidget* m_grid;
    QVBoxLayout* m_others;
    QWidget* m_othersBox = nullptr;
};

} // namespace dskd::ui

#pragma once

#include "core/config/schema/alignment.h"
#include "core/preflight/run_coverage.h"
#include "ui/pages/alignment/step_values.h"

#include <QWidget>
#include <memory>
#include <string>

namespace dskd::viz
{
class CurveChart;
}

namespace dskd::ui
{

class Background;
class WorkspaceFeed;

// What a run has recorded of its alignment over its steps, as two charts: the coverage of its batches, and the
// attention inside the true chunk, of each probe sample and as their mean. GUI thread only.
class StepCharts final : public QWidget
{
    Q_OBJECT
public:
    StepCharts(const WorkspaceFeed& workspace, Background& background, QWidget* parent = nullptr);

    struct Subject {
        std::string run;                                          // empty: none, also where a pair has no run
        std::string mapName;                                      // as it is recorded, "cma.t2s"
        const config::AlignmentRow* alignment = nullptr;          // null: the run aligns nothing
        std::shared_ptr<const preflight::RunCoverage> coverage{}; // null: the true chunks are not known (yet)
        bool operator==(const Subject&) const = default;
    };
    void setSubject(Subject subject);                                         // drops what was read of another one
    void read();                                                              // reads on, in the background
    [[nodiscard]] const StepValues* values() const { return m_values.get(); } // null: nothing is read yet

Q_SIGNALS:
    void valuesChanged();

private:
    void showValues();
    void showEmptyTexts();

    const WorkspaceFeed& m_workspace;
    Background& m_background;
    Subject m_subject;
    std::shared_ptr<const StepValues> m_values;
    bool m_reading = false;
    viz::CurveChart* m_coverage;
    viz::CurveChart* m_inside;
};

} // namespace dskd::ui

#pragma once

#include "ui/pages/curves/curve_points.h"
#include "viz/curve.h"

#include <QString>
#include <memory>
#include <string>
#include <vector>

namespace dskd::ui
{

struct DrawnRun;

// The weighted terms of one run's loss on top of one another, only where they make the loss that was logged: what a
// step logs beside the loss must add up to it within a thousandth, or nothing is drawn and a sentence has the reason.
// The run is the first selected one, else the first. GUI thread only.
class LossStack
{
public:
    // True when the curves are others than at the last call.
    bool update(const std::vector<DrawnRun>& runs, XAxis axis);
    // From the bottom up, each with its weight in the label: "t2s distance × 0.25".
    [[nodiscard]] const std::vector<viz::Curve>& curves() const { return m_curves; }
    [[nodiscard]] const QString& whyNone() const { return m_whyNone; }
    [[nodiscard]] const QString& runName() const { return m_runName; } // whose terms they are

private:
    struct Layer {
        std::string metric;
        double weight = 0.0;
        std::shared_ptr<std::vector<QPointF>> points = std::make_shared<std::vector<QPointF>>();
        std::shared_ptr<std::vector<double>> floors = std::make_shared<std::vector<double>>();
    };
    bool setLayers(const DrawnRun& run, XAxis axis);
    // Adds the steps that are new; false where the terms do not make the loss.
    bool append(const DrawnRun& run);
    void makeCurves(const DrawnRun& run);
    bool showNone(const QString& why);

    std::string m_runId;
    QString m_runName;
    XAxis m_axis = XAxis::Step;
    double m_origin = 0.0;
    ReadMark m_mark;
    std::vector<Layer> m_layers;
    std::vector<viz::Curve> m_curves;
    QString m_whyNone;
};

} // namespace dskd::ui

#pragma once

// What a person has arranged on the page of curves, as a value that the window saves and gives back.

#include "viz/curve.h"
#include "viz/smoothing.h"

#include <QJsonObject>
#include <QString>
#include <string>
#include <vector>

namespace dskd::ui
{

// Active: time without the pauses between the attempts of a resumed run.
enum class XAxis { Step, Epoch, Tokens, Time, Active };
inline constexpr XAxis kAllAxes[] = {XAxis::Step, XAxis::Epoch, XAxis::Tokens, XAxis::Time, XAxis::Active};

[[nodiscard]] QString axisName(XAxis axis);  // in a list: "active time"
[[nodiscard]] QString axisTitle(XAxis axis); // below a chart: "step", "tokens", "seconds since the start"
[[nodiscard]] viz::XKind axisKind(XAxis axis);

enum class CardSize { Small, Medium, Large };
// LossTerms: the weighted terms of one run's loss on top of one another, up to the loss.
enum class ChartKind { Lines, LossTerms };

struct ChartSpec {
    std::vector<std::string> metrics; // one or several in one chart
    bool onlyWhenRecorded = false;    // stays away while no shown run has any of them
    CardSize size = CardSize::Medium;
    ChartKind kind = ChartKind::Lines;
    bool operator==(const ChartSpec&) const = default;
};

// "loss", "ROUGE-L", "distillation terms", "t2s_acc, s2t_acc", "loss by its terms".
[[nodiscard]] QString titleOf(const ChartSpec& chart);
// The sentence and unit of each metric, for hovering.
[[nodiscard]] QString descriptionOf(const ChartSpec& chart);
// What the y axis counts: "nats", "%"; empty where the metrics differ or have no unit.
[[nodiscard]] QString unitOf(const ChartSpec& chart);
// What its values are shown times: 100 where all are shares, which stand beside other units as they were recorded.
[[nodiscard]] double shownFactorOf(const ChartSpec& chart);

struct CurvesPageState {
    std::vector<ChartSpec> charts;
    XAxis axis = XAxis::Step;
    double smoothing = 0.0; // 0 (off) to 0.99
    viz::SmoothingKind smoothingKind = viz::SmoothingKind::Ema;
    bool logX = false;
    bool logY = false;
    bool meanOverSeeds = false;
    bool operator==(const CurvesPageState&) const = default;
};

// Loss, validation loss, ROUGE-L, and where they are recorded the terms of distillation, the loss by its terms and the
// distances of structure.
[[nodiscard]] CurvesPageState defaultCurves();
[[nodiscard]] ChartSpec lossByItsTerms();

[[nodiscard]] QJsonObject toJson(const CurvesPageState& state);
// Anything unknown or out of range becomes its default, so that an older or newer window's state is no obstacle.
[[nodiscard]] CurvesPageState curvesFromJson(const QJsonObject& json);

} // namespace dskd::ui

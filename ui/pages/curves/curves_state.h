#pragma once

// What a person has arranged on the page of curves, as a value that the window saves and gives back.

#include <QJsonObject>
#include <QString>
#include <string>
#include <vector>

namespace dskd::ui
{

enum class XAxis { Step, Tokens, Time };

[[nodiscard]] QString axisTitle(XAxis axis); // "step", "tokens", "seconds since the start"

struct ChartSpec {
    std::vector<std::string> metrics; // one or several in one chart
    bool onlyWhenRecorded = false;    // stays away while no shown run has any of them
    bool operator==(const ChartSpec&) const = default;
};

// "loss", "ROUGE-L", "distillation terms", "t2s_acc, s2t_acc".
[[nodiscard]] QString titleOf(const ChartSpec& chart);

struct CurvesPageState {
    std::vector<ChartSpec> charts;
    XAxis axis = XAxis::Step;
    double smoothing = 0.0; // 0 (off) to 0.99
    bool logY = false;
    bool meanOverSeeds = false;
    bool operator==(const CurvesPageState&) const = default;
};

// Loss, validation loss, ROUGE-L, and where they are recorded the terms of distillation and the distances of structure.
[[nodiscard]] CurvesPageState defaultCurves();

[[nodiscard]] QJsonObject toJson(const CurvesPageState& state);
// Anything unknown or out of range becomes its default, so that an older or newer window's state is no obstacle.
[[nodiscard]] CurvesPageState curvesFromJson(const QJsonObject& json);

} // namespace dskd::ui

#pragma once

#include "core/preflight/run_coverage.h"
#include "core/store/measured_rows.h"

#include <QJsonObject>
#include <QPoint>
#include <QRect>
#include <QString>
#include <QWidget>
#include <array>
#include <cstdint>
#include <optional>
#include <vector>

class QBoxLayout;
class QCheckBox;
class QLabel;

namespace dskd::viz
{
class HeatMapView;
}

namespace dskd::ui
{

class Background;
class MutedLabel;
class StepLink;
class StepSlider;

// Attention maps of one sample, with the sliders over the recorded steps: of one run, or of two runs or two steps side
// by side and as a difference. The maps share cursor, visible part and colours; the true chunks are outlined where they
// are known. GUI thread only.
class MapPanel final : public QWidget
{
    Q_OBJECT
public:
    explicit MapPanel(Background& background, QWidget* parent = nullptr); // writes exported pictures

    struct Maps {
        QString leftName;     // of the run
        QString rightName;    // empty: one map
        bool sameRun = false; // two steps of one run
        QString whyNone;      // why there is no left map
        std::optional<store::HeatMapRow> left;
        std::optional<store::HeatMapRow> right;
        std::optional<preflight::SampleRows> rows; // of the sample; none: its chunks are not known
    };
    void setMaps(Maps maps);
    [[nodiscard]] const Maps& maps() const { return m_maps; }
    // Left minus right, as it is drawn; none where there are not two maps of the same tokens.
    [[nodiscard]] const std::optional<store::HeatMapRow>& differenceMap() const { return m_delta; }

    void setStepLink(StepLink& link); // of the left map's slider
    // Over the steps that the left run has recorded; `twice`: the right map has a slider of its own.
    void setSteps(std::vector<std::int64_t> steps, bool twice);
    [[nodiscard]] std::optional<std::int64_t> leftStep() const;
    [[nodiscard]] std::optional<std::int64_t> rightStep() const;

    void setCursorCell(std::optional<QPoint> cell); // does not emit
    [[nodiscard]] std::optional<QPoint> cursorCell() const { return m_cell; }

    [[nodiscard]] QJsonObject savedState() const; // how maps are coloured and outlined
    void restoreState(const QJsonObject& state);

Q_SIGNALS:
    void stepChanged(); // of either slider
    void cursorCellChanged(std::optional<QPoint> cell);
    void stateChanged();

private:
    enum Place { Left, Right, Difference };
    // One heat map with what stands above it.
    struct Side {
        QWidget* frame = nullptr;
        QLabel* title = nullptr;
        viz::HeatMapView* view = nullptr;
    };
    void makeControls(QBoxLayout& into);
    Side newSide(const QString& name, const QString& accessibleName);
    void exportPicture(const viz::HeatMapView& view, const QString& title); // in a dialog
    void showMaps();
    void showMap(Place place, const std::optional<store::HeatMapRow>& map, const QString& whyEmpty);
    [[nodiscard]] QString titleOf(Place place, const std::optional<store::HeatMapRow>& map) const;
    [[nodiscard]] std::vector<QRect> outlinesOf(const store::HeatMapRow& map) const;
    void colourMaps();
    void showReadout();

    Background& m_background;
    Maps m_maps;
    std::optional<store::HeatMapRow> m_delta;
    std::optional<QPoint> m_cell;
    bool m_twice = false;
    StepSlider* m_step;
    StepSlider* m_otherStep;
    QCheckBox* m_difference = nullptr;
    QCheckBox* m_unit = nullptr; // colours from 0 to 1
    QCheckBox* m_log = nullptr;
    QCheckBox* m_chunks = nullptr; // outlines
    std::array<Side, 3> m_sides;   // by Place
    MutedLabel* m_readout;
};

} // namespace dskd::ui

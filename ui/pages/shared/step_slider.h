#pragma once

#include <QTimer>
#include <QWidget>
#include <cstdint>
#include <optional>
#include <vector>

class QLabel;
class QPushButton;
class QSlider;
class QToolButton;

namespace dskd::ui
{

class StepLink;

// A slider over recorded steps, "step 50 of 300" beside it, and a Play button where asked for. While it stands at the
// last step it moves along when later ones are recorded. GUI thread only.
class StepSlider final : public QWidget
{
    Q_OBJECT
public:
    enum class Playback { Off, On };
    explicit StepSlider(Playback playback, QWidget* parent = nullptr);

    // Moves it with the other sliders of `link`, which outlives it, and shows the switch for that. A step of theirs
    // that is not among its own becomes the nearest one, and the text names it.
    void setLink(StepLink& link);

    // Ascending. The step stays (of a linked one: that of the link), or becomes the one nearest to it; stepChanged() is
    // not emitted.
    void setSteps(std::vector<std::int64_t> steps);
    [[nodiscard]] std::optional<std::int64_t> step() const; // none: there are no steps

Q_SIGNALS:
    void stepChanged(); // by the slider, by playing or by the link

protected:
    void showEvent(QShowEvent* event) override;
    void hideEvent(QHideEvent* event) override;

private:
    void play(bool on);
    void shareStep(); // with the link
    void followLink();
    [[nodiscard]] std::optional<std::int64_t> linkedStep() const; // none: it goes on its own
    [[nodiscard]] int placeNear(std::int64_t step) const;         // REQUIRES: there are steps
    void showStep();

    std::vector<std::int64_t> m_steps;
    QPushButton* m_play;
    QSlider* m_slider; // index into m_steps
    QLabel* m_text;
    QToolButton* m_linkSwitch; // hidden without a link
    StepLink* m_link = nullptr;
    QTimer m_player;
};

} // namespace dskd::ui

#pragma once

#include <QTimer>
#include <QWidget>
#include <cstdint>
#include <optional>
#include <vector>

class QLabel;
class QPushButton;
class QSlider;

namespace dskd::ui
{

// A slider over recorded steps, "step 50 of 300" beside it, and a Play button where asked for. While it stands at the
// last step it moves along when later ones are recorded. GUI thread only.
class StepSlider final : public QWidget
{
    Q_OBJECT
public:
    enum class Playback { Off, On };
    explicit StepSlider(Playback playback, QWidget* parent = nullptr);

    // Ascending. The step stays, or becomes the one nearest to it; stepChanged() is not emitted.
    void setSteps(std::vector<std::int64_t> steps);
    [[nodiscard]] std::optional<std::int64_t> step() const; // none: there are no steps

Q_SIGNALS:
    void stepChanged(); // by the slider or by playing

protected:
    void hideEvent(QHideEvent* event) override;

private:
    void play(bool on);
    void showStep();

    std::vector<std::int64_t> m_steps;
    QPushButton* m_play;
    QSlider* m_slider; // index into m_steps
    QLabel* m_text;
    QTimer m_player;
};

} // namespace dskd::ui

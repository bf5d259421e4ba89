#pragma once

#include <QObject>
#include <cstdint>
#include <optional>

namespace dskd::ui
{

// The step that the sliders of all pages show: moved on one page, every other page shows the same step, or the recorded
// one nearest to it. Where it is off each slider goes on its own. GUI thread only.
class StepLink final : public QObject
{
    Q_OBJECT
public:
    using QObject::QObject;

    [[nodiscard]] bool linked() const { return m_linked; }
    // Switched off, the step is forgotten; switched on, that of a visible slider is taken, or the one set just before.
    void setLinked(bool linked);
    // None: not linked, or no slider has been moved since, so that each shows its own.
    [[nodiscard]] std::optional<std::int64_t> step() const { return m_linked ? m_step : std::nullopt; }
    // `newest`: it is the last one where it was chosen, and moves along when later ones are recorded there.
    void setStep(std::int64_t step, bool newest);
    [[nodiscard]] bool newest() const { return m_newest; }

Q_SIGNALS:
    void linkedChanged(bool linked);
    void stepChanged(); // also when the sliders are linked again

private:
    bool m_linked = true;
    std::optional<std::int64_t> m_step;
    bool m_newest = false;
};

} // namespace dskd::ui

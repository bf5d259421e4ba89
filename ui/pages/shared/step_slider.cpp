#include "ui/pages/shared/step_slider.h"

#include "ui/look/theme.h"
#include "ui/pages/shared/step_index.h"

#include <QBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QSignalBlocker>
#include <QSlider>
#include <algorithm>
#include <utility>

namespace dskd::ui
{
namespace
{

constexpr int kPlayMs = 400; // per step

} // namespace

StepSlider::StepSlider(Playback playback, QWidget* parent)
    : QWidget(parent), m_play(new QPushButton(tr("Play"), this)), m_slider(new QSlider(Qt::Horizontal, this)),
      m_text(new QLabel(this))
{
    m_play->setObjectName(QStringLiteral("play"));
    m_play->setCheckable(true);
    m_play->setMinimumWidth(m_play->fontMetrics().horizontalAdvance(tr("Pause")) + 2 * kSpace6);
    m_play->setVisible(playback == Playback::On);
    m_slider->setObjectName(QStringLiteral("step"));
    m_slider->setAccessibleName(tr("Step"));
    m_slider->setPageStep(1);
    m_slider->setTickPosition(QSlider::TicksBelow);
    m_slider->setTickInterval(1);
    m_text->setObjectName(QStringLiteral("stepText"));
    m_text->setMinimumWidth(m_text->fontMetrics().horizontalAdvance(QStringLiteral("step 100000 of 100000")));
    auto* bar = new QHBoxLayout(this);
    bar->setContentsMargins(0, 0, 0, 0);
    bar->setSpacing(kSpace2);
    bar->addWidget(m_play);
    bar->addWidget(m_slider, 1);
    bar->addWidget(m_text);
    connect(m_play, &QPushButton::toggled, this, &StepSlider::play);
    connect(m_slider, &QSlider::valueChanged, this, [this] {
        showStep();
        Q_EMIT stepChanged();
    });
    m_player.setInterval(kPlayMs);
    connect(&m_player, &QTimer::timeout, this, [this] {
        if (m_slider->value() >= m_slider->maximum()) {
            play(false);
        } else {
            m_slider->setValue(m_slider->value() + 1);
        }
    });
    setSteps({});
}

void StepSlider::setSteps(std::vector<std::int64_t> steps)
{
    const auto before = step();
    const bool atEnd = !before || m_slider->value() == m_slider->maximum();
    StepIndex index;
    for (std::size_t i = 0; i < steps.size(); ++i) {
        index[steps[i]] = static_cast<std::int64_t>(i);
    }
    m_steps = std::move(steps);
    const std::optional<std::int64_t> nearest = nearestStep(index, before.value_or(0)); // none of an empty index
    const QSignalBlocker blocker(m_slider);
    m_slider->setRange(0, std::max(0, static_cast<int>(m_steps.size()) - 1));
    m_slider->setValue(atEnd || !nearest ? m_slider->maximum() : static_cast<int>(index.at(*nearest)));
    m_slider->setEnabled(m_steps.size() > 1);
    m_play->setEnabled(m_steps.size() > 1);
    showStep();
}

std::optional<std::int64_t> StepSlider::step() const
{
    if (m_steps.empty()) {
        return std::nullopt;
    }
    return m_steps[static_cast<std::size_t>(m_slider->value())];
}

void StepSlider::showStep()
{
    const auto now = step();
    m_text->setText(now ? tr("step %1 of %2").arg(*now).arg(m_steps.back()) : QString());
}

void StepSlider::play(bool on)
{
    m_play->setText(on ? tr("Pause") : tr("Play"));
    m_play->setChecked(on);
    if (!on) {
        m_player.stop();
        return;
    }
    if (m_slider->value() == m_slider->maximum()) {
        m_slider->setValue(0);
    }
    m_player.start();
}

void StepSlider::hideEvent(QHideEvent* event)
{
    m_play->setChecked(false);
    QWidget::hideEvent(event);
}

} // namespace dskd::ui

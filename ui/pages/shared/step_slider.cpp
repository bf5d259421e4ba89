#include "ui/pages/shared/step_slider.h"

#include "ui/look/format.h"
#include "ui/look/theme.h"
#include "ui/pages/shared/step_index.h"
#include "ui/pages/shared/step_link.h"

#include <QBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QSignalBlocker>
#include <QSlider>
#include <QToolButton>
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
      m_text(new QLabel(this)), m_linkSwitch(new QToolButton(this))
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
    m_text->setMinimumWidth(m_text->fontMetrics().horizontalAdvance(QStringLiteral("step 100,000 of 100,000")));
    m_linkSwitch->setObjectName(QStringLiteral("linkSteps"));
    m_linkSwitch->setCheckable(true);
    m_linkSwitch->setIcon(icon("link"));
    m_linkSwitch->setAccessibleName(tr("Link steps"));
    m_linkSwitch->setToolTip(tr("Link steps: the sliders of Alignment, Spaces and Samples move together"));
    m_linkSwitch->hide();
    auto* bar = new QHBoxLayout(this);
    bar->setContentsMargins(0, 0, 0, 0);
    bar->setSpacing(kSpace2);
    bar->addWidget(m_play);
    bar->addWidget(m_slider, 1);
    bar->addWidget(m_text);
    bar->addWidget(m_linkSwitch);
    connect(m_play, &QPushButton::toggled, this, &StepSlider::play);
    connect(m_slider, &QSlider::valueChanged, this, [this] {
        if (m_link != nullptr && m_link->linked()) {
            shareStep();
        }
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

void StepSlider::setLink(StepLink& link)
{
    m_link = &link;
    m_linkSwitch->setChecked(link.linked());
    m_linkSwitch->show();
    connect(m_linkSwitch, &QToolButton::toggled, this, [this](bool on) {
        if (on && !m_link->linked()) {
            shareStep(); // the others come to this one
        }
        m_link->setLinked(on);
    });
    connect(&link, &StepLink::linkedChanged, this, [this](bool on) {
        m_linkSwitch->setChecked(on);
        if (on && isVisible() && !m_link->step()) {
            shareStep(); // switched on from elsewhere: the hidden ones come to what is seen
        }
    });
    connect(&link, &StepLink::stepChanged, this, &StepSlider::followLink);
    followLink();
}

void StepSlider::shareStep()
{
    if (const auto now = step()) {
        m_link->setStep(*now, m_slider->value() == m_slider->maximum());
    }
}

// One that is hidden follows when it is shown: a page behind another need not read what nobody sees.
void StepSlider::followLink()
{
    if (!isVisible()) {
        return;
    }
    const auto wanted = linkedStep();
    const int place = wanted && !m_steps.empty() ? placeNear(*wanted) : m_slider->value();
    const bool moves = place != m_slider->value();
    {
        const QSignalBlocker blocker(m_slider);
        m_slider->setValue(place);
    }
    showStep();
    if (moves) {
        Q_EMIT stepChanged();
    }
}

std::optional<std::int64_t> StepSlider::linkedStep() const
{
    return m_link != nullptr ? m_link->step() : std::nullopt;
}

int StepSlider::placeNear(std::int64_t step) const
{
    StepIndex index;
    for (std::size_t i = 0; i < m_steps.size(); ++i) {
        index[m_steps[i]] = static_cast<std::int64_t>(i);
    }
    return static_cast<int>(index.at(*nearestStep(index, step)));
}

void StepSlider::setSteps(std::vector<std::int64_t> steps)
{
    const auto before = step();
    const auto wanted = linkedStep();
    const bool atEnd = !before || m_slider->value() == m_slider->maximum();
    const bool grew = atEnd && before && !steps.empty() && steps.back() > *before &&
                      std::includes(steps.begin(), steps.end(), m_steps.begin(), m_steps.end());
    // The step of the link is also that of other pages and runs, whose end is elsewhere. One at its own end moves along
    // with a newest step that is this end, or a later one that it had not yet read, as soon as it has read past it.
    const bool movesAlong = wanted ? grew && m_link->newest() && *wanted >= *before && steps.back() > *wanted : atEnd;
    m_steps = std::move(steps);
    const QSignalBlocker blocker(m_slider);
    m_slider->setRange(0, std::max(0, static_cast<int>(m_steps.size()) - 1));
    m_slider->setValue(movesAlong || m_steps.empty() ? m_slider->maximum()
                                                     : placeNear(wanted ? *wanted : before.value_or(0)));
    m_slider->setEnabled(m_steps.size() > 1);
    m_play->setEnabled(m_steps.size() > 1);
    if (wanted && movesAlong) {
        shareStep();
    }
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
    const auto wanted = linkedStep();
    const bool missing = now && wanted && *wanted != *now;
    m_text->setText(!now      ? QString()
                    : missing ? tr("nearest: %1").arg(whole(*now))
                              : tr("step %1 of %2").arg(whole(*now), whole(m_steps.back())));
    m_text->setToolTip(missing ? tr("Nothing is recorded here at step %1, which was chosen.").arg(whole(*wanted))
                               : QString());
    m_slider->setAccessibleDescription(m_text->text());
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

void StepSlider::showEvent(QShowEvent* event)
{
    QWidget::showEvent(event);
    followLink();
}

void StepSlider::hideEvent(QHideEvent* event)
{
    m_play->setChecked(false);
    QWidget::hideEvent(event);
}

} // namespace dskd::ui

#include "ui/pages/shared/step_link.h"

namespace dskd::ui
{

void StepLink::setLinked(bool linked)
{
    if (linked == m_linked) {
        return;
    }
    m_linked = linked;
    if (!linked) {
        m_step.reset(); // of then; when they are linked again, what is shown counts
    }
    Q_EMIT linkedChanged(linked);
    Q_EMIT stepChanged();
}

void StepLink::setStep(std::int64_t step, bool newest)
{
    m_newest = newest;
    if (step == m_step) {
        return;
    }
    m_step = step;
    if (m_linked) {
        Q_EMIT stepChanged();
    }
}

} // namespace dskd::ui

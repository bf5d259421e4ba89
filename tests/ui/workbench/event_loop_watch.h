#pragma once

#include <QElapsedTimer>
#include <QTimer>
#include <algorithm>

namespace dskd::test
{

// The longest time that the event loop did not answer, in milliseconds.
class EventLoopWatch
{
public:
    EventLoopWatch()
    {
        QObject::connect(&m_timer, &QTimer::timeout,
                         [this] { m_longest = std::max(m_longest, m_since.restart() - kInterval); });
        m_timer.setTimerType(Qt::PreciseTimer);
        m_since.start();
        m_timer.start(kInterval);
    }
    [[nodiscard]] qint64 longest() const { return m_longest; }

private:
    static constexpr int kInterval = 5;
    QTimer m_timer;
    QElapsedTimer m_since;
    qint64 m_longest = 0;
};

} // namespace dskd::test

#include "ui/feed/background.h"

namespace dskd::ui
{

Background::Background(const QString& name, QObject* parent, OnClose onClose)
    : QObject(parent), m_onClose(onClose), m_worker(new QObject)
{
    m_thread.setObjectName(name);
    m_worker->moveToThread(&m_thread);
    m_thread.start();
}

Background::~Background()
{
    if (m_onClose == OnClose::FinishPending) {
        post([this] { m_thread.quit(); }); // when everything before it is done
    } else {
        m_cancelled = true;
        m_thread.quit();
    }
    m_thread.wait();
    delete m_worker; // its thread is over, so this is the only one that knows it
}

void Background::post(std::function<void()> task)
{
    QMetaObject::invokeMethod(
        m_worker,
        [this, task = std::move(task)] {
            if (!m_cancelled) { // the thread does all that was posted before it sees that it is to quit
                task();
            }
        },
        Qt::QueuedConnection);
}

void Background::deliver(std::function<void()> task)
{
    // We outlive the thread that calls this; what is not delivered when we go is dropped with us.
    QMetaObject::invokeMethod(this, std::move(task), Qt::QueuedConnection);
}

} // namespace dskd::ui

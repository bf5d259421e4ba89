#pragma once

#include "core/base/result.h"

#include <QObject>
#include <QPointer>
#include <QThread>
#include <atomic>
#include <functional>
#include <memory>
#include <type_traits>

namespace dskd::ui
{

// A thread for whatever may take time: SQL, files, processes. The window hands it work and gets the result back on the
// GUI thread; it never waits. Work is done in the order it was asked for. GUI thread only.
class Background final : public QObject
{
    Q_OBJECT
public:
    // What the destructor does with work that has not begun. What a person asked for is finished.
    enum class OnClose { DropPending, FinishPending };
    explicit Background(const QString& name, QObject* parent = nullptr, OnClose onClose = OnClose::DropPending);
    // Waits for the work in progress to see `cancelled` or end.
    ~Background() override;

    // Runs `work(cancelled)` on the thread, then `done(result)` on the GUI thread unless `receiver` is gone by then.
    // `work` returns Result<T>; an exception in it becomes a Failure. `cancelled` turns true when the window closes.
    template <typename Work, typename Done>
    void run(QObject* receiver, Work work, Done done)
    {
        using R = std::invoke_result_t<Work, const std::atomic<bool>&>;
        post([this, to = QPointer<QObject>(receiver), work = std::move(work), done = std::move(done)]() mutable {
            auto result = std::make_shared<R>(guarded<R>(work));
            deliver([to, result, done = std::move(done)]() mutable {
                if (to) {
                    done(std::move(*result));
                }
            });
        });
    }

private:
    template <typename R, typename Work>
    R guarded(Work& work)
    {
        try {
            return work(m_cancelled);
        } catch (const Error& error) {
            return error.failure();
        } catch (const std::exception& error) {
            return Failure{error.what(), {}};
        }
    }
    void post(std::function<void()> task);    // to the thread
    void deliver(std::function<void()> task); // back to the GUI thread

    OnClose m_onClose;
    QThread m_thread;
    QObject* m_worker = nullptr; // lives on m_thread
    std::atomic<bool> m_cancelled{false};
};

} // namespace dskd::ui

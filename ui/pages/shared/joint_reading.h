#pragma once

#include "core/base/result.h"
#include "ui/feed/background.h"
#include "ui/feed/workspace_feed.h"

#include <QElapsedTimer>
#include <QTimer>
#include <QWidget>
#include <atomic>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace dskd::ui
{

// How these runs stand, as text that changes when what is read of them may: names, groups, statuses, newest steps.
[[nodiscard]] std::string stateOfRuns(const WorkspaceFeed& workspace, const std::vector<std::string>& runIds);

// What a page reads of all shown runs together (RunReadings is for what it reads of each). It is read in the background
// while the page is visible, one reading at a time: at once when something else is asked for, and no oftener than every
// kLeastApartMs when the runs only stand otherwise. GUI thread only.
template <typename T>
class JointReading
{
public:
    static constexpr int kLeastApartMs = 3000;

    using Work = std::function<Result<T>(const std::atomic<bool>& cancelled)>; // called on the background's thread
    using State = std::function<std::string()>; // what decides about the value; empty: there is nothing to read
    using MakeWork = std::function<Work()>;     // of a reading that begins now
    using Show = std::function<void(Result<T>)>;

    JointReading(Background& background, QWidget* page, State state, MakeWork makeWork, Show show)
        : m_background(background), m_page(page), m_state(std::move(state)), m_makeWork(std::move(makeWork)),
          m_show(std::move(show))
    {
        m_later.setSingleShot(true);
        QObject::connect(&m_later, &QTimer::timeout, page, [this] { refresh(); });
    }

    // A person asks for something else, other runs for instance. The answer to what was asked before is not shown.
    void ask()
    {
        ++m_question;
        m_readState.clear();
        m_sinceRead.invalidate();
        refresh();
    }

    // Reads when the state is another than at the last reading; to be called when it may be, and when the page becomes
    // visible.
    void refresh()
    {
        if (!m_page->isVisible() || m_reading) {
            return; // the end of a reading refreshes
        }
        std::string state = m_state();
        if (state.empty() || state == m_readState) {
            return;
        }
        const qint64 since = m_sinceRead.isValid() ? m_sinceRead.elapsed() : kLeastApartMs;
        if (since < kLeastApartMs) {
            m_later.start(static_cast<int>(kLeastApartMs - since));
            return;
        }
        m_readState = std::move(state);
        read();
    }

private:
    void read()
    {
        m_reading = true;
        m_sinceRead.start();
        m_background.run(m_page, m_makeWork(), [this, question = m_question](Result<T> result) {
            m_reading = false;
            if (question == m_question) {
                m_show(std::move(result));
            }
            refresh();
        });
    }

    Background& m_background;
    QWidget* m_page;
    State m_state;
    MakeWork m_makeWork;
    Show m_show;
    int m_question = 0;
    std::string m_readState; // of the last reading
    bool m_reading = false;
    QElapsedTimer m_sinceRead; // since it began
    QTimer m_later;
};

} // namespace dskd::ui

#pragma once

#include "ui/feed/background.h"
#include "ui/feed/workspace_feed.h"
#include "ui/pages/shared/reading_schedule.h"
#include "ui/pages/shared/run_batch.h"

#include <QTimer>
#include <QWidget>
#include <filesystem>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace dskd::ui
{

// What a page reads from the folder of every shown run. It is read in the background while the page is visible, and
// again and again until the run has ended; a run that cannot be read does not hide the others. What was read of a run
// is dropped when it is no longer shown. T compares with ==. GUI thread only.
template <typename T>
class RunReadings
{
public:
    using Read = Result<T> (*)(const std::filesystem::path& runFolder); // called on the background's thread
    using Updated = std::function<void(bool changed)>; // after every reading; `changed`: other readings than before

    RunReadings(const WorkspaceFeed& workspace, Background& background, QWidget* page, int everyMs, Read read,
                Updated updated)
        : m_workspace(workspace), m_background(background), m_page(page), m_read(read), m_updated(std::move(updated)),
          m_schedule(workspace)
    {
        QObject::connect(&m_poll, &QTimer::timeout, page, [this] { refresh(); });
        m_poll.start(everyMs);
    }

    void setShown(std::vector<std::string> shown)
    {
        m_schedule.setShown(std::move(shown));
        // now: when all that stays is read, no reading comes that could do it
        const auto hidden = [this](const auto& reading) { return !m_schedule.isShown(reading.first); };
        m_dropped = std::erase_if(m_readings, hidden) > 0 || m_dropped;
        m_dropped = std::erase_if(m_problems, hidden) > 0 || m_dropped;
        m_problem.clear(); // of a reading of other runs
        refresh();
    }
    [[nodiscard]] const std::vector<std::string>& shown() const { return m_schedule.shown(); }

    // nullptr: not read yet, or not shown.
    [[nodiscard]] const T* find(const std::string& runId) const
    {
        const auto reading = m_readings.find(runId);
        return reading == m_readings.end() ? nullptr : &reading->second;
    }

    // Why a shown run could not be read; empty: it could, or has not been tried.
    [[nodiscard]] QString problemOf(const std::string& runId) const
    {
        const auto problem = m_problems.find(runId);
        return problem == m_problems.end() ? QString() : problem->second;
    }

    // Why there is nothing to show: nothing could be read, the first shown run that could not be, no run is shown,
    // reading has not ended, nothing is recorded.
    [[nodiscard]] QString whyEmpty(const QString& noRunShown, const QString& nothingRecorded) const
    {
        const auto isRead = [this](const std::string& runId) { return find(runId) != nullptr; };
        if (!m_problem.isEmpty()) {
            return m_problem;
        }
        for (const std::string& runId : m_schedule.shown()) {
            if (const QString problem = problemOf(runId); !problem.isEmpty()) {
                return QString::fromStdString(runId) + QStringLiteral(": ") + problem;
            }
        }
        return m_schedule.whyEmpty(isRead, noRunShown, nothingRecorded);
    }

    // Reads now what is due; to be called when the page becomes visible.
    void refresh()
    {
        ReadingSchedule::Due due = m_schedule.due();
        if (!m_page->isVisible() || m_reading) {
            return;
        }
        if (due.runs.empty()) {
            m_updated(std::exchange(m_dropped, false));
            return;
        }
        m_reading = true;
        m_background.run(
            m_page,
            [read = m_read, runs = std::move(due.runs), root = m_workspace.workspace()](
                const std::atomic<bool>& cancelled) { return readBatch<T>(read, runs, root, cancelled); },
            [this, ended = std::move(due.ended)](Result<RunBatch<T>> batch) { take(std::move(batch), ended); });
    }

private:
    void take(Result<RunBatch<T>> batch, const std::set<std::string>& ended)
    {
        m_reading = false;
        m_problem = batch ? QString() : QString::fromStdString(batch.failure().text());
        bool changed = std::exchange(m_dropped, false);
        if (batch) {
            changed = changed || m_problems != batch->problems;
            m_problems = std::move(batch->problems);
            for (auto& [id, one] : batch->byRun) {
                if (!m_schedule.isShown(id)) {
                    continue; // hidden while it was read
                }
                if (ended.contains(id)) {
                    m_schedule.setFinal(id);
                }
                const T* before = find(id);
                changed = changed || !before || !(*before == one);
                m_readings[id] = std::move(one);
            }
        }
        m_updated(changed);
    }

    const WorkspaceFeed& m_workspace;
    Background& m_background;
    QWidget* m_page;
    Read m_read;
    Updated m_updated;
    ReadingSchedule m_schedule;
    std::map<std::string, T> m_readings;
    QString m_problem;                         // of the last reading as a whole
    std::map<std::string, QString> m_problems; // of the last reading
    bool m_reading = false;
    bool m_dropped = false; // readings, since the last m_updated
    QTimer m_poll;
};

} // namespace dskd::ui

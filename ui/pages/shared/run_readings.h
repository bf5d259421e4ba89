#pragma once

#include "core/base/result.h"
#include "core/base/run_layout.h"
#include "ui/feed/background.h"
#include "ui/feed/workspace_feed.h"

#include <QString>
#include <QTimer>
#include <QWidget>
#include <algorithm>
#include <atomic>
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
        : m_workspace(workspace), m_background(background), m_page(page), m_read(read), m_updated(std::move(updated))
    {
        QObject::connect(&m_poll, &QTimer::timeout, page, [this] { refresh(); });
        m_poll.start(everyMs);
    }

    void setShown(std::vector<std::string> shown)
    {
        m_shown = std::move(shown);
        dropHidden(); // now: when all that stays is read, no reading comes that could do it
        refresh();
    }
    [[nodiscard]] const std::vector<std::string>& shown() const { return m_shown; }

    // nullptr: not read yet, or not shown.
    [[nodiscard]] const T* find(const std::string& runId) const
    {
        const auto reading = m_readings.find(runId);
        return reading == m_readings.end() ? nullptr : &reading->second;
    }

    // Why there is nothing to show: the first of what could not be read, no run is shown, reading has not ended,
    // nothing is recorded.
    [[nodiscard]] QString whyEmpty(const QString& noRunShown, const QString& nothingRecorded) const
    {
        const bool allRead = std::all_of(m_shown.begin(), m_shown.end(),
                                         [this](const std::string& id) { return find(id) || !m_workspace.find(id); });
        return !m_problem.isEmpty() ? m_problem
               : m_shown.empty()    ? noRunShown
               : !allRead           ? QWidget::tr("Reading\u2026")
                                    : nothingRecorded;
    }

    // Reads now what is due; to be called when the page becomes visible.
    void refresh()
    {
        std::erase_if(m_final, [this](const std::string& id) { // a resumed run records more
            const RunRecord* record = m_workspace.find(id);
            return !record || jobs::isAlive(record->status.status);
        });
        if (!m_page->isVisible() || m_reading) {
            return;
        }
        std::vector<std::string> due;
        std::set<std::string> ended;
        for (const std::string& id : m_shown) {
            const RunRecord* record = m_workspace.find(id);
            if (record && !m_final.contains(id)) {
                due.push_back(id);
                if (!jobs::isAlive(record->status.status)) {
                    ended.insert(id);
                }
            }
        }
        if (due.empty()) {
            m_updated(std::exchange(m_dropped, false));
            return;
        }
        m_reading = true;
        m_background.run(
            m_page,
            [read = m_read, due, layout = WorkspaceLayout{m_workspace.workspace()}](
                const std::atomic<bool>& cancelled) { return readAll(read, due, layout, cancelled); },
            [this, ended](Result<Batch> batch) {
                m_reading = false;
                take(std::move(batch), ended);
            });
    }

private:
    struct Batch {
        std::map<std::string, T> byRun;
        QString problem; // of the first run that could not be read; empty: none
    };

    static Result<Batch> readAll(Read read, const std::vector<std::string>& ids, const WorkspaceLayout& layout,
                                 const std::atomic<bool>& cancelled)
    {
        Batch batch;
        for (const std::string& id : ids) {
            if (cancelled) {
                break;
            }
            if (Result<T> one = read(layout.run(id).root)) {
                batch.byRun[id] = std::move(*one);
            } else if (batch.problem.isEmpty()) {
                batch.problem = QString::fromStdString(id + ": " + one.failure().text());
            }
        }
        return batch;
    }

    [[nodiscard]] bool isShown(const std::string& id) const
    {
        return std::find(m_shown.begin(), m_shown.end(), id) != m_shown.end();
    }

    void dropHidden()
    {
        const auto hidden = [this](const auto& reading) { return !isShown(reading.first); };
        m_dropped = std::erase_if(m_readings, hidden) > 0 || m_dropped;
        std::erase_if(m_final, [this](const std::string& id) { return !m_readings.contains(id); });
    }

    void take(Result<Batch> batch, const std::set<std::string>& ended)
    {
        m_problem = batch ? batch->problem : QString::fromStdString(batch.failure().text());
        bool changed = std::exchange(m_dropped, false);
        if (batch) {
            for (auto& [id, one] : batch->byRun) {
                if (!isShown(id)) {
                    continue; // hidden while it was read
                }
                if (ended.contains(id)) {
                    m_final.insert(id);
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
    std::vector<std::string> m_shown;
    std::map<std::string, T> m_readings;
    std::set<std::string> m_final; // read after they ended
    QString m_problem;
    bool m_reading = false;
    bool m_dropped = false; // readings, since the last m_updated
    QTimer m_poll;
};

} // namespace dskd::ui

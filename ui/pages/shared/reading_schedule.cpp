#include "ui/pages/shared/reading_schedule.h"

#include "ui/feed/workspace_feed.h"

#include <QWidget>
#include <algorithm>
#include <utility>

namespace dskd::ui
{

void ReadingSchedule::setShown(std::vector<std::string> shown)
{
    m_shown = std::move(shown);
    std::erase_if(m_final, [this](const std::string& id) { return !isShown(id); });
}

bool ReadingSchedule::isShown(const std::string& runId) const
{
    return std::find(m_shown.begin(), m_shown.end(), runId) != m_shown.end();
}

ReadingSchedule::Due ReadingSchedule::due()
{
    std::erase_if(m_final, [this](const std::string& id) { // a resumed run records more
        const RunRecord* record = m_workspace.find(id);
        return !record || jobs::isAlive(record->status.status);
    });
    Due due;
    for (const std::string& id : m_shown) {
        const RunRecord* record = m_workspace.find(id);
        if (record && !m_final.contains(id)) {
            due.runs.push_back(id);
            if (!jobs::isAlive(record->status.status)) {
                due.ended.insert(id);
            }
        }
    }
    return due;
}

QString ReadingSchedule::whyEmpty(const std::function<bool(const std::string& runId)>& isRead,
                                  const QString& noRunShown, const QString& nothingRecorded) const
{
    const bool allRead = std::all_of(m_shown.begin(), m_shown.end(), [&](const std::string& id) {
        return isRead(id) || m_workspace.find(id) == nullptr;
    });
    return m_shown.empty() ? noRunShown : !allRead ? QWidget::tr("Reading\u2026") : nothingRecorded;
}

void ReadingSchedule::setFinal(const std::string& runId)
{
    m_final.insert(runId);
}

} // namespace dskd::ui

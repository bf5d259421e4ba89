#pragma once

#include <QString>
#include <functional>
#include <set>
#include <string>
#include <vector>

namespace dskd::ui
{

class WorkspaceFeed;

// Which of a page's shown runs are to be read: each one again and again until it has been read after its end. A run
// that is resumed is read again. GUI thread only.
class ReadingSchedule
{
public:
    explicit ReadingSchedule(const WorkspaceFeed& workspace) : m_workspace(workspace) {}

    void setShown(std::vector<std::string> shown);
    [[nodiscard]] const std::vector<std::string>& shown() const { return m_shown; }
    [[nodiscard]] bool isShown(const std::string& runId) const;

    struct Due {
        std::vector<std::string> runs; // in the order of the list
        std::set<std::string> ended;   // those of them that had ended when they were asked for
    };
    [[nodiscard]] Due due();
    // Why there is nothing to show: no run is shown, reading has not ended, nothing is recorded.
    [[nodiscard]] QString whyEmpty(const std::function<bool(const std::string& runId)>& isRead,
                                   const QString& noRunShown, const QString& nothingRecorded) const;
    void setFinal(const std::string& runId); // it has been read after its end

private:
    const WorkspaceFeed& m_workspace;
    std::vector<std::string> m_shown;
    std::set<std::string> m_final;
};

} // namespace dskd::ui

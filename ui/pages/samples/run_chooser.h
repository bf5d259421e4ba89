#pragma once

#include <QString>
#include <QToolButton>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace dskd::ui
{

// A button that shows how many of the shown runs are asked, and a menu that ticks them. New ones are ticked. GUI thread
// only.
class RunChooser final : public QToolButton
{
    Q_OBJECT
public:
    explicit RunChooser(QWidget* parent = nullptr);

    void setRuns(std::vector<std::pair<std::string, QString>> runs); // ids and titles
    [[nodiscard]] std::vector<std::string> ticked() const;           // in the order of the runs

Q_SIGNALS:
    void changed();

private:
    void fillMenu();
    void showCount();

    std::vector<std::pair<std::string, QString>> m_runs;
    std::set<std::string> m_left; // those that the person has unticked
};

} // namespace dskd::ui

#pragma once

#include "core/config/plan/plan.h"
#include "ui/feed/workspace_feed.h"

#include <QDialog>
#include <cstdint>
#include <vector>

class QComboBox;
class QLabel;
class QTableWidget;

namespace dskd::ui
{

class Background;

// Two experiments, and what differs between the newest revisions of their plans. Reads them in the background. GUI
// thread only.
class ExperimentComparison final : public QDialog
{
    Q_OBJECT
public:
    // `second` 0: the newest other one, until another is chosen.
    ExperimentComparison(const WorkspaceFeed& feed, Background& background, std::int64_t first, std::int64_t second,
                         QWidget* parent);

Q_SIGNALS:
    void chartsRequested(const std::vector<std::int64_t>& experimentIds); // their runs are to be drawn

private:
    [[nodiscard]] QComboBox* makeChoice(const QString& name, std::int64_t chosen);
    void compare();
    void showChanges(const std::vector<config::Change>& changes);

    const WorkspaceFeed& m_feed;
    Background& m_background;
    QComboBox* m_first;
    QComboBox* m_second;
    QLabel* m_sentence;
    QTableWidget* m_table;
    int m_asked = 0; // the comparison that is waited for: an answer to an earlier one is out of date
};

} // namespace dskd::ui

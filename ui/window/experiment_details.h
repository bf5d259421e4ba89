#pragma once

#include "core/base/result.h"
#include "core/config/plan/plan.h"
#include "ui/feed/workspace_feed.h"

#include <QTimer>
#include <QWidget>
#include <cstdint>

class QFormLayout;
class QLabel;
class QPlainTextEdit;
class QProgressBar;

namespace dskd::ui
{

class Background;

// One experiment at the right: how far its runs are, what its newest revision varies, and its note. GUI thread only.
class ExperimentDetails final : public QWidget
{
    Q_OBJECT
public:
    ExperimentDetails(WorkspaceFeed& feed, Background& background, QWidget* parent = nullptr);

    void setExperiment(std::int64_t id); // 0: none
    bool refresh();                      // after a snapshot; false: there is no such experiment
    void savePendingNote();              // that waits for the typing to pause

private:
    void showState(const ExperimentRecord& experiment);
    void readPlan(const ExperimentRecord& experiment);
    void clearPlan();
    void showPlan(const Result<config::Plan>& plan);
    void addPlanRow(const QString& title, const QString& text);

    WorkspaceFeed& m_feed;
    Background& m_background;
    std::int64_t m_id = 0;
    std::int64_t m_noteOf = 0;
    std::int64_t m_planOf = 0;   // whose plan is shown or on its way, and of which revision
    std::int64_t m_revision = 0; // 0: it could not be read
    std::int64_t m_reading = 0;  // number of the newest reading of a plan; what earlier ones find is dropped

    QLabel* m_name;
    QLabel* m_revisionAndTags;
    QProgressBar* m_progress;
    QLabel* m_state;
    QLabel* m_trouble;
    QFormLayout* m_plan;
    QPlainTextEdit* m_note;
    QTimer m_noteSoon; // a note is saved when the typing pauses
};

} // namespace dskd::ui

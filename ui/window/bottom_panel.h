#pragma once

#include "core/jobs/sample_counts.h"
#include "core/jobs/time_estimate.h"
#include "core/store/attempt_rows.h"
#include "ui/feed/background.h"
#include "ui/feed/workspace_feed.h"

#include <QTabWidget>
#include <QTimer>
#include <string>
#include <vector>

class QCheckBox;
class QLabel;
class QPlainTextEdit;
class QTableView;
class QTableWidget;
class QToolButton;

namespace dskd::ui
{

class QueueModel;

// Queue, log and notices at the bottom. Log and notices belong to the selected run and are read in the background,
// about once a second while they are visible; so is, every few seconds, when the queue ends. A tab with nothing in it
// folds to its title, until that is clicked. GUI thread only.
class BottomPanel final : public QTabWidget
{
    Q_OBJECT
public:
    BottomPanel(WorkspaceFeed& feed, Background& background, QWidget* parent = nullptr);

    void setRun(const std::string& runId);
    void refreshQueue();
    [[nodiscard]] bool folded() const { return m_folded; }

private:
    enum Tab { kQueue, kLog, kNotices };
    // A run that was in the queue when it was last looked at.
    struct Queued {
        std::string id;
        bool running = false;
        double added = 0.0;
        bool operator==(const Queued&) const = default;
    };
    // The state of the queue in the workspace.
    struct QueueState {
        jobs::QueueForecast forecast; // also whether it is paused
        bool continues = true;        // after a failure
    };

    QWidget* makeQueue();
    QWidget* makeQueueFoot();
    void moveBy(int places);
    void read();
    void readQueue();
    void showQueueState(const QueueState& state);
    void changeQueue(bool paused, bool continues); // in the background, then reads it again
    void noteFailed();                             // runs that left the queue by failing
    void showLog(const QString& text);
    void showEvents(const std::vector<store::EventRow>& events);
    void onTabClicked(int tab);
    void updateFold();
    [[nodiscard]] bool nothingToShow() const;
    [[nodiscard]] std::string queuedSelection() const;

    WorkspaceFeed& m_feed;
    Background& m_background;
    jobs::SampleCounts m_samples; // used on the forecasts' thread only; before it, which is waited for
    Background m_forecasts;       // they may take long, and the pages share the other thread
    QueueModel* m_queue;
    QTableView* m_queueView = nullptr;
    QLabel* m_queueEmpty = nullptr;
    QLabel* m_queueEnd = nullptr;    // when it ends, or that it is paused
    QLabel* m_queueFailed = nullptr; // which of its runs have failed
    QToolButton* m_forget = nullptr; // takes those away
    QToolButton* m_up = nullptr;
    QToolButton* m_down = nullptr;
    QToolButton* m_remove = nullptr;
    QToolButton* m_pause = nullptr;
    QCheckBox* m_continues = nullptr;
    QPlainTextEdit* m_log;
    QTableWidget* m_events;
    QueueState m_state;
    std::vector<Queued> m_queued;
    QStringList m_failed; // names
    std::string m_run;
    QTimer m_clock;
    int m_ticks = 0;
    bool m_reading = false;
    bool m_readingQueue = false;
    bool m_queueChanged = false; // while it was read
    bool m_folded = false;
    bool m_keptOpen = false; // by a click on the title of a tab with nothing in it
    int m_openHeight = 0;    // before it folded
};

} // namespace dskd::ui

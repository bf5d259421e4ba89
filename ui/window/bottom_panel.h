#pragma once

#include "core/store/records.h"
#include "ui/feed/workspace_feed.h"

#include <QTabWidget>
#include <QTimer>
#include <string>

class QLabel;
class QPlainTextEdit;
class QTableView;
class QTableWidget;
class QToolButton;

namespace dskd::ui
{

class Background;
class QueueModel;

// Queue, log and notices at the bottom. Log and notices belong to the selected run and are read in the background,
// about once a second while they are visible. GUI thread only.
class BottomPanel final : public QTabWidget
{
    Q_OBJECT
public:
    BottomPanel(WorkspaceFeed& feed, Background& background, QWidget* parent = nullptr);

    void setRun(const std::string& runId);
    void refreshQueue();

private:
    QWidget* makeQueue();
    void read();
    void showLog(const QString& text);
    void showEvents(const std::vector<store::EventRow>& events);
    [[nodiscard]] std::string queuedSelection() const;

    WorkspaceFeed& m_feed;
    Background& m_background;
    QueueModel* m_queue;
    QTableView* m_queueView;
    QLabel* m_queueEmpty = nullptr;
    QToolButton* m_up;
    QToolButton* m_down;
    QToolButton* m_remove;
    QPlainTextEdit* m_log;
    QTableWidget* m_events;
    std::string m_run;
    QTimer m_clock;
    bool m_reading = false;
};

} // namespace dskd::ui

#pragma once

#include "core/base/result.h"
#include "core/config/plan/plan.h"
#include "core/jobs/watchdogs.h"
#include "ui/feed/background.h"

#include <QElapsedTimer>
#include <QFrame>
#include <QTimer>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

class QBoxLayout;
class QLabel;
class QMenu;
class QPushButton;
class QToolButton;

namespace dskd::ui
{

class MainWindow;
class WorkspaceFeed;

// A strip above the pages: what the watchdogs (core/jobs/watchdogs.h) find in the selected runs, else in those that are
// shown, with a button for what may cure it. Nothing is found: it is not there. Runs are read on a thread of its own,
// those that go on again and again; one that has ended once. GUI thread only.
class FindingsBar final : public QFrame
{
    Q_OBJECT
public:
    explicit FindingsBar(const WorkspaceFeed& feed, QWidget* parent = nullptr);

    void setRuns(const std::vector<std::string>& shown, const std::vector<std::string>& selected);
    // Of a run that has been read; empty for others.
    [[nodiscard]] std::vector<jobs::Finding> findings(const std::string& runId) const;
    [[nodiscard]] QString text() const; // of the finding that is seen; empty: none

Q_SIGNALS:
    void findingsChanged(const std::string& runId); // marks on its curves may be others: jobs::marksOf
    void experimentRequested(const std::string& name, const std::optional<config::Plan>& plan);
    void failed(const QString& what, const QString& hint);

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    struct Read {
        std::string state;      // of the run when it was read: how it stands and its step
        std::uint64_t turn = 0; // a later reading has a greater one
        std::vector<jobs::Finding> findings;
    };
    struct Shown {
        std::string run;
        std::size_t finding = 0; // of its findings
    };
    [[nodiscard]] std::string stateOf(const std::string& runId) const;
    void readNext();
    void take(const std::string& runId, const std::string& state, Result<std::vector<jobs::Finding>> found);
    void collect();
    void showCurrent();
    void duplicate(const jobs::Remedy& remedy);
    void dismiss();

    const WorkspaceFeed& m_feed;
    Background m_background;
    QTimer m_again;           // for runs that go on
    QElapsedTimer m_duration; // of the reading in work
    bool m_reading = false;
    std::vector<std::string> m_runs; // selected ones first
    std::size_t m_numSelected = 0;
    std::map<std::string, Read> m_read;
    std::uint64_t m_turns = 0;
    std::set<std::pair<std::string, std::string_view>> m_dismissed; // run and signature, until the program ends
    std::vector<Shown> m_all;                                       // what there is to see
    std::size_t m_current = 0;

    QBoxLayout* m_layout; // the text, and the buttons: beside it where there is room, else below it
    QLabel* m_icon;
    QLabel* m_text;
    QToolButton* m_why; // ticked: its cause and what to try stand below what was seen
    QPushButton* m_remedy;
    QToolButton* m_more;
    QMenu* m_others;
    QToolButton* m_next;
    QToolButton* m_close;
};

// The bar of a window: it follows the runs that are chosen there, and its buttons open the window's dialog.
[[nodiscard]] FindingsBar* findingsBarOf(MainWindow& window, const WorkspaceFeed& feed);

} // namespace dskd::ui

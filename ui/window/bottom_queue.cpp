// The tab of the queue: order, pause, end, failures. BottomPanel's other part is bottom_panel.cpp.

#include "core/jobs/queue_launch.h"
#include "core/jobs/queue_runner.h"
#include "core/jobs/queue_state.h"
#include "ui/feed/run_title.h"
#include "ui/look/format.h"
#include "ui/look/theme.h"
#include "ui/look/window_words.h"
#include "ui/models/queue_model.h"
#include "ui/models/run_tree_model.h"
#include "ui/window/bottom_panel.h"

#include <QCheckBox>
#include <QDateTime>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QShortcut>
#include <QTableView>
#include <QToolButton>
#include <algorithm>
#include <utility>

namespace dskd::ui
{

namespace
{

bool hasFailed(jobs::Status status)
{
    return status == jobs::Status::Failed || status == jobs::Status::Crashed || status == jobs::Status::OutOfMemory;
}

} // namespace

QWidget* BottomPanel::makeQueue()
{
    auto* page = new QWidget(this);
    m_queueView = new QTableView(page);
    m_queueView->setObjectName("queue");
    m_queueView->setModel(m_queue);
    m_queueView->verticalHeader()->hide();
    m_queueView->setShowGrid(false);
    m_queueView->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_queueView->setSelectionMode(QAbstractItemView::SingleSelection);
    m_queueView->setTabKeyNavigation(false); // Tab goes on to the buttons
    m_queueView->setDragDropMode(QAbstractItemView::InternalMove);
    m_queueView->setDragDropOverwriteMode(false); // between rows
    m_queueView->setDropIndicatorShown(true);
    m_queueView->horizontalHeader()->setSectionResizeMode(QueueModel::Run, QHeaderView::Stretch);
    m_queueView->horizontalHeader()->setSectionResizeMode(QueueModel::Added, QHeaderView::ResizeToContents);
    m_queueView->verticalHeader()->setDefaultSectionSize(m_queueView->fontMetrics().height() + kSpace2);
    m_queueView->setWordWrap(false);
    m_queueView->setAccessibleName(tr("Queue"));
    m_queueEmpty =
        new QLabel(tr("Nothing waits. New runs (Ctrl+N) are queued and start one after another."), m_queueView);
    setTone(*m_queueEmpty, "muted");
    m_queueEmpty->setAlignment(Qt::AlignCenter);
    auto* over = new QVBoxLayout(m_queueView);
    over->setContentsMargins(0, m_queueView->horizontalHeader()->sizeHint().height(), 0, 0);
    over->addWidget(m_queueEmpty);
    connect(m_queue, &QueueModel::moveRequested, this,
            [this](const std::string& runId, int place) { m_feed.moveInQueue(runId, place); });
    auto* buttons = new QVBoxLayout;
    const auto button = [&](const char* name, const QString& iconName, const QString& tip, auto&& act) {
        auto* result = new QToolButton(page);
        result->setObjectName(name);
        result->setIcon(icon(iconName));
        result->setToolTip(tip);
        result->setAccessibleName(tip);
        connect(result, &QToolButton::clicked, this, act);
        buttons->addWidget(result);
        return result;
    };
    const auto remove = [this] {
        if (const std::string id = queuedSelection(); !id.empty()) {
            m_feed.dequeue(id);
        }
    };
    m_up = button("queueUp", "up", tr("Run earlier (Alt+Up)"), [this] { moveBy(-1); });
    m_down = button("queueDown", "down", tr("Run later (Alt+Down)"), [this] { moveBy(1); });
    m_remove = button("queueRemove", "close", tr("Take from the queue (Delete)"), remove);
    m_pause = button("queuePause", "pause", tr("Pause the queue: running runs go on, no other is started"),
                     [this] { changeQueue(!m_state.forecast.paused, m_state.continues); });
    const auto key = [&](const QKeySequence& keys, auto&& act) {
        auto* shortcut = new QShortcut(keys, m_queueView);
        shortcut->setContext(Qt::WidgetShortcut);
        connect(shortcut, &QShortcut::activated, this, act);
    };
    key(QKeySequence(Qt::ALT | Qt::Key_Up), [this] { moveBy(-1); });
    key(QKeySequence(Qt::ALT | Qt::Key_Down), [this] { moveBy(1); });
    key(QKeySequence(Qt::Key_Delete), remove);
    buttons->addStretch();
    auto* list = new QHBoxLayout;
    list->addWidget(m_queueView, 1);
    list->addLayout(buttons);
    auto* layout = new QVBoxLayout(page);
    layout->setContentsMargins(0, 0, kSpace1, 0);
    layout->setSpacing(0);
    layout->addLayout(list, 1);
    layout->addWidget(makeQueueFoot());
    return page;
}

QWidget* BottomPanel::makeQueueFoot()
{
    auto* foot = new QWidget(this);
    m_queueEnd = new QLabel(foot);
    m_queueEnd->setObjectName("queueEnd");
    m_queueEnd->setTextFormat(Qt::PlainText);
    m_queueFailed = new QLabel(foot);
    m_queueFailed->setObjectName("queueFailed");
    m_queueFailed->setTextFormat(Qt::PlainText);
    setTone(*m_queueFailed, "bad");
    m_forget = new QToolButton(foot);
    m_forget->setIcon(icon("close"));
    m_forget->setToolTip(tr("Forget these failures; the runs stay in the list"));
    m_forget->setAccessibleName(m_forget->toolTip());
    connect(m_forget, &QToolButton::clicked, this, [this] {
        m_failed.clear();
        noteFailed();
    });
    m_continues = new QCheckBox(tr("Continue after a failure"), foot);
    m_continues->setObjectName("continueAfterFailure");
    m_continues->setChecked(true);
    m_continues->setToolTip(tr("Off: the queue pauses when one of its runs fails"));
    connect(m_continues, &QCheckBox::clicked, this, [this](bool on) { changeQueue(m_state.forecast.paused, on); });
    auto* layout = new QHBoxLayout(foot);
    layout->setContentsMargins(kSpace2, 0, 0, 0);
    for (QLabel* label : {m_queueEnd, m_queueFailed}) { // a long one is cut, and whole in its tool tip
        label->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    }
    layout->addWidget(m_queueEnd, 3);
    layout->addWidget(m_queueFailed, 2);
    layout->addWidget(m_forget);
    layout->addWidget(m_continues);
    m_queueFailed->hide();
    m_forget->hide();
    return foot;
}

std::string BottomPanel::queuedSelection() const
{
    const QModelIndex current = m_queueView->currentIndex();
    return current.isValid() ? current.data(QueueModel::RunIdRole).toString().toStdString() : std::string();
}

void BottomPanel::moveBy(int places)
{
    for (const store::QueueRow& row : m_queue->rows()) {
        if (row.runId == queuedSelection() && row.state == store::QueueState::Waiting) {
            m_feed.moveInQueue(row.runId, static_cast<int>(row.position) + places);
            return;
        }
    }
}

void BottomPanel::refreshQueue()
{
    const std::vector<Queued> before = m_queued;
    noteFailed();
    if (before != m_queued) {
        readQueue();
    }
    const std::string selected = queuedSelection();
    m_queue->setQueue(m_feed.queue(), [this](const store::QueueRow& row) -> QueueModel::Shown {
        const QString left = duration(m_state.forecast.secondsUntilEnd(row)); // missing where it is not known
        const RunRecord* run = m_feed.find(row.runId);
        if (run == nullptr) {
            return {QString::fromStdString(row.runId), tr("waiting"), left};
        }
        const jobs::Status status = run->status.status;
        return {runTitle(*run), status == jobs::Status::Queued ? tr("waiting") : statusText(status), left,
                hasFailed(status)};
    });
    for (int row = 0; row < m_queue->rowCount(); ++row) {
        if (m_queue->rows()[static_cast<std::size_t>(row)].runId == selected &&
            m_queueView->currentIndex().row() != row) {
            m_queueView->selectRow(row);
        }
    }
    const int count = m_queue->rowCount();
    setTabText(kQueue, count > 0 ? tr("Queue (%1)").arg(count) : tr("Queue"));
    m_queueEmpty->setVisible(m_queue->rows().empty());
    updateFold();
}

// A run that is not in the queue any more and has failed did so in it, unless it never began there: it had failed
// before it was queued again, and was taken out.
void BottomPanel::noteFailed()
{
    std::vector<Queued> now;
    for (const store::QueueRow& row : m_feed.queue()) {
        now.push_back({row.runId, row.state == store::QueueState::Running, row.added});
    }
    for (const Queued& entry : m_queued) {
        const RunRecord* run = m_feed.find(entry.id);
        const bool stays =
            std::any_of(now.begin(), now.end(), [&](const Queued& other) { return other.id == entry.id; });
        // One that began and ended between two readings was never seen running.
        if (run == nullptr || stays || (!entry.running && run->attemptStarted < entry.added)) {
            continue;
        }
        if (hasFailed(run->status.status)) {
            m_failed += runTitle(*run);
        } else if (run->status.status != jobs::Status::Done && run->status.status != jobs::Status::Stopped) {
            now.push_back(entry); // its status may be of before it ended: look again
        }
    }
    m_queued = std::move(now);
    m_queueFailed->setText(m_failed.isEmpty() ? QString()
                                              : tr("✕ %1 failed: %2").arg(m_failed.size()).arg(m_failed.join(", ")));
    m_queueFailed->setToolTip(plainHint(m_failed.join(QLatin1Char('\n'))));
    m_queueFailed->setVisible(!m_failed.isEmpty());
    m_forget->setVisible(!m_failed.isEmpty());
}

void BottomPanel::readQueue()
{
    if (m_readingQueue || !isVisible()) {
        return;
    }
    m_readingQueue = true;
    m_forecasts.run(
        this,
        [folder = m_feed.workspace(), samples = &m_samples](const std::atomic<bool>&) -> Result<QueueState> {
            auto workspace = store::WorkspaceDb::open(folder);
            if (!workspace) {
                return workspace.failure();
            }
            return QueueState{jobs::forecastQueue(*workspace, jobs::localSlots().size(), samples),
                              jobs::continuesAfterFailure(*workspace)};
        },
        [this](Result<QueueState> state) {
            m_readingQueue = false;
            if (std::exchange(m_queueChanged, false)) { // what was read may be of before
                readQueue();
            } else if (state) {
                showQueueState(*state);
            }
        });
}

void BottomPanel::showQueueState(const QueueState& state)
{
    m_state = state;
    const QString left = shownName(jobs::toText(state.forecast));
    const bool paused = state.forecast.paused;
    QString end = left;
    if (paused) {
        end[0] = end[0].toUpper(); // "Paused; about 2 h 0 m of work waits"
    } else if (state.forecast.seconds) {
        const auto at = QDateTime::currentDateTime().addSecs(static_cast<qint64>(*state.forecast.seconds));
        end = tr("Ends about %1: %2").arg(localTime(static_cast<double>(at.toSecsSinceEpoch())), left);
    }
    setTone(*m_queueEnd, paused ? "warn" : "muted");
    m_queueEnd->setText(end);
    m_queueEnd->setToolTip(end);
    const QString tip =
        paused ? tr("Continue the queue") : tr("Pause the queue: running runs go on, no other is started");
    m_pause->setIcon(icon(paused ? "play" : "pause"));
    m_pause->setToolTip(tip);
    m_pause->setAccessibleName(tip);
    m_continues->setChecked(state.continues);
    refreshQueue();
}

void BottomPanel::changeQueue(bool paused, bool continues)
{
    m_background.run(
        this,
        [folder = m_feed.workspace(), paused, continues](const std::atomic<bool>&) -> Result<void> {
            auto workspace = store::WorkspaceDb::open(folder);
            if (!workspace) {
                return workspace.failure();
            }
            jobs::setContinuesAfterFailure(*workspace, continues);
            const bool goesOn = jobs::queuePaused(*workspace) && !paused;
            jobs::setQueuePaused(*workspace, paused);
            if (goesOn && !workspace->queue().empty()) {
                const auto runner = jobs::launchQueueRunner(workspace->layout().root);
                return runner ? Result<void>() : Result<void>(runner.failure());
            }
            return {};
        },
        [this, paused, continues](const Result<void>& done) {
            if (!done) {
                setTone(*m_queueEnd, "bad");
                m_queueEnd->setText(windowWords(done.failure().text()));
                m_continues->setChecked(m_state.continues);
                return;
            }
            m_queueChanged = m_readingQueue;
            QueueState now{m_state.forecast, continues}; // a new forecast may take a while
            now.forecast.paused = paused;
            showQueueState(now);
            readQueue();
        });
}

} // namespace dskd::ui

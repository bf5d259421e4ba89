#include "ui/window/bottom_panel.h"

#include "core/base/run_layout.h"
#include "core/store/run_reader.h"
#include "ui/feed/background.h"
#include "ui/look/format.h"
#include "ui/look/theme.h"
#include "ui/look/window_words.h"
#include "ui/models/queue_model.h"
#include "ui/models/run_tree_model.h"

#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QPlainTextEdit>
#include <QScrollBar>
#include <QTableView>
#include <QTableWidget>
#include <QToolButton>
#include <fstream>

namespace dskd::ui
{

namespace
{

constexpr std::streamoff kLogTail = 64 * 1024; // a log may be huge; its end is what matters
enum Tab { kQueue, kLog, kNotices };

std::string endOfFile(const std::filesystem::path& file)
{
    std::ifstream in(file, std::ios::binary | std::ios::ate);
    if (!in) {
        return {};
    }
    const std::streamoff size = in.tellg();
    in.seekg(size > kLogTail ? size - kLogTail : 0);
    std::string text(static_cast<std::size_t>(std::min(size, kLogTail)), '\0');
    in.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(in.gcount()));
    if (size > kLogTail) {
        text = "… (the beginning is in " + file.string() + ")\n" + text.substr(text.find('\n') + 1);
    }
    return text;
}

struct Read {
    QString log;
    std::vector<store::EventRow> events;
};

} // namespace

BottomPanel::BottomPanel(WorkspaceFeed& feed, Background& background, QWidget* parent)
    : QTabWidget(parent), m_feed(feed), m_background(background), m_queue(new QueueModel(this)),
      m_log(new QPlainTextEdit(this)), m_events(new QTableWidget(0, 4, this))
{
    setObjectName("bottomPanel");
    setDocumentMode(true);
    m_log->setReadOnly(true);
    m_log->setFont(monospaceFont());
    m_log->setLineWrapMode(QPlainTextEdit::NoWrap);
    m_log->setPlaceholderText(tr("Select a run to read its worker's log."));
    m_log->setAccessibleName(tr("Log"));
    m_events->setHorizontalHeaderLabels({tr("Time"), tr("Step"), tr("Kind"), tr("What")});
    m_events->horizontalHeader()->setStretchLastSection(true);
    m_events->verticalHeader()->hide();
    m_events->setShowGrid(false);
    m_events->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_events->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_events->setAccessibleName(tr("Notices"));
    addTab(makeQueue(), icon("queue"), tr("Queue"));
    addTab(m_log, icon("log"), tr("Log"));
    addTab(m_events, icon("info"), tr("Notices"));
    m_clock.setInterval(1000);
    connect(&m_clock, &QTimer::timeout, this, &BottomPanel::read);
    connect(this, &QTabWidget::currentChanged, this, &BottomPanel::read);
    m_clock.start();
}

QWidget* BottomPanel::makeQueue()
{
    auto* page = new QWidget(this);
    m_queueView = new QTableView(page);
    m_queueView->setModel(m_queue);
    m_queueView->verticalHeader()->hide();
    m_queueView->setShowGrid(false);
    m_queueView->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_queueView->setSelectionMode(QAbstractItemView::SingleSelection);
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
    auto* buttons = new QVBoxLayout;
    const auto button = [&](const QString& iconName, const QString& tip, auto&& act) {
        auto* result = new QToolButton(page);
        result->setIcon(icon(iconName));
        result->setToolTip(tip);
        result->setAccessibleName(tip);
        connect(result, &QToolButton::clicked, this, act);
        buttons->addWidget(result);
        return result;
    };
    const auto moveBy = [this](int places) {
        for (const store::QueueRow& row : m_queue->rows()) {
            if (row.runId == queuedSelection() && row.state == store::QueueState::Waiting) {
                m_feed.moveInQueue(row.runId, static_cast<int>(row.position) + places);
                return;
            }
        }
    };
    m_up = button("up", tr("Run earlier"), [moveBy] { moveBy(-1); });
    m_down = button("down", tr("Run later"), [moveBy] { moveBy(1); });
    m_remove = button("close", tr("Take from the queue"), [this] {
        if (const std::string id = queuedSelection(); !id.empty()) {
            m_feed.dequeue(id);
        }
    });
    buttons->addStretch();
    auto* layout = new QHBoxLayout(page);
    layout->setContentsMargins(0, 0, kSpace1, 0);
    layout->addWidget(m_queueView, 1);
    layout->addLayout(buttons);
    return page;
}

std::string BottomPanel::queuedSelection() const
{
    const QModelIndex current = m_queueView->currentIndex();
    return current.isValid() ? current.data(QueueModel::RunIdRole).toString().toStdString() : std::string();
}

void BottomPanel::refreshQueue()
{
    const std::string selected = queuedSelection();
    m_queue->setQueue(m_feed.queue(), [this](const store::QueueRow& row) -> QueueModel::Shown {
        const RunRecord* run = m_feed.find(row.runId);
        if (run == nullptr) {
            return {QString::fromStdString(row.runId), tr("waiting")};
        }
        const jobs::Status status = run->status.status;
        return {nameWithSeed(run->row), status == jobs::Status::Queued ? tr("waiting") : statusText(status)};
    });
    for (int row = 0; row < m_queue->rowCount(); ++row) {
        if (m_queue->rows()[static_cast<std::size_t>(row)].runId == selected) {
            m_queueView->selectRow(row);
        }
    }
    const int count = m_queue->rowCount();
    setTabText(kQueue, count > 0 ? tr("Queue (%1)").arg(count) : tr("Queue"));
    m_queueEmpty->setVisible(m_queue->rows().empty());
}

void BottomPanel::setRun(const std::string& runId)
{
    if (m_run != runId) {
        m_run = runId;
        m_log->clear();
        showEvents({});
        read();
    }
}

void BottomPanel::read()
{
    if (m_run.empty() || m_reading || !isVisible() || currentIndex() == kQueue) {
        return;
    }
    m_reading = true;
    const RunLayout layout = WorkspaceLayout{m_feed.workspace()}.run(m_run);
    m_background.run(
        this,
        [layout](const std::atomic<bool>&) -> Result<Read> {
            Read read{QString::fromStdString(endOfFile(layout.log())), {}};
            auto reader = store::RunReader::open(layout);
            if (!reader) {
                return reader.failure();
            }
            read.events = reader->eventsAfter();
            return read;
        },
        [this, of = m_run](Result<Read> read) {
            m_reading = false;
            if (of != m_run) {
                this->read();
            } else if (read) {
                showLog(read->log);
                showEvents(read->events);
            } else {
                showLog(QString::fromStdString(read.failure().text()));
            }
        });
}

void BottomPanel::showLog(const QString& text)
{
    const QString shown = text.isEmpty() ? tr("The worker has written nothing.") : text;
    if (m_log->toPlainText() == shown) {
        return;
    }
    const bool atEnd = m_log->verticalScrollBar()->value() >= m_log->verticalScrollBar()->maximum() - 2;
    m_log->setPlainText(shown);
    if (atEnd) {
        m_log->verticalScrollBar()->setValue(m_log->verticalScrollBar()->maximum());
    }
}

void BottomPanel::showEvents(const std::vector<store::EventRow>& events)
{
    const auto count = static_cast<int>(events.size());
    setTabText(kNotices, count > 0 ? tr("Notices (%1)").arg(count) : tr("Notices"));
    if (m_events->rowCount() > count) {
        m_events->setRowCount(0);
    }
    for (int row = m_events->rowCount(); row < count; ++row) {
        const store::EventRow& event = events[static_cast<std::size_t>(row)];
        m_events->insertRow(row);
        const QString what =
            windowWords(event.hint.empty() ? event.message : event.message + " " + event.hint);
        const QString texts[] = {localTime(event.time), whole(event.step), QString::fromStdString(event.kind), what};
        for (int column = 0; column < 4; ++column) {
            m_events->setItem(row, column, new QTableWidgetItem(texts[column]));
        }
        m_events->item(row, 3)->setToolTip(what);
    }
}

} // namespace dskd::ui

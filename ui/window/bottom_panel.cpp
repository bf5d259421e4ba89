#include "ui/window/bottom_panel.h"

#include "core/base/run_layout.h"
#include "core/store/run_reader.h"
#include "ui/look/format.h"
#include "ui/look/theme.h"
#include "ui/look/window_words.h"
#include "ui/models/queue_model.h"

#include <QHeaderView>
#include <QPlainTextEdit>
#include <QScrollBar>
#include <QTabBar>
#include <QTableWidget>
#include <algorithm>
#include <fstream>

namespace dskd::ui
{

namespace
{

constexpr int kTicksOfQueue = 5; // seconds between two readings of when the queue ends
constexpr int kLeastOpenHeight = 120;
constexpr std::streamoff kLogTail = 64 * 1024; // a log may be huge; its end is what matters

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
    : QTabWidget(parent), m_feed(feed), m_background(background), m_forecasts("forecasts"),
      m_queue(new QueueModel(this)), m_log(new QPlainTextEdit(this)), m_events(new QTableWidget(0, 4, this))
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
    m_events->setTabKeyNavigation(false); // Tab leaves the table
    m_events->setAccessibleName(tr("Notices"));
    addTab(makeQueue(), icon("queue"), tr("Queue"));
    addTab(m_log, icon("log"), tr("Log"));
    addTab(m_events, icon("info"), tr("Notices"));
    m_clock.setInterval(1000);
    connect(&m_clock, &QTimer::timeout, this, [this] {
        read();
        if (++m_ticks % kTicksOfQueue == 0 && currentIndex() == kQueue && !m_queue->rows().empty()) {
            readQueue();
        }
    });
    connect(this, &QTabWidget::currentChanged, this, [this] {
        m_keptOpen = false;
        updateFold();
        read();
    });
    connect(this, &QTabWidget::tabBarClicked, this, &BottomPanel::onTabClicked);
    m_clock.start();
    QTimer::singleShot(0, this, &BottomPanel::readQueue); // whether it is paused
}

bool BottomPanel::nothingToShow() const
{
    switch (currentIndex()) {
    case kQueue: return m_queue->rows().empty() && m_failed.isEmpty() && !m_state.forecast.paused;
    case kLog: return m_run.empty();
    case kNotices: return m_events->rowCount() == 0;
    default: return false;
    }
}

void BottomPanel::onTabClicked(int tab)
{
    if (tab == currentIndex()) { // the first click on another tab goes there
        m_keptOpen = m_folded;
        updateFold();
    }
}

void BottomPanel::updateFold()
{
    const bool fold = nothingToShow() && !m_keptOpen;
    if (fold == m_folded) {
        return;
    }
    m_folded = fold;
    if (fold) {
        m_openHeight = height();
        setMaximumHeight(tabBar()->sizeHint().height());
        return;
    }
    setMaximumHeight(QWIDGETSIZE_MAX);
    setMinimumHeight(std::max(m_openHeight, kLeastOpenHeight)); // the dock gives that room, then any other again
    QTimer::singleShot(0, this, [this] { setMinimumHeight(0); });
}

void BottomPanel::setRun(const std::string& runId)
{
    if (m_run != runId) {
        m_run = runId;
        m_log->clear();
        showEvents({});
        updateFold();
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
                showLog(windowWords(read.failure().text()));
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
        const QString what = windowWords(event.hint.empty() ? event.message : event.message + " " + event.hint);
        const QString texts[] = {localTime(event.time), whole(event.step), QString::fromStdString(event.kind), what};
        for (int column = 0; column < 4; ++column) {
            m_events->setItem(row, column, new QTableWidgetItem(texts[column]));
        }
        m_events->item(row, 3)->setToolTip(plainHint(what));
    }
    updateFold();
}

} // namespace dskd::ui

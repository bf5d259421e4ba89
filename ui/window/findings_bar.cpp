#include "ui/window/findings_bar.h"

#include "core/base/run_layout.h"
#include "core/jobs/run_folder.h"
#include "core/jobs/status.h"
#include "ui/feed/run_title.h"
#include "ui/feed/workspace_feed.h"
#include "ui/look/format.h"
#include "ui/look/theme.h"
#include "ui/look/window_words.h"
#include "ui/window/main_window.h"
#include "ui/window/message_bar.h"

#include <QBoxLayout>
#include <QLabel>
#include <QMenu>
#include <QPushButton>
#include <QToolButton>
#include <algorithm>

namespace dskd::ui
{
namespace
{

constexpr int kAgainMs = 5000;
constexpr int kAgainShare = 20;                 // at most a twentieth of a core, however long the series are
constexpr int kWide = 1000;                     // pixels; below, the buttons would leave the text a narrow column
constexpr std::size_t kMostShown = 20;          // of the runs that are shown and not selected
constexpr std::int64_t kLongestShown = 200'000; // steps; longer ones are read when they are selected

QToolButton* button(const QString& iconName, const QString& name, QWidget* parent)
{
    auto* made = new QToolButton(parent);
    made->setIcon(icon(iconName));
    made->setToolTip(name);
    made->setAccessibleName(name);
    return made;
}

} // namespace

FindingsBar::FindingsBar(const WorkspaceFeed& feed, QWidget* parent)
    : QFrame(parent), m_feed(feed), m_background(QStringLiteral("watchdogs")),
      m_layout(new QBoxLayout(QBoxLayout::TopToBottom, this)), m_icon(new QLabel(this)), m_text(new QLabel(this)),
      m_why(new QToolButton(this)), m_remedy(new QPushButton(this)), m_more(new QToolButton(this)),
      m_others(new QMenu(this)), m_next(new QToolButton(this)),
      m_close(button(QStringLiteral("close"), tr("Dismiss this finding"), this))
{
    setObjectName(QStringLiteral("findingsBar"));
    setAccessibleName(tr("What the watchdogs found"));
    setProperty("card", true);
    m_text->setObjectName(QStringLiteral("findingText"));
    m_text->setWordWrap(true);
    m_text->setTextFormat(Qt::PlainText);
    m_text->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    m_remedy->setObjectName(QStringLiteral("findingRemedy"));
    m_more->setObjectName(QStringLiteral("findingOthers"));
    m_more->setText(tr("Others"));
    m_more->setAccessibleName(tr("Other changes to try"));
    m_more->setMenu(m_others);
    m_more->setPopupMode(QToolButton::InstantPopup);
    m_next->setObjectName(QStringLiteral("findingNext"));
    m_next->setToolTip(tr("The next finding"));
    m_layout->setContentsMargins(kSpace3, kSpace1, kSpace1, kSpace1);
    auto* seen = new QHBoxLayout;
    seen->addWidget(m_icon);
    seen->addWidget(m_text, 1);
    m_layout->addLayout(seen, 1);
    m_why->setObjectName(QStringLiteral("findingWhy"));
    m_why->setText(tr("Why?"));
    m_why->setCheckable(true);
    m_why->setToolTip(tr("What it may come from, and what to try"));
    connect(m_why, &QToolButton::toggled, this, &FindingsBar::showCurrent);
    auto* buttons = new QHBoxLayout;
    for (QWidget* widget : std::initializer_list<QWidget*>{m_why, m_remedy, m_more}) {
        buttons->addWidget(widget, 0, Qt::AlignTop);
    }
    buttons->addStretch(1); // the next finding and closing stay at the right end
    buttons->addWidget(m_next, 0, Qt::AlignTop);
    buttons->addWidget(m_close, 0, Qt::AlignTop);
    m_layout->addLayout(buttons);
    connect(m_next, &QToolButton::clicked, this, [this] {
        m_current = (m_current + 1) % std::max<std::size_t>(1, m_all.size());
        showCurrent();
    });
    connect(m_close, &QToolButton::clicked, this, &FindingsBar::dismiss);
    connect(m_remedy, &QPushButton::clicked, this, [this] {
        if (m_current < m_all.size()) {
            duplicate(m_read.at(m_all[m_current].run).findings[m_all[m_current].finding].remedies.front());
        }
    });
    m_again.setSingleShot(true);
    m_again.setInterval(kAgainMs);
    connect(&m_again, &QTimer::timeout, this, &FindingsBar::readNext);
    connect(&feed, &WorkspaceFeed::runsChanged, this, [this] {
        if (!m_again.isActive()) {
            m_again.start(); // not at every snapshot: series are read whole
        }
    });
    hide();
}

void FindingsBar::setRuns(const std::vector<std::string>& shown, const std::vector<std::string>& selected)
{
    m_runs = selected;
    m_numSelected = selected.size();
    for (const std::string& id : shown) {
        const RunRecord* run = m_feed.find(id);
        if (m_runs.size() >= m_numSelected + kMostShown) {
            break;
        }
        if (run != nullptr && run->status.step <= kLongestShown &&
            std::find(selected.begin(), selected.end(), id) == selected.end()) {
            m_runs.push_back(id);
        }
    }
    m_current = 0;
    collect();
    readNext();
}

std::vector<jobs::Finding> FindingsBar::findings(const std::string& runId) const
{
    const auto read = m_read.find(runId);
    return read == m_read.end() ? std::vector<jobs::Finding>() : read->second.findings;
}

QString FindingsBar::text() const
{
    return m_all.empty() ? QString() : m_text->text();
}

std::string FindingsBar::stateOf(const std::string& runId) const
{
    const RunRecord* run = m_feed.find(runId);
    return run == nullptr ? std::string()
                          : std::string(jobs::name(run->status.status)) + " " + std::to_string(run->status.step);
}

void FindingsBar::readNext()
{
    if (m_reading) {
        return;
    }
    const std::string* due = nullptr;
    std::uint64_t dueTurn = 0;
    for (const std::string& id : m_runs) { // of runs that go on each is due every time: the one that waited longest
        const auto read = m_read.find(id);
        const std::string state = stateOf(id);
        const std::uint64_t turn = read == m_read.end() ? 0 : read->second.turn;
        const bool isDue = !state.empty() && (read == m_read.end() || read->second.state != state);
        if (isDue && (due == nullptr || turn < dueTurn)) {
            due = &id;
            dueTurn = turn;
        }
    }
    if (due == nullptr) {
        return;
    }
    m_reading = true;
    m_duration.start();
    m_background.run(
        this,
        [folder = WorkspaceLayout{m_feed.workspace()}.run(*due)](const std::atomic<bool>&) {
            return jobs::watchRun(folder);
        },
        [this, id = *due, state = stateOf(*due)](Result<std::vector<jobs::Finding>> found) {
            take(id, state, std::move(found));
        });
}

void FindingsBar::take(const std::string& runId, const std::string& state, Result<std::vector<jobs::Finding>> found)
{
    m_reading = false;
    Read& read = m_read[runId];
    read.state = state;
    read.turn = ++m_turns;
    // Of a run that cannot be read its details show the reason.
    std::vector<jobs::Finding> findings = found ? *std::move(found) : std::vector<jobs::Finding>();
    if (findings != read.findings) {
        read.findings = std::move(findings);
        collect();
        Q_EMIT findingsChanged(runId);
    }
    // The next one at once; the same again, when it goes on, after a while.
    const bool othersDue = std::any_of(m_runs.begin(), m_runs.end(), [this](const std::string& id) {
        return !m_read.contains(id) && !stateOf(id).empty();
    });
    m_again.setInterval(std::max(kAgainMs, kAgainShare * static_cast<int>(m_duration.elapsed())));
    othersDue ? readNext() : m_again.start();
}

void FindingsBar::collect()
{
    const Shown before = m_current < m_all.size() ? m_all[m_current] : Shown();
    m_all.clear();
    for (std::size_t i = 0; i < m_runs.size(); ++i) {
        if (i == m_numSelected && !m_all.empty()) {
            break; // a selected run is what the person looks at
        }
        const std::vector<jobs::Finding> found = findings(m_runs[i]);
        for (std::size_t f = 0; f < found.size(); ++f) {
            if (!m_dismissed.contains({m_runs[i], found[f].signature})) {
                m_all.push_back({m_runs[i], f});
            }
        }
    }
    const auto same = std::find_if(m_all.begin(), m_all.end(), [&](const Shown& shown) {
        return shown.run == before.run && shown.finding == before.finding;
    });
    m_current = same == m_all.end() ? 0 : static_cast<std::size_t>(same - m_all.begin());
    showCurrent();
}

void FindingsBar::showCurrent()
{
    setVisible(!m_all.empty());
    if (m_all.empty()) {
        return;
    }
    const Shown& shown = m_all[m_current];
    const jobs::Finding& finding = m_read.at(shown.run).findings[shown.finding];
    m_icon->setPixmap(icon(finding.harmful ? QStringLiteral("warning") : QStringLiteral("info")).pixmap(18, 18));
    const QString seen =
        tr("%1: %2. %3").arg(runTitle(m_feed, shown.run), windowWords(finding.headline), shownName(finding.seen));
    const QString why = tr("%1 %2").arg(windowWords(finding.why), windowWords(finding.hint));
    m_text->setText(m_why->isChecked() ? seen + QLatin1Char('\n') + why : seen);
    m_text->setToolTip(why);
    setTone(*m_icon, finding.harmful ? "bad" : "");
    m_remedy->setVisible(!finding.remedies.empty());
    m_others->clear();
    for (std::size_t r = 0; r < finding.remedies.size(); ++r) {
        const jobs::Remedy& remedy = finding.remedies[r];
        const QString label = tr("Duplicate with %1").arg(QString::fromStdString(remedy.label));
        if (r == 0) {
            m_remedy->setText(label);
            m_remedy->setToolTip(tr("Opens the dialog of a new experiment; nothing starts by itself"));
        } else {
            connect(m_others->addAction(label), &QAction::triggered, this, [this, remedy] { duplicate(remedy); });
        }
    }
    m_more->setVisible(finding.remedies.size() > 1);
    m_next->setVisible(m_all.size() > 1);
    m_next->setText(tr("%1 of %2").arg(m_current + 1).arg(m_all.size()));
    m_next->setAccessibleName(tr("Finding %1 of %2; go to the next").arg(m_current + 1).arg(m_all.size()));
}

void FindingsBar::resizeEvent(QResizeEvent* event)
{
    QFrame::resizeEvent(event);
    m_layout->setDirection(width() < kWide ? QBoxLayout::TopToBottom : QBoxLayout::LeftToRight);
}

void FindingsBar::duplicate(const jobs::Remedy& remedy)
{
    if (m_current >= m_all.size()) {
        return;
    }
    m_background.run(
        this,
        [folder = WorkspaceLayout{m_feed.workspace()}.run(m_all[m_current].run),
         remedy](const std::atomic<bool>&) -> Result<config::Plan> {
            auto experiment = jobs::runConfig(folder);
            if (!experiment) {
                return experiment.failure();
            }
            auto changed = jobs::withRemedy(*std::move(experiment), remedy);
            if (!changed) {
                return changed.failure();
            }
            config::Plan plan;
            plan.base = *std::move(changed);
            plan.base.name.clear(); // it is another configuration
            return plan;
        },
        [this](const Result<config::Plan>& plan) {
            if (plan) {
                Q_EMIT experimentRequested({}, *plan);
            } else {
                Q_EMIT failed(QString::fromStdString(plan.failure().what), QString::fromStdString(plan.failure().hint));
            }
        });
}

FindingsBar* findingsBarOf(MainWindow& window, const WorkspaceFeed& feed)
{
    auto* bar = new FindingsBar(feed, &window);
    QObject::connect(&window, &MainWindow::runsChosen, bar, &FindingsBar::setRuns);
    QObject::connect(bar, &FindingsBar::experimentRequested, &window, &MainWindow::experimentRequested);
    QObject::connect(bar, &FindingsBar::failed, &window, [&window](const QString& what, const QString& hint) {
        window.messages().showMessage(Tone::Bad, what, hint);
    });
    return bar;
}

void FindingsBar::dismiss()
{
    if (m_current < m_all.size()) {
        const Shown& shown = m_all[m_current];
        m_dismissed.insert({shown.run, m_read.at(shown.run).findings[shown.finding].signature});
        collect();
    }
}

} // namespace dskd::ui

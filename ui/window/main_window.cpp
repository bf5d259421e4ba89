#include "ui/window/main_window.h"

#include "core/metrics/metric_table.h"
#include "ui/feed/background.h"
#include "ui/feed/workspace_feed.h"
#include "ui/look/format.h"
#include "ui/models/run_tree_model.h"
#include "ui/window/bottom_panel.h"
#include "ui/window/details_panel.h"
#include "ui/window/edit_history.h"
#include "ui/window/experiment_actions.h"
#include "ui/window/findings_bar.h"
#include "ui/window/message_bar.h"
#include "ui/window/run_actions.h"
#include "ui/window/run_list.h"

#include <QAction>
#include <QApplication>
#include <QDragEnterEvent>
#include <QLabel>
#include <QMimeData>
#include <QScreen>
#include <QSettings>
#include <QTabWidget>
#include <QTreeView>
#include <QUrl>
#include <QVBoxLayout>
#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

namespace dskd::ui
{

namespace
{

constexpr int kLeastPageWidth = 500;
constexpr int kLeastPageHeight = 300;
constexpr double kShareOfScreen = 0.8; // of a window that is opened first

std::vector<std::filesystem::path> localPaths(const QMimeData& dropped)
{
    std::vector<std::filesystem::path> paths;
    const QList<QUrl> urls = dropped.urls();
    for (const QUrl& url : urls) {
        if (url.isLocalFile()) {
            paths.emplace_back(url.toLocalFile().toStdString());
        }
    }
    return paths;
}

// Of the shown runs the first that trains, else the newest.
std::string defaultSelection(const RunTreeModel& model, const WorkspaceFeed& feed)
{
    const auto shown = model.shownRuns();
    const auto alive = std::find_if(shown.begin(), shown.end(), [&feed](const std::string& id) {
        const RunRecord* run = feed.find(id);
        return run != nullptr && jobs::isAlive(run->status.status);
    });
    return alive == shown.end() ? shown.back() : *alive;
}

} // namespace

MainWindow::MainWindow(WorkspaceFeed& feed, Background& background, QWidget* parent)
    : QMainWindow(parent), m_feed(feed), m_background(background), m_model(new RunTreeModel(this)),
      m_runs(new RunList(*m_model, this)),
      m_actions(new RunActions(feed, *this, [this] { return m_runs->selected(); })),
      m_experimentActions(new ExperimentActions(feed, background, *this, [this] { return m_runs->experiments(); })),
      m_history(new EditHistory(feed, *this)), m_pages(new QTabWidget(this)), m_messages(new MessageBar(this)),
      m_details(new DetailsPanel(feed, background, *m_actions, this)), m_bottom(new BottomPanel(feed, background, this))
{
    setObjectName("mainWindow");
    setAcceptDrops(true);
    setWindowIcon(QIcon(":/icons/dskd.svg"));
    setWindowTitle(tr("%1 – DSKD Workbench").arg(QString::fromStdString(feed.workspace().filename().string())));
    auto* centre = new QWidget(this);
    auto* layout = new QVBoxLayout(centre);
    layout->setContentsMargins(kSpace2, kSpace1, kSpace2, 0);
    layout->addWidget(m_messages);
    layout->addWidget(findingsBarOf(*this, feed));
    layout->addWidget(m_pages, 1);
    m_pages->setDocumentMode(true);
    m_pages->setObjectName("pages");
    setCentralWidget(centre);
    makeDocks();
    makeMenus();
    connectFeed();
    connectExperiments();
    for (QAction* action : {m_actions->toggleShown, m_actions->trash, m_actions->rename}) {
        m_runs->view().addAction(action); // their keys are the list's
    }
    m_firstLayout = saveState(); // before anything is restored
    // What the panel and the window's frame leave of a 1280 x 720 screen; of a larger one most of it.
    resize(QSize(1240, 690).expandedTo(screen()->availableSize() * kShareOfScreen));
    onSnapshot();
}

MainWindow::~MainWindow() = default;

void MainWindow::connectFeed()
{
    connect(&m_feed, &WorkspaceFeed::runsChanged, this, &MainWindow::onSnapshot);
    connect(&m_feed, &WorkspaceFeed::experimentsChanged, this, &MainWindow::onSnapshot);
    connect(&m_feed, &WorkspaceFeed::queueChanged, m_bottom, &BottomPanel::refreshQueue);
    connect(&m_feed, &WorkspaceFeed::runsChanged, m_bottom, &BottomPanel::refreshQueue); // the states of its runs
    connect(&m_feed, &WorkspaceFeed::commandFailed, this,
            [this](const QString& what, const QString& hint) { m_messages->showMessage(Tone::Bad, what, hint); });
    connect(&m_feed, &WorkspaceFeed::troubleChanged, this, [this](const QString& sentence) {
        if (sentence.isEmpty()) {
            m_messages->dismiss();
        } else {
            m_messages->showMessage(Tone::Bad, sentence, {});
        }
    });
    connect(&m_feed, &WorkspaceFeed::added, this, [this](const QStringList& ids) {
        std::transform(ids.begin(), ids.end(), std::back_inserter(m_added),
                       [](const QString& id) { return id.toStdString(); });
        selectAdded();
    });
    connect(m_model, &RunTreeModel::shownChanged, this, &MainWindow::emitSelection);
    connect(m_model, &RunTreeModel::renamed, &m_feed,
            [this](const std::string& id, const QString& name) { m_feed.rename(id, name); });
    connect(m_runs, &RunList::selectionChanged, this, &MainWindow::emitSelection);
    connect(m_runs, &RunList::drawnChanged, this, &MainWindow::emitSelection);
    connect(m_runs, &RunList::newRequested, m_actions->newExperiment, &QAction::trigger);
    connect(m_actions->newExperiment, &QAction::triggered, this,
            [this] { Q_EMIT experimentRequested({}, std::nullopt); });
    connect(m_actions->duplicate, &QAction::triggered, this, &MainWindow::duplicateSelected);
    connect(m_actions->rename, &QAction::triggered, m_runs, &RunList::editName);
    connect(m_actions->exportStudent, &QAction::triggered, this, &MainWindow::exportSelected);
    connect(m_actions->toggleShown, &QAction::triggered, this, [this] { m_model->toggleShown(m_runs->selected()); });
}

void MainWindow::connectExperiments()
{
    connect(m_model, &RunTreeModel::experimentRenamed, &m_feed,
            [this](std::int64_t id, const QString& name) { m_feed.renameExperiment(id, name); });
    connect(m_experimentActions, &ExperimentActions::editRequested, this, &MainWindow::experimentRequested);
    connect(m_experimentActions, &ExperimentActions::chartsRequested, this, &MainWindow::drawOnly);
    connect(m_experimentActions, &ExperimentActions::finished, this,
            [this](bool done, const QString& what, const QString& hint) {
                m_messages->showMessage(done ? Tone::Good : Tone::Bad, what, hint);
            });
    connect(m_experimentActions->showArchived, &QAction::toggled, this, [this](bool on) {
        m_model->showArchived(on);
        onSnapshot();
    });
}

void MainWindow::drawOnly(const std::vector<std::int64_t>& experimentIds)
{
    std::set<std::string> shown;
    for (const RunRecord& run : m_feed.runs()) {
        if (std::find(experimentIds.begin(), experimentIds.end(), run.row.experiment.value_or(0)) !=
            experimentIds.end()) {
            shown.insert(run.row.id);
        }
    }
    m_model->setShown(shown);
}

// A run that was started here is selected and drawn as soon as it is in the list.
void MainWindow::selectAdded()
{
    const bool known = std::all_of(m_added.begin(), m_added.end(),
                                   [this](const std::string& id) { return m_model->indexOf(id).isValid(); });
    if (m_added.empty() || !known) {
        return;
    }
    const auto before = m_model->shownRuns();
    std::set<std::string> shown(before.begin(), before.end());
    shown.insert(m_added.begin(), m_added.end());
    m_model->setShown(shown);
    m_runs->select(std::exchange(m_added, {}));
}

void MainWindow::onSnapshot()
{
    m_runs->setLoaded(m_feed.loaded());
    m_model->setRuns(m_feed.runs(), m_feed.experiments());
    selectAdded();
    if (!m_selectedOnce && m_feed.loaded() && !m_model->shownRuns().empty()) {
        m_selectedOnce = true;
        if (m_runs->selected().empty()) {
            m_runs->select({defaultSelection(*m_model, m_feed)}); // so that the details are not empty at first
        }
    }
    if (!m_focusSet && m_feed.loaded() && isVisible()) {
        m_focusSet = true;
        m_runs->view().setFocus(); // not the filter line, which would swallow shortcuts
    }
    m_details->refresh();
    m_bottom->refreshQueue();
    updateActions();
    showStatus();
    if (m_drawn != m_runs->drawnRuns() || m_selected != m_runs->selected()) { // runs went away
        emitSelection();
    }
}

void MainWindow::updateActions()
{
    m_actions->update();
    m_actions->rename->setEnabled(m_runs->nameEditable());
    m_experimentActions->update();
}

void MainWindow::emitSelection()
{
    m_selected = m_runs->selected();
    m_drawn = m_runs->drawnRuns();
    const std::string current = m_selected.empty() ? std::string() : m_selected.front();
    m_details->setRun(current);
    const std::vector<std::int64_t> experiments = m_runs->experiments();
    m_details->setExperiment(experiments.empty() ? 0 : experiments.front());
    m_bottom->setRun(current);
    updateActions();
    showStatus();
    Q_EMIT runsChosen(m_drawn, m_selected);
}

void MainWindow::showStatus()
{
    const auto& runs = m_feed.runs();
    const auto alive =
        std::count_if(runs.begin(), runs.end(), [](const RunRecord& run) { return jobs::isAlive(run.status.status); });
    const auto queued = std::count_if(runs.begin(), runs.end(),
                                      [](const RunRecord& run) { return run.status.status == jobs::Status::Queued; });
    m_countLabel->setText(tr("%1 running · %2 queued").arg(alive).arg(queued));
    const auto selected = m_runs->selected();
    const RunRecord* run = selected.empty() ? nullptr : m_feed.find(selected.front());
    if (run == nullptr || !jobs::isAlive(run->status.status)) {
        m_runLabel->clear();
        return;
    }
    const auto latest = [&](std::string_view name) -> std::optional<double> {
        const auto found = run->latest.find(std::string(name));
        return found == run->latest.end() ? std::nullopt : std::optional(found->second);
    };
    m_runLabel->setText(
        tr("step %1 · %2 tok/s · %3")
            .arg(whole(run->status.step), count(latest(metrics::kTokensPerSecond)), bytes(latest(metrics::kMemory))));
}

void MainWindow::addPage(QWidget* page, const QString& title, const QString& iconName)
{
    // Not what its widest tool bar and all its lists would like: 1280 x 720 must work, and 1024 x 600 fit.
    page->setMinimumSize(kLeastPageWidth, kLeastPageHeight);
    const int index = m_pages->addTab(page, title); // without the icon, so that all stand there on a small screen
    if (auto* go = findChild<QAction*>(QStringLiteral("page%1").arg(index + 1))) {
        go->setText(tr("Go to &%1").arg(title));
        go->setIcon(icon(iconName));
        go->setVisible(true);
    }
}

void MainWindow::dragEnterEvent(QDragEnterEvent* event)
{
    if (!localPaths(*event->mimeData()).empty()) {
        event->acceptProposedAction();
    }
}

void MainWindow::dropEvent(QDropEvent* event)
{
    if (const auto paths = localPaths(*event->mimeData()); !paths.empty()) {
        event->acceptProposedAction();
        Q_EMIT pathsDropped(paths);
    }
}

void MainWindow::setAppearance(Appearance appearance)
{
    applyTheme(*qApp, appearance);
    QSettings().setValue("appearance", static_cast<int>(appearance));
    m_model->setRuns(m_feed.runs(), m_feed.experiments()); // the colours of runs depend on the theme
    emitSelection();
}

} // namespace dskd::ui

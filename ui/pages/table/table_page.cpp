#include "ui/pages/table/table_page.h"

#include "ui/feed/workspace_feed.h"
#include "ui/look/format.h"
#include "ui/look/theme.h"
#include "ui/look/window_words.h"
#include "ui/pages/shared/muted_label.h"
#include "ui/pages/shared/page_stack.h"
#include "ui/pages/table/run_table_model.h"
#include "ui/pages/table/run_table_widget.h"
#include "ui/pages/table/table_place.h"

#include <QBoxLayout>
#include <QCheckBox>
#include <QEvent>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSignalBlocker>
#include <QToolButton>
#include <algorithm>
#include <utility>

namespace dskd::ui
{
namespace
{

constexpr std::size_t kConfigsAtOnce = 100; // so that other pages read between them

struct ReadConfigs {
    std::map<std::string, jobs::TableConfig> read;
    std::map<std::string, jobs::Status> failed; // how the run stood before
};

// Of the runs that are asked for, with how they stand.
ReadConfigs readSome(store::WorkspaceDb& workspace, const std::map<std::string, jobs::Status>& runs,
                     const std::atomic<bool>& cancelled)
{
    ReadConfigs configs;
    for (const auto& [id, status] : runs) {
        if (cancelled) {
            break;
        }
        try {
            configs.read[id] = jobs::readTableConfig(workspace, workspace.layout().run(id)).value();
        } catch (const Error&) { // its status shows what is wrong with it
            configs.failed[id] = status;
        }
    }
    return configs;
}

} // namespace

TablePage::TablePage(WorkspaceFeed& workspace, Background& background, QWidget* parent)
    : Page(parent), m_workspace(workspace), m_background(background), m_columns(jobs::runColumns()),
      m_chosen(jobs::defaultColumns()), m_model(new RunTableModel(this)), m_stack(new PageStack(this)),
      m_view(new RunTableWidget), m_query(new QLineEdit), m_problem(new QLabel),
      m_acrossSeeds(new QCheckBox(tr("Seeds as one row"))), m_count(new MutedLabel),
      m_place(std::make_unique<TablePlace>(*m_view, *m_model))
{
    setObjectName(QStringLiteral("tablePage"));
    auto* content = new QWidget(m_stack);
    auto* all = new QVBoxLayout(content);
    all->setContentsMargins(kSpace2, kSpace2, kSpace2, kSpace2);
    all->setSpacing(kSpace2);
    makeTable();
    makeActions();
    makeToolBar(*all);
    m_problem->setObjectName(QStringLiteral("tableProblem"));
    m_problem->setTextFormat(Qt::PlainText);
    m_problem->setWordWrap(true);
    setTone(*m_problem, "bad");
    m_problem->hide();
    all->addWidget(m_problem);
    all->addWidget(m_view, 1);
    m_stack->setContent(content);
    auto* outer = new QVBoxLayout(this);
    outer->setContentsMargins(0, 0, 0, 0);
    outer->addWidget(m_stack);
    m_model->setHeld(true); // until it is shown
    setColumns(m_chosen);
    connect(&workspace, &WorkspaceFeed::runsChanged, this, &TablePage::refresh);
    connect(&workspace, &WorkspaceFeed::experimentsChanged, this, &TablePage::refresh);
    refresh();
}

// Signals of the parts while they are deleted must not reach a page that is gone.
TablePage::~TablePage()
{
    m_view->selectionModel()->disconnect(this);
    m_view->horizontalHeader()->disconnect(this);
    m_view->itemDelegate()->disconnect(this);
    m_model->disconnect(this);
}

void TablePage::makeToolBar(QBoxLayout& into)
{
    m_count->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred); // or it pushes the buttons off the page
    m_query->setObjectName(QStringLiteral("tableQuery"));
    m_query->setAccessibleName(tr("Query"));
    m_query->setPlaceholderText(tr("Query: method:dskd lr<1e-3 rouge_l>20 seed=10 tag:paper"));
    m_query->setToolTip(tr("Words that a run must have, and conditions on its columns:\n"
                           "column:text contains, column=value is, column<number; ! turns one round;\n"
                           "note:\"two words\"; shares also in percent"));
    m_query->setClearButtonEnabled(true);
    m_query->addAction(icon("search"), QLineEdit::LeadingPosition);
    m_acrossSeeds->setObjectName(QStringLiteral("acrossSeeds"));
    m_acrossSeeds->setToolTip(tr(
        "Runs that differ in nothing but the seed are one row: mean and standard deviation over those that are done"));
    auto* columns = new QPushButton(tr("Columns\u2026"));
    columns->setObjectName(QStringLiteral("tableColumns"));
    columns->setToolTip(tr("What is known of a run, every field of its configuration, every metric"));
    auto* selected = new QToolButton;
    selected->setObjectName(QStringLiteral("tableSelected"));
    selected->setText(tr("Selected"));
    selected->setToolTip(tr("What can be done with the selected runs"));
    selected->setPopupMode(QToolButton::InstantPopup);
    selected->setFocusPolicy(Qt::TabFocus);
    selected->addActions(m_view->actions());
    auto* csv = new QPushButton(tr("Save CSV\u2026"));
    csv->setToolTip(tr("All rows with full precision, the id and the seed of each run among the columns"));
    auto* bar = new QHBoxLayout;
    bar->setSpacing(kSpace2);
    into.addWidget(m_query); // a line of its own: a query is long, and 1280 x 720 has to hold the rest
    bar->addWidget(m_count, 1);
    for (QWidget* widget : {static_cast<QWidget*>(m_acrossSeeds), static_cast<QWidget*>(columns),
                            static_cast<QWidget*>(selected), static_cast<QWidget*>(csv)}) {
        bar->addWidget(widget);
    }
    into.addLayout(bar);
    connect(m_query, &QLineEdit::textChanged, this, &TablePage::takeQuery);
    connect(m_acrossSeeds, &QCheckBox::toggled, this, &TablePage::setAcrossSeeds);
    connect(columns, &QPushButton::clicked, this, &TablePage::chooseColumns);
    connect(csv, &QPushButton::clicked, this, &TablePage::exportCsv);
}

void TablePage::makeTable()
{
    m_view->setObjectName(QStringLiteral("runTable"));
    m_view->setAccessibleName(tr("Runs"));
    m_view->setModel(m_model);
    m_view->setShowGrid(false);
    m_view->setAlternatingRowColors(false);
    m_view->setWordWrap(false);
    m_view->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_view->setSelectionMode(QAbstractItemView::ExtendedSelection);
    m_view->setTabKeyNavigation(false); // Tab leaves the table
    m_view->setEditTriggers(QAbstractItemView::EditKeyPressed | QAbstractItemView::DoubleClicked);
    m_view->setHorizontalScrollMode(QAbstractItemView::ScrollPerPixel);
    m_view->verticalHeader()->hide();
    m_view->verticalHeader()->setSectionResizeMode(QHeaderView::Fixed); // no row is measured
    m_view->verticalHeader()->setDefaultSectionSize(m_view->fontMetrics().height() + kSpace2);
    QHeaderView& header = *m_view->horizontalHeader();
    header.setHighlightSections(false);
    header.setResizeContentsPrecision(0); // of thousands of rows those in sight are measured
    header.setSectionsMovable(true);
    header.setSortIndicator(-1, Qt::AscendingOrder);
    header.setContextMenuPolicy(Qt::CustomContextMenu);
    m_view->setSortingEnabled(true);
    m_view->viewport()->installEventFilter(this);
    connect(&header, &QWidget::customContextMenuRequested, this, &TablePage::chooseColumns);
    // after the header has done with the drag: the columns themselves are set in the new order
    connect(&header, &QHeaderView::sectionMoved, this, &TablePage::takeColumnOrder, Qt::QueuedConnection);
    connect(&header, &QHeaderView::sectionResized, this, [this](int section, int /*before*/, int width) {
        const std::vector<jobs::RunColumn>& columns = m_model->view().columns;
        if (!m_showingWidths && section >= 0 && static_cast<std::size_t>(section) < columns.size() && width > 0) {
            m_widths[columns[static_cast<std::size_t>(section)].id] = width;
        }
    });
    connect(m_model, &RunTableModel::sorted, this, &Page::stateChanged);
    connect(m_model, &RunTableModel::edited, this, &TablePage::editCell);
    connect(m_model, &QAbstractItemModel::modelAboutToBeReset, this, [this] { m_place->remember(); });
    connect(m_model, &QAbstractItemModel::modelReset, this, [this] {
        showWidths();
        m_place->restore();
    });
    connect(m_view->selectionModel(), &QItemSelectionModel::selectionChanged, this, &TablePage::updateActions);
    connect(m_view->itemDelegate(), &QAbstractItemDelegate::closeEditor, this, &TablePage::refresh,
            Qt::QueuedConnection); // what came while the cell was edited
}

void TablePage::refresh()
{
    std::map<std::int64_t, std::string> experiments;
    for (const ExperimentRecord& experiment : m_workspace.experiments()) {
        experiments[experiment.row.id] = experiment.row.name;
    }
    m_model->setHeld(!isVisible() || m_view->isEditing());
    m_model->setRuns(m_workspace.runs(), std::move(experiments));
    if (!isVisible()) {
        return;
    }
    if (m_workspace.runs().empty()) {
        m_stack->showSentence(m_workspace.loaded() ? tr("No run yet. File \u2192 New experiment starts one.")
                                                   : tr("Reading\u2026"));
        return;
    }
    if (!m_foundColumns && m_workspace.loaded()) { // those that the last session had, and metrics of later versions
        m_foundColumns = true;
        const QSignalBlocker blocker(this);
        findColumns();
        setColumns(m_chosen);
        takeQuery();
    }
    m_stack->showContent();
    readConfigs();
    showCount();
}

void TablePage::changeView(const std::function<void(RunTableView&)>& change)
{
    RunTableView view = m_model->view();
    change(view);
    m_model->setView(std::move(view));
    readConfigs();
    showCount();
    updateActions();
    Q_EMIT stateChanged();
}

void TablePage::setQuery(const QString& text)
{
    m_query->setText(text); // takeQuery() follows
}

void TablePage::takeQuery()
{
    const std::string text = m_query->text().toStdString();
    Result<jobs::RunQuery> query = jobs::RunQuery::parse(text, m_columns);
    if (!query) {
        findColumns(); // it may name a metric that came meanwhile
        query = jobs::RunQuery::parse(text, m_columns);
    }
    if (!query) {
        say(QString::fromStdString(query.failure().text())); // the table keeps what was understood last
        return;
    }
    say({});
    changeView([&](RunTableView& view) { view.query = *std::move(query); });
}

void TablePage::setAcrossSeeds(bool on)
{
    const QSignalBlocker blocker(m_acrossSeeds);
    m_acrossSeeds->setChecked(on);
    changeView([on](RunTableView& view) { view.acrossSeeds = on; });
}

void TablePage::setBaseline(const std::string& runId)
{
    changeView([&](RunTableView& view) { view.baseline = runId; });
    showWidths(); // differences need room
}

void TablePage::setPinned(std::set<std::string> runIds)
{
    changeView([&](RunTableView& view) { view.pinned = std::move(runIds); });
}

// The configurations that the table needs, some at a time; each is read once, because it never changes. One that could
// not be read is tried again when its run stands otherwise.
void TablePage::readConfigs()
{
    if (m_reading || !isVisible() || !m_model->needsConfigs()) {
        return;
    }
    std::vector<std::string> ids = m_model->withoutConfig();
    if (ids.empty()) {
        return;
    }
    ids.resize(std::min(ids.size(), kConfigsAtOnce));
    std::map<std::string, jobs::Status> wanted;
    for (const std::string& id : ids) {
        const RunRecord* run = m_workspace.find(id);
        wanted[id] = run == nullptr ? jobs::Status() : run->status.status;
    }
    m_reading = true;
    m_background.run(
        this,
        [wanted, root = m_workspace.workspace()](const std::atomic<bool>& cancelled) -> Result<ReadConfigs> {
            auto workspace = store::WorkspaceDb::open(root);
            if (!workspace) {
                return workspace.failure();
            }
            return readSome(*workspace, wanted, cancelled);
        },
        [this](Result<ReadConfigs> configs) {
            m_reading = false;
            if (!configs) {
                say(windowWords(configs.failure().text())); // the next snapshot tries again
                return;
            }
            m_model->setHeld(!isVisible() || m_view->isEditing());
            m_model->addConfigs(std::move(configs->read), configs->failed);
            showCount();
            readConfigs();
        });
}

void TablePage::showCount()
{
    const std::size_t all = m_model->numRuns();
    const QString runs = tr("%1 runs").arg(whole(static_cast<std::int64_t>(all)));
    QString text =
        m_query->text().trimmed().isEmpty()
            ? (all == 1 ? tr("1 run") : runs)
            : tr("%1 of %2")
                  .arg(whole(static_cast<std::int64_t>(m_model->numMatching())), all == 1 ? tr("1 run") : runs);
    const std::size_t unread = m_model->needsConfigs() ? m_model->withoutConfig().size() : 0;
    if (unread > 0 && all > 0) {
        text += tr(" \u00b7 reading %1 %").arg(100 * (all - unread) / all);
    }
    m_count->setText(text);
}

void TablePage::setRuns(std::vector<std::string> /*shown*/, std::vector<std::string> selected)
{
    if (selected == m_listSelection) {
        return;
    }
    m_listSelection = std::move(selected);
    refresh(); // the feed may have other runs than the model
    m_place->select(m_listSelection);
}

std::vector<std::string> TablePage::selectedRuns() const
{
    return m_place->selectedRuns();
}

void TablePage::showEvent(QShowEvent* event)
{
    Page::showEvent(event);
    refresh();
}

void TablePage::hideEvent(QHideEvent* event)
{
    Page::hideEvent(event);
    m_model->setHeld(true);
}

bool TablePage::eventFilter(QObject* watched, QEvent* event)
{
    if (watched == m_view->viewport() && event->type() == QEvent::Resize) {
        showWidths(); // there is more or less room for long texts
    }
    return Page::eventFilter(watched, event);
}

void TablePage::changeEvent(QEvent* event)
{
    Page::changeEvent(event);
    if (event->type() == QEvent::PaletteChange) {
        refresh(); // the colours of the runs depend on the theme
    }
}

} // namespace dskd::ui

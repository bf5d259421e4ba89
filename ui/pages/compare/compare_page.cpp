#include "ui/pages/compare/compare_page.h"

#include "core/metrics/metric_table.h"
#include "ui/feed/background.h"
#include "ui/feed/workspace_feed.h"
#include "ui/look/format.h"
#include "ui/look/theme.h"
#include "ui/look/window_words.h"
#include "ui/pages/compare/comparison_model.h"
#include "ui/pages/curves/chart_grid.h"
#include "ui/pages/shared/muted_label.h"
#include "ui/pages/shared/page_stack.h"
#include "ui/pages/shared/point_export.h"

#include <QAction>
#include <QApplication>
#include <QBoxLayout>
#include <QClipboard>
#include <QEvent>
#include <QFileDialog>
#include <QHeaderView>
#include <QItemSelectionModel>
#include <QPushButton>
#include <QScrollArea>
#include <QScrollBar>
#include <QTableView>
#include <algorithm>
#include <optional>

namespace dskd::ui
{
namespace
{

constexpr int kWidestColumn = 280; // the rest on hover

CurvesPageState smallMultiples()
{
    CurvesPageState state;
    state.charts = {{{std::string(metrics::kValidationLoss)}, false},
                    {{std::string(metrics::kRougeL)}, false},
                    {{std::string(metrics::kStructureCosine)}, true},
                    {{std::string(metrics::kStructureProduct)}, true}};
    state.meanOverSeeds = true;
    return state;
}

} // namespace

ComparePage::ComparePage(const WorkspaceFeed& workspace, const SeriesFeed& series, Background& background,
                         QWidget* parent)
    : Page(parent), m_workspace(workspace), m_background(background),
      m_reading(
          background, this, [this] { return stateOfRuns(m_workspace, m_shown); }, [this] { return makeWork(); },
          [this](Result<Compared> result) { showTable(std::move(result)); }),
      m_model(new ComparisonModel(this)), m_stack(new PageStack(this)), m_view(new QTableView),
      m_charts(new ChartGrid(workspace, series, false)), m_notes(new MutedLabel), m_marks(new MutedLabel)
{
    setObjectName(QStringLiteral("comparePage"));
    m_marks->setObjectName(QStringLiteral("comparisonLegend"));
    m_marks->setTextFormat(Qt::PlainText);
    m_marks->setWordWrap(true);
    m_view->setModel(m_model);
    m_view->setAccessibleName(tr("Comparison"));
    m_view->setAlternatingRowColors(false);
    m_view->setShowGrid(false);
    m_view->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_view->setTabKeyNavigation(false); // Tab leaves the table
    m_view->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_view->setWordWrap(false);
    m_view->setTextElideMode(Qt::ElideMiddle); // long names differ at their ends
    m_view->verticalHeader()->hide();
    m_view->setHorizontalScrollMode(QAbstractItemView::ScrollPerPixel);
    m_view->horizontalHeader()->setHighlightSections(false);
    m_view->setIconSize({10, 10});
    makeActions();

    auto* content = new QWidget;
    auto* all = new QVBoxLayout(content);
    all->setContentsMargins(kSpace2, kSpace2, kSpace2, kSpace2);
    all->setSpacing(kSpace2);
    makeToolBar(*all);
    all->addWidget(m_view);
    all->addWidget(m_marks);
    all->addWidget(m_charts, 1);
    auto* scroll = new QScrollArea(m_stack);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setWidgetResizable(true);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    scroll->setWidget(content);
    m_stack->setContent(scroll);
    auto* outer = new QVBoxLayout(this);
    outer->setContentsMargins(0, 0, 0, 0);
    outer->addWidget(m_stack);

    m_charts->setArrangement(smallMultiples());
    connect(&workspace, &WorkspaceFeed::runsChanged, this, [this] { m_reading.refresh(); });
    setRuns({}, {});
}

void ComparePage::makeActions()
{
    m_measure = new QAction(tr("&Measure against this"), this);
    m_measure->setObjectName(QStringLiteral("measureAgainst"));
    m_measure->setShortcut(QKeySequence(Qt::Key_B));
    m_unmeasure = new QAction(tr("&Default baseline"), this);
    m_unmeasure->setObjectName(QStringLiteral("defaultBaseline"));
    m_unmeasure->setToolTip(tr("The student's SFT, else its first row"));
    m_measure->setEnabled(false);
    m_unmeasure->setEnabled(false);
    for (QAction* action : {m_measure, m_unmeasure}) {
        action->setShortcutContext(Qt::WidgetShortcut); // the table's own key
        m_view->addAction(action);
    }
    m_view->setContextMenuPolicy(Qt::ActionsContextMenu);
    connect(m_measure, &QAction::triggered, this, [this] { measureAgainst(m_view->currentIndex().row()); });
    connect(m_unmeasure, &QAction::triggered, this, [this] { setBaseline({}); });
    connect(m_view->selectionModel(), &QItemSelectionModel::currentChanged, m_measure, // which may go before the view
            [measure = m_measure](const QModelIndex& now) { measure->setEnabled(now.isValid()); });
}

void ComparePage::measureAgainst(int row)
{
    if (row >= 0 && static_cast<std::size_t>(row) < m_firstRuns.size()) {
        setBaseline(m_firstRuns[static_cast<std::size_t>(row)]);
    }
}

void ComparePage::setBaseline(const std::string& runId)
{
    if (m_baseline == runId) {
        return;
    }
    m_baseline = runId;
    m_unmeasure->setEnabled(!m_baseline.empty());
    m_reading.ask();
    Q_EMIT stateChanged();
}

QJsonObject ComparePage::savedState() const
{
    return m_baseline.empty() ? QJsonObject()
                              : QJsonObject{{QStringLiteral("baseline"), QString::fromStdString(m_baseline)}};
}

void ComparePage::restoreState(const QJsonObject& state)
{
    setBaseline(state.value(QStringLiteral("baseline")).toString().toStdString());
}

void ComparePage::makeToolBar(QBoxLayout& into)
{
    auto* bar = new QHBoxLayout;
    bar->setSpacing(kSpace2);
    m_notes->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred); // or it pushes the buttons off the page
    m_notes->setWordWrap(true);                                           // nor is it cut by them
    bar->addWidget(m_notes, 1);
    const auto add = [&](const QString& text, const QString& hint, auto slot) {
        auto* button = new QPushButton(text);
        button->setToolTip(hint);
        connect(button, &QPushButton::clicked, this, slot);
        bar->addWidget(button);
    };
    add(tr("Copy"), tr("The table with tabs between the columns, for spreadsheets"), &ComparePage::copyTsv);
    add(tr("Copy LaTeX"), tr("A tabular with booktabs rules; bold is the best by a test"), &ComparePage::copyLatex);
    add(tr("Export CSV\u2026"), tr("Mean, deviation, n and difference in columns of their own, full precision"),
        &ComparePage::exportCsv);
    into.addLayout(bar);
}

void ComparePage::setRuns(std::vector<std::string> shown, std::vector<std::string> selected)
{
    m_charts->setRuns(shown, selected);
    if (shown == m_shown && !shown.empty()) {
        return; // the selection does not concern the table
    }
    m_shown = std::move(shown);
    m_reading.ask();
    if (m_shown.empty()) {
        m_stack->showSentence(tr("No run is shown. Check the boxes of two or more runs in the list to compare them."));
        return;
    }
    if (m_model->rowCount() == 0) {
        m_stack->showSentence(tr("Reading\u2026"));
    }
}

void ComparePage::showEvent(QShowEvent* event)
{
    Page::showEvent(event);
    m_reading.refresh();
}

void ComparePage::changeEvent(QEvent* event)
{
    Page::changeEvent(event);
    if (event->type() == QEvent::PaletteChange) {
        m_reading.ask(); // the colours of the runs depend on the theme
    }
}

JointReading<ComparePage::Compared>::Work ComparePage::makeWork() const
{
    return [shown = m_shown, root = m_workspace.workspace(),
            baseline = m_baseline](const std::atomic<bool>&) -> Result<Compared> {
        auto workspace = store::WorkspaceDb::open(root);
        if (!workspace) {
            return workspace.failure();
        }
        auto comparison = jobs::compareRuns(*workspace, shown);
        if (!comparison) {
            return comparison.failure();
        }
        const Result<std::size_t> chosen =
            baseline.empty() ? Result<std::size_t>(Failure{}) : jobs::findGroup(*comparison, baseline);
        Compared compared{
            jobs::comparisonTable(*comparison, {}, chosen ? std::optional(*chosen) : std::nullopt), {}, {}};
        for (const jobs::UnreadRun& run : comparison->leftOut) {
            compared.leftOut += (compared.leftOut.empty() ? "" : "\n") + run.runId + ": " + run.why.text();
        }
        for (const jobs::OutcomeGroup& group : comparison->groups) {
            compared.firstRuns.push_back(group.runs.front().runId);
        }
        return compared;
    };
}

void ComparePage::showTable(Result<Compared> result)
{
    if (!result) {
        m_stack->showSentence(QString::fromStdString(result.failure().text()));
        return;
    }
    std::vector<QColor> colors;
    for (const std::string& id : result->firstRuns) {
        const RunRecord* record = m_workspace.find(id);
        colors.push_back(record ? runColor(record->color) : ui::palette().faint);
    }
    m_firstRuns = std::move(result->firstRuns);
    m_model->setTable(std::move(result->table), std::move(colors));
    const jobs::ComparisonTable& table = m_model->table();
    m_notes->setText(summaryOf(table));
    m_notes->setToolTip(plainHint(m_notes->text()));
    if (!result->leftOut.empty()) {
        m_notes->setText(tr("Some runs cannot be read and are left out; %1").arg(m_notes->text()));
        m_notes->setToolTip(plainHint(windowWords(result->leftOut)));
    }
    const QString marks = QString::fromStdString(jobs::markNote(table, "Bold", false));
    m_marks->setText(marks);
    m_marks->setVisible(!marks.isEmpty());
    m_stack->showContent();
    fitTable();
    Q_EMIT compared();
}

// What the table shows, as a line above it.
QString ComparePage::summaryOf(const jobs::ComparisonTable& table) const
{
    if (table.rows.size() == 1) {
        return tr("One configuration. Show a second one to see what differs.");
    }
    const bool oneEach = std::all_of(table.rows.begin(), table.rows.end(),
                                     [](const jobs::ComparisonRow& row) { return row.seeds == 1; });
    int running = 0;
    QString baseline;
    for (const jobs::ComparisonRow& row : table.rows) {
        running += row.running;
        baseline = row.baseline ? shownName(row.label) : baseline;
    }
    QString text =
        tr("%1 differ in %2; %3")
            .arg(counted(static_cast<std::int64_t>(table.rows.size()), tr("configuration"), tr("configurations")),
                 counted(static_cast<std::int64_t>(table.fields.size()), tr("field"), tr("fields")),
                 oneEach ? tr("one seed each") : tr("mean \u00b1 std over seeds"));
    if (!m_baseline.empty()) {
        const auto of = std::find(m_firstRuns.begin(), m_firstRuns.end(), m_baseline);
        const bool shown =
            of != m_firstRuns.end() && table.rows[static_cast<std::size_t>(of - m_firstRuns.begin())].baseline;
        text += shown ? tr("; measured against %1").arg(baseline)
                      : tr("; the chosen baseline is not shown, so the default one counts");
    }
    if (running > 0) {
        text += tr("; %1, which win nothing").arg(counted(running, tr("run still goes on"), tr("runs still go on")));
    }
    return text;
}

void ComparePage::fitTable()
{
    m_view->resizeColumnsToContents();
    for (int column = 0; column < m_model->columnCount(); ++column) {
        m_view->setColumnWidth(column, std::min(kWidestColumn, m_view->columnWidth(column) + kSpace3));
    }
    m_view->resizeRowsToContents();
    int height = m_view->horizontalHeader()->sizeHint().height() + 2 * m_view->frameWidth();
    constexpr int kMostRows = 10;
    for (int row = 0; row < std::min(kMostRows, m_model->rowCount()); ++row) {
        height += m_view->rowHeight(row);
    }
    m_view->setFixedHeight(height + m_view->horizontalScrollBar()->sizeHint().height());
}

void ComparePage::copyTsv() const
{
    QApplication::clipboard()->setText(m_model->toTsv());
}

void ComparePage::copyLatex() const
{
    QApplication::clipboard()->setText(QString::fromStdString(jobs::toLatex(m_model->table())));
}

void ComparePage::exportCsv()
{
    auto* dialog = new QFileDialog(this, tr("Export the comparison"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setNameFilter(tr("CSV (*.csv)"));
    dialog->setDefaultSuffix(QStringLiteral("csv"));
    connect(dialog, &QFileDialog::fileSelected, this, &ComparePage::exportTo);
    dialog->open();
}

void ComparePage::exportTo(const QString& file)
{
    m_background.run(
        this,
        [csv = QByteArray::fromStdString(jobs::toCsv(m_model->table())), file](const std::atomic<bool>&) {
            return writeFile(csv, file);
        },
        [this, file](Result<void> written) {
            m_notes->setText(written ? tr("written to %1").arg(file)
                                     : QString::fromStdString(written.failure().text()));
            m_notes->setToolTip(plainHint(m_notes->text()));
        });
}

} // namespace dskd::ui

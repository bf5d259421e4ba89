#include "ui/pages/compare/compare_page.h"

#include "core/metrics/metric_table.h"
#include "ui/feed/background.h"
#include "ui/feed/workspace_feed.h"
#include "ui/look/theme.h"
#include "ui/pages/compare/comparison_model.h"
#include "ui/pages/curves/chart_grid.h"
#include "ui/pages/shared/muted_label.h"
#include "ui/pages/shared/page_stack.h"
#include "ui/pages/shared/point_export.h"

#include <QApplication>
#include <QBoxLayout>
#include <QClipboard>
#include <QEvent>
#include <QFileDialog>
#include <QHeaderView>
#include <QPushButton>
#include <QScrollArea>
#include <QScrollBar>
#include <QTableView>
#include <algorithm>

namespace dskd::ui
{
namespace
{

constexpr int kWhileRunningMs = 3000; // no oftener while runs go on

constexpr int kWidestColumn = 280; // the rest on hover

// What decides about the table: a run's place among the seeds, how it stands and its newest values' step.
std::string stateOf(const WorkspaceFeed& workspace, const std::vector<std::string>& shown)
{
    std::string state;
    for (const std::string& id : shown) {
        if (const RunRecord* record = workspace.find(id)) {
            state += id + "\n" + record->row.name + "\n" + record->row.group + "\n" +
                     std::string(jobs::name(record->status.status)) + " " + std::to_string(record->status.step) + "\n";
        }
    }
    return state;
}

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
    : Page(parent), m_workspace(workspace), m_background(background), m_model(new ComparisonModel(this)),
      m_stack(new PageStack(this)), m_view(new QTableView), m_charts(new ChartGrid(workspace, series, false)),
      m_notes(new MutedLabel)
{
    setObjectName(QStringLiteral("comparePage"));
    m_view->setModel(m_model);
    m_view->setAccessibleName(tr("Comparison"));
    m_view->setAlternatingRowColors(false);
    m_view->setShowGrid(false);
    m_view->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_view->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_view->setWordWrap(false);
    m_view->verticalHeader()->hide();
    m_view->setHorizontalScrollMode(QAbstractItemView::ScrollPerPixel);
    m_view->horizontalHeader()->setHighlightSections(false);
    m_view->setIconSize({10, 10});

    auto* content = new QWidget;
    auto* all = new QVBoxLayout(content);
    all->setContentsMargins(kSpace2, kSpace2, kSpace2, kSpace2);
    all->setSpacing(kSpace2);
    makeToolBar(*all);
    all->addWidget(m_view);
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
    m_later.setSingleShot(true);
    connect(&m_later, &QTimer::timeout, this, &ComparePage::refreshIfChanged);
    connect(&workspace, &WorkspaceFeed::runsChanged, this, &ComparePage::refreshIfChanged);
    setRuns({}, {});
}

void ComparePage::makeToolBar(QBoxLayout& into)
{
    auto* bar = new QHBoxLayout;
    bar->setSpacing(kSpace2);
    m_notes->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred); // or it pushes the buttons off the page
    bar->addWidget(m_notes, 1);
    const auto add = [&](const QString& text, const QString& hint, auto slot) {
        auto* button = new QPushButton(text);
        button->setToolTip(hint);
        connect(button, &QPushButton::clicked, this, slot);
        bar->addWidget(button);
    };
    add(tr("Copy"), tr("The table with tabs between the columns, for spreadsheets"), &ComparePage::copyTsv);
    add(tr("Copy LaTeX"), tr("A tabular with booktabs rules; the best values are bold"), &ComparePage::copyLatex);
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
    m_readState.clear();
    if (m_shown.empty()) {
        m_stack->showSentence(tr("No run is shown. Check the boxes of two or more runs in the list to compare them."));
        return;
    }
    if (m_model->rowCount() == 0) {
        m_stack->showSentence(tr("Reading\u2026"));
    }
    m_sinceRead.invalidate(); // not an update of the runs: read at once
    refreshIfChanged();
}

void ComparePage::showEvent(QShowEvent* event)
{
    Page::showEvent(event);
    refreshIfChanged();
}

void ComparePage::changeEvent(QEvent* event)
{
    Page::changeEvent(event);
    if (event->type() == QEvent::PaletteChange) {
        m_readState.clear(); // the colours of the runs depend on the theme
        refreshIfChanged();
    }
}

void ComparePage::refreshIfChanged()
{
    if (!isVisible() || m_shown.empty() || stateOf(m_workspace, m_shown) == m_readState) {
        return;
    }
    if (m_reading) {
        m_stale = true;
        return;
    }
    const qint64 since = m_sinceRead.isValid() ? m_sinceRead.elapsed() : kWhileRunningMs;
    if (since < kWhileRunningMs) {
        m_later.start(static_cast<int>(kWhileRunningMs - since));
        return;
    }
    read();
}

void ComparePage::read()
{
    m_reading = true;
    m_stale = false;
    m_readState = stateOf(m_workspace, m_shown);
    m_sinceRead.start();
    m_background.run(
        this,
        [shown = m_shown, root = m_workspace.workspace()](const std::atomic<bool>&) -> Result<Compared> {
            auto workspace = store::WorkspaceDb::open(root);
            if (!workspace) {
                return workspace.failure();
            }
            auto comparison = jobs::compareRuns(*workspace, shown);
            if (!comparison) {
                return comparison.failure();
            }
            Compared compared{jobs::comparisonTable(*comparison), {}, {}};
            for (const jobs::UnreadRun& run : comparison->leftOut) {
                compared.leftOut += (compared.leftOut.empty() ? "" : "\n") + run.runId + ": " + run.why.text();
            }
            for (const jobs::OutcomeGroup& group : comparison->groups) {
                compared.firstRuns.push_back(group.runs.front().runId);
            }
            return compared;
        },
        [this, shown = m_shown](Result<Compared> result) {
            m_reading = false;
            if (shown == m_shown) {
                showTable(std::move(result));
            }
            if (m_stale || shown != m_shown) {
                refreshIfChanged();
            }
        });
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
    m_model->setTable(std::move(result->table), std::move(colors));
    const jobs::ComparisonTable& table = m_model->table();
    const bool oneEach = std::all_of(table.rows.begin(), table.rows.end(),
                                     [](const jobs::ComparisonRow& row) { return row.seeds == 1; });
    m_notes->setText(table.rows.size() == 1
                         ? tr("One configuration. Show a second one to see what differs.")
                         : tr("%1 configurations differ in %2 fields; %3")
                               .arg(table.rows.size())
                               .arg(table.fields.size())
                               .arg(oneEach ? tr("one seed each") : tr("mean \u00b1 std over seeds")));
    m_notes->setToolTip(m_notes->text());
    if (!result->leftOut.empty()) {
        m_notes->setText(tr("Some runs cannot be read and are left out; %1").arg(m_notes->text()));
        m_notes->setToolTip(QString::fromStdString(result->leftOut));
    }
    m_stack->showContent();
    fitTable();
    Q_EMIT compared();
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
    QApplication::clipboard()->setText(QString::fromStdString(text::toLatex(m_model->toText())));
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
        this, [csv = m_model->toCsv().toUtf8(), file](const std::atomic<bool>&) { return writeFile(csv, file); },
        [this, file](Result<void> written) {
            m_notes->setText(written ? tr("written to %1").arg(file)
                                     : QString::fromStdString(written.failure().text()));
            m_notes->setToolTip(m_notes->text());
        });
}

} // namespace dskd::ui

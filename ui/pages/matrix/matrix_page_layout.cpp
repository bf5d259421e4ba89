// What stands where on the matrix page, its menus, and what its controls call. What they do is in matrix_page.cpp.

#include "core/config/methods/method_table.h"
#include "core/metrics/metric_table.h"
#include "ui/feed/workspace_feed.h"
#include "ui/look/theme.h"
#include "ui/pages/matrix/field_chooser.h"
#include "ui/pages/matrix/matrix_model.h"
#include "ui/pages/matrix/matrix_page.h"
#include "ui/pages/shared/muted_label.h"
#include "ui/pages/shared/page_stack.h"

#include <QAction>
#include <QApplication>
#include <QBoxLayout>
#include <QCheckBox>
#include <QClipboard>
#include <QComboBox>
#include <QHeaderView>
#include <QMenu>
#include <QPushButton>
#include <QTableView>
#include <algorithm>
#include <utility>

namespace dskd::ui
{
namespace
{

constexpr int kWidestColumn = 320; // the rest on hover
constexpr int kNarrowestMetric = 110;

QString toQt(std::string_view utf8)
{
    return QString::fromUtf8(utf8.data(), static_cast<qsizetype>(utf8.size()));
}

// What may stand on an axis: the method, what differs, and what stands there.
std::vector<std::string> offeredFields(const jobs::Matrix& matrix)
{
    std::vector<std::string> fields{std::string(config::kMethodByName)};
    for (const auto* more : {&matrix.rowFields, &matrix.columnFields, &matrix.differingFields}) {
        for (const std::string& field : *more) {
            if (std::find(fields.begin(), fields.end(), field) == fields.end()) {
                fields.push_back(field);
            }
        }
    }
    return fields;
}

// Where they are others than before: somebody may have opened the list.
void fillMetrics(QComboBox& box, const std::vector<std::string>& names)
{
    bool same = box.count() == static_cast<int>(names.size());
    for (std::size_t i = 0; same && i < names.size(); ++i) {
        same = box.itemData(static_cast<int>(i)).toString() == toQt(names[i]);
    }
    if (same) {
        return;
    }
    box.clear();
    for (const std::string& name : names) {
        box.addItem(toQt(metrics::titleOf(name)), toQt(name));
        box.setItemData(box.count() - 1, toQt(metrics::descriptionOf(name)), Qt::ToolTipRole);
    }
}

void takeOut(std::vector<std::string>& from, const std::vector<std::string>& fields)
{
    std::erase_if(
        from, [&](const std::string& field) { return std::find(fields.begin(), fields.end(), field) != fields.end(); });
}

} // namespace

MatrixPage::MatrixPage(WorkspaceFeed& workspace, Background& background, QWidget* parent)
    : Page(parent), m_workspace(workspace), m_background(background),
      m_reading(
          background, this, [this] { return stateOfShown(); }, [this] { return makeWork(); },
          [this](Result<Read> result) { showMatrix(std::move(result)); }),
      m_model(new MatrixModel(this)), m_stack(new PageStack(this)), m_view(new QTableView), m_title(new MutedLabel),
      m_legend(new MutedLabel), m_notice(new MutedLabel), m_rows(new FieldChooser), m_columns(new FieldChooser)
{
    setObjectName(QStringLiteral("matrixPage"));
    makeTable();
    m_title->setObjectName(QStringLiteral("matrixTitle"));
    m_legend->setObjectName(QStringLiteral("matrixLegend"));
    m_notice->setObjectName(QStringLiteral("matrixNotice"));
    for (MutedLabel* label : {m_title, m_legend, m_notice}) {
        label->setTextFormat(Qt::PlainText);
        label->setWordWrap(true);
        label->setTextInteractionFlags(Qt::TextSelectableByMouse);
    }
    m_notice->hide();

    auto* content = new QWidget(m_stack);
    auto* all = new QVBoxLayout(content);
    all->setContentsMargins(kSpace2, kSpace2, kSpace2, kSpace2);
    all->setSpacing(kSpace2);
    makeToolBar(*all);
    all->addWidget(m_title);
    all->addWidget(m_view, 1);
    all->addWidget(m_legend);
    all->addWidget(m_notice);
    m_stack->setContent(content);
    auto* outer = new QVBoxLayout(this);
    outer->setContentsMargins(0, 0, 0, 0);
    outer->addWidget(m_stack);

    for (const auto changed : {&WorkspaceFeed::runsChanged, &WorkspaceFeed::experimentsChanged}) {
        connect(&workspace, changed, this, [this] { m_reading.refresh(); });
    }
    setRuns({}, {});
}

void MatrixPage::makeTable()
{
    m_view->setModel(m_model);
    m_view->setAccessibleName(tr("Matrix"));
    m_view->setAlternatingRowColors(false);
    m_view->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_view->setSelectionMode(QAbstractItemView::SingleSelection);
    m_view->setTabKeyNavigation(false); // Tab leaves the table
    m_view->setWordWrap(true);          // or the second line of a cell is not shown
    m_view->setHorizontalScrollMode(QAbstractItemView::ScrollPerPixel);
    m_view->setTextElideMode(Qt::ElideMiddle); // long names differ at their ends
    m_view->setIconSize({10, 10});
    m_view->setContextMenuPolicy(Qt::CustomContextMenu);
    connect(m_view, &QTableView::activated, this, &MatrixPage::open); // Enter or a double click
    connect(m_view, &QTableView::clicked, this, [this](const QModelIndex& index) {
        if (m_model->cellAt(index).state == jobs::CellState::Missing) {
            open(index);
        }
    });
    connect(m_view, &QTableView::customContextMenuRequested, this, &MatrixPage::showMenu);
    for (const Qt::Orientation orientation : {Qt::Horizontal, Qt::Vertical}) {
        QHeaderView* header = orientation == Qt::Horizontal ? m_view->horizontalHeader() : m_view->verticalHeader();
        header->setHighlightSections(false);
        header->setContextMenuPolicy(Qt::CustomContextMenu);
        connect(header, &QHeaderView::customContextMenuRequested, this,
                [this, orientation](const QPoint& position) { showHeaderMenu(orientation, position); });
    }
    auto* copy = new QAction(tr("Copy value"), m_view);
    copy->setObjectName(QStringLiteral("copyValue"));
    copy->setShortcut(QKeySequence::Copy);
    copy->setShortcutContext(Qt::WidgetShortcut);
    connect(copy, &QAction::triggered, this, [this] {
        if (m_view->currentIndex().isValid()) {
            QApplication::clipboard()->setText(m_model->exactValue(m_view->currentIndex()));
        }
    });
    m_view->addAction(copy);
}

void MatrixPage::makeToolBar(QBoxLayout& into)
{
    auto* axes = new QHBoxLayout;
    auto* rest = new QHBoxLayout;
    for (QHBoxLayout* bar : {axes, rest}) {
        bar->setSpacing(kSpace2);
        into.addLayout(bar);
    }
    const auto addLabelled = [](QHBoxLayout* bar, const char* name, const QString& title, QWidget* widget) {
        widget->setObjectName(QString::fromLatin1(name));
        widget->setAccessibleName(title);
        auto* label = new MutedLabel(title);
        label->setBuddy(widget);
        bar->addWidget(label);
        bar->addWidget(widget);
    };
    const auto newBox = [&](QHBoxLayout* bar, const char* name, const QString& title, const QString& hint) {
        auto* box = new QComboBox;
        box->setToolTip(hint);
        box->setSizeAdjustPolicy(QComboBox::AdjustToContents);
        addLabelled(bar, name, title, box);
        return box;
    };
    addLabelled(axes, "rows", tr("Rows"), m_rows);
    addLabelled(axes, "columns", tr("Columns"), m_columns);
    m_metric = newBox(axes, "metric", tr("Metric"), tr("What the cells are the means of"));
    m_metric->setMinimumWidth(kNarrowestMetric);
    axes->addStretch(1);
    auto* exports = new QPushButton(tr("Export"));
    exports->setObjectName(QStringLiteral("exportMatrix"));
    auto* menu = new QMenu(exports);
    menu->setToolTipsVisible(true);
    const auto addExport = [&](const QString& text, const QString& hint, auto slot) {
        QAction* action = menu->addAction(text, this, slot);
        action->setToolTip(hint);
    };
    addExport(tr("Copy LaTeX"), tr("A tabular with booktabs rules and its notes"), &MatrixPage::copyLatex);
    addExport(tr("Copy CSV"), tr("A line a cell, with run ids and seeds, full precision"), &MatrixPage::copyCsv);
    addExport(tr("Save\u2026"), tr("To a LaTeX or CSV file"), &MatrixPage::save);
    exports->setMenu(menu);
    axes->addWidget(exports);
    m_spread = newBox(rest, "spread", tr("\u00b1"), tr("What stands behind a mean"));
    m_spread->setAccessibleName(tr("Spread"));
    m_within = newBox(rest, "within", tr("Best of"), tr("What is ranked together"));
    m_test = newBox(rest, "test", tr("Test over"), tr("What is paired in the tests of whether a value is the best"));
    for (const jobs::SpreadRow& row : jobs::kSpreads) {
        m_spread->addItem(toQt(row.title), static_cast<int>(row.spread));
    }
    for (const jobs::WithinRow& row : jobs::kWithins) {
        m_within->addItem(toQt(row.title), static_cast<int>(row.within));
    }
    for (const jobs::PairingRow& row : jobs::kPairings) {
        m_test->addItem(toQt(row.title), static_cast<int>(row.pairing));
    }
    m_former = new QCheckBox(tr("Former revisions"));
    m_former->setObjectName(QStringLiteral("formerRevisions"));
    m_former->setToolTip(
        tr("Shows the runs that the newest revision of the experiment does not plan, with the mark \u2021"));
    m_former->hide();
    rest->addWidget(m_former);
    rest->addStretch(1);
    connect(m_former, &QCheckBox::clicked, this, [this](bool on) {
        MatrixState state = m_state;
        state.request.revisions = on ? jobs::Revisions::All : jobs::Revisions::Newest;
        setState(std::move(state));
    });

    // A field goes down or across.
    connect(m_rows, &FieldChooser::chosen, this, [this](const std::vector<std::string>& fields) {
        MatrixState state = m_state;
        state.request.rows = fields;
        takeOut(state.request.columns, fields);
        setState(std::move(state));
    });
    connect(m_columns, &FieldChooser::chosen, this, [this](const std::vector<std::string>& fields) {
        MatrixState state = m_state;
        state.request.columns = fields;
        takeOut(state.request.rows, fields);
        setState(std::move(state));
    });
    connect(m_metric, &QComboBox::activated, this, [this] {
        MatrixState state = m_state;
        state.request.metric = m_metric->currentData().toString().toStdString();
        setState(std::move(state));
    });
    for (QComboBox* box : {m_spread, m_within, m_test}) {
        connect(box, &QComboBox::activated, this, [this] {
            MatrixState state = m_state;
            state.spread = static_cast<jobs::Spread>(m_spread->currentData().toInt());
            state.request.within = static_cast<jobs::BestWithin>(m_within->currentData().toInt());
            state.request.pairing = static_cast<jobs::Pairing>(m_test->currentData().toInt());
            setState(std::move(state));
        });
    }
}

// The controls as the matrix has become.
void MatrixPage::showChoices()
{
    const jobs::Matrix& matrix = m_model->matrix();
    m_title->setText(m_model->title());
    m_legend->setText(m_model->legend());
    m_rows->setFields(offeredFields(matrix), m_state.request.rows, matrix.rowFields);
    m_columns->setFields(offeredFields(matrix), m_state.request.columns, matrix.columnFields);
    fillMetrics(*m_metric, metrics::inTableOrder(matrix.metrics));
    m_metric->setCurrentIndex(m_metric->findData(toQt(matrix.metric)));
    m_spread->setCurrentIndex(m_spread->findData(static_cast<int>(m_state.spread)));
    m_within->setCurrentIndex(m_within->findData(static_cast<int>(m_state.request.within)));
    m_test->setCurrentIndex(m_test->findData(static_cast<int>(m_state.request.pairing)));
    m_former->setChecked(m_state.request.revisions == jobs::Revisions::All);
    m_former->setVisible(matrix.formerCanBeLeftOut);
}

void MatrixPage::fitTable()
{
    m_view->resizeColumnsToContents();
    for (int column = 0; column < m_model->columnCount(); ++column) {
        m_view->setColumnWidth(column, std::min(kWidestColumn, m_view->columnWidth(column) + kSpace3));
    }
    m_view->resizeRowsToContents();
    for (int row = 0; row < m_model->rowCount(); ++row) {
        m_view->setRowHeight(row, m_view->rowHeight(row) + kSpace2); // or the first of two lines touches the frame
    }
}

void MatrixPage::fillMenu(QMenu& menu, const QModelIndex& index)
{
    const jobs::MatrixCell& cell = m_model->cellAt(index);
    const QPersistentModelIndex at(index);
    const auto add = [&](const QString& text, bool enabled, auto act) {
        QAction* action = menu.addAction(text);
        action->setEnabled(enabled);
        connect(action, &QAction::triggered, this, [at, act] {
            if (at.isValid()) { // the matrix may have changed below the menu
                act(QModelIndex(at));
            }
        });
    };
    add(tr("Select its runs in the list"), !cell.runs.empty() || cell.sameAs,
        [this](const QModelIndex& of) { open(of); });
    add(cell.missing.size() == 1 ? tr("Queue the missing run") : tr("Queue %1 missing runs").arg(cell.missing.size()),
        !cell.missing.empty(), [this](const QModelIndex& of) { queueMissing(of); });
    menu.addSeparator();
    add(tr("Pin this row as baseline"), true, [this](const QModelIndex& of) { pinBaseline(Part::Row, of); });
    if (!m_model->matrix().columnFields.empty()) {
        add(tr("Pin this column as baseline"), true, [this](const QModelIndex& of) { pinBaseline(Part::Column, of); });
        add(tr("Pin this cell as baseline"), true, [this](const QModelIndex& of) { pinBaseline(Part::Cell, of); });
    }
    add(tr("No baseline"), !m_state.request.baseline.empty(), [this](const QModelIndex&) {
        MatrixState state = m_state;
        state.request.baseline.clear();
        setState(std::move(state));
    });
    menu.addSeparator();
    add(tr("Copy value"), cell.value.has_value(),
        [this](const QModelIndex& of) { QApplication::clipboard()->setText(m_model->exactValue(of)); });
}

void MatrixPage::showMenu(const QPoint& position)
{
    QModelIndex index = m_view->indexAt(position);
    if (!index.isValid()) {
        index = m_view->currentIndex(); // by the keyboard
    }
    if (!index.isValid()) {
        return;
    }
    auto* menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    fillMenu(*menu, index);
    menu->popup(m_view->viewport()->mapToGlobal(position));
}

void MatrixPage::showHeaderMenu(Qt::Orientation orientation, const QPoint& position)
{
    const bool across = orientation == Qt::Horizontal;
    const QHeaderView* header = across ? m_view->horizontalHeader() : m_view->verticalHeader();
    const int section = header->logicalIndexAt(position);
    if (section < 0 || (across && m_model->matrix().columnFields.empty())) {
        return;
    }
    auto* menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    const QPersistentModelIndex at(across ? m_model->index(0, section) : m_model->index(section, 0));
    QAction* pin = menu->addAction(across ? tr("Pin this column as baseline") : tr("Pin this row as baseline"));
    connect(pin, &QAction::triggered, this, [this, at, across] {
        if (at.isValid()) {
            pinBaseline(across ? Part::Column : Part::Row, at);
        }
    });
    menu->popup(header->mapToGlobal(position));
}

std::vector<Findable> MatrixPage::findables()
{
    std::vector<Findable> found;
    const auto add = [&](const QString& text, const QString& kind, auto act) {
        Findable& one = found.emplace_back();
        one.text = text;
        one.kind = kind;
        one.act = act;
    };
    if (m_model->rowCount() == 0) {
        return found;
    }
    add(tr("Copy the matrix as LaTeX"), {}, [this] { copyLatex(); });
    add(tr("Copy the matrix as CSV"), {}, [this] { copyCsv(); });
    add(tr("Save the matrix\u2026"), {}, [this] { save(); });
    for (const std::string& metric : metrics::inTableOrder(m_model->matrix().metrics)) {
        add(toQt(metrics::titleOf(metric)), tr("Matrix"), [this, metric] {
            MatrixState state = m_state;
            state.request.metric = metric;
            setState(std::move(state));
        });
    }
    return found;
}

} // namespace dskd::ui

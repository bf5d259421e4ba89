#include "ui/experiment/excluded_cells.h"

#include "core/config/schema/experiment_json.h"
#include "ui/experiment/field_editors.h"
#include "ui/look/format.h"
#include "ui/look/theme.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QSignalBlocker>
#include <QTableWidget>
#include <QToolButton>
#include <QVBoxLayout>
#include <algorithm>

namespace dskd::ui
{

namespace
{

constexpr int kMostRowsShown = 8; // more are scrolled

QString nameOf(const std::string& field)
{
    return QString::fromStdString(config::shortField(field));
}

QString exclusionText(const config::Exclusion& exclusion)
{
    QStringList parts;
    for (const auto& [field, value] : exclusion) {
        parts += nameOf(field) + QLatin1Char('=') + shownName(value);
    }
    return parts.join(QLatin1Char(' '));
}

QStringList textsOf(const std::vector<std::string>& values)
{
    QStringList texts;
    for (const std::string& value : values) {
        texts += shownName(value);
    }
    return texts;
}

} // namespace

ExcludedCells::ExcludedCells(QWidget* parent)
    : QWidget(parent), m_rows(new QComboBox(this)), m_columns(new QComboBox(this)), m_choice(new QWidget(this)),
      m_grid(new QTableWidget(this)), m_others(new QVBoxLayout)
{
    setObjectName("excludedCells");
    auto* sentence = new QLabel(tr("Combinations that run; untick those to leave out:"), this);
    setTone(*sentence, "muted");
    sentence->setWordWrap(true);
    auto* choice = new QHBoxLayout(m_choice);
    choice->setContentsMargins(0, 0, 0, 0);
    for (const auto& [box, text] : {std::pair{m_rows, tr("Rows")}, std::pair{m_columns, tr("Columns")}}) {
        box->setAccessibleName(text);
        scrollPast(*box);
        choice->addWidget(new QLabel(text, m_choice));
        choice->addWidget(box, 1);
        connect(box, &QComboBox::activated, this, [this] { fillGrid(); });
    }
    m_grid->setObjectName("combinations");
    m_grid->setAccessibleName(tr("Combinations that run"));
    m_grid->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_grid->setSelectionMode(QAbstractItemView::SingleSelection);
    m_grid->horizontalHeader()->setSectionResizeMode(QHeaderView::ResizeToContents);
    m_grid->setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    m_grid->setTabKeyNavigation(false); // Tab goes on to the next field
    connect(m_grid, &QTableWidget::itemChanged, this,
            [this](const QTableWidgetItem* item) { toggle(item->row(), item->column()); });
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(kSpace1);
    layout->addWidget(sentence);
    layout->addWidget(m_choice);
    layout->addWidget(m_grid);
    m_others->setSpacing(kSpace1);
    layout->addLayout(m_others);
    hide();
}

void ExcludedCells::setPlan(const std::vector<config::Axis>& axes, const std::vector<config::Exclusion>& excluded)
{
    if (axes == m_axes && excluded == m_excluded) {
        return; // the focus stays in the grid
    }
    const bool newAxes = axes != m_axes;
    m_axes = axes;
    m_excluded = excluded;
    if (newAxes) {
        for (const auto& [box, otherwise] : {std::pair{m_rows, 0}, std::pair{m_columns, 1}}) {
            const QSignalBlocker blocker(box);
            const QVariant before = box->currentData();
            box->clear();
            for (const config::Axis& one : m_axes) {
                box->addItem(nameOf(one.field), QString::fromStdString(one.field));
            }
            const int again = before.isValid() ? box->findData(before) : -1;
            box->setCurrentIndex(again >= 0 ? again : std::min(otherwise, box->count() - 1));
        }
        if (m_axes.size() > 1 && m_rows->currentIndex() == m_columns->currentIndex()) { // there was one axis before
            const QSignalBlocker blocker(m_columns);
            m_columns->setCurrentIndex(m_rows->currentIndex() == 0 ? 1 : 0);
        }
    }
    m_choice->setVisible(m_axes.size() > 2);
    fillGrid();
    setVisible(m_axes.size() > 1 || !m_excluded.empty());
}

const config::Axis* ExcludedCells::axis(const QComboBox& box) const
{
    const int index = box.currentIndex();
    return index < 0 || static_cast<std::size_t>(index) >= m_axes.size() ? nullptr
                                                                         : &m_axes[static_cast<std::size_t>(index)];
}

config::Exclusion ExcludedCells::cell(int row, int column) const
{
    const config::Axis& rows = *axis(*m_rows);
    const config::Axis& columns = *axis(*m_columns);
    return {{rows.field, rows.values[static_cast<std::size_t>(row)]},
            {columns.field, columns.values[static_cast<std::size_t>(column)]}};
}

void ExcludedCells::fillGrid()
{
    const config::Axis* rows = axis(*m_rows);
    const config::Axis* columns = axis(*m_columns);
    const bool twoAxes = rows != nullptr && columns != nullptr && rows != columns;
    m_grid->setVisible(twoAxes);
    {
        const QSignalBlocker blocker(m_grid);
        m_grid->setRowCount(twoAxes ? static_cast<int>(rows->values.size()) : 0);
        m_grid->setColumnCount(twoAxes ? static_cast<int>(columns->values.size()) : 0);
        if (twoAxes) {
            m_grid->setVerticalHeaderLabels(textsOf(rows->values));
            m_grid->setHorizontalHeaderLabels(textsOf(columns->values));
        }
        for (int row = 0; row < m_grid->rowCount(); ++row) {
            for (int column = 0; column < m_grid->columnCount(); ++column) {
                const bool out = std::find(m_excluded.begin(), m_excluded.end(), cell(row, column)) != m_excluded.end();
                auto* item = new QTableWidgetItem;
                item->setFlags(Qt::ItemIsEnabled | Qt::ItemIsSelectable | Qt::ItemIsUserCheckable);
                item->setCheckState(out ? Qt::Unchecked : Qt::Checked);
                item->setData(Qt::AccessibleTextRole, exclusionText(cell(row, column)));
                item->setToolTip(exclusionText(cell(row, column)));
                m_grid->setItem(row, column, item);
            }
        }
    }
    int height = m_grid->horizontalHeader()->sizeHint().height() + 2 * m_grid->frameWidth();
    for (int row = 0; row < std::min(m_grid->rowCount(), kMostRowsShown); ++row) {
        height += m_grid->rowHeight(row);
    }
    m_grid->setFixedHeight(height + kSpace4); // a scroll bar below it
    fillOthers();
}

// Those that are no cell of the grid: of other axes, of one or of three, or of values that there are no more.
void ExcludedCells::fillOthers()
{
    delete m_othersBox;
    m_othersBox = new QWidget(this);
    auto* list = new QVBoxLayout(m_othersBox);
    list->setContentsMargins(0, 0, 0, 0);
    std::vector<config::Exclusion> shown;
    for (int row = 0; row < m_grid->rowCount(); ++row) {
        for (int column = 0; column < m_grid->columnCount(); ++column) {
            shown.push_back(cell(row, column));
        }
    }
    for (const config::Exclusion& exclusion : m_excluded) {
        if (std::find(shown.begin(), shown.end(), exclusion) != shown.end()) {
            continue;
        }
        auto* line = new QHBoxLayout;
        auto* text = new QLabel(tr("Excluded: %1").arg(exclusionText(exclusion)), m_othersBox);
        text->setTextFormat(Qt::PlainText);
        auto* remove = new QToolButton(m_othersBox);
        remove->setIcon(icon("close"));
        remove->setToolTip(tr("Run it after all"));
        remove->setAccessibleName(tr("Run %1 after all").arg(exclusionText(exclusion)));
        connect(remove, &QToolButton::clicked, this, [this, exclusion] {
            std::erase(m_excluded, exclusion);
            // the button that was pressed goes with the list: later
            QMetaObject::invokeMethod(
                this, [this] { fillOthers(); }, Qt::QueuedConnection);
            Q_EMIT changed();
        });
        line->addWidget(text, 1);
        line->addWidget(remove);
        list->addLayout(line);
    }
    m_others->addWidget(m_othersBox);
    m_othersBox->setVisible(list->count() > 0);
}

void ExcludedCells::toggle(int row, int column)
{
    const config::Exclusion exclusion = cell(row, column);
    const bool runs = m_grid->item(row, column)->checkState() == Qt::Checked;
    const auto known = std::find(m_excluded.begin(), m_excluded.end(), exclusion);
    if (runs && known != m_excluded.end()) {
        m_excluded.erase(known);
    } else if (!runs && known == m_excluded.end()) {
        m_excluded.push_back(exclusion);
    } else {
        return;
    }
    Q_EMIT changed();
}

} // namespace dskd::ui

// The columns of the table of runs: which there are, their order, their widths; and what of the page is kept.

#include "ui/look/theme.h"
#include "ui/pages/table/column_chooser.h"
#include "ui/pages/table/run_table_model.h"
#include "ui/pages/table/run_table_widget.h"
#include "ui/pages/table/table_page.h"

#include <QHeaderView>
#include <QJsonArray>
#include <QLineEdit>
#include <QSignalBlocker>
#include <algorithm>
#include <utility>

namespace dskd::ui
{
namespace
{

constexpr int kNameWidth = 200;
constexpr int kTextWidth = 120;
constexpr int kNumberWidth = 96;
constexpr int kWidestText = 640;      // the rest is in the tool tip
constexpr int kDifferenceWidth = 150; // of a metric with its difference to the baseline

QJsonArray toJson(const auto& texts)
{
    QJsonArray array;
    for (const std::string& text : texts) {
        array.append(QString::fromStdString(text));
    }
    return array;
}

std::vector<std::string> fromJson(const QJsonValue& value)
{
    std::vector<std::string> texts;
    const QJsonArray array = value.toArray();
    for (const QJsonValue& text : array) {
        texts.push_back(text.toString().toStdString());
    }
    return texts;
}

} // namespace

void TablePage::findColumns()
{
    m_columns = jobs::runColumns(m_model->recorded());
}

void TablePage::setColumns(std::vector<std::string> ids)
{
    m_chosen = std::move(ids);
    changeView([this](RunTableView& view) {
        view.columns.clear();
        for (const std::string& id : m_chosen) {
            const auto column = std::find_if(m_columns.begin(), m_columns.end(),
                                             [&](const jobs::RunColumn& one) { return one.id == id; });
            if (column != m_columns.end()) { // else a metric that no run has recorded yet
                view.columns.push_back(*column);
            }
        }
    });
}

void TablePage::showWidths()
{
    QHeaderView& header = *m_view->horizontalHeader();
    m_showingWidths = true; // which are not a person's
    const RunTableView& view = m_model->view();
    int sorted = -1;
    for (int section = 0; section < m_model->columnCount(); ++section) {
        const jobs::RunColumn& column = view.columns[static_cast<std::size_t>(section)];
        const auto width = m_widths.find(column.id);
        m_view->setColumnWidth(section, width != m_widths.end()                 ? width->second
                                        : column.id == jobs::kNameColumn        ? kNameWidth
                                        : column.kind == jobs::ColumnKind::Text ? kTextWidth
                                        : !view.baseline.empty() && column.source == jobs::RunColumn::Source::Metric
                                            ? kDifferenceWidth
                                            : kNumberWidth);
        sorted = column.id == view.sortedBy ? section : sorted;
    }
    widenTexts();
    m_showingWidths = false;
    const QSignalBlocker blocker(header); // it is sorted so already
    header.setSortIndicator(sorted, view.descending ? Qt::DescendingOrder : Qt::AscendingOrder);
}

// What the columns leave of the view is for the texts that are cut, from the left; not for those that a person sized.
void TablePage::widenTexts()
{
    const std::vector<jobs::RunColumn>& columns = m_model->view().columns;
    int room = m_view->viewport()->width() - m_view->horizontalHeader()->length();
    for (int section = 0; section < m_model->columnCount() && room > 0; ++section) {
        const jobs::RunColumn& column = columns[static_cast<std::size_t>(section)];
        if (column.kind != jobs::ColumnKind::Text || m_widths.contains(column.id)) {
            continue;
        }
        const QAbstractItemView& view = *m_view; // whose hint is public
        const int wanted = std::min(kWidestText, view.sizeHintForColumn(section) + kSpace2);
        if (const int more = std::min(room, wanted - m_view->columnWidth(section)); more > 0) {
            m_view->setColumnWidth(section, m_view->columnWidth(section) + more);
            room -= more;
        }
    }
}

// A column was dragged: the chosen ones get that order, and the header counts from the left again.
void TablePage::takeColumnOrder()
{
    QHeaderView& header = *m_view->horizontalHeader();
    std::vector<std::string> ids;
    for (int place = 0; place < header.count(); ++place) {
        ids.push_back(m_model->view().columns[static_cast<std::size_t>(header.logicalIndex(place))].id);
    }
    {
        const QSignalBlocker blocker(header);
        for (int section = 0; section < header.count(); ++section) {
            header.moveSection(header.visualIndex(section), section);
        }
    }
    if (std::equal(ids.begin(), ids.end(), m_model->view().columns.begin(), m_model->view().columns.end(),
                   [](const std::string& id, const jobs::RunColumn& column) { return id == column.id; })) {
        return; // several drags at once come as several calls
    }
    for (const std::string& id : m_chosen) { // those of metrics that nothing has recorded
        if (std::find(ids.begin(), ids.end(), id) == ids.end()) {
            ids.push_back(id);
        }
    }
    setColumns(std::move(ids));
}

void TablePage::chooseColumns()
{
    findColumns();
    auto* chooser = new ColumnChooser(m_columns, m_chosen, this);
    chooser->setAttribute(Qt::WA_DeleteOnClose);
    connect(chooser, &ColumnChooser::chosenChanged, this, [this, chooser] { setColumns(chooser->chosen()); });
    chooser->open();
}

QJsonObject TablePage::savedState() const
{
    const RunTableView& view = m_model->view();
    QJsonObject widths;
    for (const auto& [id, width] : m_widths) {
        widths[QString::fromStdString(id)] = width;
    }
    return {{QStringLiteral("columns"), toJson(m_chosen)},
            {QStringLiteral("widths"), widths},
            {QStringLiteral("query"), m_query->text()},
            {QStringLiteral("sort"), QString::fromStdString(view.sortedBy)},
            {QStringLiteral("descending"), view.descending},
            {QStringLiteral("acrossSeeds"), view.acrossSeeds},
            {QStringLiteral("pinned"), toJson(view.pinned)},
            {QStringLiteral("baseline"), QString::fromStdString(view.baseline)}};
}

void TablePage::restoreState(const QJsonObject& state)
{
    const QSignalBlocker blocker(this); // what was saved is no change
    const QJsonObject widths = state.value(QStringLiteral("widths")).toObject();
    for (auto width = widths.begin(); width != widths.end(); ++width) {
        m_widths[width.key().toStdString()] = std::max(1, width.value().toInt(kTextWidth));
    }
    const std::vector<std::string> pinned = fromJson(state.value(QStringLiteral("pinned")));
    changeView([&](RunTableView& view) {
        view.sortedBy = state.value(QStringLiteral("sort")).toString().toStdString();
        view.descending = state.value(QStringLiteral("descending")).toBool();
        view.pinned = {pinned.begin(), pinned.end()};
        view.baseline = state.value(QStringLiteral("baseline")).toString().toStdString();
    });
    setAcrossSeeds(state.value(QStringLiteral("acrossSeeds")).toBool());
    if (const std::vector<std::string> columns = fromJson(state.value(QStringLiteral("columns"))); !columns.empty()) {
        setColumns(columns);
    }
    m_query->setText(state.value(QStringLiteral("query")).toString());
}

} // namespace dskd::ui

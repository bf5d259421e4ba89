#include "ui/models/run_filter.h"

#include "ui/models/run_tree_model.h"

#include <algorithm>

namespace dskd::ui
{

namespace
{

bool matches(const QString& word, const QStringList& fields)
{
    const bool named = word.indexOf(':') > 0;
    const QString name = word.section(':', 0, 0) + ':';
    const QString text = named ? word.section(':', 1) : word;
    return std::any_of(fields.begin(), fields.end(), [&](const QString& field) {
        const QString value = field.section(':', 1);
        return (!named || field.startsWith(name, Qt::CaseInsensitive)) && value.contains(text, Qt::CaseInsensitive);
    });
}

} // namespace

RunFilter::RunFilter(QObject* parent) : QSortFilterProxyModel(parent)
{
    setRecursiveFilteringEnabled(true);
    setSortRole(RunTreeModel::SortRole);
}

void RunFilter::setText(const QString& text)
{
    m_words = text.split(' ', Qt::SkipEmptyParts);
    invalidateFilter();
}

bool RunFilter::filterAcceptsRow(int row, const QModelIndex& parent) const
{
    const QStringList fields = sourceModel()->index(row, 0, parent).data(RunTreeModel::WordsRole).toStringList();
    return std::all_of(m_words.begin(), m_words.end(), [&](const QString& word) { return matches(word, fields); });
}

bool RunFilter::lessThan(const QModelIndex& left, const QModelIndex& right) const
{
    if (!left.parent().isValid()) {
        return left.row() < right.row(); // experiments stay newest first
    }
    return QSortFilterProxyModel::lessThan(left, right);
}

} // namespace dskd::ui

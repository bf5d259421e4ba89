#include "ui/experiment/sample_list.h"

#include "ui/look/format.h"

#include <QStringList>
#include <algorithm>
#include <utility>

namespace dskd::ui
{
namespace
{

constexpr std::size_t kMostShown = 300; // characters of a text in its cell, which is one line
constexpr std::size_t kMostHint = 2000; // and in its tool tip

// Cut between characters.
QString beginOf(const std::string& text, std::size_t most)
{
    std::size_t end = std::min(text.size(), most);
    while (end < text.size() && end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) {
        --end;
    }
    return QString::fromStdString(text.substr(0, end)) + (end < text.size() ? QStringLiteral("\u2026") : QString());
}

} // namespace

void SampleList::setSamples(std::vector<preflight::DataSample> samples)
{
    m_samples = std::move(samples);
    m_searched.clear();
    setSearch({});
}

void SampleList::setSearch(const QString& words)
{
    const QStringList wanted = words.split(QLatin1Char(' '), Qt::SkipEmptyParts);
    if (!wanted.isEmpty() && m_searched.empty()) { // converted once: a search comes with every key
        m_searched.reserve(m_samples.size());
        for (const preflight::DataSample& sample : m_samples) {
            m_searched.push_back(QString::number(sample.line) + QLatin1Char(' ') +
                                 QString::fromStdString(sample.question) + QLatin1Char(' ') +
                                 QString::fromStdString(sample.answer));
        }
    }
    beginResetModel();
    m_shown.clear();
    for (std::size_t i = 0; i < m_samples.size(); ++i) {
        if (std::all_of(wanted.begin(), wanted.end(),
                        [&](const QString& word) { return m_searched[i].contains(word, Qt::CaseInsensitive); })) {
            m_shown.push_back(i);
        }
    }
    endResetModel();
}

void SampleList::setChosen(std::set<std::int64_t> lines)
{
    m_chosen = std::move(lines);
    if (!m_shown.empty()) {
        Q_EMIT dataChanged(index(0, Line), index(rowCount() - 1, Line), {Qt::CheckStateRole});
    }
    Q_EMIT chosenChanged();
}

std::set<std::int64_t> SampleList::unknown() const
{
    std::set<std::int64_t> lines = m_chosen;
    for (const preflight::DataSample& sample : m_samples) {
        lines.erase(sample.line);
    }
    return lines;
}

int SampleList::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_shown.size());
}

int SampleList::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant SampleList::data(const QModelIndex& index, int role) const
{
    if (!index.isValid()) {
        return {};
    }
    const preflight::DataSample& sample = m_samples[m_shown[static_cast<std::size_t>(index.row())]];
    if (role == Qt::CheckStateRole && index.column() == Line) {
        return static_cast<int>(m_chosen.contains(sample.line) ? Qt::Checked : Qt::Unchecked);
    }
    if (index.column() == Line) {
        return role == Qt::DisplayRole ? QVariant(QString::number(sample.line)) : QVariant(); // as it is typed
    }
    const std::string& text = index.column() == Question ? sample.question : sample.answer;
    switch (role) {
    case Qt::DisplayRole: return shownName(beginOf(text, kMostShown).toStdString());
    case Qt::ToolTipRole: return plainHint(beginOf(text, kMostHint));
    default: return {};
    }
}

QVariant SampleList::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole) {
        return {};
    }
    return section == Line ? tr("Line") : section == Question ? tr("Question") : tr("Answer");
}

Qt::ItemFlags SampleList::flags(const QModelIndex& index) const
{
    if (!index.isValid()) {
        return Qt::NoItemFlags;
    }
    const Qt::ItemFlags all = Qt::ItemIsEnabled | Qt::ItemIsSelectable | Qt::ItemNeverHasChildren;
    return index.column() == Line ? all | Qt::ItemIsUserCheckable : all;
}

bool SampleList::setData(const QModelIndex& index, const QVariant& value, int role)
{
    if (role != Qt::CheckStateRole || index.column() != Line) {
        return false;
    }
    const std::int64_t line = m_samples[m_shown[static_cast<std::size_t>(index.row())]].line;
    if (value.toInt() == Qt::Checked) {
        m_chosen.insert(line);
    } else {
        m_chosen.erase(line);
    }
    Q_EMIT dataChanged(index, index, {Qt::CheckStateRole});
    Q_EMIT chosenChanged();
    return true;
}

} // namespace dskd::ui

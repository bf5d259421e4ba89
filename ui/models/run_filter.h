#pragma once

#include <QSortFilterProxyModel>
#include <QStringList>

namespace dskd::ui
{

// The runs that match every word of a line: "field:text" looks in that field (name, id, experiment, group, status,
// method, seed, note, tag), any other word in all of them. An experiment is shown when one of its runs is, or it
// matches itself. GUI thread only.
class RunFilter final : public QSortFilterProxyModel
{
    Q_OBJECT
public:
    explicit RunFilter(QObject* parent = nullptr);
    void setText(const QString& text);
    [[nodiscard]] bool active() const { return !m_words.isEmpty(); }

protected:
    [[nodiscard]] bool filterAcceptsRow(int row, const QModelIndex& parent) const override;
    [[nodiscard]] bool lessThan(const QModelIndex& left, const QModelIndex& right) const override;

private:
    QStringList m_words;
};

} // namespace dskd::ui

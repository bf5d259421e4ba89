#pragma once

#include <QSortFilterProxyModel>
#include <QStringList>

namespace dskd::ui
{

// The runs that match every word of a line: "field:text" looks in that field (name, id, group, status, method, seed,
// note), any other word in all of them. A group is shown when one of its runs is. GUI thread only.
class RunFilter final : public QSortFilterProxyModel
{
    Q_OBJECT
public:
    explicit RunFilter(QObject* parent = nullptr);
    void setText(const QString& text);

protected:
    [[nodiscard]] bool filterAcceptsRow(int row, const QModelIndex& parent) const override;
    [[nodiscard]] bool lessThan(const QModelIndex& left, const QModelIndex& right) const override;

private:
    QStringList m_words;
};

} // namespace dskd::ui

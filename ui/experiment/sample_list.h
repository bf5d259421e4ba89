#pragma once

#include "core/preflight/data_samples.h"

#include <QAbstractTableModel>
#include <QString>
#include <cstdint>
#include <set>
#include <vector>

namespace dskd::ui
{

// Samples of the data with a box to tick each. Those without the words of a search are left out and stay ticked.
// GUI thread only.
class SampleList final : public QAbstractTableModel
{
    Q_OBJECT
public:
    enum Column { Line, Question, Answer, ColumnCount };
    using QAbstractTableModel::QAbstractTableModel;

    void setSamples(std::vector<preflight::DataSample> samples);
    void setSearch(const QString& words); // all of them, in any order and case
    void setChosen(std::set<std::int64_t> lines);

    [[nodiscard]] const std::set<std::int64_t>& chosen() const { return m_chosen; } // lines
    [[nodiscard]] std::size_t numSamples() const { return m_samples.size(); }
    [[nodiscard]] std::set<std::int64_t> unknown() const; // chosen lines that no sample has

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role) const override;
    [[nodiscard]] Qt::ItemFlags flags(const QModelIndex& index) const override;
    bool setData(const QModelIndex& index, const QVariant& value, int role) override;

Q_SIGNALS:
    void chosenChanged();

private:
    std::vector<preflight::DataSample> m_samples; // in the order of their lines
    std::vector<QString> m_searched;              // the text of each in which a search looks, once there was one
    std::vector<std::size_t> m_shown;             // places in it
    std::set<std::int64_t> m_chosen;
};

} // namespace dskd::ui

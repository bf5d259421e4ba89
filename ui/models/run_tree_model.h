#pragma once

#include "ui/feed/workspace_feed.h"

#include <QAbstractItemModel>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace dskd::ui
{

// Runs under the groups they belong to. Holds a copy of the feed's snapshot; an update changes rows in place, so
// selection, expansion and scroll position survive. The check box of a run's name is whether charts draw it.
// GUI thread only.
class RunTreeModel final : public QAbstractItemModel
{
    Q_OBJECT
public:
    enum Column { Name, Method, State, Step, Loss, ValidationLoss, RougeL, Seed, ColumnCount };
    enum Role { RunIdRole = Qt::UserRole, SortRole, WordsRole }; // WordsRole: "name:dual space", "status:done", ...

    explicit RunTreeModel(QObject* parent = nullptr);

    // Takes the newest snapshot. The runs of the newest group start checked, its newest hundred where it has more; a
    // run that appears beside shown ones is shown too.
    void setRuns(const std::vector<RunRecord>& runs);

    [[nodiscard]] std::vector<std::string> shownRuns() const; // checked, in the order of the list
    void setShown(const std::set<std::string>& runIds);
    void toggleShown(const std::vector<std::string>& runIds); // all on, or all off when all are on
    [[nodiscard]] QModelIndex indexOf(const std::string& runId) const;
    [[nodiscard]] std::string runIdAt(const QModelIndex& index) const; // empty for groups

    [[nodiscard]] QModelIndex index(int row, int column, const QModelIndex& parent = {}) const override;
    [[nodiscard]] QModelIndex parent(const QModelIndex& index) const override;
    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role) const override;
    [[nodiscard]] Qt::ItemFlags flags(const QModelIndex& index) const override;
    bool setData(const QModelIndex& index, const QVariant& value, int role) override;

Q_SIGNALS:
    void shownChanged();
    void renamed(const std::string& runId, const QString& name); // the person typed a new name

private:
    struct Group {
        QString name;
        std::vector<RunRecord> runs;
    };
    [[nodiscard]] const RunRecord* recordAt(const QModelIndex& index) const;
    [[nodiscard]] QVariant groupData(const Group& group, int column, int role) const;
    [[nodiscard]] QVariant runData(const RunRecord& run, int column, int role) const;
    bool updateInPlace(const std::vector<Group>& fresh);

    [[nodiscard]] QString titleOf(const RunRecord& run) const;

    void notePlaces(std::size_t group, std::size_t from);

    std::vector<Group> m_groups;
    std::map<std::string, std::pair<std::size_t, int>> m_places; // group and row of every run
    std::set<std::pair<std::string, std::string>>
        m_sharedNames; // group and name that several runs share: their titles show the seed
    std::set<std::string> m_shown;
    bool m_listed = false;       // runs were there before: others are new ones
    bool m_shownDecided = false; // by a person or by the first snapshot
};

// "dskd-cma", "dual kl eta", "sft", "evaluate": how a run distils, in a few words (RunRow::methodLabel).
[[nodiscard]] QString methodText(const store::RunRow& run);
// "dual, seed 10"; the name alone where it ends in its seed already.
[[nodiscard]] QString nameWithSeed(const store::RunRow& run);
// "running", "out of memory": a status as words.
[[nodiscard]] QString statusText(jobs::Status status);

} // namespace dskd::ui

#pragma once

#include "ui/feed/workspace_feed.h"
#include "ui/models/axis_names.h"

#include <QAbstractItemModel>
#include <QStringList>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace dskd::ui
{

// Experiments, the newest first, with their runs below; runs of no experiment below a last node. Holds a copy of the
// feed's snapshot; an update changes rows in place, so selection, expansion and scroll position survive. The check box
// of a run's name is whether charts draw it. GUI thread only.
class RunTreeModel final : public QAbstractItemModel
{
    Q_OBJECT
public:
    enum Column { Name, Method, State, Step, Loss, ValidationLoss, RougeL, Seed, ColumnCount };
    // WordsRole: "name:dual space", "status:done", ...; ExperimentRole: its id, also of a run, 0 where it has none.
    enum Role { RunIdRole = Qt::UserRole, SortRole, WordsRole, ExperimentRole };

    explicit RunTreeModel(QObject* parent = nullptr);

    // Takes the newest snapshot. The runs of the newest group (RunRow::group) start checked, its newest hundred where
    // it has more; a run that appears beside shown ones of its group or experiment is shown too.
    void setRuns(const std::vector<RunRecord>& runs, const std::vector<ExperimentRecord>& experiments = {});
    void showArchived(bool show) { m_showsArchived = show; } // from the next setRuns on, archived experiments too

    [[nodiscard]] std::vector<std::string> shownRuns() const; // checked, in the order of the list
    void setShown(const std::set<std::string>& runIds);
    void toggleShown(const std::vector<std::string>& runIds); // all on, or all off when all are on
    [[nodiscard]] QModelIndex indexOf(const std::string& runId) const;
    [[nodiscard]] std::string runIdAt(const QModelIndex& index) const;              // empty for experiments
    [[nodiscard]] std::vector<std::string> runsOf(std::int64_t experimentId) const; // that are in the list

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
    void experimentRenamed(std::int64_t experimentId, const QString& name);

private:
    struct Group {
        std::optional<ExperimentRecord> experiment; // none: runs of no experiment
        std::vector<RunRecord> runs;
        std::vector<NamedAxis> axes;       // of the experiment's runs
        std::set<std::string> namesakes{}; // its runs whose labels name their revision (formerNamesakes)

        [[nodiscard]] std::int64_t id() const { return experiment ? experiment->row.id : 0; }
    };
    [[nodiscard]] std::vector<Group> groupsOf(const std::vector<RunRecord>& runs,
                                              const std::vector<ExperimentRecord>& experiments) const;
    void showNewest(const std::vector<Group>& fresh);
    void showNew(const std::vector<Group>& fresh);
    [[nodiscard]] const RunRecord* recordAt(const QModelIndex& index) const;
    [[nodiscard]] static QString titleOf(const Group& group);
    [[nodiscard]] static QStringList wordsOf(const Group& group, const RunRecord* run);
    [[nodiscard]] QVariant groupData(const Group& group, int column, int role) const;
    [[nodiscard]] QVariant runData(const Group& group, const RunRecord& run, int column, int role) const;
    bool updateInPlace(const std::vector<Group>& fresh);
    void notePlaces(std::size_t group, std::size_t from);

    std::vector<Group> m_groups;
    std::map<std::string, std::pair<std::size_t, int>> m_places; // group and row of every run
    std::set<std::string> m_shown;
    bool m_listed = false;       // runs were there before: others are new ones
    bool m_shownDecided = false; // by a person or by the first snapshot
    bool m_showsArchived = false;
};

// "dskd-cma", "dual kl eta", "sft", "evaluate": how a run distils, in a few words (RunRow::methodLabel).
[[nodiscard]] QString methodText(const store::RunRow& run);
// "running", "out of memory": a status as words.
[[nodiscard]] QString statusText(jobs::Status status);

} // namespace dskd::ui

#pragma once

#include "core/jobs/table/run_query.h"
#include "core/jobs/table/table_data.h"
#include "ui/feed/workspace_feed.h"

#include <QAbstractTableModel>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

namespace dskd::ui
{

// What a person has arranged in the table of runs.
struct RunTableView {
    std::vector<jobs::RunColumn> columns;
    jobs::RunQuery query;
    std::string sortedBy; // id of a column; empty: the newest first
    bool descending = false;
    bool acrossSeeds = false;     // one row for runs that differ in nothing but the seed
    std::set<std::string> pinned; // runs that stay at the top, whatever the query
    std::string baseline;         // a run, or one of a row, that metrics are measured against; empty: none
};

// The runs of the workspace as a flat table: those that meet the query, in order, each or as one row for their seeds.
// It refers to the records of the feed and writes out only what is asked for, so thousands of rows cost little.
// GUI thread only.
class RunTableModel final : public QAbstractTableModel
{
    Q_OBJECT
public:
    enum Role { RunIdRole = Qt::UserRole }; // of a row's first run

    explicit RunTableModel(QObject* parent = nullptr);

    // The newest records; they are referred to until the next call, which must come before they change again.
    // `experiments`: names by id.
    void setRuns(const std::vector<RunRecord>& runs, std::map<std::int64_t, std::string> experiments);
    // While a cell is edited: what is shown stays, or the editor would lose what was typed.
    void setHeld(bool held) { m_held = held; }
    void setView(RunTableView view);
    [[nodiscard]] const RunTableView& view() const { return m_view; }
    // Of runs whose configuration has been read; it never changes. `failed`: those that could not be read, with how the
    // run stood then; each is like no other.
    void addConfigs(std::map<std::string, jobs::TableConfig> configs,
                    const std::map<std::string, jobs::Status>& failed = {});
    // Whether the view cannot be shown whole without them, and the runs that have not been read, among them those that
    // stand otherwise than when it failed.
    [[nodiscard]] bool needsConfigs() const;
    [[nodiscard]] std::vector<std::string> withoutConfig() const;

    [[nodiscard]] std::size_t numRuns() const { return m_runs == nullptr ? 0 : m_runs->size(); }
    [[nodiscard]] std::size_t numMatching() const { return m_numMatching; } // runs
    [[nodiscard]] std::vector<std::string> runsOf(int row) const;
    [[nodiscard]] int rowOf(const std::string& runId) const; // -1: in none
    [[nodiscard]] bool isPinned(int row) const;
    // Every metric that a run has recorded.
    [[nodiscard]] std::set<std::string> recorded() const;

    // Rows (all when empty) under titles, tabs between; numbers of single runs with full precision.
    [[nodiscard]] QString toTsv(const std::vector<int>& rows) const;
    [[nodiscard]] std::string toCsv() const; // all rows

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation,
                                      int role = Qt::DisplayRole) const override;
    [[nodiscard]] Qt::ItemFlags flags(const QModelIndex& index) const override;
    bool setData(const QModelIndex& index, const QVariant& value, int role) override;
    void sort(int column, Qt::SortOrder order) override;

Q_SIGNALS:
    // A person typed another text into a cell of name, group, tags or note.
    void edited(const QString& runId, const QString& columnId, const QString& text);
    void sorted(); // by a click on a header

private:
    using Row = jobs::SeedGroup; // of one run where the table does not set seeds side by side
    void rebuild();
    [[nodiscard]] std::vector<Row> madeRows();
    void bind();
    [[nodiscard]] std::vector<Row> matchingRows(); // in the order of the workspace; counts them
    void arrange(std::vector<Row>& rows) const;
    void apply(std::vector<Row> rows);
    [[nodiscard]] const jobs::TableConfig* configOf(std::size_t run) const;
    [[nodiscard]] std::optional<double> deltaOf(const jobs::RunColumn& column, const Row& row) const;
    [[nodiscard]] QString textOf(const jobs::RunColumn& column, const Row& row) const;
    [[nodiscard]] QString hintOf(const jobs::RunColumn& column, const Row& row) const;
    [[nodiscard]] QVariant decorationOf(const jobs::RunColumn& column, const Row& row) const;
    [[nodiscard]] bool isBaseline(const Row& row) const;

    const std::vector<RunRecord>* m_runs = nullptr;
    std::map<std::int64_t, std::string> m_experiments;
    std::unordered_map<std::string, jobs::TableConfig> m_configs; // empty ones of those that could not be read
    std::map<std::string, jobs::Status> m_failedConfigs;          // those, with how the run stood
    std::vector<jobs::TableRun> m_facts;                          // of *m_runs
    std::vector<std::string> m_ids;                               // of *m_runs, as the rows were made of them
    RunTableView m_view;
    std::vector<Row> m_rows; // places in *m_runs; pinned ones first
    std::optional<Row> m_baseline;
    std::size_t m_numMatching = 0;
    bool m_held = false;
};

} // namespace dskd::ui

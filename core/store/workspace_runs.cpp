#include "core/store/workspace_runs.h"

#include "core/config/methods/method_table.h"
#include "core/store/workspace_state.h"

#include <charconv>
#include <cstdint>
#include <iterator>
#include <optional>
#include <variant>

namespace dskd::store
{
namespace
{

struct RunColumn {
    const char* name;
    std::variant<std::string RunRow::*, double RunRow::*, std::optional<double> RunRow::*, std::uint64_t RunRow::*,
                 std::optional<std::int64_t> RunRow::*>
        field;
};

constexpr RunColumn kRunColumns[] = {{"id", &RunRow::id},
                                     {"name", &RunRow::name},
                                     {"group_name", &RunRow::group},
                                     {"created", &RunRow::created},
                                     {"job", &RunRow::job},
                                     {"objective", &RunRow::objective},
                                     {"space", &RunRow::space},
                                     {"alignment", &RunRow::alignment},
                                     {"distance", &RunRow::distance},
                                     {"seed", &RunRow::seed},
                                     {"teacher", &RunRow::teacher},
                                     {"student", &RunRow::student},
                                     {"config_hash", &RunRow::configHash},
                                     {"note", &RunRow::note},
                                     {"trashed", &RunRow::trashed},
                                     {"experiment_id", &RunRow::experiment},
                                     {"revision", &RunRow::revision},
                                     {"method", &RunRow::method},
                                     {"method_label", &RunRow::methodLabel}};
constexpr int kNumColumns = static_cast<int>(std::size(kRunColumns));
constexpr int kMethodLabel = kNumColumns - 1;

// "id, name, ...", or a text of `each` for every column.
std::string columnList(const char* each = nullptr)
{
    std::string list;
    for (const RunColumn& column : kRunColumns) {
        list += (list.empty() ? "" : ", ") + std::string(each == nullptr ? column.name : each);
    }
    return list;
}

template <typename Value>
void write(Statement& statement, int parameter, const Value& value)
{
    statement.bind(parameter, value);
}

// As text: SQLite has no unsigned 64-bit integers.
void write(Statement& statement, int parameter, std::uint64_t value)
{
    statement.bind(parameter, std::to_string(value));
}

void read(const Statement& row, int column, std::string& value)
{
    value = row.text(column);
}

void read(const Statement& row, int column, double& value)
{
    value = row.real(column);
}

void read(const Statement& row, int column, std::optional<double>& value)
{
    value = row.isNull(column) ? std::nullopt : std::optional(row.real(column));
}

void read(const Statement& row, int column, std::optional<std::int64_t>& value)
{
    value = row.isNull(column) ? std::nullopt : std::optional(row.integer(column));
}

void read(const Statement& row, int column, std::uint64_t& value)
{
    const std::string digits = row.text(column);
    std::from_chars(digits.data(), digits.data() + digits.size(), value);
}

} // namespace

Statement selectRuns(const Database& database, std::string_view rest)
{
    return database.prepare("SELECT " + columnList() + " FROM runs " + std::string(rest));
}

RunRow runOf(const Statement& row)
{
    RunRow run;
    for (int i = 0; i < kNumColumns; ++i) {
        std::visit([&](auto field) { read(row, i, run.*field); }, kRunColumns[i].field);
    }
    if (row.isNull(kMethodLabel)) { // config.json could not be read yet
        run.methodLabel = config::labelOf({.job = run.job,
                                           .objective = run.objective,
                                           .space = run.space,
                                           .distance = run.distance,
                                           .alignment = run.alignment});
    }
    return run;
}

Result<void> insertRun(const Database& database, const RunRow& run)
{
    Statement statement = database.prepare("INSERT OR IGNORE INTO runs(" + columnList() + ", number) VALUES(" +
                                           columnList("?") + ", (SELECT COALESCE(MAX(number), 0) + 1 FROM runs))");
    for (int i = 0; i < kNumColumns; ++i) {
        std::visit([&](auto field) { write(statement, i + 1, run.*field); }, kRunColumns[i].field);
    }
    statement.run();
    if (database.changes() != 1) {
        return Failure{"There is already a run " + run.id + ".", {}};
    }
    for (const std::string& tag : run.tags) {
        database.prepare("INSERT OR IGNORE INTO tags(run_id, tag) VALUES(?, ?)").bind(1, run.id).bind(2, tag).run();
    }
    if (!run.trashed) { // somebody may have deleted its experiment meanwhile
        reviveExperimentOf(database, run.id);
    }
    return {};
}

} // namespace dskd::store

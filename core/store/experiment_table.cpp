#include "core/store/experiment_table.h"

#include "core/base/nearest_name.h"
#include "core/base/process.h"
#include "core/base/utf8.h"
#include "core/store/chosen_names.h"
#include "core/store/workspace_state.h"

#include <cstddef>
#include <map>
#include <optional>

namespace dskd::store
{
namespace
{

constexpr const char* kSelect = "SELECT id, name, created, note, archived, (SELECT MAX(number) FROM revisions WHERE "
                                "experiment_id = id) FROM experiments WHERE deleted_name IS NULL ORDER BY id";

ExperimentRow experimentOf(const Statement& row)
{
    ExperimentRow experiment;
    experiment.id = row.integer(0);
    experiment.name = row.text(1);
    experiment.created = row.real(2);
    experiment.note = row.text(3);
    experiment.archived = row.isNull(4) ? std::nullopt : std::optional(row.real(4));
    experiment.revision = row.integer(5);
    return experiment;
}

Failure unknown(std::int64_t id)
{
    return {"There is no experiment #" + std::to_string(id) + " any more.", {}, FailureKind::NotFound};
}

bool isTaken(const Database& database, const std::string& name, std::int64_t otherThan)
{
    Statement row = database.prepare("SELECT 1 FROM experiments WHERE name = ? AND id != ?");
    return row.bind(1, name).bind(2, otherThan).step();
}

// The name with the number behind it, within what a name may have.
std::string numbered(const std::string& wanted, int number)
{
    const std::string end = " " + std::to_string(number);
    std::size_t length = wanted.size();
    for (std::size_t count = numCodePoints(wanted); length > 0 && count + end.size() > kLongestName; --count) {
        length = codePointBegin(wanted, length - 1);
    }
    return wanted.substr(0, length) + end;
}

std::string freeName(const Database& database, const std::string& wanted)
{
    std::string name = wanted;
    for (int number = 2; isTaken(database, name, 0); ++number) {
        name = numbered(wanted, number);
    }
    return name;
}

// Why a name cannot be that of the experiment `id` (0: of a new one).
Result<void> checkFreeName(const Database& database, const std::string& name, std::int64_t id)
{
    const Result<void> usable = checkName(name, Named::Experiment);
    if (usable && !isTaken(database, name, id)) {
        return {};
    }
    const std::string other = freeName(database, usableName(name));
    return Failure{usable ? "There is an experiment \"" + name + "\" already." : usable.failure().what,
                   other.empty() ? "" : "Choose another name, for example \"" + other + "\".", FailureKind::Usage};
}

bool isThere(const Database& database, std::int64_t id)
{
    Statement row = database.prepare("SELECT 1 FROM experiments WHERE id = ? AND deleted_name IS NULL");
    return row.bind(1, id).step();
}

void insertRevision(const Database& database, std::int64_t id, std::int64_t number, double created,
                    std::string_view plan)
{
    database.prepare("INSERT INTO revisions(experiment_id, number, created, plan) VALUES(?, ?, ?, ?)")
        .bind(1, id)
        .bind(2, number)
        .bind(3, created)
        .bind(4, plan)
        .run();
}

void insertTag(const Database& database, std::int64_t id, const std::string& tag)
{
    database.prepare("INSERT OR IGNORE INTO experiment_tags(experiment_id, tag) VALUES(?, ?)")
        .bind(1, id)
        .bind(2, tag)
        .run();
}

// The id of a new experiment. Within a transaction.
Result<std::int64_t> insert(const Database& database, const std::string& name, std::string_view plan)
{
    if (const auto usable = checkFreeName(database, name, 0); !usable) {
        return usable.failure();
    }
    database.prepare("INSERT INTO experiments(name, created) VALUES(?, ?)").bind(1, name).bind(2, unixTime()).run();
    const std::int64_t id = database.lastId();
    insertRevision(database, id, 1, unixTime(), plan);
    return id;
}

// Changes one column of an experiment that must exist.
template <typename Value>
Result<void> set(const Database& database, std::int64_t id, const std::string& column, const Value& value)
{
    database.prepare("UPDATE experiments SET " + column + " = ? WHERE id = ? AND deleted_name IS NULL")
        .bind(1, value)
        .bind(2, id)
        .run();
    return database.changes() == 1 ? Result<void>() : Result<void>(unknown(id));
}

} // namespace

void reviveExperimentOf(const Database& database, const std::string& runId)
{
    Statement row = database.prepare("SELECT id, deleted_name FROM experiments WHERE deleted_name IS NOT NULL AND id = "
                                     "(SELECT experiment_id FROM runs WHERE runs.id = ?)");
    if (!row.bind(1, runId).step()) {
        return;
    }
    const std::int64_t id = row.integer(0);
    const std::string name = freeName(database, row.text(1));
    row.reset();
    database.prepare("UPDATE experiments SET name = ?, deleted_name = NULL WHERE id = ?")
        .bind(1, name)
        .bind(2, id)
        .run();
}

void dropDeletedExperiments(const Database& database)
{
    database.execute("DELETE FROM experiments WHERE deleted_name IS NOT NULL AND id NOT IN "
                     "(SELECT experiment_id FROM runs WHERE experiment_id IS NOT NULL)");
}

Result<std::int64_t> ExperimentTable::add(const std::string& name, std::string_view plan)
{
    const Database& database = m_workspace.m_state->database;
    Transaction transaction(database);
    const auto id = insert(database, name, plan);
    if (id) {
        transaction.commit();
    }
    return id;
}

Result<std::size_t> ExperimentTable::addFor(const std::vector<std::string>& runIds, const std::string& wanted,
                                            std::string_view plan)
{
    const Database& database = m_workspace.m_state->database;
    Transaction transaction(database);
    const auto id = insert(database, freeName(usableName(wanted)), plan);
    if (!id) {
        return id.failure();
    }
    std::size_t placed = 0;
    Statement update =
        database.prepare("UPDATE runs SET experiment_id = ?, revision = 1 WHERE id = ? AND experiment_id IS NULL");
    for (const std::string& run : runIds) {
        update.bind(1, *id).bind(2, run).run();
        placed += database.changes() == 1 ? 1 : 0;
    }
    if (placed > 0) {
        transaction.commit();
    }
    return placed;
}

Result<std::int64_t> ExperimentTable::revise(std::int64_t id, std::string_view plan)
{
    const Database& database = m_workspace.m_state->database;
    Transaction transaction(database);
    Statement last = database.prepare("SELECT number, plan FROM revisions WHERE experiment_id = ? ORDER BY number DESC "
                                      "LIMIT 1");
    if (!isThere(database, id) || !last.bind(1, id).step()) {
        return unknown(id);
    }
    const std::int64_t number = last.integer(0);
    if (last.text(1) == plan) {
        return number;
    }
    last.reset();
    insertRevision(database, id, number + 1, unixTime(), plan);
    transaction.commit();
    return number + 1;
}

std::vector<ExperimentRow> ExperimentTable::all()
{
    const Database& database = m_workspace.m_state->database;
    std::vector<ExperimentRow> rows;
    std::map<std::int64_t, std::size_t> places;
    Statement row = database.prepare(kSelect);
    while (row.step()) {
        places[row.integer(0)] = rows.size();
        rows.push_back(experimentOf(row));
    }
    Statement tag = database.prepare("SELECT experiment_id, tag FROM experiment_tags ORDER BY tag");
    while (tag.step()) {
        if (const auto place = places.find(tag.integer(0)); place != places.end()) {
            rows[place->second].tags.push_back(tag.text(1));
        }
    }
    return rows;
}

Result<ExperimentRow> ExperimentTable::find(const std::string& text)
{
    const std::optional<std::int64_t> id = numberOf(text);
    std::vector<std::string> names;
    for (ExperimentRow& row : all()) {
        if (row.id == id || row.name == text) {
            return std::move(row);
        }
        names.push_back(std::move(row.name));
    }
    const std::string near = nearestName(text, names);
    return Failure{"There is no experiment " + text + " in " + m_workspace.layout().root.string() + ".",
                   near.empty() ? "`dskd experiment list` lists them." : "Did you mean " + near + "?",
                   FailureKind::NotFound};
}

std::vector<RevisionRow> ExperimentTable::revisions(std::int64_t id)
{
    std::vector<RevisionRow> rows;
    Statement row = m_workspace.m_state->database.prepare("SELECT number, created, plan FROM revisions WHERE "
                                                          "experiment_id = ? ORDER BY number");
    row.bind(1, id);
    while (row.step()) {
        rows.push_back({row.integer(0), row.real(1), row.text(2)});
    }
    return rows;
}

Result<RevisionRow> ExperimentTable::revision(std::int64_t id, std::int64_t number)
{
    Statement row = m_workspace.m_state->database.prepare("SELECT number, created, plan FROM revisions WHERE "
                                                          "experiment_id = ? AND number = ?");
    if (!row.bind(1, id).bind(2, number).step()) {
        return Failure{"The experiment has no revision " + std::to_string(number) + ".", {}, FailureKind::NotFound};
    }
    return RevisionRow{row.integer(0), row.real(1), row.text(2)};
}

std::vector<std::string> ExperimentTable::runs(std::int64_t id)
{
    std::vector<std::string> ids;
    Statement row = m_workspace.m_state->database.prepare("SELECT id FROM runs WHERE experiment_id = ? AND trashed IS "
                                                          "NULL ORDER BY number");
    row.bind(1, id);
    while (row.step()) {
        ids.push_back(row.text(0));
    }
    return ids;
}

std::string ExperimentTable::freeName(const std::string& wanted)
{
    return store::freeName(m_workspace.m_state->database, wanted);
}

Result<void> ExperimentTable::place(const std::vector<std::string>& runIds, std::int64_t id, std::int64_t revision)
{
    const Database& database = m_workspace.m_state->database;
    Transaction transaction(database);
    if (!isThere(database, id)) {
        return unknown(id);
    }
    Statement update = database.prepare("UPDATE runs SET experiment_id = ?, revision = ? WHERE id = ?");
    for (const std::string& run : runIds) {
        update.bind(1, id).bind(2, revision).bind(3, run).run();
    }
    transaction.commit();
    return {};
}

Result<void> ExperimentTable::rename(std::int64_t id, const std::string& name)
{
    const Database& database = m_workspace.m_state->database;
    Transaction transaction(database);
    if (const auto usable = checkFreeName(database, name, id); !usable) {
        return usable;
    }
    const Result<void> changed = set(database, id, "name", name);
    if (changed) {
        transaction.commit();
    }
    return changed;
}

Result<void> ExperimentTable::setNote(std::int64_t id, const std::string& note)
{
    return set(m_workspace.m_state->database, id, "note", note);
}

Result<void> ExperimentTable::setTags(std::int64_t id, const std::vector<std::string>& tags)
{
    const Database& database = m_workspace.m_state->database;
    Transaction transaction(database);
    if (!isThere(database, id)) {
        return unknown(id);
    }
    database.prepare("DELETE FROM experiment_tags WHERE experiment_id = ?").bind(1, id).run();
    for (const std::string& tag : tags) {
        insertTag(database, id, tag);
    }
    transaction.commit();
    return {};
}

Result<void> ExperimentTable::setArchived(std::int64_t id, std::optional<double> when)
{
    return set(m_workspace.m_state->database, id, "archived", when);
}

Result<void> ExperimentTable::forget(std::int64_t id)
{
    const Database& database = m_workspace.m_state->database;
    Transaction transaction(database);
    if (!isThere(database, id)) {
        return unknown(id);
    }
    database
        .prepare("UPDATE runs SET experiment_id = NULL, revision = NULL WHERE experiment_id = ? AND trashed IS NULL")
        .bind(1, id)
        .run();
    database.prepare("UPDATE experiments SET deleted_name = name, name = '#' || id WHERE id = ?").bind(1, id).run();
    dropDeletedExperiments(database);
    transaction.commit();
    return {};
}

Result<std::string> ExperimentTable::putBack(const ExperimentRow& row, const std::vector<RevisionRow>& revisions)
{
    const Database& database = m_workspace.m_state->database;
    Transaction transaction(database);
    if (isThere(database, row.id)) {
        return find("#" + std::to_string(row.id)).value().name;
    }
    const std::string name = freeName(row.name);
    // It is out of sight as long as runs of it are in the trash.
    database.prepare("UPDATE experiments SET name = ?, deleted_name = NULL WHERE id = ?")
        .bind(1, name)
        .bind(2, row.id)
        .run();
    if (database.changes() == 0) {
        database.prepare("INSERT INTO experiments(id, name, created, note, archived) VALUES(?, ?, ?, ?, ?)")
            .bind(1, row.id)
            .bind(2, name)
            .bind(3, row.created)
            .bind(4, row.note)
            .bind(5, row.archived)
            .run();
        for (const RevisionRow& revision : revisions) {
            insertRevision(database, row.id, revision.number, revision.created, revision.plan);
        }
        for (const std::string& tag : row.tags) {
            insertTag(database, row.id, tag);
        }
    }
    transaction.commit();
    return name;
}

} // namespace dskd::store

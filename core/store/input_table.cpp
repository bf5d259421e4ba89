#include "core/store/input_table.h"

#include "core/base/nearest_name.h"
#include "core/base/process.h"
#include "core/store/workspace_state.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <nlohmann/json.hpp>

namespace dskd::store
{
namespace
{

constexpr const char* kModels = "SELECT id, path, tokenizer, name, kind, family, parameters, head_rows, vocabulary, "
                                "special_tokens, chat_template, hash, stamp, seen, problem, teacher, student FROM "
                                "models WHERE forgotten = 0 ORDER BY name, path, tokenizer";
constexpr const char* kDatasets = "SELECT id, path, name, kind, records, broken, bytes, hash, stamp, seen, problem "
                                  "FROM datasets WHERE forgotten = 0 ORDER BY name, path";

ModelRow modelOf(const Statement& row)
{
    ModelRow model;
    model.id = row.integer(0);
    model.path = row.text(1);
    model.tokenizer = row.text(2);
    model.name = row.text(3);
    model.kind = row.text(4);
    model.family = row.text(5);
    model.parameters = row.integer(6);
    model.headRows = row.integer(7);
    model.vocabulary = row.integer(8);
    const auto tokens = nlohmann::json::parse(row.text(9), nullptr, /*allow_exceptions=*/false);
    if (tokens.is_object()) {
        for (const auto& [role, token] : tokens.items()) {
            model.specialTokens[role] = token.is_string() ? token.get<std::string>() : std::string();
        }
    }
    model.chatTemplate = row.text(10);
    model.hash = row.text(11);
    model.stamp = row.text(12);
    model.seen = row.real(13);
    model.problem = row.text(14);
    model.teacher = row.integer(15) != 0;
    model.student = row.integer(16) != 0;
    return model;
}

DatasetRow datasetOf(const Statement& row)
{
    DatasetRow data;
    data.id = row.integer(0);
    data.path = row.text(1);
    data.name = row.text(2);
    data.kind = row.text(3);
    data.records = row.integer(4);
    data.broken = row.integer(5);
    data.bytes = row.integer(6);
    data.hash = row.text(7);
    data.stamp = row.text(8);
    data.seen = row.real(9);
    data.problem = row.text(10);
    return data;
}

// The id of the row that `select` finds by path (and tokenizer); 0: none.
std::int64_t idOf(Statement select)
{
    const std::int64_t id = select.step() ? select.integer(0) : 0;
    select.reset();
    return id;
}

// Adds a row of these columns, or changes that of `id`. `added`: a person or a run brings it, so that it is known
// again; else it stays forgotten where it is.
Statement writing(const Database& database, const std::string& table, const std::vector<std::string>& columns,
                  std::int64_t id, bool added)
{
    std::string names;
    std::string marks;
    std::string changes;
    for (const std::string& column : columns) {
        names += (names.empty() ? "" : ", ") + column;
        marks += marks.empty() ? "?" : ", ?";
        changes += (changes.empty() ? "" : ", ") + column + " = ?";
    }
    return id == 0 ? database.prepare("INSERT INTO " + table + "(" + names + ") VALUES(" + marks + ")")
                   : database.prepare("UPDATE " + table + " SET " + changes + (added ? ", forgotten = 0" : "") +
                                      " WHERE id = ?");
}

// Frees the place of a row, `there`, for another one. Fails where it is known: only a forgotten one gives way.
Result<void> takePlace(const Database& database, const std::string& table, std::int64_t there, const std::string& path)
{
    database.prepare("DELETE FROM " + table + " WHERE id = ? AND forgotten = 1").bind(1, there).run();
    return database.changes() == 1 ? Result<void>()
                                   : Result<void>(Failure{path + " is known already.", {}, FailureKind::Usage});
}

template <typename Row>
Result<Row> findIn(std::vector<Row> rows, const std::string& text, const std::string& what, const std::string& list,
                   const std::filesystem::path& workspace)
{
    std::int64_t id = 0;
    if (text.starts_with('#')) {
        std::from_chars(text.data() + 1, text.data() + text.size(), id);
    }
    std::error_code ignored;
    const std::string path = std::filesystem::absolute(text, ignored).lexically_normal().string();
    std::vector<Row*> named;
    std::vector<std::string> names;
    for (Row& row : rows) {
        if (row.id == id || row.path == text || row.path == path) {
            return std::move(row);
        }
        if (row.name == text) {
            named.push_back(&row);
        }
        names.push_back(row.name);
    }
    if (named.size() == 1) {
        return std::move(*named.front());
    }
    if (named.size() > 1) {
        return Failure{"There are " + std::to_string(named.size()) + " " + what + "s called " + text + ".",
                       "Write the path, or # and the number that " + list + " shows.", FailureKind::NotFound};
    }
    const std::string near = nearestName(text, names);
    return Failure{"The workspace " + workspace.string() + " knows no " + what + " " + text + ".",
                   near.empty() ? list + " shows what it knows." : "Did you mean " + near + "?", FailureKind::NotFound};
}

Result<void> forget(const Database& database, const std::string& table, std::int64_t id)
{
    database.prepare("UPDATE " + table + " SET forgotten = 1 WHERE id = ? AND forgotten = 0").bind(1, id).run();
    return database.changes() == 1
               ? Result<void>()
               : Result<void>(Failure{"#" + std::to_string(id) + " is not known any more.", {}, FailureKind::NotFound});
}

} // namespace

std::vector<ModelRow> InputTable::models()
{
    std::vector<ModelRow> rows;
    Statement row = m_workspace.m_state->database.prepare(kModels);
    while (row.step()) {
        rows.push_back(modelOf(row));
    }
    return rows;
}

std::vector<DatasetRow> InputTable::datasets()
{
    std::vector<DatasetRow> rows;
    Statement row = m_workspace.m_state->database.prepare(kDatasets);
    while (row.step()) {
        rows.push_back(datasetOf(row));
    }
    return rows;
}

Result<std::int64_t> InputTable::keep(const ModelRow& row)
{
    const Database& database = m_workspace.m_state->database;
    Transaction transaction(database);
    const std::int64_t there = idOf(std::move(database.prepare("SELECT id FROM models WHERE path = ? AND tokenizer = ?")
                                                  .bind(1, row.path)
                                                  .bind(2, row.tokenizer)));
    if (row.id != 0 && there != 0 && there != row.id) {
        if (const auto taken = takePlace(database, "models", there, row.path); !taken) {
            return taken.failure();
        }
    }
    const std::int64_t id = row.id != 0 ? row.id : there;
    Statement write =
        writing(database, "models",
                {"path", "tokenizer", "name", "kind", "family", "parameters", "head_rows", "vocabulary",
                 "special_tokens", "chat_template", "hash", "stamp", "seen", "problem", "teacher", "student"},
                id, row.id == 0);
    // Spellings are bytes, JSON is UTF-8.
    const std::string tokens =
        nlohmann::json(row.specialTokens).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    write.bind(1, row.path).bind(2, row.tokenizer).bind(3, row.name).bind(4, row.kind).bind(5, row.family);
    write.bind(6, row.parameters).bind(7, row.headRows).bind(8, row.vocabulary).bind(9, tokens);
    write.bind(10, row.chatTemplate).bind(11, row.hash).bind(12, row.stamp).bind(13, row.seen).bind(14, row.problem);
    write.bind(15, std::int64_t{row.teacher}).bind(16, std::int64_t{row.student});
    if (id != 0) {
        write.bind(17, id);
    }
    write.run();
    if (id != 0 && database.changes() != 1) {
        return Failure{row.path + " is not known any more.", {}, FailureKind::NotFound};
    }
    const std::int64_t kept = id != 0 ? id : database.lastId();
    transaction.commit();
    return kept;
}

Result<std::int64_t> InputTable::keep(const DatasetRow& row)
{
    const Database& database = m_workspace.m_state->database;
    Transaction transaction(database);
    const std::int64_t there =
        idOf(std::move(database.prepare("SELECT id FROM datasets WHERE path = ?").bind(1, row.path)));
    if (row.id != 0 && there != 0 && there != row.id) {
        if (const auto taken = takePlace(database, "datasets", there, row.path); !taken) {
            return taken.failure();
        }
    }
    const std::int64_t id = row.id != 0 ? row.id : there;
    Statement write = writing(
        database, "datasets",
        {"path", "name", "kind", "records", "broken", "bytes", "hash", "stamp", "seen", "problem"}, id, row.id == 0);
    write.bind(1, row.path).bind(2, row.name).bind(3, row.kind).bind(4, row.records).bind(5, row.broken);
    write.bind(6, row.bytes).bind(7, row.hash).bind(8, row.stamp).bind(9, row.seen).bind(10, row.problem);
    if (id != 0) {
        write.bind(11, id);
    }
    write.run();
    if (id != 0 && database.changes() != 1) {
        return Failure{row.path + " is not known any more.", {}, FailureKind::NotFound};
    }
    const std::int64_t kept = id != 0 ? id : database.lastId();
    transaction.commit();
    return kept;
}

Result<ModelRow> InputTable::findModel(const std::string& text)
{
    return findIn(models(), text, "model", "`dskd models list`", m_workspace.layout().root);
}

Result<DatasetRow> InputTable::findDataset(const std::string& text)
{
    return findIn(datasets(), text, "data set", "`dskd data list`", m_workspace.layout().root);
}

Result<void> InputTable::forgetModel(std::int64_t id)
{
    return forget(m_workspace.m_state->database, "models", id);
}

Result<void> InputTable::forgetDataset(std::int64_t id)
{
    return forget(m_workspace.m_state->database, "datasets", id);
}

bool InputTable::isForgottenModel(const std::string& path, const std::string& tokenizer)
{
    Statement row = m_workspace.m_state->database.prepare("SELECT id FROM models WHERE path = ? AND tokenizer = ? AND "
                                                          "forgotten = 1");
    return idOf(std::move(row.bind(1, path).bind(2, tokenizer))) != 0;
}

bool InputTable::isForgottenDataset(const std::string& path)
{
    Statement row = m_workspace.m_state->database.prepare("SELECT id FROM datasets WHERE path = ? AND forgotten = 1");
    return idOf(std::move(row.bind(1, path))) != 0;
}

std::optional<std::string> InputTable::analysis(const std::string& key)
{
    Statement row = m_workspace.m_state->database.prepare("SELECT analysis FROM pair_analyses WHERE key = ?");
    return row.bind(1, key).step() ? std::optional(row.text(0)) : std::nullopt;
}

void InputTable::keepAnalysis(const std::string& key, std::string_view analysis)
{
    m_workspace.m_state->database.prepare("INSERT OR REPLACE INTO pair_analyses(key, analysis, made) VALUES(?, ?, ?)")
        .bind(1, key)
        .bind(2, analysis)
        .bind(3, unixTime())
        .run();
}

} // namespace dskd::store

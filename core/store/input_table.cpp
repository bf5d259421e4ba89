#include "core/store/input_table.h"

#include "core/base/nearest_name.h"
#include "core/base/process.h"
#include "core/store/chosen_names.h"
#include "core/store/database.h"
#include "core/store/workspace_state.h"

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>

namespace dskd::store
{
namespace
{

// How the rows of a kind lie in their table: the columns behind the id, of which the first kNumKeys name the input a
// row is.
template <typename Row>
struct Form;

template <>
struct Form<ModelRow> {
    static constexpr const char* kTable = "models";
    static constexpr const char* kCalled = "model";
    static constexpr const char* kList = "`dskd models list`";
    static constexpr std::string_view kColumns[] = {
        "path",           "tokenizer",     "name", "kind",  "family", "parameters", "head_rows", "vocabulary",
        "special_tokens", "chat_template", "hash", "stamp", "seen",   "problem",    "teacher",   "student"};
    static constexpr std::size_t kNumKeys = 2;

    static std::vector<std::string> key(const ModelRow& row) { return {row.path, row.tokenizer}; }

    static ModelRow read(const Statement& row)
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

    static void bind(Statement& write, const ModelRow& row)
    {
        // Spellings are bytes, JSON is UTF-8.
        const std::string tokens =
            nlohmann::json(row.specialTokens).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
        write.bind(1, row.path).bind(2, row.tokenizer).bind(3, row.name).bind(4, row.kind).bind(5, row.family);
        write.bind(6, row.parameters).bind(7, row.headRows).bind(8, row.vocabulary).bind(9, tokens);
        write.bind(10, row.chatTemplate).bind(11, row.hash).bind(12, row.stamp).bind(13, row.seen);
        write.bind(14, row.problem).bind(15, std::int64_t{row.teacher}).bind(16, std::int64_t{row.student});
    }
};

template <>
struct Form<DatasetRow> {
    static constexpr const char* kTable = "datasets";
    static constexpr const char* kCalled = "data set";
    static constexpr const char* kList = "`dskd data list`";
    static constexpr std::string_view kColumns[] = {"path",  "name", "kind",  "records", "broken",
                                                    "bytes", "hash", "stamp", "seen",    "problem"};
    static constexpr std::size_t kNumKeys = 1;

    static std::vector<std::string> key(const DatasetRow& row) { return {row.path}; }

    static DatasetRow read(const Statement& row)
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

    static void bind(Statement& write, const DatasetRow& row)
    {
        write.bind(1, row.path).bind(2, row.name).bind(3, row.kind).bind(4, row.records).bind(5, row.broken);
        write.bind(6, row.bytes).bind(7, row.hash).bind(8, row.stamp).bind(9, row.seen).bind(10, row.problem);
    }
};

template <typename Row>
constexpr std::span<const std::string_view> columnsOf()
{
    return Form<Row>::kColumns;
}

template <typename Row>
constexpr std::span<const std::string_view> keysOf()
{
    return columnsOf<Row>().first(Form<Row>::kNumKeys);
}

// "path = ?, name = ?"
std::string listed(std::span<const std::string_view> columns, const std::string& behindEach, const std::string& between)
{
    std::string list;
    for (const std::string_view column : columns) {
        list += (list.empty() ? "" : between) + std::string(column) + behindEach;
    }
    return list;
}

// By name, then by what it is; without the forgotten ones.
template <typename Row>
std::vector<Row> rowsOf(const Database& database)
{
    std::vector<Row> rows;
    Statement row = database.prepare("SELECT id, " + listed(columnsOf<Row>(), "", ", ") + " FROM " + Form<Row>::kTable +
                                     " WHERE forgotten = 0 ORDER BY name, " + listed(keysOf<Row>(), "", ", "));
    while (row.step()) {
        rows.push_back(Form<Row>::read(row));
    }
    return rows;
}

// The id of the row that is the same input as `row`; 0: none. `condition`: what holds of it besides.
template <typename Row>
std::int64_t idOf(const Database& database, const Row& row, const std::string& condition = {})
{
    Statement select = database.prepare(std::string("SELECT id FROM ") + Form<Row>::kTable + " WHERE " +
                                        listed(keysOf<Row>(), " = ?", " AND ") + condition);
    int parameter = 0;
    for (const std::string& part : Form<Row>::key(row)) {
        select.bind(++parameter, part);
    }
    return select.step() ? select.integer(0) : 0;
}

template <typename Row>
bool isForgottenIn(const Database& database, const Row& row)
{
    return idOf(database, row, " AND forgotten = 1") != 0;
}

// Adds a row, or changes that of `id`. `added`: a person or a run brings it, so that it is known again; else it stays
// forgotten where it is.
template <typename Row>
Statement writing(const Database& database, std::int64_t id, bool added)
{
    const std::string table = Form<Row>::kTable;
    if (id != 0) {
        return database.prepare("UPDATE " + table + " SET " + listed(columnsOf<Row>(), " = ?", ", ") +
                                (added ? ", forgotten = 0" : "") + " WHERE id = ?");
    }
    std::string marks;
    for (std::size_t i = 0; i < columnsOf<Row>().size(); ++i) {
        marks += marks.empty() ? "?" : ", ?";
    }
    return database.prepare("INSERT INTO " + table + "(" + listed(columnsOf<Row>(), "", ", ") + ") VALUES(" + marks +
                            ")");
}

// Frees the place of a row, `there`, for another one. Fails where it is known: only a forgotten one gives way.
Result<void> takePlace(const Database& database, const std::string& table, std::int64_t there, const std::string& path)
{
    database.prepare("DELETE FROM " + table + " WHERE id = ? AND forgotten = 1").bind(1, there).run();
    return database.changes() == 1 ? Result<void>()
                                   : Result<void>(Failure{path + " is known already.", {}, FailureKind::Usage});
}

template <typename Row>
Result<std::int64_t> keepIn(const Database& database, const Row& row)
{
    Transaction transaction(database);
    const std::int64_t there = idOf(database, row);
    if (row.id != 0 && there != 0 && there != row.id) {
        if (const auto taken = takePlace(database, Form<Row>::kTable, there, row.path); !taken) {
            return taken.failure();
        }
    }
    const std::int64_t id = row.id != 0 ? row.id : there;
    Statement write = writing<Row>(database, id, row.id == 0);
    Form<Row>::bind(write, row);
    if (id != 0) {
        write.bind(static_cast<int>(columnsOf<Row>().size()) + 1, id);
    }
    write.run();
    if (id != 0 && database.changes() != 1) {
        return Failure{row.path + " is not known any more.", {}, FailureKind::NotFound};
    }
    const std::int64_t kept = id != 0 ? id : database.lastId();
    transaction.commit();
    return kept;
}

template <typename Row>
Result<Row> findIn(const Database& database, const std::string& text, const std::filesystem::path& workspace)
{
    const std::string what = Form<Row>::kCalled;
    const std::string list = Form<Row>::kList;
    std::vector<Row> rows = rowsOf<Row>(database);
    const std::optional<std::int64_t> id = numberOf(text);
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
    return Failure{"The workspace " + workspace.string() + " lists no " + what + " " + text + ".",
                   near.empty() ? list + " shows them." : "Did you mean " + near + "?", FailureKind::NotFound};
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
    return rowsOf<ModelRow>(m_workspace.m_state->database);
}

std::vector<DatasetRow> InputTable::datasets()
{
    return rowsOf<DatasetRow>(m_workspace.m_state->database);
}

Result<std::int64_t> InputTable::keep(const ModelRow& row)
{
    return keepIn(m_workspace.m_state->database, row);
}

Result<std::int64_t> InputTable::keep(const DatasetRow& row)
{
    return keepIn(m_workspace.m_state->database, row);
}

Result<ModelRow> InputTable::findModel(const std::string& text)
{
    return findIn<ModelRow>(m_workspace.m_state->database, text, m_workspace.layout().root);
}

Result<DatasetRow> InputTable::findDataset(const std::string& text)
{
    return findIn<DatasetRow>(m_workspace.m_state->database, text, m_workspace.layout().root);
}

Result<void> InputTable::forgetModel(std::int64_t id)
{
    return forget(m_workspace.m_state->database, Form<ModelRow>::kTable, id);
}

Result<void> InputTable::forgetDataset(std::int64_t id)
{
    return forget(m_workspace.m_state->database, Form<DatasetRow>::kTable, id);
}

bool InputTable::isForgotten(const ModelRow& row)
{
    return isForgottenIn(m_workspace.m_state->database, row);
}

bool InputTable::isForgotten(const DatasetRow& row)
{
    return isForgottenIn(m_workspace.m_state->database, row);
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

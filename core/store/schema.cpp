#include "core/store/schema.h"

namespace dskd::store
{
namespace
{

// metrics.kind: 0 a finite value, 1 NaN, 2 +infinity, 3 -infinity (SQLite turns NaN into NULL). AUTOINCREMENT, because
// a resume deletes rows and ids must not come back: readers ask for "everything after id".
constexpr std::string_view kRunSteps[] = {
    R"sql(
CREATE TABLE names(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE metrics(
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    step INTEGER NOT NULL, tokens INTEGER NOT NULL, time REAL NOT NULL,
    name_id INTEGER NOT NULL REFERENCES names(id),
    value REAL, kind INTEGER NOT NULL DEFAULT 0);
CREATE INDEX metrics_by_name ON metrics(name_id, id);
CREATE TABLE heatmaps(
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    step INTEGER NOT NULL, name TEXT NOT NULL, sample INTEGER NOT NULL,
    row_tokens TEXT NOT NULL, column_tokens TEXT NOT NULL, cells BLOB NOT NULL);
CREATE INDEX heatmaps_by_name ON heatmaps(name, sample, step);
CREATE TABLE answers(
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    step INTEGER NOT NULL, sample INTEGER NOT NULL,
    prompt TEXT NOT NULL, reference TEXT NOT NULL, answer TEXT NOT NULL, rouge_l REAL);
CREATE TABLE events(
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    time REAL NOT NULL, step INTEGER NOT NULL,
    kind TEXT NOT NULL, message TEXT NOT NULL, hint TEXT NOT NULL);
CREATE TABLE attempts(
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    pid INTEGER NOT NULL, start_ticks INTEGER NOT NULL, boot_id TEXT NOT NULL, host TEXT NOT NULL,
    resume_step INTEGER, started REAL NOT NULL, ended REAL, exit_code INTEGER, reason TEXT NOT NULL DEFAULT '');
CREATE TABLE heartbeat(
    only INTEGER PRIMARY KEY CHECK(only = 1),
    time REAL NOT NULL, step INTEGER NOT NULL, phase TEXT NOT NULL);
CREATE TABLE info(key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
)sql",
    // NULL in the attempts of before.
    R"sql(
ALTER TABLE attempts ADD COLUMN seconds REAL;
)sql",
    // space and side: "student" or "teacher". NULL: not a number. center and axes
    // hold float64.
    R"sql(
CREATE TABLE structure(
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    step INTEGER NOT NULL, sample INTEGER NOT NULL, rows INTEGER NOT NULL,
    cosine REAL, product REAL, cosine_mean REAL, product_mean REAL, product_rows INTEGER NOT NULL);
CREATE INDEX structure_by_step ON structure(step);
CREATE TABLE space_axes(
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    step INTEGER NOT NULL, space TEXT NOT NULL,
    center BLOB NOT NULL, first BLOB NOT NULL, second BLOB NOT NULL,
    explained_first REAL NOT NULL, explained_second REAL NOT NULL);
CREATE TABLE space_points(
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    step INTEGER NOT NULL, space TEXT NOT NULL, side TEXT NOT NULL,
    sample INTEGER NOT NULL, row INTEGER NOT NULL, token TEXT NOT NULL, x REAL, y REAL);
CREATE INDEX space_points_by_step ON space_points(step);
CREATE TABLE baseline_answers(
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    step INTEGER NOT NULL, side TEXT NOT NULL, sample INTEGER NOT NULL,
    prompt TEXT NOT NULL, reference TEXT NOT NULL, answer TEXT NOT NULL, rouge_l REAL);
)sql",
    // cell_format: CellFormat of map_cells.h. The lengths of the whole sample are NULL in older maps.
    R"sql(
ALTER TABLE heatmaps ADD COLUMN cell_format INTEGER NOT NULL DEFAULT 0;
ALTER TABLE heatmaps ADD COLUMN whole_rows INTEGER;
ALTER TABLE heatmaps ADD COLUMN whole_columns INTEGER;
)sql"};

constexpr std::string_view kWorkspaceSteps[] = {R"sql(
CREATE TABLE runs(
    id TEXT PRIMARY KEY, number INTEGER NOT NULL UNIQUE,
    name TEXT NOT NULL, group_name TEXT NOT NULL, created REAL NOT NULL,
    job TEXT NOT NULL, objective TEXT NOT NULL, space TEXT NOT NULL, alignment TEXT NOT NULL, distance TEXT NOT NULL,
    seed TEXT NOT NULL, teacher TEXT NOT NULL, student TEXT NOT NULL, config_hash TEXT NOT NULL,
    note TEXT NOT NULL, trashed REAL) WITHOUT ROWID;
CREATE TABLE tags(
    run_id TEXT NOT NULL REFERENCES runs(id) ON DELETE CASCADE, tag TEXT NOT NULL,
    PRIMARY KEY(run_id, tag)) WITHOUT ROWID;
CREATE TABLE queue(
    run_id TEXT PRIMARY KEY REFERENCES runs(id) ON DELETE CASCADE,
    place INTEGER NOT NULL, running INTEGER NOT NULL DEFAULT 0, added REAL NOT NULL) WITHOUT ROWID;
CREATE TABLE settings(key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
)sql",
                                                // NULL in the rows of before, until WorkspaceDb::open fills them in.
                                                R"sql(
ALTER TABLE runs ADD COLUMN method TEXT;
ALTER TABLE runs ADD COLUMN method_label TEXT;
)sql",
                                                // The runs of before belong to none until adoptRuns finds theirs.
                                                R"sql(
CREATE TABLE experiments(
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE, created REAL NOT NULL, note TEXT NOT NULL DEFAULT '', archived REAL);
CREATE TABLE revisions(
    experiment_id INTEGER NOT NULL REFERENCES experiments(id) ON DELETE CASCADE,
    number INTEGER NOT NULL, created REAL NOT NULL, plan TEXT NOT NULL,
    PRIMARY KEY(experiment_id, number)) WITHOUT ROWID;
CREATE TABLE experiment_tags(
    experiment_id INTEGER NOT NULL REFERENCES experiments(id) ON DELETE CASCADE, tag TEXT NOT NULL,
    PRIMARY KEY(experiment_id, tag)) WITHOUT ROWID;
ALTER TABLE runs ADD COLUMN experiment_id INTEGER REFERENCES experiments(id) ON DELETE SET NULL;
ALTER TABLE runs ADD COLUMN revision INTEGER;
CREATE INDEX runs_by_experiment ON runs(experiment_id);
)sql",
                                                // What the runs of before were made of is taken up by refreshInputs.
                                                R"sql(
CREATE TABLE models(
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    path TEXT NOT NULL, tokenizer TEXT NOT NULL, name TEXT NOT NULL, kind TEXT NOT NULL, family TEXT NOT NULL,
    parameters INTEGER NOT NULL, head_rows INTEGER NOT NULL, vocabulary INTEGER NOT NULL,
    special_tokens TEXT NOT NULL, chat_template TEXT NOT NULL, hash TEXT NOT NULL, stamp TEXT NOT NULL,
    seen REAL NOT NULL, problem TEXT NOT NULL, teacher INTEGER NOT NULL, student INTEGER NOT NULL,
    forgotten INTEGER NOT NULL DEFAULT 0,
    UNIQUE(path, tokenizer));
CREATE TABLE datasets(
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    path TEXT NOT NULL UNIQUE, name TEXT NOT NULL, kind TEXT NOT NULL, records INTEGER NOT NULL,
    broken INTEGER NOT NULL, bytes INTEGER NOT NULL, hash TEXT NOT NULL, stamp TEXT NOT NULL, seen REAL NOT NULL,
    problem TEXT NOT NULL, forgotten INTEGER NOT NULL DEFAULT 0);
CREATE TABLE pair_analyses(key TEXT PRIMARY KEY, analysis TEXT NOT NULL, made REAL NOT NULL) WITHOUT ROWID;
)sql",
                                                // What an experiment was called that was deleted while runs of it are
                                                // in the trash; its name is then # and its id. NULL: it is in use.
                                                R"sql(
ALTER TABLE experiments ADD COLUMN deleted_name TEXT;
)sql"};

Failure newerThanUs(const Schema& schema, const std::string& file, std::int64_t version)
{
    return {file + " was written by a newer version of the program: its " + std::string(schema.what) + " has format " +
                std::to_string(version) + ", and this program reads formats up to " + std::to_string(schema.version()) +
                ".",
            "Use the newer version."};
}

} // namespace

const Schema kRunSchema{"run database", kRunSteps};
const Schema kWorkspaceSchema{"workspace database", kWorkspaceSteps};

Result<void> migrate(const Database& database, const Schema& schema, const std::string& file)
{
    if (database.pragma("user_version") == schema.version()) {
        return {};
    }
    Transaction transaction(database);
    const std::int64_t version = database.pragma("user_version"); // again: another process may have been faster
    if (version < 0 || version > schema.version()) {
        return newerThanUs(schema, file, version);
    }
    for (const std::string_view step : schema.steps.subspan(static_cast<std::size_t>(version))) {
        database.execute(std::string(step));
    }
    database.execute("PRAGMA user_version = " + std::to_string(schema.version()));
    transaction.commit();
    return {};
}

Result<bool> readable(std::int64_t version, const Schema& schema, const std::string& file)
{
    if (version < 0 || version > schema.version()) {
        return newerThanUs(schema, file, version);
    }
    return version > 0;
}

} // namespace dskd::store

#include "core/store/workspace_db.h"

#include "core/config/methods/method_table.h"
#include "core/config/schema/experiment_json.h"
#include "core/store/schema.h"
#include "core/store/workspace_runs.h"
#include "core/store/workspace_state.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <fcntl.h>
#include <map>
#include <system_error>
#include <unistd.h>

namespace dskd::store
{
namespace
{

// Names the methods of runs that were added before workspace.db knew them.
void fillInMethods(const Database& database, const WorkspaceLayout& layout)
{
    std::vector<RunRow> unnamed;
    Statement row = selectRuns(database, "WHERE method_label IS NULL");
    while (row.step()) {
        unnamed.push_back(runOf(row));
    }
    std::vector<std::pair<std::string, config::MethodName>> names; // read before the database is locked
    for (const RunRow& run : unnamed) {
        const RunLayout folder = run.trashed ? RunLayout{layout.trash() / run.id} : layout.run(run.id);
        if (const auto experiment = config::loadExperiment(folder.config())) {
            names.emplace_back(run.id, config::methodNameOf(*experiment));
        } // else the next opening tries again
    }
    if (names.empty()) {
        return;
    }
    Transaction transaction(database);
    Statement update = database.prepare("UPDATE runs SET method = ?, method_label = ? WHERE id = ?");
    for (const auto& [id, name] : names) {
        update.bind(1, name.id).bind(2, name.label).bind(3, id).run();
    }
    transaction.commit();
}

// Whether workspace.db holds nothing although runs lie beside it: its content was lost, and opened as a new one it
// would show an empty workspace.
bool isEmptyBesideRuns(const WorkspaceLayout& layout)
{
    std::error_code error;
    std::filesystem::path unmerged = layout.database();
    unmerged += "-wal"; // what SQLite has not moved into the file yet
    const auto holds = [&](const std::filesystem::path& file) {
        return std::filesystem::exists(file, error) && !std::filesystem::is_empty(file, error);
    };
    return !holds(layout.database()) && !holds(unmerged) && holds(layout.runs()) && !error;
}

} // namespace

WorkspaceDb::WorkspaceDb(std::unique_ptr<State> state) : m_state(std::move(state)) {}
WorkspaceDb::WorkspaceDb(WorkspaceDb&&) noexcept = default;
WorkspaceDb& WorkspaceDb::operator=(WorkspaceDb&&) noexcept = default;
WorkspaceDb::~WorkspaceDb() = default;

Result<bool> WorkspaceDb::isWorkspace(const std::filesystem::path& root)
{
    const std::filesystem::path file = WorkspaceLayout{root}.database();
    std::error_code error;
    const bool there = std::filesystem::exists(file, error); // an error: that is not known
    if (there && ::faccessat(AT_FDCWD, file.c_str(), R_OK, AT_EACCESS) != 0) {
        error.assign(errno, std::generic_category());
    }
    if (error) {
        return Failure{file.string() + " cannot be read: " + error.message() + ".",
                       "See who may read that file and enter the folders above it."};
    }
    return there;
}

Result<WorkspaceDb> WorkspaceDb::create(const std::filesystem::path& root)
{
    const WorkspaceLayout layout{std::filesystem::absolute(root).lexically_normal()};
    std::error_code ignored;
    const std::filesystem::path place = std::filesystem::weakly_canonical(layout.root, ignored); // it may be a link
    for (std::filesystem::path above = place.parent_path(); !std::filesystem::exists(layout.database(), ignored);
         above = above.parent_path()) {
        if (std::filesystem::exists(WorkspaceLayout{above}.database(), ignored)) {
            return Failure{layout.root.string() + " lies in the workspace " + above.string() +
                               ", and a workspace in another one would be mistaken for it.",
                           "Name a folder outside it.", FailureKind::Usage};
        }
        if (above == above.parent_path()) { // the root
            break;
        }
    }
    for (const auto& folder : {layout.root, layout.runs(), layout.trash()}) {
        std::error_code error;
        std::filesystem::create_directories(folder, error);
        if (error) {
            return Failure{"The folder " + folder.string() + " cannot be made: " + error.message() + ".",
                           "Choose a place where you may write."};
        }
    }
    try {
        return forWriting(std::make_unique<State>(layout.root, Database::Access::Create, kPatience));
    } catch (const Error& error) {
        return error.failure();
    }
}

Result<WorkspaceDb> WorkspaceDb::open(const std::filesystem::path& root, std::chrono::milliseconds patience)
{
    const WorkspaceLayout layout{std::filesystem::absolute(root).lexically_normal()};
    const Result<bool> there = isWorkspace(layout.root);
    if (!there) {
        return there.failure();
    }
    if (!*there) {
        return Failure{root.string() + " is not a workspace: it has no workspace.db.",
                       "Make one with `dskd init " + root.string() +
                           "`; where the file was lost, `dskd doctor "
                           "--repair -w " +
                           root.string() + "` makes it anew from the runs."};
    }
    if (isEmptyBesideRuns(layout)) {
        return Failure{layout.database().string() + " is an empty file, and there are runs in " +
                           layout.runs().string() + ": it has lost its content.",
                       "`dskd doctor --repair -w " + root.string() + "` makes it anew from the runs."};
    }
    try {
        try {
            return forWriting(std::make_unique<State>(layout.root, Database::Access::ReadWrite, patience));
        } catch (const DatabaseError& failed) {
            if (!failed.isUnwritable()) {
                throw;
            }
            return forReading(std::make_unique<State>(layout.root, openToRead(layout.database(), patience)));
        }
    } catch (const Error& failed) {
        return failed.failure();
    }
}

Result<WorkspaceDb> WorkspaceDb::forWriting(std::unique_ptr<State> state)
{
    const WorkspaceLayout& layout = state->layout;
    const Result<void> migrated = migrate(state->database, kWorkspaceSchema, layout.database().string());
    if (!migrated) {
        return migrated.failure();
    }
    if (state->database.isReadOnly()) {
        state->whyReadOnly = whyUnwritable(layout.database());
    } else {
        fillInMethods(state->database, layout);
    }
    return WorkspaceDb(std::move(state));
}

Result<WorkspaceDb> WorkspaceDb::forReading(std::unique_ptr<State> state)
{
    const std::string file = state->layout.database().string();
    const std::int64_t version = state->database.pragma("user_version");
    const Result<bool> ready = readable(version, kWorkspaceSchema, file);
    if (!ready) {
        return ready.failure();
    }
    if (version != kWorkspaceSchema.version()) {
        return Failure{file + " is of an older version of the program and would have to be converted.",
                       state->whyReadOnly};
    }
    return WorkspaceDb(std::move(state));
}

const std::string& WorkspaceDb::whyReadOnly() const
{
    return m_state->whyReadOnly;
}

const WorkspaceLayout& WorkspaceDb::layout() const
{
    return m_state->layout;
}

bool WorkspaceDb::changed()
{
    const std::int64_t version = m_state->database.pragma("data_version");
    const bool isNew = version != m_state->dataVersion;
    m_state->dataVersion = version;
    return isNew;
}

Result<void> WorkspaceDb::addRun(const RunRow& run)
{
    return addRuns({run}, Queueing::No, [] { return Result<void>(); });
}

Result<void> WorkspaceDb::addRuns(const std::vector<RunRow>& runs, Queueing queueing,
                                  const std::function<Result<void>()>& place)
{
    Transaction transaction(m_state->database);
    for (const RunRow& run : runs) {
        if (const Result<void> added = insertRun(m_state->database, run); !added) {
            return added;
        }
        if (queueing == Queueing::Yes) {
            insertLast(m_state->database, run.id);
        }
    }
    if (const Result<void> placed = place(); !placed) {
        return placed;
    }
    transaction.commit();
    return {};
}

std::vector<RunRow> WorkspaceDb::runs(bool trashed)
{
    std::vector<RunRow> all;
    std::map<std::string, std::size_t> places;
    Statement row = selectRuns(m_state->database, trashed ? "WHERE trashed IS NOT NULL ORDER BY number"
                                                          : "WHERE trashed IS NULL ORDER BY number");
    while (row.step()) {
        places[row.text(0)] = all.size();
        all.push_back(runOf(row));
    }
    Statement tag = m_state->database.prepare("SELECT run_id, tag FROM tags ORDER BY tag");
    while (tag.step()) {
        if (const auto found = places.find(tag.text(0)); found != places.end()) {
            all[found->second].tags.push_back(tag.text(1));
        }
    }
    return all;
}

Result<RunRow> WorkspaceDb::run(const std::string& id)
{
    Statement row = selectRuns(m_state->database, "WHERE id = ?");
    if (!row.bind(1, id).step()) {
        return m_state->unknownRun(id);
    }
    RunRow found = runOf(row);
    Statement tag = m_state->database.prepare("SELECT tag FROM tags WHERE run_id = ? ORDER BY tag");
    tag.bind(1, id);
    while (tag.step()) {
        found.tags.push_back(tag.text(0));
    }
    return found;
}

Result<std::string> WorkspaceDb::findRun(const std::string& text, bool trashed)
{
    if (const Result<RunRow> exact = run(text); exact && exact->trashed.has_value() == trashed) {
        return exact->id; // without reading the others: scripts name hundreds of runs by id
    }
    const std::vector<RunRow> all = runs(trashed);
    if (text == "last") {
        if (all.empty()) {
            return trashed ? Failure{"The trash is empty.", {}, FailureKind::NotFound}
                           : Failure{"There are no runs yet.", "Start one with `dskd run`.", FailureKind::NotFound};
        }
        return (trashed ? *std::max_element(all.begin(), all.end(),
                                            [](const RunRow& a, const RunRow& b) { return a.trashed < b.trashed; })
                        : all.back())
            .id;
    }
    // An exact name beats the beginning of an id.
    const auto matching = [&](const auto& matches) {
        std::vector<std::string> ids;
        for (const RunRow& run : all) {
            if (matches(run)) {
                ids.push_back(run.id);
            }
        }
        return ids;
    };
    std::vector<std::string> found = matching([&](const RunRow& run) { return !text.empty() && run.name == text; });
    if (found.empty()) {
        found = matching([&](const RunRow& run) { return !text.empty() && run.id.starts_with(text); });
    }
    if (found.size() == 1) {
        return found.front();
    }
    if (found.empty()) {
        return trashed ? m_state->notInTrash(text) : m_state->unknownRun(text);
    }
    std::string list;
    for (const std::string& id : found) {
        list += (list.empty() ? "" : ", ") + id;
    }
    return Failure{text + " may mean several runs: " + list + ".", "Write more of the id.", FailureKind::NotFound};
}

Result<void> WorkspaceDb::rename(const std::string& id, const std::string& name)
{
    return m_state->update(id, "name = ?", name);
}

Result<void> WorkspaceDb::setGroup(const std::string& id, const std::string& group)
{
    return m_state->update(id, "group_name = ?", group);
}

Result<void> WorkspaceDb::setNote(const std::string& id, const std::string& note)
{
    return m_state->update(id, "note = ?", note);
}

Result<void> WorkspaceDb::addTag(const std::string& id, const std::string& tag)
{
    const Result<RunRow> known = run(id);
    if (!known) {
        return known.failure();
    }
    m_state->database.prepare("INSERT OR IGNORE INTO tags(run_id, tag) VALUES(?, ?)").bind(1, id).bind(2, tag).run();
    return {};
}

Result<void> WorkspaceDb::removeTag(const std::string& id, const std::string& tag)
{
    m_state->database.prepare("DELETE FROM tags WHERE run_id = ? AND tag = ?").bind(1, id).bind(2, tag).run();
    return m_state->database.changes() == 1 ? Result<void>()
                                            : Failure{"The run " + id + " has no tag " + tag + ".", {}};
}

Result<void> WorkspaceDb::setTrashed(const std::string& id, std::optional<double> when)
{
    Transaction transaction(m_state->database);
    m_state->database.prepare("UPDATE runs SET trashed = ? WHERE id = ?").bind(1, when).bind(2, id).run();
    if (m_state->database.changes() != 1) {
        return m_state->unknownRun(id);
    }
    if (!when) {
        reviveExperimentOf(m_state->database, id);
    }
    transaction.commit();
    return {};
}

Result<void> WorkspaceDb::forget(const std::string& id)
{
    Transaction transaction(m_state->database);
    m_state->database.prepare("DELETE FROM runs WHERE id = ?").bind(1, id).run();
    if (m_state->database.changes() != 1) {
        return m_state->unknownRun(id);
    }
    closeGaps(m_state->database);
    dropDeletedExperiments(m_state->database);
    transaction.commit();
    return {};
}

std::optional<std::string> WorkspaceDb::setting(const std::string& key)
{
    Statement row = m_state->database.prepare("SELECT value FROM settings WHERE key = ?");
    std::optional<std::string> value;
    if (row.bind(1, key).step()) {
        value = row.text(0);
    }
    return value;
}

void WorkspaceDb::setSetting(const std::string& key, const std::string& value)
{
    m_state->database.prepare("INSERT OR REPLACE INTO settings(key, value) VALUES(?, ?)")
        .bind(1, key)
        .bind(2, value)
        .run();
}

} // namespace dskd::store

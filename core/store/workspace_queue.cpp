// The queue of a workspace.

#include "core/base/process.h"
#include "core/store/workspace_state.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace dskd::store
{
namespace
{

std::vector<std::string> waitingRuns(const Database& database)
{
    std::vector<std::string> ids;
    Statement row = database.prepare("SELECT run_id FROM queue WHERE running = 0 ORDER BY place, added, run_id");
    while (row.step()) {
        ids.push_back(row.text(0));
    }
    return ids;
}

// Gives the waiting entries the places 1, 2, 3 ... in the order of `ids`.
void number(const Database& database, const std::vector<std::string>& ids)
{
    Statement place = database.prepare("UPDATE queue SET place = ? WHERE run_id = ?");
    for (std::size_t i = 0; i < ids.size(); ++i) {
        place.bind(1, static_cast<std::int64_t>(i) + 1).bind(2, ids[i]).run();
    }
}

} // namespace

void closeGaps(const Database& database)
{
    number(database, waitingRuns(database));
}

void insertLast(const Database& database, const std::string& id)
{
    database
        .prepare("INSERT OR IGNORE INTO queue(run_id, place, added) VALUES(?, (SELECT COUNT(*) + 1 FROM queue WHERE "
                 "running = 0), ?)")
        .bind(1, id)
        .bind(2, unixTime())
        .run();
}

Result<std::int64_t> WorkspaceDb::enqueue(const std::string& id)
{
    const Database& database = m_state->database;
    const Result<RunRow> known = run(id);
    if (!known) {
        return known.failure();
    }
    if (known->trashed) {
        return Failure{"The run " + id + " is in the trash.", "Restore it first."};
    }
    Transaction transaction(database);
    insertLast(database, id);
    transaction.commit();
    Statement row = database.prepare("SELECT place FROM queue WHERE run_id = ?");
    const std::int64_t place = row.bind(1, id).step() ? row.integer(0) : 0;
    return place;
}

std::vector<QueueRow> WorkspaceDb::queue()
{
    std::vector<QueueRow> rows;
    Statement row = m_state->database.prepare(
        "SELECT run_id, place, running, added FROM queue ORDER BY running DESC, place, run_id");
    while (row.step()) {
        const bool running = row.integer(2) != 0;
        rows.push_back({running ? 0 : row.integer(1), row.text(0), running ? QueueState::Running : QueueState::Waiting,
                        row.real(3)});
    }
    return rows;
}

Result<void> WorkspaceDb::moveInQueue(const std::string& id, std::int64_t position)
{
    const Database& database = m_state->database;
    Transaction transaction(database);
    std::vector<std::string> waiting = waitingRuns(database);
    const auto found = std::find(waiting.begin(), waiting.end(), id);
    if (found == waiting.end()) {
        return Failure{"The run " + id + " does not wait in the queue.", {}};
    }
    waiting.erase(found);
    const auto last = static_cast<std::int64_t>(waiting.size());
    waiting.insert(waiting.begin() + std::clamp<std::int64_t>(position - 1, 0, last), id);
    number(database, waiting);
    transaction.commit();
    return {};
}

bool WorkspaceDb::dequeue(const std::string& id)
{
    Transaction transaction(m_state->database);
    m_state->database.prepare("DELETE FROM queue WHERE run_id = ?").bind(1, id).run();
    const bool removed = m_state->database.changes() == 1;
    closeGaps(m_state->database);
    transaction.commit();
    return removed;
}

std::optional<std::string> WorkspaceDb::takeNext()
{
    const Database& database = m_state->database;
    Transaction transaction(database);
    const std::vector<std::string> waiting = waitingRuns(database);
    const auto next = waiting.empty() ? std::nullopt : std::optional(waiting.front());
    if (next) {
        database.prepare("UPDATE queue SET running = 1, place = 0 WHERE run_id = ?").bind(1, *next).run();
        closeGaps(database);
    }
    transaction.commit();
    return next;
}

void WorkspaceDb::putBack(const std::string& id)
{
    Transaction transaction(m_state->database);
    m_state->database.prepare("UPDATE queue SET running = 0, place = 0 WHERE run_id = ?").bind(1, id).run();
    closeGaps(m_state->database);
    transaction.commit();
}

} // namespace dskd::store

#include "core/store/run_writer.h"

#include "core/store/database.h"
#include "core/store/schema.h"

#include <cmath>
#include <mutex>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

namespace dskd::store
{
namespace
{

// A database error is something the worker reports and survives (its checkpoints are elsewhere), so it is a value here.
template <typename Action>
Result<void> guarded(const Action& action)
{
    try {
        action();
        return {};
    } catch (const Error& error) {
        return error.failure();
    }
}

int kindOf(double value)
{
    if (std::isnan(value)) {
        return 1;
    }
    if (std::isinf(value)) {
        return value > 0 ? 2 : 3;
    }
    return 0;
}

// Tokens are arbitrary bytes; JSON holds UTF-8 only.
std::string tokensAsJson(const std::vector<std::string>& tokens)
{
    return nlohmann::json(tokens).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

struct Buffer {
    std::vector<MetricRow> metrics;
    std::vector<HeatMapRow> heatMaps;
    std::vector<AnswerRow> answers;
    std::vector<EventRow> events;

    [[nodiscard]] bool empty() const
    {
        return metrics.empty() && heatMaps.empty() && answers.empty() && events.empty();
    }
};

// The prepared statements and the ids of metric names. Called under the database's mutex, inside a transaction.
class Tables
{
public:
    explicit Tables(const Database& database)
        : m_name(database.prepare("INSERT OR IGNORE INTO names(name) VALUES(?)")),
          m_nameId(database.prepare("SELECT id FROM names WHERE name = ?")),
          m_metric(database.prepare(
              "INSERT INTO metrics(step, tokens, time, name_id, value, kind) VALUES(?, ?, ?, ?, ?, ?)")),
          m_heatMap(database.prepare("INSERT INTO heatmaps(step, name, sample, row_tokens, column_tokens, cells) "
                                     "VALUES(?, ?, ?, ?, ?, ?)")),
          m_answer(database.prepare("INSERT INTO answers(step, sample, prompt, reference, answer, rouge_l) "
                                    "VALUES(?, ?, ?, ?, ?, ?)")),
          m_event(database.prepare("INSERT INTO events(time, step, kind, message, hint) VALUES(?, ?, ?, ?, ?)"))
    {
    }

    void write(const Buffer& rows)
    {
        for (const MetricRow& row : rows.metrics) {
            m_metric.bind(1, row.step).bind(2, row.tokens).bind(3, row.time).bind(4, nameId(row.name));
            const int kind = kindOf(row.value);
            m_metric.bind(5, kind == 0 ? std::optional(row.value) : std::nullopt).bind(6, std::int64_t{kind}).run();
        }
        for (const HeatMapRow& row : rows.heatMaps) {
            m_heatMap.bind(1, row.step).bind(2, row.name).bind(3, row.sample);
            m_heatMap.bind(4, tokensAsJson(row.rowTokens)).bind(5, tokensAsJson(row.columnTokens));
            m_heatMap.bind(6, std::as_bytes(std::span(row.values))).run();
        }
        for (const AnswerRow& row : rows.answers) {
            m_answer.bind(1, row.step).bind(2, row.sample).bind(3, row.prompt).bind(4, row.reference);
            m_answer.bind(5, row.answer).bind(6, row.rougeL).run();
        }
        for (const EventRow& row : rows.events) {
            m_event.bind(1, row.time).bind(2, row.step).bind(3, row.kind).bind(4, row.message).bind(5, row.hint).run();
        }
    }

    // After a rollback the ids of names added in the transaction are void.
    void settled(bool committed)
    {
        if (!committed) {
            for (const std::string& name : m_newNames) {
                m_nameIds.erase(name);
            }
        }
        m_newNames.clear();
    }

private:
    std::int64_t nameId(const std::string& name)
    {
        const auto known = m_nameIds.find(name);
        if (known != m_nameIds.end()) {
            return known->second;
        }
        m_name.bind(1, name).run();
        m_nameId.bind(1, name).step();
        const std::int64_t id = m_nameId.integer(0);
        m_nameId.reset();
        m_newNames.emplace_back(name);
        return m_nameIds[name] = id;
    }

    Statement m_name;
    Statement m_nameId;
    Statement m_metric;
    Statement m_heatMap;
    Statement m_answer;
    Statement m_event;
    std::map<std::string, std::int64_t> m_nameIds;
    std::vector<std::string> m_newNames;
};

} // namespace

// Two locks: a step that adds rows waits for another step's addition at most, never for the disk.
struct RunWriter::State {
    State(const std::filesystem::path& file, Journal journal) : database(file, Database::Access::Create)
    {
        database.execute(journal == Journal::Wal ? "PRAGMA journal_mode = WAL" : "PRAGMA journal_mode = DELETE");
        database.execute("PRAGMA synchronous = NORMAL");
    }

    std::mutex bufferMutex;
    Buffer buffer;

    std::mutex durableMutex; // one flush to the disk at a time; taken before databaseMutex
    std::mutex databaseMutex;
    Database database;
    std::optional<Tables> tables;
    Buffer unwritten; // what a failed flush could not write; goes first next time
    std::optional<std::int64_t> attempt;

    // Writes the buffer and then what `more` writes, all in one transaction. Takes both locks.
    template <typename More>
    Result<void> write(const More& more)
    {
        const std::scoped_lock databaseLock(databaseMutex);
        {
            const std::scoped_lock bufferLock(bufferMutex);
            take(unwritten.metrics, buffer.metrics);
            take(unwritten.heatMaps, buffer.heatMaps);
            take(unwritten.answers, buffer.answers);
            take(unwritten.events, buffer.events);
        }
        Result<void> result = guarded([&] {
            Transaction transaction(database);
            tables->write(unwritten);
            more();
            transaction.commit();
        });
        tables->settled(result.ok());
        if (result) {
            unwritten = {};
        } else {
            tables.emplace(database); // statements that stopped half-way would hold on to the broken transaction
        }
        return result;
    }

    Result<void> setSynchronous(const std::string& mode)
    {
        const std::scoped_lock lock(databaseMutex);
        return guarded([&] { database.execute("PRAGMA synchronous = " + mode); });
    }

    // Records this process as the newest attempt, together with what `prepare` does to the rows; it returns the step
    // that the attempt goes on from.
    template <typename Prepare>
    Result<void> begin(const Prepare& prepare)
    {
        std::int64_t id = 0;
        Result<void> result = write([&] {
            const std::optional<std::int64_t> resumeStep = prepare(database);
            // a worker that vanished wrote no end: its last heartbeat was its last sign of life
            database.execute("UPDATE attempts SET ended = (SELECT time FROM heartbeat) WHERE ended IS NULL AND "
                             "EXISTS(SELECT 1 FROM heartbeat)");
            database.execute("DELETE FROM heartbeat");
            const ProcessIdentity process = thisProcess();
            database
                .prepare("INSERT INTO attempts(pid, start_ticks, boot_id, host, resume_step, started) "
                         "VALUES(?, ?, ?, ?, ?, ?)")
                .bind(1, std::int64_t{process.pid})
                .bind(2, static_cast<std::int64_t>(process.startTicks))
                .bind(3, process.bootId)
                .bind(4, process.host)
                .bind(5, resumeStep)
                .bind(6, unixTime())
                .run();
            id = database.lastId();
        });
        if (result) {
            attempt = id;
        }
        return result;
    }

private:
    template <typename Row>
    static void take(std::vector<Row>& to, std::vector<Row>& from)
    {
        to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
        from.clear();
    }
};

RunWriter::RunWriter(std::unique_ptr<State> state) : m_state(std::move(state)) {}

RunWriter::~RunWriter()
{
    (void)flush();
}

Result<std::unique_ptr<RunWriter>> RunWriter::open(const RunLayout& run)
{
    return open(run, journalFor(run.root));
}

Result<std::unique_ptr<RunWriter>> RunWriter::open(const RunLayout& run, Journal journal)
{
    try {
        auto state = std::make_unique<State>(run.database(), journal);
        const Result<void> migrated = migrate(state->database, kRunSchema, run.database().string());
        if (!migrated) {
            return migrated.failure();
        }
        state->tables.emplace(state->database);
        return std::unique_ptr<RunWriter>(new RunWriter(std::move(state)));
    } catch (const Error& error) {
        return error.failure();
    }
}

Result<void> RunWriter::beginAttempt(std::optional<std::int64_t> resumeStep)
{
    return m_state->begin([&](const Database& database) {
        for (const char* table : {"metrics", "heatmaps", "answers"}) {
            const std::string all = std::string("DELETE FROM ") + table;
            if (resumeStep.value_or(0) > 0) {
                database.prepare(all + " WHERE step > ?").bind(1, *resumeStep).run();
            } else {
                database.prepare(all).run();
            }
        }
        return resumeStep;
    });
}

Result<void> RunWriter::beginFailedAttempt()
{
    return m_state->begin([](const Database& database) -> std::optional<std::int64_t> {
        Statement last = database.prepare("SELECT MAX(step) FROM metrics");
        if (last.step() && !last.isNull(0)) {
            return last.integer(0); // so that readers keep every row too
        }
        return std::nullopt;
    });
}

Result<void> RunWriter::endAttempt(int exitCode, const std::string& reason)
{
    return m_state->write([&] {
        m_state->database.prepare("UPDATE attempts SET ended = ?, exit_code = ?, reason = ? WHERE id = ?")
            .bind(1, unixTime())
            .bind(2, std::int64_t{exitCode})
            .bind(3, reason)
            .bind(4, m_state->attempt)
            .run();
    });
}

void RunWriter::addMetrics(std::int64_t step, std::int64_t tokens, const std::map<std::string, double>& values)
{
    const double now = unixTime();
    const std::scoped_lock lock(m_state->bufferMutex);
    for (const auto& [name, value] : values) {
        m_state->buffer.metrics.push_back({0, step, tokens, now, name, value});
    }
}

void RunWriter::addHeatMap(HeatMapRow map)
{
    const std::scoped_lock lock(m_state->bufferMutex);
    m_state->buffer.heatMaps.push_back(std::move(map));
}

void RunWriter::addAnswer(AnswerRow answer)
{
    const std::scoped_lock lock(m_state->bufferMutex);
    m_state->buffer.answers.push_back(std::move(answer));
}

void RunWriter::addEvent(std::int64_t step, const std::string& kind, const std::string& message,
                         const std::string& hint)
{
    const double now = unixTime();
    const std::scoped_lock lock(m_state->bufferMutex);
    m_state->buffer.events.push_back({0, now, step, kind, message, hint});
}

Result<void> RunWriter::flush()
{
    {
        const std::scoped_lock databaseLock(m_state->databaseMutex);
        const std::scoped_lock bufferLock(m_state->bufferMutex);
        if (m_state->buffer.empty() && m_state->unwritten.empty()) {
            return {};
        }
    }
    return m_state->write([] {});
}

Result<void> RunWriter::flushToDisk()
{
    const std::scoped_lock lock(m_state->durableMutex);
    // A commit in this mode syncs the whole journal, and with it the commits before it. It needs a row of its own,
    // since a heartbeat may have written all others just now.
    if (Result<void> set = m_state->setSynchronous("FULL"); !set) {
        return set;
    }
    Result<void> written = setInfo("saved", std::to_string(unixTime()));
    Result<void> reset = m_state->setSynchronous("NORMAL");
    return written ? reset : written;
}

Result<void> RunWriter::setPlan(const Plan& plan)
{
    return m_state->write([&] {
        Statement statement = m_state->database.prepare("INSERT OR REPLACE INTO info(key, value) VALUES(?, ?)");
        statement.bind(1, kPlanTotalSteps).bind(2, std::to_string(plan.totalSteps)).run();
        statement.bind(1, kPlanStepsPerEpoch).bind(2, std::to_string(plan.stepsPerEpoch)).run();
    });
}

Result<void> RunWriter::setInfo(const std::string& key, const std::string& value)
{
    return m_state->write([&] {
        m_state->database.prepare("INSERT OR REPLACE INTO info(key, value) VALUES(?, ?)")
            .bind(1, key)
            .bind(2, value)
            .run();
    });
}

Result<void> RunWriter::heartbeat(std::int64_t step, const std::string& phase)
{
    return m_state->write([&] {
        m_state->database.prepare("INSERT OR REPLACE INTO heartbeat(only, time, step, phase) VALUES(1, ?, ?, ?)")
            .bind(1, unixTime())
            .bind(2, step)
            .bind(3, phase)
            .run();
    });
}

} // namespace dskd::store

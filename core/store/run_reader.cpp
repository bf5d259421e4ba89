#include "core/store/run_reader.h"

#include "core/store/map_cells.h"
#include "core/store/run_reader_state.h"

#include <cstdlib>
#include <limits>
#include <nlohmann/json.hpp>

namespace dskd::store
{
namespace
{

std::vector<std::string> tokensFromJson(const std::string& text)
{
    std::vector<std::string> tokens;
    const auto parsed = nlohmann::json::parse(text, nullptr, false);
    if (parsed.is_array()) {
        for (const auto& token : parsed) {
            tokens.push_back(token.is_string() ? token.get<std::string>() : std::string());
        }
    }
    return tokens;
}

EventRow eventOf(const Statement& row)
{
    return {row.integer(0), row.real(1), row.integer(2), row.text(3), row.text(4), row.text(5)};
}

HeatMapRow heatMapOf(const Statement& row)
{
    HeatMapRow map{row.integer(0), row.integer(1), row.text(2), row.integer(3), {}, {}, {}};
    map.rowTokens = tokensFromJson(row.text(4));
    map.columnTokens = tokensFromJson(row.text(5));
    map.values = cellValues(row.blob(6), row.integer(7));
    if (!row.isNull(8) && !row.isNull(9)) {
        map.wholeRows = row.integer(8);
        map.wholeColumns = row.integer(9);
    }
    // of a damaged row: what is missing is not a number, and never more is read than there are cells
    map.values.resize(map.rowTokens.size() * map.columnTokens.size(), std::numeric_limits<float>::quiet_NaN());
    return map;
}

// What heatMapOf reads.
std::string selectHeatMap(const Database& database)
{
    return std::string("SELECT id, step, name, sample, row_tokens, column_tokens, cells, ") +
           (database.pragma("user_version") >= kMapSizesSince ? "cell_format, whole_rows, whole_columns "
                                                              : "0, NULL, NULL ");
}

std::int64_t numberOf(const std::map<std::string, std::string>& info, const char* key)
{
    const auto found = info.find(key);
    return found == info.end() ? 0 : std::strtoll(found->second.c_str(), nullptr, 10);
}

} // namespace

RunReader::RunReader(std::unique_ptr<State> state) : m_state(std::move(state)) {}
RunReader::RunReader(RunReader&&) noexcept = default;
RunReader& RunReader::operator=(RunReader&&) noexcept = default;
RunReader::~RunReader() = default;

Result<RunReader> RunReader::open(const RunLayout& run, std::chrono::milliseconds patience)
{
    auto state = std::make_unique<State>();
    state->run = run;
    state->patience = patience;
    const Result<const Database*> connected = state->connect();
    if (!connected) {
        return connected.failure();
    }
    return RunReader(std::move(state));
}

std::string RunReader::warning()
{
    return m_state->connected() == nullptr ? std::string() : m_state->access->warning;
}

RunReader::Snapshot::Snapshot(RunReader& reader) : m_reader(reader)
{
    const Database* database = m_reader.m_state->connected();
    if (database != nullptr && !database->inTransaction()) {
        database->execute("BEGIN");
        m_began = true;
    }
}

RunReader::Snapshot::~Snapshot()
{
    const auto& access = m_reader.m_state->access;
    if (!m_began || !access || !access->database.inTransaction()) {
        return;
    }
    try {
        access->database.execute("COMMIT"); // nothing was written, so this only lets go
    } catch (const Error&) {
        // An error while reading has ended the transaction already.
    }
}

bool RunReader::changed()
{
    const Database* database = m_state->connected();
    if (database == nullptr) {
        return false;
    }
    const std::int64_t version = database->pragma("data_version");
    const bool isNew = version != m_state->dataVersion;
    m_state->dataVersion = version;
    return isNew;
}

std::vector<HeatMapRow> RunReader::heatMaps()
{
    std::vector<HeatMapRow> maps;
    if (const Database* database = m_state->connected()) {
        Statement row = database->prepare("SELECT id, step, name, sample FROM heatmaps ORDER BY id");
        while (row.step()) {
            maps.push_back({row.integer(0), row.integer(1), row.text(2), row.integer(3), {}, {}, {}});
        }
    }
    return maps;
}

std::optional<HeatMapRow> RunReader::heatMap(std::int64_t id)
{
    std::optional<HeatMapRow> map;
    if (const Database* database = m_state->connected()) {
        Statement row = database->prepare(selectHeatMap(*database) + "FROM heatmaps WHERE id = ?");
        if (row.bind(1, id).step()) {
            map = heatMapOf(row);
        }
    }
    return map;
}

std::optional<HeatMapRow> RunReader::heatMap(const std::string& name, std::int64_t sample,
                                             std::optional<std::int64_t> step)
{
    std::optional<HeatMapRow> map;
    if (const Database* database = m_state->connected()) {
        Statement row =
            database->prepare(selectHeatMap(*database) + "FROM heatmaps WHERE name = ? AND sample = ? AND step <= ? "
                                                         "ORDER BY step DESC, id DESC LIMIT 1");
        row.bind(1, name).bind(2, sample).bind(3, step.value_or(std::numeric_limits<std::int64_t>::max()));
        if (row.step()) {
            map = heatMapOf(row);
        }
    }
    return map;
}

std::vector<AnswerRow> RunReader::answers(std::optional<std::int64_t> step)
{
    std::vector<AnswerRow> rows;
    if (const Database* database = m_state->connected()) {
        Statement row = database->prepare("SELECT id, step, sample, prompt, reference, answer, rouge_l FROM answers "
                                          "WHERE ?1 IS NULL OR step = ?1 ORDER BY step, sample, id");
        row.bind(1, step);
        while (row.step()) {
            rows.push_back({row.integer(0), row.integer(1), row.integer(2), row.text(3), row.text(4), row.text(5),
                            row.isNull(6) ? std::numeric_limits<double>::quiet_NaN() : row.real(6)});
        }
    }
    return rows;
}

std::vector<EventRow> RunReader::eventsAfter(std::int64_t id)
{
    std::vector<EventRow> events;
    if (const Database* database = m_state->connected()) {
        Statement row =
            database->prepare("SELECT id, time, step, kind, message, hint FROM events WHERE id > ? ORDER BY id");
        row.bind(1, id);
        while (row.step()) {
            events.push_back(eventOf(row));
        }
    }
    return events;
}

std::optional<EventRow> RunReader::lastEvent(const std::string& kind)
{
    std::optional<EventRow> event;
    if (const Database* database = m_state->connected()) {
        Statement row = database->prepare(
            "SELECT id, time, step, kind, message, hint FROM events WHERE kind = ? ORDER BY id DESC LIMIT 1");
        if (row.bind(1, kind).step()) {
            event = eventOf(row);
        }
    }
    return event;
}

std::vector<AttemptRow> RunReader::attempts()
{
    std::vector<AttemptRow> attempts;
    if (const Database* database = m_state->connected()) {
        const bool timed = database->pragma("user_version") >= kAttemptSecondsSince;
        Statement row = database->prepare("SELECT id, pid, start_ticks, boot_id, host, resume_step, started, ended, "
                                          "exit_code, reason, " +
                                          std::string(timed ? "seconds" : "NULL") + " FROM attempts ORDER BY id");
        while (row.step()) {
            AttemptRow attempt;
            attempt.id = row.integer(0);
            attempt.process = {static_cast<int>(row.integer(1)), static_cast<std::uint64_t>(row.integer(2)),
                               row.text(3), row.text(4)};
            attempt.resumeStep = row.isNull(5) ? std::nullopt : std::optional(row.integer(5));
            attempt.started = row.real(6);
            attempt.ended = row.isNull(7) ? std::nullopt : std::optional(row.real(7));
            attempt.exitCode = row.isNull(8) ? std::nullopt : std::optional(static_cast<int>(row.integer(8)));
            attempt.reason = row.text(9);
            attempt.seconds = row.isNull(10) ? std::nullopt : std::optional(row.real(10));
            attempts.push_back(std::move(attempt));
        }
    }
    return attempts;
}

std::optional<Heartbeat> RunReader::heartbeat()
{
    std::optional<Heartbeat> beat;
    if (const Database* database = m_state->connected()) {
        Statement row = database->prepare("SELECT time, step, phase FROM heartbeat");
        if (row.step()) {
            beat = Heartbeat{row.real(0), row.integer(1), row.text(2)};
        }
    }
    return beat;
}

std::optional<Plan> RunReader::plan()
{
    const std::map<std::string, std::string> all = info();
    if (!all.contains(kPlanTotalSteps)) {
        return std::nullopt;
    }
    return Plan{numberOf(all, kPlanTotalSteps), numberOf(all, kPlanStepsPerEpoch)};
}

std::map<std::string, std::string> RunReader::info()
{
    std::map<std::string, std::string> all;
    if (const Database* database = m_state->connected()) {
        Statement row = database->prepare("SELECT key, value FROM info WHERE key != ?");
        row.bind(1, kSavedKey);
        while (row.step()) {
            all[row.text(0)] = row.text(1);
        }
    }
    return all;
}

} // namespace dskd::store

// The metrics of run.db: rows of all, and points of one.

#include "core/store/run_reader.h"
#include "core/store/run_reader_state.h"

#include <limits>

namespace dskd::store
{
namespace
{

double valueOf(const Statement& row, int valueColumn, int kindColumn)
{
    switch (row.integer(kindColumn)) {
    case 1: return std::numeric_limits<double>::quiet_NaN();
    case 2: return std::numeric_limits<double>::infinity();
    case 3: return -std::numeric_limits<double>::infinity();
    default: return row.real(valueColumn);
    }
}

} // namespace

std::vector<MetricRow> RunReader::metricsAfter(std::int64_t id, std::int64_t limit)
{
    std::vector<MetricRow> rows;
    if (const Database* database = m_state->connected()) {
        Statement row =
            database->prepare("SELECT m.id, m.step, m.tokens, m.time, n.name, m.value, m.kind FROM metrics m "
                              "JOIN names n ON n.id = m.name_id WHERE m.id > ? ORDER BY m.id LIMIT ?");
        row.bind(1, id).bind(2, limit > 0 ? limit : std::int64_t{-1});
        while (row.step()) {
            rows.push_back(
                {row.integer(0), row.integer(1), row.integer(2), row.real(3), row.text(4), valueOf(row, 5, 6)});
        }
    }
    return rows;
}

std::vector<std::string> RunReader::metricNames()
{
    std::vector<std::string> names;
    if (const Database* database = m_state->connected()) {
        Statement row = database->prepare("SELECT name FROM names WHERE EXISTS(SELECT 1 FROM metrics WHERE name_id = "
                                          "names.id) ORDER BY name");
        while (row.step()) {
            names.push_back(row.text(0));
        }
    }
    return names;
}

std::int64_t
RunReader::eachMetricAfter(std::int64_t id, std::int64_t limit,
                           const std::function<void(const std::string& name, const MetricPoint& point)>& take)
{
    const Database* database = m_state->connected();
    if (database == nullptr) {
        return 0;
    }
    std::map<std::int64_t, std::string> names;
    for (Statement row = database->prepare("SELECT id, name FROM names"); row.step();) {
        names[row.integer(0)] = row.text(1);
    }
    std::int64_t count = 0;
    Statement row = database->prepare("SELECT id, step, tokens, time, value, kind, name_id FROM metrics WHERE id > ? "
                                      "ORDER BY id LIMIT ?");
    row.bind(1, id).bind(2, limit > 0 ? limit : std::int64_t{-1});
    while (row.step()) {
        // Without a snapshot the worker may have added the name after `names` was read; the next reading has it then.
        const auto name = names.find(row.integer(6));
        if (name == names.end()) {
            throw Error(m_state->run.database().string() + " has a point of a metric without a name.",
                        "If it stays so, the file is damaged: put it back from a copy.");
        }
        take(name->second, {row.integer(0), row.integer(1), row.integer(2), row.real(3), valueOf(row, 4, 5)});
        ++count;
    }
    return count;
}

std::int64_t RunReader::lastMetricId()
{
    const Database* database = m_state->connected();
    if (database == nullptr) {
        return 0;
    }
    Statement row = database->prepare("SELECT MAX(id) FROM metrics");
    const std::int64_t id = row.step() ? row.integer(0) : 0;
    return id;
}

std::optional<MetricPoint> RunReader::metricPoint(std::int64_t id)
{
    std::optional<MetricPoint> point;
    if (const Database* database = m_state->connected()) {
        Statement row = database->prepare("SELECT id, step, tokens, time, value, kind FROM metrics WHERE id = ?");
        if (row.bind(1, id).step()) {
            point = MetricPoint{row.integer(0), row.integer(1), row.integer(2), row.real(3), valueOf(row, 4, 5)};
        }
    }
    return point;
}

std::vector<MetricPoint> RunReader::series(const std::string& name, std::int64_t afterId, std::int64_t limit)
{
    std::vector<MetricPoint> points;
    if (const Database* database = m_state->connected()) {
        Statement row = database->prepare("SELECT id, step, tokens, time, value, kind FROM metrics WHERE name_id = "
                                          "(SELECT id FROM names WHERE name = ?) AND id > ? ORDER BY id LIMIT ?");
        row.bind(1, name).bind(2, afterId).bind(3, limit > 0 ? limit : std::int64_t{-1});
        while (row.step()) {
            points.push_back({row.integer(0), row.integer(1), row.integer(2), row.real(3), valueOf(row, 4, 5)});
        }
    }
    return points;
}

std::map<std::string, MetricPoint> RunReader::latest()
{
    std::map<std::string, MetricPoint> points;
    if (const Database* database = m_state->connected()) {
        Statement row =
            database->prepare("SELECT n.name, m.id, m.step, m.tokens, m.time, m.value, m.kind FROM names n "
                              "JOIN metrics m ON m.id = (SELECT MAX(id) FROM metrics WHERE name_id = n.id)");
        while (row.step()) {
            points[row.text(0)] = {row.integer(1), row.integer(2), row.integer(3), row.real(4), valueOf(row, 5, 6)};
        }
    }
    return points;
}

std::optional<double> RunReader::lastMetricTimeBefore(double time)
{
    const Database* database = m_state->connected();
    if (database == nullptr) {
        return std::nullopt;
    }
    std::int64_t low = 1;
    std::int64_t high = lastMetricId() + 1;
    Statement from = database->prepare("SELECT id, time FROM metrics WHERE id >= ? ORDER BY id LIMIT 1");
    while (low < high) { // all rows before `low` are earlier, all from `high` on are not
        const std::int64_t middle = low + (high - low) / 2;
        from.bind(1, middle);
        if (from.step() && from.real(1) < time) {
            low = from.integer(0) + 1;
        } else {
            high = middle;
        }
        from.reset();
    }
    Statement last = database->prepare("SELECT time FROM metrics WHERE id < ? ORDER BY id DESC LIMIT 1");
    last.bind(1, low);
    return last.step() ? std::optional(last.real(0)) : std::nullopt;
}

} // namespace dskd::store

#include "core/store/run_tables.h"

#include "core/store/map_cells.h"

#include <cmath>
#include <cstring>
#include <iterator>
#include <nlohmann/json.hpp>
#include <span>
#include <utility>

namespace dskd::store
{
namespace
{

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

std::optional<double> finite(double value)
{
    return std::isfinite(value) ? std::optional(value) : std::nullopt;
}

std::vector<double> numbersOf(std::span<const std::byte> bytes)
{
    std::vector<double> numbers(bytes.size() / sizeof(double));
    if (!numbers.empty()) {
        std::memcpy(numbers.data(), bytes.data(), numbers.size() * sizeof(double));
    }
    return numbers;
}

template <typename Row>
void append(std::vector<Row>& to, std::vector<Row>& from)
{
    to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
    from.clear();
}

} // namespace

void RunRows::take(RunRows& more)
{
    append(metrics, more.metrics);
    append(heatMaps, more.heatMaps);
    append(answers, more.answers);
    append(baselineAnswers, more.baselineAnswers);
    append(structure, more.structure);
    append(spaceAxes, more.spaceAxes);
    append(spacePoints, more.spacePoints);
    append(events, more.events);
}

void RunRows::forgetSteps()
{
    std::vector<EventRow> kept = std::move(events);
    *this = {};
    events = std::move(kept);
}

RunTables::RunTables(const Database& database)
    : m_name(database.prepare("INSERT OR IGNORE INTO names(name) VALUES(?)")),
      m_nameId(database.prepare("SELECT id FROM names WHERE name = ?")),
      m_metric(
          database.prepare("INSERT INTO metrics(step, tokens, time, name_id, value, kind) VALUES(?, ?, ?, ?, ?, ?)")),
      m_heatMap(database.prepare("INSERT INTO heatmaps(step, name, sample, row_tokens, column_tokens, cells, "
                                 "cell_format, whole_rows, whole_columns) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)")),
      m_answer(database.prepare("INSERT INTO answers(step, sample, prompt, reference, answer, rouge_l) "
                                "VALUES(?, ?, ?, ?, ?, ?)")),
      m_baseline(
          database.prepare("INSERT INTO baseline_answers(step, sample, prompt, reference, answer, rouge_l, side) "
                           "VALUES(?, ?, ?, ?, ?, ?, ?)")),
      m_structure(database.prepare("INSERT INTO structure(step, sample, rows, cosine, product, cosine_mean, "
                                   "product_mean, product_rows) VALUES(?, ?, ?, ?, ?, ?, ?, ?)")),
      m_axes(database.prepare("INSERT INTO space_axes(step, space, center, first, second, explained_first, "
                              "explained_second) VALUES(?, ?, ?, ?, ?, ?, ?)")),
      m_point(database.prepare("INSERT INTO space_points(step, space, side, sample, row, token, x, y) "
                               "VALUES(?, ?, ?, ?, ?, ?, ?, ?)")),
      m_event(database.prepare("INSERT INTO events(time, step, kind, message, hint) VALUES(?, ?, ?, ?, ?)"))
{
}

void RunTables::write(const RunRows& rows)
{
    for (const MetricRow& row : rows.metrics) {
        m_metric.bind(1, row.step).bind(2, row.tokens).bind(3, row.time).bind(4, nameId(row.name));
        const int kind = kindOf(row.value);
        m_metric.bind(5, kind == 0 ? std::optional(row.value) : std::nullopt).bind(6, std::int64_t{kind}).run();
    }
    for (const HeatMapRow& row : rows.heatMaps) {
        m_heatMap.bind(1, row.step).bind(2, row.name).bind(3, row.sample);
        m_heatMap.bind(4, tokensAsJson(row.rowTokens)).bind(5, tokensAsJson(row.columnTokens));
        const MapCells cells = mapCells(row.values);
        m_heatMap.bind(6, std::span<const std::byte>(cells.bytes)).bind(7, static_cast<std::int64_t>(cells.format));
        m_heatMap.bind(8, row.wholeRows).bind(9, row.wholeColumns).run();
    }
    writeAnswers(rows);
    writeSpaces(rows);
    for (const EventRow& row : rows.events) {
        m_event.bind(1, row.time).bind(2, row.step).bind(3, row.kind).bind(4, row.message).bind(5, row.hint).run();
    }
}

void RunTables::writeAnswers(const RunRows& rows)
{
    const auto bind = [](Statement& into, const AnswerRow& row) -> Statement& {
        into.bind(1, row.step).bind(2, row.sample).bind(3, row.prompt).bind(4, row.reference);
        return into.bind(5, row.answer).bind(6, row.rougeL);
    };
    for (const AnswerRow& row : rows.answers) {
        bind(m_answer, row).run();
    }
    for (const BaselineAnswerRow& row : rows.baselineAnswers) {
        bind(m_baseline, row.answer).bind(7, name(row.of)).run();
    }
}

void RunTables::writeSpaces(const RunRows& rows)
{
    for (const StructureRow& row : rows.structure) {
        m_structure.bind(1, row.step).bind(2, row.sample).bind(3, row.rows);
        m_structure.bind(4, finite(row.cosine)).bind(5, finite(row.product));
        m_structure.bind(6, finite(row.cosineMean)).bind(7, finite(row.productMean)).bind(8, row.productRows).run();
    }
    for (const SpaceAxesRow& row : rows.spaceAxes) {
        m_axes.bind(1, row.step).bind(2, name(row.space));
        m_axes.bind(3, std::as_bytes(std::span(row.center))).bind(4, std::as_bytes(std::span(row.first)));
        m_axes.bind(5, std::as_bytes(std::span(row.second)));
        m_axes.bind(6, row.explained[0]).bind(7, row.explained[1]).run();
    }
    for (const SpacePointRow& row : rows.spacePoints) {
        m_point.bind(1, row.step).bind(2, name(row.space)).bind(3, name(row.side));
        m_point.bind(4, row.sample).bind(5, row.row).bind(6, row.token).bind(7, finite(row.x)).bind(8, finite(row.y));
        m_point.run();
    }
}

std::int64_t RunTables::nameId(const std::string& name)
{
    const auto known = m_nameIds.find(name);
    if (known != m_nameIds.end()) {
        return known->second;
    }
    m_name.bind(1, name).run();
    m_nameId.bind(1, name).step();
    const std::int64_t id = m_nameId.integer(0);
    m_nameId.reset();
    return m_nameIds[name] = id;
}

std::vector<SpaceAxesRow> newestSpaceAxes(const Database& database)
{
    std::vector<SpaceAxesRow> axes;
    Statement row = database.prepare(
        "SELECT id, step, space, center, first, second, explained_first, explained_second FROM space_axes "
        "WHERE id IN (SELECT MAX(id) FROM space_axes GROUP BY space) ORDER BY space");
    while (row.step()) {
        axes.push_back({row.integer(0),
                        row.integer(1),
                        row.text(2) == name(ModelSide::Student) ? ModelSide::Student : ModelSide::Teacher,
                        numbersOf(row.blob(3)),
                        numbersOf(row.blob(4)),
                        numbersOf(row.blob(5)),
                        {row.real(6), row.real(7)}});
    }
    return axes;
}

std::optional<std::string> missingSteps(const Database& database, std::int64_t last)
{
    std::int64_t present = 0;
    std::optional<std::int64_t> first;
    Statement row = database.prepare("SELECT DISTINCT step FROM metrics WHERE step BETWEEN 1 AND ? ORDER BY step");
    row.bind(1, last);
    while (row.step()) {
        ++present;
        if (!first && row.integer(0) != present) {
            first = present;
        }
    }
    if (present == last) {
        return std::nullopt;
    }
    if (present == 0) {
        return "run.db has no rows of the steps before the checkpoint that this attempt goes on from: the curves begin "
               "at step " +
               std::to_string(last + 1) + ".";
    }
    return "run.db has no rows of " + std::to_string(last - present) + " of the " + std::to_string(last) +
           " steps before the checkpoint that this attempt goes on from, the first of them step " +
           std::to_string(first.value_or(present + 1)) + ".";
}

} // namespace dskd::store

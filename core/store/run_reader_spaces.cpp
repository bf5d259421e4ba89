// What a run recorded of its representation spaces, and the answers that its own are read beside.

#include "core/store/run_reader_state.h"
#include "core/store/run_tables.h"

#include <limits>

namespace dskd::store
{
namespace
{

double valueOf(const Statement& row, int column)
{
    return row.isNull(column) ? std::numeric_limits<double>::quiet_NaN() : row.real(column);
}

ModelSide sideOf(const Statement& row, int column)
{
    return row.text(column) == name(ModelSide::Student) ? ModelSide::Student : ModelSide::Teacher;
}

// Null: nothing is there yet, or an older version of the program wrote it.
const Database* withSpaces(const Database* database)
{
    return database != nullptr && database->pragma("user_version") >= kSpacesSince ? database : nullptr;
}

} // namespace

std::vector<BaselineAnswerRow> RunReader::baselineAnswers()
{
    std::vector<BaselineAnswerRow> rows;
    if (const Database* database = withSpaces(m_state->connected())) {
        Statement row = database->prepare("SELECT side, id, step, sample, prompt, reference, answer, rouge_l "
                                          "FROM baseline_answers ORDER BY sample, id");
        while (row.step()) {
            rows.push_back({sideOf(row, 0),
                            {row.integer(1), row.integer(2), row.integer(3), row.text(4), row.text(5), row.text(6),
                             valueOf(row, 7)}});
        }
    }
    return rows;
}

std::vector<StructureRow> RunReader::structure(std::optional<std::int64_t> step)
{
    std::vector<StructureRow> rows;
    if (const Database* database = withSpaces(m_state->connected())) {
        Statement row = database->prepare("SELECT id, step, sample, rows, cosine, product, cosine_mean, product_mean, "
                                          "product_rows FROM structure WHERE ?1 IS NULL OR step = ?1 "
                                          "ORDER BY step, sample, id");
        row.bind(1, step);
        while (row.step()) {
            rows.push_back({row.integer(0), row.integer(1), row.integer(2), row.integer(3), valueOf(row, 4),
                            valueOf(row, 5), valueOf(row, 6), valueOf(row, 7), row.integer(8)});
        }
    }
    return rows;
}

std::vector<std::int64_t> RunReader::structureSteps()
{
    std::vector<std::int64_t> steps;
    if (const Database* database = withSpaces(m_state->connected())) {
        Statement row = database->prepare("SELECT DISTINCT step FROM structure ORDER BY step");
        while (row.step()) {
            steps.push_back(row.integer(0));
        }
    }
    return steps;
}

std::vector<std::int64_t> RunReader::spacePointSteps()
{
    std::vector<std::int64_t> steps;
    if (const Database* database = withSpaces(m_state->connected())) {
        Statement row = database->prepare("SELECT DISTINCT step FROM space_points ORDER BY step");
        while (row.step()) {
            steps.push_back(row.integer(0));
        }
    }
    return steps;
}

std::vector<SpacePointRow> RunReader::spacePoints(std::int64_t step)
{
    std::vector<SpacePointRow> rows;
    if (const Database* database = withSpaces(m_state->connected())) {
        Statement row = database->prepare(
            "SELECT id, step, space, side, sample, row, token, x, y FROM space_points WHERE step = ? ORDER BY id");
        row.bind(1, step);
        while (row.step()) {
            rows.push_back({row.integer(0), row.integer(1), sideOf(row, 2), sideOf(row, 3), row.integer(4),
                            row.integer(5), row.text(6), valueOf(row, 7), valueOf(row, 8)});
        }
    }
    return rows;
}

std::vector<SpaceAxesRow> RunReader::spaceAxes()
{
    const Database* database = withSpaces(m_state->connected());
    return database == nullptr ? std::vector<SpaceAxesRow>() : newestSpaceAxes(*database);
}

} // namespace dskd::store

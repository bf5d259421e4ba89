// Why cells of a matrix are empty.

#include "core/config/methods/method_table.h"
#include "core/config/schema/experiment_json.h"
#include "core/jobs/matrix_axes.h"

#include <algorithm>

namespace dskd::jobs
{
namespace
{

using config::Experiment;
using Values = std::vector<std::string>; // of all fields, those down before those across

// In the place of `other` the run would have the values of `cell` where its own have no effect. Is it the same run?
bool isRunOf(const Values& cell, const Values& other, const Values& fields, const Experiment& run)
{
    Experiment there = run;
    for (std::size_t f = 0; f < fields.size(); ++f) {
        if (cell[f] == other[f]) {
            continue;
        }
        if (!other[f].empty() || cell[f].empty() || !config::setField(there, fields[f], cell[f])) {
            return false;
        }
    }
    return groupKey(there) == groupKey(run);
}

bool leavesOut(const LeftOutValues& excluded, const Values& fields, const Values& cell)
{
    return !excluded.empty() && std::all_of(excluded.begin(), excluded.end(), [&](const auto& one) {
        const auto& [path, value] = one;
        const auto field = std::find(fields.begin(), fields.end(), path);
        if (field == fields.end()) {
            return false;
        }
        const std::string& own = cell[static_cast<std::size_t>(field - fields.begin())];
        return own == value || (path == config::kMethodByName && own.starts_with(value + " ")); // "dskd rkl" is dskd
    });
}

} // namespace

void explainEmptyCells(Matrix& matrix, const MatrixAxis& rows, const MatrixAxis& columns,
                       const std::vector<std::optional<Experiment>>& inCells,
                       const std::vector<LeftOutValues>& excluded)
{
    Values fields = rows.fields();
    fields.insert(fields.end(), columns.fields().begin(), columns.fields().end());
    std::vector<Values> values;
    values.reserve(matrix.cells.size());
    for (const Values& down : rows.values()) {
        for (const Values& across : columns.values()) {
            values.push_back(down);
            values.back().insert(values.back().end(), across.begin(), across.end());
        }
    }
    const auto lacksEffect = [&](std::size_t cell) {
        return std::any_of(values[cell].begin(), values[cell].end(),
                           [](const std::string& one) { return one.empty(); });
    };
    std::vector<std::size_t> withoutEffect; // cells whose run may stand for others
    for (std::size_t i = 0; i < inCells.size(); ++i) {
        if (inCells[i] && lacksEffect(i)) {
            withoutEffect.push_back(i);
        }
    }
    for (std::size_t i = 0; i < matrix.cells.size(); ++i) {
        if (inCells[i]) {
            continue;
        }
        MatrixCell& cell = matrix.cells[i];
        const auto same = std::find_if(withoutEffect.begin(), withoutEffect.end(), [&](std::size_t other) {
            return isRunOf(values[i], values[other], fields, *inCells[other]);
        });
        const bool isLeftOut = std::any_of(excluded.begin(), excluded.end(),
                                           [&](const LeftOutValues& one) { return leavesOut(one, fields, values[i]); });
        if (same != withoutEffect.end()) {
            cell.sameAs = *same;
            cell.state = CellState::Same;
        } else if (isLeftOut || lacksEffect(i)) { // where the field has an effect no run goes without a value of it
            cell.state = CellState::Excluded;
        }
    }
}

} // namespace dskd::jobs

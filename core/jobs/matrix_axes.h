#pragma once

// What stands down and across a matrix. Part of matrix_input.h's makeMatrix.

#include "core/jobs/matrix_input.h"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace dskd::jobs
{

// A method's name has its distance in it ("dskd rkl"), unless the distance stands down or across itself: else each
// distance would make a row and a column, whose other cells are empty.
enum class MethodWords { WithDistance, WithoutDistance };
[[nodiscard]] MethodWords methodWords(const std::vector<std::string>& fields); // those down and across

// The value of a field as a person writes it; empty where the field has no effect in the experiment. Of the method its
// name, also of an evaluation, which is of a model that a method made.
[[nodiscard]] std::string axisValue(const config::Experiment& experiment, const std::string& field, MethodWords words);
// The same where the field has no effect either.
[[nodiscard]] std::string writtenValue(const config::Experiment& experiment, const std::string& field,
                                       MethodWords words);

struct AxisFields {
    std::vector<std::string> rows;
    std::vector<std::string> columns;
};
// Those of the request as full paths. Where it leaves rows or columns open: the fields that the experiments vary, or
// the method where that tells runs apart, and whatever else it takes to have runs of one configuration in each cell;
// across goes the field with the fewest values.
Result<AxisFields> chooseFields(const MatrixRequest& request, const MatrixInput& input, const Comparison& comparison);

// The values of some fields, together, that occur.
class MatrixAxis
{
public:
    // `occurring` is what has a place on the axis; `order` names the values in the order in which they are to stand,
    // numbers aside, which ascend.
    MatrixAxis(std::vector<std::string> fields, MethodWords words,
               const std::vector<const config::Experiment*>& occurring,
               const std::vector<const config::Experiment*>& order);

    [[nodiscard]] const std::vector<std::string>& fields() const { return m_fields; }
    // As people read them: of paths only as much of the end as tells them apart; kNoValue for a field without effect.
    [[nodiscard]] const std::vector<std::vector<std::string>>& shown() const { return m_shown; }
    // As axisValue() writes them, in the same order.
    [[nodiscard]] const std::vector<std::vector<std::string>>& values() const { return m_values; }
    [[nodiscard]] std::size_t placeOf(const config::Experiment& experiment) const; // which must occur
    [[nodiscard]] std::optional<std::size_t> find(const std::vector<std::string>& shown) const;

private:
    std::vector<std::string> m_fields;
    MethodWords m_words;
    std::vector<std::vector<std::string>> m_values;
    std::vector<std::vector<std::string>> m_shown;
};

// Sets the state of cells without runs and missing ones: an experiment leaves them out, or their run stands
// elsewhere, because a field of theirs has no effect in it. Such a run is found by what remains of the configuration
// (groupKey). `inCells`: an experiment of each cell that has one. `excluded`: what experiments leave out.
void explainEmptyCells(Matrix& matrix, const MatrixAxis& rows, const MatrixAxis& columns,
                       const std::vector<std::optional<config::Experiment>>& inCells,
                       const std::vector<LeftOutValues>& excluded);

} // namespace dskd::jobs

#include "core/kernels/row_terms.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <algorithm>
#include <limits>
#include <vector>

namespace dskd::kernels
{
namespace
{

// Factors of the rows, as numbers; none: 1 each.
std::vector<double> factorsOf(const at::Tensor& tensor, std::int64_t numRows)
{
    if (!tensor.defined()) {
        return std::vector<double>(static_cast<std::size_t>(numRows), 1.0);
    }
    const at::Tensor wide = tensor.to(at::kDouble).contiguous();
    const double* values = wide.const_data_ptr<double>();
    return {values, values + numRows};
}

std::vector<std::int64_t> labelsOf(const at::Tensor& tensor, std::int64_t numRows)
{
    if (!tensor.defined()) {
        return std::vector<std::int64_t>(static_cast<std::size_t>(numRows), -1);
    }
    const at::Tensor labels = tensor.contiguous();
    const auto* values = labels.const_data_ptr<std::int64_t>();
    return {values, values + numRows};
}

// The kernel writes at these places. `counts`: factors of the rows; those of 0 may hold any label.
void checkRange(const std::vector<std::int64_t>& places, std::int64_t columns, const char* what,
                const std::vector<double>& counts = {})
{
    for (std::size_t i = 0; i < places.size(); ++i) {
        const bool counted = counts.empty() || counts[i] != 0.0;
        TORCH_CHECK_INDEX(!counted || (places[i] >= 0 && places[i] < columns), what, " ", places[i], " is none of ",
                          columns, " columns");
    }
}

bool isFloatOnCpu(const at::Tensor& logits)
{
    return logits.is_cpu() && logits.scalar_type() == at::kFloat && logits.stride(1) == 1;
}

rows::RowDistance distanceOf(const DivergenceOptions& options)
{
    rows::RowDistance distance;
    static_cast<DistanceParameters&>(distance) = options;
    distance.distance = options.distance;
    if (rowOf(options.distance).temperature) {
        distance.studentScale = static_cast<float>(1.0 / options.temperature);
        distance.targetScale = static_cast<float>(1.0 / (options.temperature * options.teacherTemperature));
        distance.valueScale =
            options.temperatureSquared ? static_cast<float>(options.temperature * options.temperature) : 1.0F;
    }
    return distance;
}

// The rows of a chunk as the kernel takes them. Threads read it.
struct Tasks {
    Tasks(const RowLogits& from, const HeadLossTerms& with, const WantedGradients& wanted)
        : chunk(from), terms(with), studentGradient(wanted.studentHidden || wanted.studentHead),
          targetGradient(wanted.targetHidden), numRows(from.student.size(0)),
          labels(labelsOf(from.rows.labels, numRows)), targetLabels(labelsOf(from.rows.targetLabels, numRows)),
          labelWeights(factorsOf(from.rows.labelWeights, numRows)),
          targetLabelWeights(factorsOf(from.rows.targetLabelWeights, numRows)),
          distanceWeights(factorsOf(from.rows.distanceWeights, numRows)), distance(distanceOf(with.divergence))
    {
        if (from.rows.labels.defined()) {
            checkRange(labels, from.student.size(1), "label");
        }
        if (with.targetCrossEntropy || with.onlyWhereTargetCorrect) {
            checkRange(targetLabels, from.target.size(1), "target label", targetLabelWeights);
        }
        if (from.targetColumns.defined()) {
            mappedColumns = labelsOf(from.targetColumns, from.targetColumns.size(0));
            checkRange(mappedColumns, from.student.size(1), "target column");
        }
        if (from.rows.labelOnly.defined()) {
            labelOnly = labelsOf(from.rows.labelOnly.to(at::kLong), numRows);
        }
    }

    [[nodiscard]] rows::RowTask task(std::int64_t row, std::vector<float>& mapped) const
    {
        const auto at = static_cast<std::size_t>(row);
        rows::RowTask task;
        task.student = {.logits = chunk.student.data_ptr<float>() + row * chunk.student.stride(0),
                        .columns = chunk.student.size(1),
                        .label = labels[at],
                        .crossEntropy = terms.crossEntropy.has_value(),
                        .gradient = studentGradient,
                        .crossEntropyFactor = static_cast<float>(terms.crossEntropy.value_or(0.0) * labelWeights[at])};
        if (chunk.target.defined()) {
            const bool compared = terms.targetCrossEntropy || terms.onlyWhereTargetCorrect;
            task.target = {.logits = chunk.target.data_ptr<float>() + row * chunk.target.stride(0),
                           .columns = chunk.target.size(1),
                           .label = compared && targetLabelWeights[at] != 0.0 ? targetLabels[at] : -1,
                           .crossEntropy = terms.targetCrossEntropy.has_value(),
                           .gradient = targetGradient,
                           .crossEntropyFactor =
                               static_cast<float>(terms.targetCrossEntropy.value_or(0.0) * targetLabelWeights[at])};
        }
        task.distance = terms.distance.has_value() && distanceWeights[at] != 0.0;
        task.distanceFactor = static_cast<float>(terms.distance.value_or(0.0) * distanceWeights[at]);
        task.onlyWhereTargetCorrect = terms.onlyWhereTargetCorrect;
        if (!mappedColumns.empty()) {
            inStudentColumns(at, task, mapped);
        }
        return task;
    }

    // The target's logits where the student has these tokens, -inf elsewhere; of a row that only its label counts for,
    // that label.
    void inStudentColumns(std::size_t at, rows::RowTask& task, std::vector<float>& mapped) const
    {
        mapped.assign(static_cast<std::size_t>(task.student.columns), -std::numeric_limits<float>::infinity());
        if (!labelOnly.empty() && labelOnly[at] != 0) {
            mapped[static_cast<std::size_t>(labels[at])] = 0.0F;
        } else {
            for (std::size_t column = 0; column < mappedColumns.size(); ++column) {
                mapped[static_cast<std::size_t>(mappedColumns[column])] = task.target.logits[column];
            }
        }
        task.target.logits = mapped.data();
        task.target.columns = task.student.columns;
    }

    const RowLogits& chunk;
    const HeadLossTerms& terms;
    bool studentGradient;
    bool targetGradient;
    std::int64_t numRows;
    std::vector<std::int64_t> labels;
    std::vector<std::int64_t> targetLabels;
    std::vector<double> labelWeights;
    std::vector<double> targetLabelWeights;
    std::vector<double> distanceWeights;
    std::vector<std::int64_t> mappedColumns; // empty: numbered alike
    std::vector<std::int64_t> labelOnly;     // 1 where the label alone counts; empty: nowhere
    rows::RowDistance distance;
};

} // namespace

bool rowKernelFits(const RowLogits& chunk, const HeadLossTerms& terms)
{
    return rows::isInRowKernel(terms.divergence.distance) && isFloatOnCpu(chunk.student) &&
           (!chunk.target.defined() || isFloatOnCpu(chunk.target)) &&
           (!chunk.targetColumns.defined() || rows::takesExcludedTokens(distanceOf(terms.divergence)));
}

at::Tensor rowTermsOnCpu(const RowLogits& chunk, const HeadLossTerms& terms, const WantedGradients& wanted,
                         rows::RowKernel kernel)
{
    const Tasks tasks(chunk, terms, wanted);
    std::vector<rows::RowValues> values(static_cast<std::size_t>(tasks.numRows));
    at::parallel_for(0, tasks.numRows, 1, [&](std::int64_t first, std::int64_t last) {
        thread_local rows::RowScratch scratch;
        thread_local std::vector<float> mapped;
        for (std::int64_t row = first; row < last; ++row) {
            values[static_cast<std::size_t>(row)] = kernel(tasks.task(row, mapped), tasks.distance, scratch);
        }
    });
    at::Tensor result = at::zeros({kNumRowSums}, at::kDouble);
    auto* sums = result.mutable_data_ptr<double>();
    const bool comparesTarget = terms.targetCrossEntropy || terms.onlyWhereTargetCorrect;
    auto* predicted = chunk.rows.labels.defined() ? chunk.predicted.mutable_data_ptr<std::int64_t>() : nullptr;
    auto* targetPredicted = comparesTarget ? chunk.targetPredicted.mutable_data_ptr<std::int64_t>() : nullptr;
    for (std::size_t row = 0; row < values.size(); ++row) {
        const rows::RowValues& of = values[row];
        if (terms.crossEntropy) {
            sums[kCrossEntropySum] += of.student.crossEntropy * tasks.labelWeights[row];
        }
        if (predicted != nullptr) {
            sums[kCorrectSum] += of.student.predicted == tasks.labels[row] ? 1.0 : 0.0;
            predicted[row] = of.student.predicted;
        }
        if (terms.targetCrossEntropy) {
            sums[kTargetCrossEntropySum] +=
                tasks.targetLabelWeights[row] != 0.0 ? of.target.crossEntropy * tasks.targetLabelWeights[row] : 0.0;
            sums[kTargetMaxProbabilitySum] += static_cast<double>(of.target.maxProbability);
        }
        if (comparesTarget) {
            const bool labelled = tasks.targetLabelWeights[row] != 0.0;
            sums[kTargetCorrectSum] += labelled && of.target.predicted == tasks.targetLabels[row] ? 1.0 : 0.0;
            targetPredicted[row] = of.target.predicted;
        }
        sums[kDistanceSum] += of.distance * tasks.distanceWeights[row];
    }
    return result;
}

} // namespace dskd::kernels

#include "core/kernels/row_terms.h"

#include "core/kernels/cross_entropy.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <array>
#include <limits>
#include <vector>

namespace dskd::kernels
{
namespace
{

using RowSums = std::array<at::Tensor, kNumRowSums>; // undefined: 0

at::Tensor total(const at::Tensor& rowValues)
{
    return rowValues.sum(at::kDouble);
}

at::Tensor stacked(RowSums& sums, const at::TensorOptions& options)
{
    for (at::Tensor& sum : sums) {
        if (!sum.defined()) {
            sum = at::zeros({}, options.dtype(at::kDouble));
        }
    }
    return at::stack(at::TensorList(sums.data(), sums.size()));
}

// The columns that both heads have.
at::Tensor commonColumns(const at::Tensor& logits, const at::Tensor& other)
{
    const std::int64_t columns = std::min(logits.size(1), other.size(1));
    return logits.narrow(1, 0, columns);
}

// Multiplies values and gradients of the rows by their factors.
void weigh(CrossEntropyRows& rows, const at::Tensor& factors)
{
    if (!factors.defined()) {
        return;
    }
    const at::Tensor weights = factors.to(rows.values.scalar_type());
    rows.values = rows.values * weights;
    if (rows.gradient.defined()) {
        rows.gradient.mul_(weights.unsqueeze(1));
    }
}

at::Tensor withLabel(const at::Tensor& correct, const at::Tensor& factors)
{
    return factors.defined() ? correct.logical_and(factors.ne(0)) : correct;
}

// The tokens, which are kept in `place`.
at::Tensor predictions(const at::Tensor& tokens, const at::Tensor& place)
{
    place.copy_(tokens);
    return tokens;
}

// The target's logits (R, V) in the student's columns: -inf where the target has none, and wherever the label alone
// counts but at the label.
at::Tensor inStudentColumns(const RowLogits& chunk)
{
    constexpr double kExcluded = -std::numeric_limits<double>::infinity();
    at::Tensor logits = at::full(chunk.student.sizes(), kExcluded, chunk.target.options());
    logits.index_copy_(1, chunk.targetColumns, chunk.target);
    if (chunk.rows.labelOnly.defined()) {
        const at::Tensor certain = chunk.rows.labelOnly.unsqueeze(1);
        const at::Tensor label = chunk.rows.labels.unsqueeze(1);
        const at::Tensor atLabel = logits.gather(1, label).masked_fill_(certain, 0.0);
        logits.masked_fill_(certain, kExcluded).scatter_(1, label, atLabel);
    }
    return logits;
}

} // namespace

at::Tensor rowTerms(const RowLogits& chunk, const HeadLossTerms& terms, const WantedGradients& wanted)
{
    const bool wantStudent = wanted.studentHidden || wanted.studentHead;
    RowSums sums;
    at::Tensor studentGradient;
    at::Tensor targetGradient;

    if (terms.crossEntropy) {
        CrossEntropyRows ce = crossEntropy(chunk.student, chunk.rows.labels, wantStudent);
        weigh(ce, chunk.rows.labelWeights);
        sums[kCrossEntropySum] = total(ce.values);
        sums[kCorrectSum] = total(predictions(ce.predicted, chunk.predicted).eq(chunk.rows.labels));
        if (wantStudent) {
            studentGradient = ce.gradient.mul_(*terms.crossEntropy);
        }
    } else if (chunk.rows.labels.defined()) {
        sums[kCorrectSum] = total(predictions(chunk.student.argmax(1), chunk.predicted).eq(chunk.rows.labels));
    }

    at::Tensor targetCorrect;
    if (terms.targetCrossEntropy) {
        CrossEntropyRows ce = crossEntropy(chunk.target, chunk.rows.targetLabels, wanted.targetHidden);
        weigh(ce, chunk.rows.targetLabelWeights);
        sums[kTargetCrossEntropySum] = total(ce.values);
        sums[kTargetMaxProbabilitySum] = total(ce.maxProbability);
        targetCorrect = withLabel(predictions(ce.predicted, chunk.targetPredicted).eq(chunk.rows.targetLabels),
                                  chunk.rows.targetLabelWeights);
        if (wanted.targetHidden) {
            targetGradient = ce.gradient.mul_(*terms.targetCrossEntropy);
        }
    } else if (terms.onlyWhereTargetCorrect) {
        targetCorrect =
            withLabel(predictions(chunk.target.argmax(1), chunk.targetPredicted).eq(chunk.rows.targetLabels),
                      chunk.rows.targetLabelWeights);
    }
    if (targetCorrect.defined()) {
        sums[kTargetCorrectSum] = total(targetCorrect);
    }

    if (terms.distance) {
        const bool whole = rowOf(terms.divergence.distance).sorted; // the others compare columns by their number
        const at::Tensor target = chunk.targetColumns.defined() ? inStudentColumns(chunk) : chunk.target;
        DivergenceRows d =
            divergence(whole ? chunk.student : commonColumns(chunk.student, target),
                       whole ? target : commonColumns(target, chunk.student), terms.divergence, wantStudent);
        const at::Tensor& factors = chunk.rows.distanceWeights;
        at::Tensor weights = factors.defined() ? factors.to(d.values.scalar_type()) : factors;
        if (terms.onlyWhereTargetCorrect) {
            const at::Tensor mask = targetCorrect.to(d.values.scalar_type());
            weights = weights.defined() ? weights * mask : mask;
        }
        sums[kDistanceSum] = total(weights.defined() ? d.values * weights : d.values);
        if (wantStudent) {
            if (weights.defined()) {
                d.gradient.mul_(weights.unsqueeze(1));
            }
            if (studentGradient.defined()) {
                commonColumns(studentGradient, d.gradient).add_(d.gradient, *terms.distance);
            } else if (d.gradient.size(1) == chunk.student.size(1)) {
                studentGradient = d.gradient.mul_(*terms.distance);
            } else {
                studentGradient = at::zeros(chunk.student.sizes(), d.gradient.options());
                commonColumns(studentGradient, d.gradient).add_(d.gradient, *terms.distance);
            }
        }
    }

    if (wantStudent) {
        studentGradient.defined() ? chunk.student.copy_(studentGradient) : chunk.student.zero_();
    }
    if (wanted.targetHidden) {
        chunk.target.copy_(targetGradient);
    }
    return stacked(sums, chunk.student.options());
}

} // namespace dskd::kernels

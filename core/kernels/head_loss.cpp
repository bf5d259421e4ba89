#include "core/kernels/head_loss.h"

#include "core/kernels/cross_entropy.h"
#include "core/kernels/head_logits.h"
#include "core/kernels/row_terms.h"
#include "core/tensor/wide_float.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <ATen/ThreadLocalState.h>
#include <ATen/core/grad_mode.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <vector>

namespace dskd::kernels
{
namespace
{

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

// Rows whose logits stay in a core's cache while the row terms make their passes over them.
constexpr std::int64_t kSliceElements = 1 << 16;

void check(const HeadLossInput& input, const HeadLossTerms& terms, std::int64_t chunkRows)
{
    const HeadRows& student = input.student;
    const HeadRows& target = input.target;
    const at::Tensor& labels = input.rows.labels;
    const at::Tensor& targetLabels = input.rows.targetLabels;
    const at::Tensor& labelOnly = input.rows.labelOnly;
    const at::Tensor& targetColumns = input.targetColumns;
    TORCH_CHECK(chunkRows > 0, "chunkRows must be positive, not ", chunkRows);
    TORCH_CHECK(student.softcap >= 0.0 && target.softcap >= 0.0, "a cap of logits cannot be negative");
    TORCH_CHECK(student.hidden.dim() == 2 && student.head.dim() == 2 && student.hidden.size(1) == student.head.size(1),
                "student rows ", student.hidden.sizes(), " do not fit the head ", student.head.sizes());
    const std::int64_t rows = student.hidden.size(0);
    if (terms.targetCrossEntropy || terms.distance) {
        TORCH_CHECK(target.hidden.defined() && target.head.defined(), "this loss needs target rows and their head");
        TORCH_CHECK(target.hidden.dim() == 2 && target.head.dim() == 2 && target.hidden.size(1) == target.head.size(1),
                    "target rows ", target.hidden.sizes(), " do not fit the head ", target.head.sizes());
        TORCH_CHECK(target.hidden.size(0) == rows, "student and target must have the same rows, not ", rows, " and ",
                    target.hidden.size(0));
    }
    const bool needsTargetLabels = terms.targetCrossEntropy || terms.onlyWhereTargetCorrect;
    TORCH_CHECK(labels.defined() || !(terms.crossEntropy || (needsTargetLabels && !targetLabels.defined())),
                "this loss needs labels");
    TORCH_CHECK(!targetLabels.defined() || (targetLabels.dim() == 1 && targetLabels.size(0) == rows), "target labels ",
                targetLabels.defined() ? targetLabels.sizes() : at::IntArrayRef(), " do not fit ", rows, " rows");
    TORCH_CHECK(!labels.defined() || (labels.dim() == 1 && labels.size(0) == rows), "labels ", labels.sizes(),
                " do not fit ", rows, " rows");
    for (const at::Tensor& factors :
         {input.rows.distanceWeights, input.rows.labelWeights, input.rows.targetLabelWeights}) {
        TORCH_CHECK(!factors.defined() || (factors.dim() == 1 && factors.size(0) == rows), "row weights ",
                    factors.defined() ? factors.sizes() : at::IntArrayRef(), " do not fit ", rows, " rows");
    }
    TORCH_CHECK(!targetColumns.defined() || (terms.distance && !needsTargetLabels && targetColumns.dim() == 1 &&
                                             targetColumns.size(0) == target.head.size(0)),
                "target columns ", targetColumns.defined() ? targetColumns.sizes() : at::IntArrayRef(),
                " are for the distance alone, one for each row of the target's head ",
                target.head.defined() ? target.head.sizes() : at::IntArrayRef());
    TORCH_CHECK(!labelOnly.defined() ||
                    (targetColumns.defined() && labels.defined() && labelOnly.dim() == 1 && labelOnly.size(0) == rows),
                "rows of the label alone ", labelOnly.defined() ? labelOnly.sizes() : at::IntArrayRef(),
                " need target columns, labels and one value for each of ", rows, " rows");
}

at::Tensor rowsOf(const at::Tensor& tensor, std::int64_t begin, std::int64_t count)
{
    return tensor.defined() ? tensor.narrow(0, begin, count) : tensor;
}

RowTargets rowsOf(const RowTargets& all, std::int64_t begin, std::int64_t count)
{
    return {.labels = rowsOf(all.labels, begin, count),
            .labelWeights = rowsOf(all.labelWeights, begin, count),
            .targetLabels = rowsOf(all.targetLabels, begin, count),
            .targetLabelWeights = rowsOf(all.targetLabelWeights, begin, count),
            .distanceWeights = rowsOf(all.distanceWeights, begin, count),
            .labelOnly = rowsOf(all.labelOnly, begin, count)};
}

// Runs rowTerms over a chunk, which may be split among CPU threads. Returns the sums; the gradients replace the logits.
at::Tensor chunkTerms(const RowLogits& chunk, const HeadLossTerms& terms, const WantedGradients& wanted)
{
    const std::int64_t numRows = chunk.student.size(0);
    if (!chunk.student.is_cpu()) {
        return rowTerms(chunk, terms, wanted);
    }
    if (rows::rowKernel() != nullptr && rowKernelFits(chunk, terms)) {
        return rowTermsOnCpu(chunk, terms, wanted, rows::rowKernel());
    }
    const std::int64_t sliceRows =
        std::max<std::int64_t>(1, kSliceElements / std::max<std::int64_t>(1, chunk.student.size(1)));
    const std::int64_t slices = (numRows + sliceRows - 1) / sliceRows;
    std::vector<at::Tensor> sums(static_cast<std::size_t>(slices));
    const at::ThreadLocalState state; // grad and inference mode are the caller's in every thread
    at::parallel_for(0, slices, 1, [&](std::int64_t first, std::int64_t last) {
        const at::ThreadLocalStateGuard guard(state);
        for (std::int64_t i = first; i < last; ++i) {
            const std::int64_t begin = i * sliceRows;
            const std::int64_t count = std::min(sliceRows, numRows - begin);
            const RowLogits slice{.student = rowsOf(chunk.student, begin, count),
                                  .target = rowsOf(chunk.target, begin, count),
                                  .rows = rowsOf(chunk.rows, begin, count),
                                  .targetColumns = chunk.targetColumns,
                                  .predicted = rowsOf(chunk.predicted, begin, count),
                                  .targetPredicted = rowsOf(chunk.targetPredicted, begin, count)};
            sums[static_cast<std::size_t>(i)] = rowTerms(slice, terms, wanted);
        }
    });
    return at::stack(sums).sum(0);
}

// V' is the rows of the aligned head.
struct SideBuffers {
    at::Tensor logits;         // (chunkRows, V'), reused by every chunk
    at::Tensor hiddenGradient; // (R, E)
    at::Tensor headGradient;   // (V', E), accumulated in at least float32
    at::Tensor slopes;         // of the cap at each logit of the chunk; undefined: no cap, or no gradient
};

at::Tensor emptyLogits(const HeadRows& side, std::int64_t rows)
{
    return at::empty({rows, side.head.size(0)}, side.hidden.options());
}

SideBuffers makeBuffers(const HeadRows& side, std::int64_t chunkRows, bool hiddenGradient, bool headGradient)
{
    SideBuffers buffers;
    buffers.logits = emptyLogits(side, std::min(chunkRows, side.hidden.size(0)));
    if (hiddenGradient) {
        buffers.hiddenGradient = at::empty(side.hidden.sizes(), side.hidden.options());
    }
    if (headGradient) {
        const at::ScalarType type = tensor::wideFloat(side.head);
        buffers.headGradient = at::zeros(side.head.sizes(), side.head.options().dtype(type));
    }
    return buffers;
}

// The chunk's logits of a side, already multiplied, under its cap.
void capChunk(const HeadRows& side, SideBuffers& buffers, std::int64_t count)
{
    const at::Tensor logits = buffers.logits.narrow(0, 0, count);
    if (side.softcap > 0.0) {
        const at::Tensor tanh = capLogits(logits, side.softcap);
        if (buffers.hiddenGradient.defined() || buffers.headGradient.defined()) {
            buffers.slopes = tanh.square_().neg_().add_(1.0);
        }
    }
}

void multiply(const HeadRows& side, SideBuffers& buffers, std::int64_t begin, std::int64_t count)
{
    at::Tensor logits = buffers.logits.narrow(0, 0, count);
    at::mm_out(logits, side.hidden.narrow(0, begin, count), side.head.t());
    capChunk(side, buffers, count);
}

bool isSameHead(const at::Tensor& a, const at::Tensor& b)
{
    return a.const_data_ptr() == b.const_data_ptr() && a.sizes() == b.sizes() && a.strides() == b.strides() &&
           a.scalar_type() == b.scalar_type();
}

// Both sides' logits through the head that they share, in one product: the head is read and packed once for them.
// `both` (2 chunkRows, V') holds them, the target's below the student's.
void sharedLogits(const HeadRows& student, SideBuffers& studentBuffers, const HeadRows& target,
                  SideBuffers& targetBuffers, const at::Tensor& both, std::int64_t begin, std::int64_t count)
{
    at::Tensor logits = both.narrow(0, 0, 2 * count);
    at::mm_out(logits, at::cat({student.hidden.narrow(0, begin, count), target.hidden.narrow(0, begin, count)}),
               student.head.t());
    studentBuffers.logits = logits.narrow(0, 0, count);
    targetBuffers.logits = logits.narrow(0, count, count);
    capChunk(student, studentBuffers, count);
    capChunk(target, targetBuffers, count);
}

// The chunk's logits hold the gradient of the loss by the (capped) logits now.
void chunkGradients(const HeadRows& side, SideBuffers& buffers, std::int64_t begin, std::int64_t count)
{
    at::Tensor logits = buffers.logits.narrow(0, 0, count);
    if (buffers.slopes.defined()) {
        logits.mul_(buffers.slopes);
    }
    if (buffers.hiddenGradient.defined()) {
        at::Tensor out = buffers.hiddenGradient.narrow(0, begin, count);
        at::mm_out(out, logits, side.head);
    }
    if (buffers.headGradient.defined()) {
        const at::Tensor hidden = side.hidden.narrow(0, begin, count);
        if (logits.is_cpu()) {
            // Chunks add up in float32: rounding each to bfloat16 first would cost a digit against one large product.
            const at::ScalarType type = buffers.headGradient.scalar_type();
            buffers.headGradient.addmm_(logits.t().to(type), hidden.to(type));
        } else {
            buffers.headGradient.add_(at::mm(logits.t(), hidden));
        }
    }
}

// What no gradient is for; tensors may be undefined.
struct Constants {
    at::Tensor targetHead = {};
    RowTargets rows = {};
    at::Tensor targetColumns = {};
    double studentSoftcap = 0.0;
    double targetSoftcap = 0.0;
    at::Tensor predicted = {}; // written, not read
    at::Tensor targetPredicted = {};
};

// The first three inputs are those that may get a gradient.
struct HeadLossFunction : torch::autograd::Function<HeadLossFunction> {
    static constexpr std::size_t kNumInputs = 8;

    static variable_list forward(AutogradContext* context, const at::Tensor& studentHidden,
                                 const at::Tensor& studentHead, const at::Tensor& targetHidden,
                                 const Constants& constants, const HeadLossTerms& terms, const WantedGradients& wanted,
                                 std::int64_t chunkRows, std::int64_t headColumns)
    {
        const std::int64_t columns = studentHead.size(0);
        const HeadRows student{.hidden = studentHidden.contiguous(),
                               .head = alignedHead(studentHead, headColumns),
                               .softcap = constants.studentSoftcap};
        const bool hasTarget = terms.targetCrossEntropy || terms.distance;
        const bool shared =
            hasTarget && studentHead.size(0) >= kLargeHead && isSameHead(studentHead, constants.targetHead);
        SideBuffers studentBuffers =
            makeBuffers(student, shared ? 0 : chunkRows, wanted.studentHidden, wanted.studentHead);
        HeadRows target;
        SideBuffers targetBuffers;
        at::Tensor both;
        if (hasTarget) {
            target = {.hidden = targetHidden.contiguous(),
                      .head = shared ? student.head : alignedHead(constants.targetHead, headColumns),
                      .softcap = constants.targetSoftcap};
            targetBuffers = makeBuffers(target, shared ? 0 : chunkRows, wanted.targetHidden, false);
            both = shared ? emptyLogits(student, 2 * std::min(chunkRows, studentHidden.size(0))) : both;
        }
        at::Tensor sums = at::zeros({kNumRowSums}, studentHidden.options().dtype(at::kDouble));
        const std::int64_t rows = studentHidden.size(0);
        for (std::int64_t begin = 0; begin < rows; begin += chunkRows) {
            const std::int64_t count = std::min(chunkRows, rows - begin);
            if (shared) {
                sharedLogits(student, studentBuffers, target, targetBuffers, both, begin, count);
            } else {
                multiply(student, studentBuffers, begin, count);
                if (hasTarget) {
                    multiply(target, targetBuffers, begin, count);
                }
            }
            RowLogits chunk{.student = studentBuffers.logits.narrow(0, 0, count).narrow(1, 0, columns),
                            .rows = rowsOf(constants.rows, begin, count),
                            .targetColumns = constants.targetColumns,
                            .predicted = rowsOf(constants.predicted, begin, count),
                            .targetPredicted = rowsOf(constants.targetPredicted, begin, count)};
            if (hasTarget) {
                chunk.target = targetBuffers.logits.narrow(0, 0, count).narrow(1, 0, constants.targetHead.size(0));
            }
            sums.add_(chunkTerms(chunk, terms, wanted));
            chunkGradients(student, studentBuffers, begin, count);
            if (wanted.targetHidden) {
                chunkGradients(target, targetBuffers, begin, count);
            }
        }
        const at::Tensor headGradient = rowsOf(studentBuffers.headGradient, 0, columns);
        context->save_for_backward({studentBuffers.hiddenGradient,
                                    headGradient.defined() ? headGradient.to(studentHead.scalar_type()) : headGradient,
                                    targetBuffers.hiddenGradient});
        context->mark_non_differentiable({sums});
        at::Tensor loss = sums.select(0, kCrossEntropySum) * terms.crossEntropy.value_or(0.0) +
                          sums.select(0, kTargetCrossEntropySum) * terms.targetCrossEntropy.value_or(0.0) +
                          sums.select(0, kDistanceSum) * terms.distance.value_or(0.0);
        return {loss, sums};
    }

    static variable_list backward(AutogradContext* context, variable_list outputGradients)
    {
        variable_list gradients(kNumInputs);
        const variable_list saved = context->get_saved_variables();
        for (std::size_t i = 0; i < saved.size(); ++i) {
            if (saved[i].defined()) {
                gradients[i] = saved[i] * outputGradients[0];
            }
        }
        return gradients;
    }
};

} // namespace

at::Tensor argmaxRows(const HeadRows& rows, std::int64_t chunkRows, std::int64_t headColumns)
{
    TORCH_CHECK(chunkRows > 0, "chunkRows must be positive, not ", chunkRows);
    TORCH_CHECK(rows.hidden.dim() == 2 && rows.head.dim() == 2 && rows.hidden.size(1) == rows.head.size(1), "rows ",
                rows.hidden.sizes(), " do not fit the head ", rows.head.sizes());
    const at::NoGradGuard noGrad;
    const std::int64_t count = rows.hidden.size(0);
    const at::Tensor head = alignedHead(rows.head, headColumns);
    at::Tensor result = at::empty({count}, rows.hidden.options().dtype(at::kLong));
    for (std::int64_t begin = 0; begin < count; begin += chunkRows) {
        const std::int64_t size = std::min(chunkRows, count - begin);
        const at::Tensor logits = at::mm(rows.hidden.narrow(0, begin, size), head.t());
        result.narrow(0, begin, size).copy_(logits.narrow(1, 0, rows.head.size(0)).argmax(1));
    }
    return result;
}

at::Tensor labelLogProbs(const HeadRows& rows, const at::Tensor& labels, std::int64_t chunkRows,
                         std::int64_t headColumns)
{
    TORCH_CHECK(chunkRows > 0, "chunkRows must be positive, not ", chunkRows);
    TORCH_CHECK(rows.hidden.dim() == 2 && rows.head.dim() == 2 && rows.hidden.size(1) == rows.head.size(1) &&
                    labels.dim() == 1 && labels.size(0) == rows.hidden.size(0),
                "rows ", rows.hidden.sizes(), " and labels ", labels.sizes(), " do not fit the head ",
                rows.head.sizes());
    const at::NoGradGuard noGrad;
    const std::int64_t count = rows.hidden.size(0);
    const at::ScalarType type = tensor::wideFloat(rows.hidden);
    const at::Tensor head = alignedHead(rows.head, headColumns);
    at::Tensor result = at::empty({count}, rows.hidden.options().dtype(type));
    for (std::int64_t begin = 0; begin < count; begin += chunkRows) {
        const std::int64_t size = std::min(chunkRows, count - begin);
        const at::Tensor logits = at::mm(rows.hidden.narrow(0, begin, size), head.t()).narrow(1, 0, rows.head.size(0));
        if (rows.softcap > 0.0) {
            (void)capLogits(logits, rows.softcap);
        }
        result.narrow(0, begin, size)
            .copy_(crossEntropy(logits, labels.narrow(0, begin, size), /*withGradient=*/false).values.neg_());
    }
    return result;
}

HeadLoss headLoss(const HeadLossInput& input, const HeadLossTerms& terms, std::int64_t chunkRows,
                  std::int64_t headColumns)
{
    check(input, terms, chunkRows);
    const HeadRows& student = input.student;
    const HeadRows& target = input.target;
    const auto wants = [](const at::Tensor& tensor) {
        return at::GradMode::is_enabled() && tensor.defined() && tensor.requires_grad();
    };
    const WantedGradients wanted{.studentHidden = wants(student.hidden),
                                 .studentHead = wants(student.head),
                                 .targetHidden = terms.targetCrossEntropy.has_value() && wants(target.hidden)};
    // Autograd does not take undefined inputs.
    const at::Tensor targetHidden = target.hidden.defined() ? target.hidden : at::empty({0}, student.hidden.options());
    Constants constants{.targetHead = target.head.defined() ? target.head.detach() : target.head,
                        .rows = input.rows,
                        .targetColumns = input.targetColumns,
                        .studentSoftcap = student.softcap,
                        .targetSoftcap = target.softcap,
                        .predicted = at::empty({student.hidden.size(0)}, student.hidden.options().dtype(at::kLong)),
                        .targetPredicted = {}};
    constants.targetPredicted = at::empty_like(constants.predicted);
    if (!constants.rows.targetLabels.defined()) {
        constants.rows.targetLabels = constants.rows.labels;
    }
    const variable_list outputs = HeadLossFunction::apply(student.hidden, student.head, targetHidden, constants, terms,
                                                          wanted, chunkRows, headColumns);
    const at::Tensor sums = outputs[1].cpu();
    const double* values = sums.const_data_ptr<double>();
    const bool comparesTarget = terms.targetCrossEntropy || terms.onlyWhereTargetCorrect;
    return {.loss = outputs[0],
            .sums = {.crossEntropy = values[kCrossEntropySum],
                     .targetCrossEntropy = values[kTargetCrossEntropySum],
                     .distance = values[kDistanceSum],
                     .correct = values[kCorrectSum],
                     .targetCorrect = values[kTargetCorrectSum],
                     .targetMaxProbability = values[kTargetMaxProbabilitySum]},
            .predicted = input.rows.labels.defined() ? constants.predicted : at::Tensor(),
            .targetPredicted = comparesTarget ? constants.targetPredicted : at::Tensor()};
}

} // namespace dskd::kernels

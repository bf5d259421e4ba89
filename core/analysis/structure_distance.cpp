#include "core/analysis/structure_distance.h"

#include <ATen/ATen.h>

#include <limits>

namespace dskd::analysis
{
namespace
{

constexpr double kSmallestRelativeRowSum = 1e-6;

struct Structure {
    at::Tensor cosine;  // (N, N)
    at::Tensor product; // (N, N)
    at::Tensor counts;  // (N) bool: the row sum of the products can be divided by
};

Structure structureOf(const at::Tensor& hidden)
{
    const at::Tensor h = hidden.detach().to(at::kDouble);
    const at::Tensor inner = at::mm(h, h.t());
    const at::Tensor norms = inner.diagonal().sqrt().clamp_min(std::numeric_limits<double>::min());
    const at::Tensor sums = inner.sum(1);
    const at::Tensor counts = sums.abs().gt(inner.abs().sum(1) * kSmallestRelativeRowSum);
    const at::Tensor divisors = at::where(counts, sums, at::ones_like(sums));
    return {inner / norms.unsqueeze(1) / norms.unsqueeze(0), inner / divisors.unsqueeze(1), counts};
}

} // namespace

StructureDistance structureDistance(const at::Tensor& studentHidden, const at::Tensor& teacherHidden)
{
    TORCH_CHECK(studentHidden.dim() == 2 && teacherHidden.dim() == 2 && studentHidden.size(0) == teacherHidden.size(0),
                "structure distances need the same rows of both models, not ", studentHidden.sizes(), " and ",
                teacherHidden.sizes());
    const std::int64_t rows = studentHidden.size(0);
    StructureDistance distance;
    if (rows == 0) {
        return distance;
    }
    const Structure student = structureOf(studentHidden);
    const Structure teacher = structureOf(teacherHidden);
    const at::Tensor counts = student.counts.logical_and(teacher.counts);
    const at::Tensor productRowSums = (teacher.product - student.product).abs().sum(1);

    distance.cosine = (teacher.cosine - student.cosine).abs().sum().item<double>();
    distance.cosineMean = distance.cosine / static_cast<double>(rows * rows);
    distance.product = productRowSums.masked_fill(counts.logical_not(), 0.0).sum().item<double>();
    distance.productRows = counts.sum().item<std::int64_t>();
    if (distance.productRows > 0) {
        distance.productMean = distance.product / static_cast<double>(distance.productRows);
    }
    return distance;
}

} // namespace dskd::analysis

#include "core/train/loop/term_gradients.h"

#include "core/metrics/metric_table.h"
#include "core/model/fine_tuning.h"
#include "core/train/loop/gradient_norm.h"

#include <chrono>
#include <cmath>
#include <span>
#include <string>
#include <torch/csrc/autograd/autograd.h>

namespace dskd::train
{
namespace
{

// One tensor after the other, because all of them in float32 would be a second gradient beside one in bfloat16.
double normOf(const std::vector<at::Tensor>& gradients)
{
    double squares = 0.0;
    for (const at::Tensor& gradient : gradients) {
        if (gradient.defined()) {
            const at::Tensor wide = gradient.to(at::kFloat);
            const double norm = gradientNorm(std::span(&wide, 1));
            squares += norm * norm;
        }
    }
    return std::sqrt(squares);
}

} // namespace

std::vector<at::Tensor> termGradient(const LossOfTerm& lossOf, const std::string& term,
                                     const std::vector<at::Tensor>& by)
{
    const at::Tensor loss = lossOf(term).loss;
    if (by.empty() || !loss.requires_grad()) {
        return std::vector<at::Tensor>(by.size());
    }
    return torch::autograd::grad({loss}, by, {}, /*retain_graph=*/true, /*create_graph=*/false, /*allow_unused=*/true);
}

void addTermGradients(const StepParts& parts, const std::vector<std::string>& terms, const LossOfTerm& lossOf,
                      StepResult& result, double weight)
{
    if (!parts.measuresGradients) {
        return;
    }
    const auto begin = std::chrono::steady_clock::now();
    std::vector<at::Tensor> weights;
    for (const model::NamedTensor& parameter : model::learningParameters(parts.student)) {
        weights.push_back(parameter.tensor);
    }
    for (const std::string& term : terms) {
        result.values[std::string(metrics::kTermGradientNorm) + term] =
            weight * normOf(termGradient(lossOf, term, weights));
    }
    result.asideSeconds += std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

} // namespace dskd::train

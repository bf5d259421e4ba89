#include "core/distill/policy_gradient.h"

#include "core/kernels/head_loss.h"
#include "core/metrics/loss_names.h"
#include "core/metrics/metric_table.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <utility>

namespace dskd::distill
{
namespace
{

void checkSameSizes(const at::Tensor& first, const at::Tensor& second, const char* what)
{
    TORCH_CHECK(first.dim() == 1 && first.sizes() == second.sizes(), what, " must be one number a token, not ",
                first.sizes(), " and ", second.sizes());
}

} // namespace

at::Tensor tokenRewards(const at::Tensor& studentLogProbs, const at::Tensor& teacherLogProbs, double scaling,
                        double clip)
{
    checkSameSizes(studentLogProbs, teacherLogProbs, "log-probabilities");
    return ((teacherLogProbs - studentLogProbs) / scaling).clamp(-clip, clip);
}

at::Tensor tokenReturns(const at::Tensor& rewards, std::span<const std::int64_t> lengths, double discount,
                        bool lengthNormalisation, bool fromNext)
{
    const at::Tensor reward = rewards.to(at::kCPU, at::kDouble).contiguous();
    at::Tensor result = at::zeros_like(reward);
    const double* r = reward.const_data_ptr<double>();
    double* out = result.mutable_data_ptr<double>();
    std::int64_t begin = 0;
    for (const std::int64_t length : lengths) {
        TORCH_CHECK(begin + length <= reward.size(0), "the answers are longer than the ", reward.size(0), " rewards");
        double behind = 0.0; // the discounted sum from the next token on
        for (std::int64_t t = length - 1; t >= 0; --t) {
            const double whole = r[begin + t] + discount * behind;
            const std::int64_t counted = length - t - (fromNext ? 1 : 0);
            const double credit = fromNext ? behind : whole;
            out[begin + t] =
                lengthNormalisation ? credit / static_cast<double>(std::max<std::int64_t>(1, counted)) : credit;
            behind = whole;
        }
        begin += length;
    }
    TORCH_CHECK(begin == reward.size(0), "the answers have ", begin, " tokens, not the ", reward.size(0),
                " of the rewards");
    return result;
}

at::Tensor whitened(const at::Tensor& values)
{
    if (values.numel() == 0) {
        return values;
    }
    const at::Tensor centred = values - values.mean();
    const at::Tensor variance = centred.square().mean();
    // a spread that is only rounding is none
    const at::Tensor floor = values.square().mean() * 1e-20;
    return at::where(variance.gt(floor), centred * variance.clamp_min(1e-300).rsqrt(), at::zeros_like(values));
}

at::Tensor importanceWeights(const at::Tensor& studentLogProbs, const at::Tensor& teacherLogProbs, double mix)
{
    checkSameSizes(studentLogProbs, teacherLogProbs, "log-probabilities");
    return ((1.0 - mix) + mix * (teacherLogProbs - studentLogProbs).exp()).reciprocal();
}

Surrogate clippedSurrogate(const at::Tensor& logProbs, const at::Tensor& oldLogProbs, const at::Tensor& weights,
                           const at::Tensor& advantages, double clipRatio)
{
    checkSameSizes(logProbs, oldLogProbs, "log-probabilities");
    checkSameSizes(weights, advantages, "importance weights and advantages");
    const at::Tensor ratio = weights * (logProbs - oldLogProbs).exp();
    const at::Tensor free = -advantages * ratio;
    const at::Tensor held = -advantages * ratio.clamp(1.0 - clipRatio, 1.0 + clipRatio);
    Surrogate surrogate;
    surrogate.values = at::maximum(free, held);
    surrogate.clipped = held.gt(free);
    surrogate.gradient = at::where(surrogate.clipped, at::zeros_like(free), free); // d ratio / d log q is the ratio
    return surrogate;
}

LossTerms policyGradientLoss(const PolicyRows& rows, const config::PolicyGradientConfig& config, std::int64_t chunkRows,
                             std::string_view only)
{
    TORCH_CHECK(rows.denominator > 0.0, "the denominator must be positive, not ", rows.denominator);
    const kernels::HeadRows student{
        .hidden = rows.student.hidden, .head = rows.student.head, .softcap = rows.student.softcap};
    Surrogate surrogate;
    {
        const at::NoGradGuard noGrad;
        const auto exact = [&](const at::Tensor& values) { return values.to(student.hidden.device(), at::kDouble); };
        surrogate =
            clippedSurrogate(exact(kernels::labelLogProbs(student, rows.student.labels, chunkRows)),
                             exact(rows.oldLogProbs), exact(rows.weights), exact(rows.advantages), config.clipRatio);
    }
    kernels::HeadLossInput input{
        .student = student,
        .rows = {.labels = rows.student.labels, .labelWeights = surrogate.gradient.neg()}}; // cross-entropy is -log q
    kernels::HeadLossTerms terms;
    const auto factor = [&](std::string_view term) {
        return only.empty() || only == term ? 1.0 / rows.denominator : 0.0;
    };
    terms.crossEntropy = factor(metrics::kPolicyGradientLoss);
    if (config.singleStep) {
        input.target = {
            .hidden = rows.teacher.hidden.detach(), .head = rows.teacher.head, .softcap = rows.teacher.softcap};
        terms.distance = factor(metrics::kSingleStepLoss);
        terms.divergence.distance = Distance::Rkl;
    }
    kernels::HeadLoss loss = kernels::headLoss(input, terms, chunkRows);
    LossTerms result;
    const double policy = surrogate.values.sum().item<double>() / rows.denominator;
    const double singleStep = loss.sums.distance / rows.denominator;
    result.values[std::string(metrics::kPolicyGradientLoss)] = policy;
    result.values["clip_share"] = surrogate.clipped.sum().item<double>() / rows.denominator;
    result.values[std::string(metrics::kLoss)] = policy + singleStep;
    if (config.singleStep) {
        result.values[std::string(metrics::kSingleStepLoss)] = singleStep;
    }
    result.loss = std::move(loss.loss); // of another value than the surrogate, but of its gradient
    return result;
}

} // namespace dskd::distill

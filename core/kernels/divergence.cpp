#include "core/kernels/divergence.h"

#include "core/kernels/rows/js_epsilon.h"
#include "core/tensor/wide_float.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <limits>
#include <tuple>

namespace dskd::kernels
{
namespace
{

using rows::kJsEpsilon;

// Stands in for log 0, so that 0 log 0 is 0 and not NaN.
constexpr double kLogZero = -1e30;

// Keeps the logarithm of a mixture finite where both of its parts underflow to 0.
double smallestNormal(const at::Tensor& like)
{
    return like.scalar_type() == at::kDouble ? std::numeric_limits<double>::min() : std::numeric_limits<float>::min();
}

at::Tensor logProbabilities(const at::Tensor& logits, double temperature)
{
    const at::Tensor wide = logits.to(tensor::wideFloat(logits));
    return at::log_softmax(temperature == 1.0 ? wide : wide / temperature, 1);
}

// sum of a * b over each row; overwrites `b`.
at::Tensor rowDot(const at::Tensor& a, at::Tensor& b)
{
    return b.mul_(a).sum(1);
}

// Turns g = dD/dq into dD/dz = q (g - sum q g); overwrites `g`.
at::Tensor throughSoftmax(const at::Tensor& q, at::Tensor& g)
{
    const at::Tensor mean = (q * g).sum(1, /*keepdim=*/true);
    return g.sub_(mean).mul_(q);
}

// One function a distance. Each takes ownership of both log probabilities and overwrites them.

// sum p (log p - log q)
DivergenceRows kl(at::Tensor logQ, at::Tensor logP, bool withGradient)
{
    const at::Tensor p = logP.exp();
    DivergenceRows rows;
    if (withGradient) {
        rows.gradient = logQ.exp().sub_(p);
    }
    logP.clamp_min_(kLogZero).sub_(logQ.clamp_min_(kLogZero));
    rows.values = rowDot(p, logP);
    return rows;
}

// sum q (log q - log p)
DivergenceRows rkl(at::Tensor logQ, at::Tensor logP, bool withGradient)
{
    const at::Tensor q = logQ.exp();
    const at::Tensor excluded = logP.eq(-std::numeric_limits<double>::infinity());
    at::Tensor ratio = logQ.clamp_min_(kLogZero).sub_(logP).masked_fill_(excluded, 0.0);
    DivergenceRows rows;
    rows.values = (q * ratio).sum(1);
    if (withGradient) {
        // dD/dq is ratio + 1 for the tokens in the sum and 0 for the others; a shift of all by -1 does not matter.
        rows.gradient = throughSoftmax(q, ratio.masked_fill_(excluded, -1.0));
    }
    return rows;
}

// 1/2 sum p (log(p+e) - log(m+e)) + 1/2 sum q (log(q+e) - log(m+e)), m = (p+q)/2, e = 1e-9 as published
DivergenceRows js(const at::Tensor& logQ, const at::Tensor& logP, bool withGradient)
{
    const at::Tensor q = logQ.exp();
    const at::Tensor p = logP.exp();
    const at::Tensor mixture = ((p + q).mul_(0.5)).add_(kJsEpsilon); // m + e
    const at::Tensor logMixture = mixture.log();
    at::Tensor fromP = (p + kJsEpsilon).log_().sub_(logMixture);
    at::Tensor fromQ = (q + kJsEpsilon).log_().sub_(logMixture);
    DivergenceRows rows;
    rows.values = (rowDot(p, fromP) + (q * fromQ).sum(1)).mul_(0.5);
    if (withGradient) {
        at::Tensor g = fromQ.add_(q / (q + kJsEpsilon)).sub_((p + q).div_(mixture).mul_(0.5)).mul_(0.5);
        rows.gradient = throughSoftmax(q, g);
    }
    return rows;
}

// KL(p || lambda p + (1-lambda) q)
DivergenceRows skewedKl(const at::Tensor& logQ, at::Tensor logP, double lambda, bool withGradient)
{
    const at::Tensor q = logQ.exp();
    const at::Tensor p = logP.exp();
    const at::Tensor mixture = (p * lambda).add_(q, 1.0 - lambda).clamp_min_(smallestNormal(p));
    logP.clamp_min_(kLogZero).sub_(mixture.log());
    DivergenceRows rows;
    rows.values = rowDot(p, logP);
    if (withGradient) {
        at::Tensor g = (p / mixture).mul_(lambda - 1.0);
        rows.gradient = throughSoftmax(q, g);
    }
    return rows;
}

// KL(q || (1-lambda) p + lambda q)
DivergenceRows skewedRkl(at::Tensor logQ, const at::Tensor& logP, double lambda, bool withGradient)
{
    const at::Tensor q = logQ.exp();
    const at::Tensor p = logP.exp();
    const at::Tensor mixture = (p * (1.0 - lambda)).add_(q, lambda).clamp_min_(smallestNormal(p));
    at::Tensor ratio = logQ.clamp_min_(kLogZero).sub_(mixture.log());
    DivergenceRows rows;
    rows.values = (q * ratio).sum(1);
    if (withGradient) {
        at::Tensor g = ratio.sub_((q / mixture).mul_(lambda));
        rows.gradient = throughSoftmax(q, g);
    }
    return rows;
}

// h/(h+t) KL + t/(h+t) RKL (Wu et al.), where t sums |p-q| over the tail, the least probable tokens of p whose mass
// reaches at most alpha, and h over the others; both are constants for the gradient. 0 where p = q.
DivergenceRows adaptiveKl(at::Tensor logQ, at::Tensor logP, double alpha, bool withGradient)
{
    const at::Tensor p = logP.exp();
    const at::Tensor gap = logQ.exp().sub_(p).abs_();
    const auto [ascending, order] = p.sort(1);
    const at::Tensor inTail = ascending.cumsum(1).le(alpha);
    const at::Tensor gapAll = gap.sum(1);
    const at::Tensor gapTail = gap.gather(1, order).mul_(inTail).sum(1);
    const at::Tensor same = gapAll.eq(0.0);
    const at::Tensor weightTail = (gapTail / gapAll).masked_fill_(same, 0.0);
    const at::Tensor weightHead = ((gapAll - gapTail) / gapAll).masked_fill_(same, 0.0);

    DivergenceRows forward = kl(logQ.clone(), logP.clone(), withGradient);
    DivergenceRows reverse = rkl(std::move(logQ), std::move(logP), withGradient);
    DivergenceRows rows;
    rows.values = weightHead * forward.values + weightTail * reverse.values;
    if (withGradient) {
        rows.gradient =
            forward.gradient.mul_(weightHead.unsqueeze(1)).addcmul_(reverse.gradient, weightTail.unsqueeze(1));
    }
    return rows;
}

// 1/2 sum |p - q|
DivergenceRows totalVariation(const at::Tensor& logQ, const at::Tensor& logP, bool withGradient)
{
    const at::Tensor q = logQ.exp();
    at::Tensor gap = q - logP.exp();
    DivergenceRows rows;
    rows.values = gap.abs().sum(1).mul_(0.5);
    if (withGradient) {
        at::Tensor g = gap.sign_().mul_(0.5);
        rows.gradient = throughSoftmax(q, g);
    }
    return rows;
}

// (1-beta) KL + beta RKL
DivergenceRows symmetricKl(at::Tensor logQ, at::Tensor logP, double beta, bool withGradient)
{
    DivergenceRows forward = kl(logQ.clone(), logP.clone(), withGradient);
    DivergenceRows reverse = rkl(std::move(logQ), std::move(logP), withGradient);
    DivergenceRows rows;
    rows.values = forward.values.mul_(1.0 - beta).add_(reverse.values, beta);
    if (withGradient) {
        rows.gradient = forward.gradient.mul_(1.0 - beta).add_(reverse.gradient, beta);
    }
    return rows;
}

// beta KL(p || m) + (1-beta) KL(q || m), m = beta p + (1-beta) q, as GKD defines it; KL for beta 0, RKL for 1.
DivergenceRows generalisedJs(at::Tensor logQ, at::Tensor logP, double beta, bool withGradient)
{
    if (beta == 0.0) {
        return kl(std::move(logQ), std::move(logP), withGradient);
    }
    if (beta == 1.0) {
        return rkl(std::move(logQ), std::move(logP), withGradient);
    }
    const at::Tensor q = logQ.exp();
    const at::Tensor p = logP.exp();
    const at::Tensor logMixture = (p * beta).add_(q, 1.0 - beta).clamp_min_(smallestNormal(p)).log_();
    at::Tensor fromP = logP.clamp_min_(kLogZero).sub_(logMixture);
    at::Tensor fromQ = logQ.clamp_min_(kLogZero).sub_(logMixture);
    DivergenceRows rows;
    rows.values = rowDot(p, fromP).mul_(beta).add_((q * fromQ).sum(1), 1.0 - beta);
    if (withGradient) {
        at::Tensor g = fromQ.mul_(1.0 - beta); // what the mixture's derivative adds is the same for all tokens
        rows.gradient = throughSoftmax(q, g);
    }
    return rows;
}

// sum |p_(v) - q_(v)| of the probabilities sorted from large to small, the shorter list filled up with 0 (ULD). The
// sides may differ in vocabulary.
DivergenceRows sortedProbabilities(const at::Tensor& logQ, const at::Tensor& logP, bool withGradient)
{
    const at::Tensor q = logQ.exp();
    const auto [sortedQ, order] = q.sort(1, /*descending=*/true);
    const at::Tensor sortedP = std::get<0>(logP.exp().sort(1, /*descending=*/true));
    const std::int64_t common = std::min(q.size(1), sortedP.size(1));
    at::Tensor gap = sortedQ.clone();
    gap.narrow(1, 0, common).sub_(sortedP.narrow(1, 0, common));
    DivergenceRows rows;
    rows.values = gap.abs().sum(1);
    if (sortedP.size(1) > common) {
        rows.values.add_(sortedP.narrow(1, common, sortedP.size(1) - common).sum(1));
    }
    if (withGradient) {
        at::Tensor g = at::empty_like(q).scatter_(1, order, gap.sign_());
        rows.gradient = throughSoftmax(q, g);
    }
    return rows;
}

DivergenceRows dispatch(at::Tensor logQ, at::Tensor logP, const DivergenceOptions& options, bool withGradient)
{
    switch (options.distance) {
    case Distance::Kl: return kl(std::move(logQ), std::move(logP), withGradient);
    case Distance::Rkl: return rkl(std::move(logQ), std::move(logP), withGradient);
    case Distance::Js: return js(logQ, logP, withGradient);
    case Distance::Skl: return skewedKl(logQ, std::move(logP), options.skewLambda, withGradient);
    case Distance::Srkl: return skewedRkl(std::move(logQ), logP, options.skewLambda, withGradient);
    case Distance::Akl: return adaptiveKl(std::move(logQ), std::move(logP), options.adaptiveAlpha, withGradient);
    case Distance::Tvd: return totalVariation(logQ, logP, withGradient);
    case Distance::Sym: return symmetricKl(std::move(logQ), std::move(logP), options.beta, withGradient);
    case Distance::Gjs: return generalisedJs(std::move(logQ), std::move(logP), options.beta, withGradient);
    case Distance::Uld: return sortedProbabilities(logQ, logP, withGradient);
    }
    TORCH_CHECK(false, "unknown distance ", static_cast<int>(options.distance));
}

} // namespace

DivergenceRows divergence(const at::Tensor& studentLogits, const at::Tensor& targetLogits,
                          const DivergenceOptions& options, bool withGradient)
{
    const DistanceRow& distance = rowOf(options.distance);
    TORCH_CHECK(studentLogits.dim() == 2 && targetLogits.dim() == 2 && studentLogits.size(0) == targetLogits.size(0) &&
                    (distance.sorted || studentLogits.size(1) == targetLogits.size(1)),
                "divergence needs two equal (rows, vocabulary) shapes, not ", studentLogits.sizes(), " and ",
                targetLogits.sizes());
    TORCH_CHECK(options.temperature > 0.0 && options.teacherTemperature > 0.0, "temperatures must be positive, not ",
                options.temperature, " and ", options.teacherTemperature);
    const double tau = distance.temperature ? options.temperature : 1.0;
    const double targetTau = distance.temperature ? tau * options.teacherTemperature : 1.0;
    DivergenceRows rows = dispatch(logProbabilities(studentLogits, tau), logProbabilities(targetLogits, targetTau),
                                   options, withGradient);
    const double valueScale = options.temperatureSquared ? tau * tau : 1.0;
    if (valueScale != 1.0) {
        rows.values.mul_(valueScale);
    }
    if (withGradient && valueScale / tau != 1.0) {
        rows.gradient.mul_(valueScale / tau);
    }
    return rows;
}

} // namespace dskd::kernels

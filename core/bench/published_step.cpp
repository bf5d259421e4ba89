#include "core/bench/published_step.h"

#include "core/base/distance.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <cstddef>
#include <tuple>
#include <vector>

namespace dskd::bench
{
namespace
{

using at::Tensor;

constexpr double kSmall = 1e-9; // added to probabilities before their logarithm, in JS only

Tensor logSoftmax(const Tensor& logits)
{
    return at::log_softmax(logits, -1, at::kFloat);
}

Tensor softmax(const Tensor& logits)
{
    return at::softmax(logits, -1, at::kFloat);
}

// The sum over the vocabulary, without tokens whose logits are infinite.
Tensor summed(const Tensor& values, const Tensor& logits)
{
    return values.masked_fill_(logits.isinf(), 0.0).sum(-1);
}

// -log softmax(logits)[label] summed over the positions that count.
Tensor crossEntropy(const Tensor& logits, const Tensor& labels, const Tensor& scored)
{
    const Tensor logProbs = logSoftmax(logits);
    const Tensor picked = logProbs.gather(-1, labels.clamp_min(0).unsqueeze(-1)).squeeze(-1);
    return -picked.masked_fill(scored.logical_not(), 0.0).sum();
}

Tensor correctAt(const Tensor& logits, const Tensor& labels, const Tensor& scored)
{
    const at::NoGradGuard noGrad;
    return logits.argmax(-1).eq(labels).logical_and(scored).sum();
}

Tensor forwardKl(const Tensor& student, const Tensor& teacher)
{
    const Tensor logQ = logSoftmax(student);
    const Tensor p = softmax(teacher);
    const Tensor logP = logSoftmax(teacher);
    return summed(p * (logP - logQ), student);
}

Tensor reverseKl(const Tensor& student, const Tensor& teacher)
{
    const Tensor q = softmax(student);
    const Tensor logQ = logSoftmax(student);
    const Tensor logP = logSoftmax(teacher);
    return summed(q * (logQ - logP), student);
}

Tensor jensenShannon(const Tensor& student, const Tensor& teacher)
{
    const Tensor q = softmax(student);
    const Tensor p = softmax(teacher);
    const Tensor mixture = (q + p) / 2;
    const Tensor logQ = at::log(q + kSmall);
    const Tensor logP = at::log(p + kSmall);
    const Tensor logMixture = at::log(mixture + kSmall);
    return summed((p * (logP - logMixture) + q * (logQ - logMixture)) / 2, student);
}

// KL from p or from q to the mixture that has this share of p and the rest of q.
Tensor klToMixture(const Tensor& student, const Tensor& teacher, double share, bool fromTeacher)
{
    const Tensor q = softmax(student);
    const Tensor p = softmax(teacher);
    const Tensor logMixture = at::log(share * p + (1 - share) * q);
    const Tensor& from = fromTeacher ? p : q;
    const Tensor logFrom = logSoftmax(fromTeacher ? teacher : student);
    return summed(from * (logFrom - logMixture), student);
}

Tensor adaptiveKl(const Tensor& student, const Tensor& teacher, double alpha)
{
    const Tensor q = softmax(student);
    const Tensor p = softmax(teacher);
    const auto [sortedP, order] = p.sort(-1);
    const Tensor sortedQ = q.gather(-1, order);
    const Tensor gap = (sortedP - sortedQ).abs();
    const Tensor tail = sortedP.cumsum(-1).lt(alpha).to(at::kFloat);
    const Tensor head = (gap * (1 - tail)).sum(-1).detach();
    const Tensor rest = (gap * tail).sum(-1).detach();
    return head / (head + rest) * forwardKl(student, teacher) + rest / (head + rest) * reverseKl(student, teacher);
}

Tensor sortedDifference(const Tensor& student, const Tensor& teacher)
{
    const auto ranked = [](const Tensor& logits) { return std::get<0>(softmax(logits).sort(-1, /*descending=*/true)); };
    return (ranked(student) - ranked(teacher)).abs().sum(-1);
}

// D(teacher || student) of every position (N), before the mask. `teacherTemperature` divides the teacher's logits once
// more.
Tensor distances(const config::MethodConfig& method, Distance distance, const Tensor& studentLogits,
                 const Tensor& teacherLogits, double teacherTemperature)
{
    if (distance == Distance::Uld) {
        return sortedDifference(studentLogits, teacherLogits);
    }
    const Tensor student = studentLogits / method.temperature;
    Tensor teacher = teacherLogits / method.temperature;
    if (teacherTemperature != 1.0) {
        teacher = teacher / teacherTemperature;
    }
    const double lambda = method.skewLambda;
    const double beta = method.beta;
    Tensor rows;
    switch (distance) {
    case Distance::Kl: rows = forwardKl(student, teacher); break;
    case Distance::Rkl: rows = reverseKl(student, teacher); break;
    case Distance::Js: rows = jensenShannon(student, teacher); break;
    case Distance::Skl: rows = klToMixture(student, teacher, lambda, /*fromTeacher=*/true); break;
    case Distance::Srkl: rows = klToMixture(student, teacher, 1 - lambda, /*fromTeacher=*/false); break;
    case Distance::Akl: rows = adaptiveKl(student, teacher, method.adaptiveAlpha); break;
    case Distance::Tvd: rows = summed((softmax(teacher) - softmax(student)).abs() / 2, student); break;
    case Distance::Sym: rows = (1 - beta) * forwardKl(student, teacher) + beta * reverseKl(student, teacher); break;
    case Distance::Gjs:
        rows = beta * klToMixture(student, teacher, beta, /*fromTeacher=*/true) +
               (1 - beta) * klToMixture(student, teacher, beta, /*fromTeacher=*/false);
        break;
    case Distance::Uld: break; // above
    }
    return method.temperatureSquared ? rows * (method.temperature * method.temperature) : rows;
}

Tensor masked(const Tensor& rows, const Tensor& scored)
{
    return (rows * scored).sum();
}

Tensor projected(const PublishedProjectors& projectors, const std::string& name, const Tensor& hidden)
{
    const auto bias = projectors.find(name + ".bias");
    return at::linear(hidden, projectors.at(name + ".weight"), bias == projectors.end() ? Tensor() : bias->second);
}

} // namespace

PublishedBatch publishedBatch(std::span<const dataset::Sample* const> samples, std::int64_t length, at::Device device)
{
    // Nothing that counts looks at padding behind it. On the CPU padding is masked as transformers does it; on a GPU
    // that would run the samples one by one, where the published code runs them together.
    PublishedBatch batch;
    std::vector<std::int64_t> ids;
    std::vector<std::int64_t> labels;
    std::int64_t scored = 0;
    for (const dataset::Sample* sample : samples) {
        const auto own = static_cast<std::int64_t>(sample->ids.size()) - 1;
        const std::int64_t all = std::max(own, length);
        for (std::int64_t position = 0; position < all; ++position) {
            const bool there = position < own;
            const bool counts = there && position >= sample->firstRow();
            ids.push_back(there ? sample->ids[static_cast<std::size_t>(position)] : 0);
            labels.push_back(counts ? sample->ids[static_cast<std::size_t>(position + 1)] : kNotScored);
            scored += counts ? 1 : 0;
        }
        batch.tokens.lengths.push_back(all);
        if (device.is_cpu()) {
            batch.tokens.padding.push_back(all - own);
        }
    }
    batch.tokens.ids = at::tensor(ids, at::kLong).to(device);
    batch.labels = at::tensor(labels, at::kLong).to(device);
    batch.denominator = static_cast<double>(std::max<std::int64_t>(1, scored));
    return batch;
}

PublishedLoss publishedLoss(const config::MethodConfig& method, const PublishedStates& states, const Tensor& labels,
                            double denominator, const PublishedProjectors& projectors)
{
    using config::Space;
    PublishedLoss result;
    const Tensor scored = labels.ne(kNotScored);
    const Tensor logits = states.studentHidden.matmul(states.studentHead.t());
    const Tensor nll = crossEntropy(logits, labels, scored);
    Tensor teacherLogits; // the forward pass of the published teacher always ends with them
    {
        const at::NoGradGuard noGrad;
        teacherLogits = states.teacherHidden.matmul(states.teacherHead.t());
    }
    Tensor kd;
    if (method.space == Space::Different) {
        kd = masked(distances(method, method.distance, logits, teacherLogits, method.teacherTemperature), scored);
    }
    Tensor t2sLogits;
    if (method.space == Space::Student || method.space == Space::Dual) {
        t2sLogits = projected(projectors, "t2s", states.teacherHidden).matmul(states.studentHead.detach().t());
        kd = crossEntropy(t2sLogits, labels, scored) +
             masked(distances(method, method.distance, logits, t2sLogits.detach(), method.teacherTemperature), scored);
    }
    if (method.space == Space::Teacher || method.space == Space::Dual) {
        const Tensor s2tLogits =
            projected(projectors, "s2t", states.studentHidden).matmul(states.teacherHead.detach().t());
        const Tensor s2tKd = masked(distances(method, method.teacherDistance, s2tLogits, teacherLogits, 1.0), scored);
        kd = kd.defined() ? kd + s2tKd : s2tKd;
        (void)correctAt(s2tLogits, labels, scored); // a logged value of the published code
    }
    result.correct = correctAt(logits, labels, scored);
    if (t2sLogits.defined()) {
        result.projectedCorrect = correctAt(t2sLogits, labels, scored);
    }
    result.loss = ((1.0 - method.kdRate) * nll + method.kdRate * kd) / denominator;
    return result;
}

PublishedLoss publishedForward(const config::MethodConfig& method, model::CausalLm& student, model::CausalLm& teacher,
                               const PublishedBatch& batch, const PublishedProjectors& projectors)
{
    PublishedStates states;
    states.studentHidden = student.hiddenStates(batch.tokens, /*training=*/true);
    states.studentHead = student.head();
    {
        const at::NoGradGuard noGrad;
        states.teacherHidden = teacher.hiddenStates(batch.tokens);
    }
    states.teacherHead = teacher.head();
    return publishedLoss(method, states, batch.labels, batch.denominator, projectors);
}

std::int64_t publishedLogitTensors(const config::MethodConfig& method)
{
    // Counted by reading: logits, softmaxes that the backward pass needs, and the intermediate values of the last
    // distance. A sort holds values and 64-bit indices.
    const bool sorts = rowOf(method.distance).sorted || rowOf(method.distance).adaptiveAlpha ||
                       rowOf(method.teacherDistance).sorted || rowOf(method.teacherDistance).adaptiveAlpha;
    const bool dual = method.space == config::Space::Dual;
    return (dual ? 16 : 11) + (sorts ? 10 : 0);
}

} // namespace dskd::bench

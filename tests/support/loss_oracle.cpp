#include "tests/support/loss_oracle.h"

#include <ATen/ATen.h>

#include <cmath>

namespace dskd::oracle
{
namespace
{

using at::Tensor;

Tensor expectation(const Tensor& probability, const Tensor& integrand)
{
    return at::where(probability.gt(0.0), probability * integrand, at::zeros_like(probability)).sum(1);
}

Tensor adaptive(const Tensor& p, const Tensor& q, double alpha)
{
    const Tensor kl = expectation(p, p.log() - q.log());
    const Tensor rkl = expectation(q, q.log() - p.log());
    const auto [sorted, order] = p.detach().sort(1);
    const Tensor tail = sorted.cumsum(1).le(alpha);
    const Tensor gap = (p - q).abs().detach().gather(1, order);
    const Tensor tailGap = (gap * tail).sum(1);
    const Tensor headGap = (gap * tail.logical_not()).sum(1);
    const Tensor all = (tailGap + headGap).clamp_min(1e-300);
    return headGap / all * kl + tailGap / all * rkl;
}

Tensor projected(const Projectors& projectors, const std::string& name, const Tensor& x)
{
    return at::mm(x, projectors.at(name + ".weight").t()) + projectors.at(name + ".bias");
}

Tensor normalised(const Tensor& x)
{
    return x / x.std();
}

Tensor pairs(const distill::SideRows& side)
{
    const Tensor table = side.embedding.detach();
    return at::cat({table.index({side.inputIds}), table.index({side.labels})}, 1);
}

// True where student row i and teacher row j belong to the same sample.
Tensor sameSample(const distill::StepRows& rows)
{
    std::vector<std::int64_t> student;
    std::vector<std::int64_t> teacher;
    for (std::size_t i = 0; i < rows.student.rowsPerSample.size(); ++i) {
        student.insert(student.end(), static_cast<std::size_t>(rows.student.rowsPerSample[i]),
                       static_cast<std::int64_t>(i));
        teacher.insert(teacher.end(), static_cast<std::size_t>(rows.teacher.rowsPerSample[i]),
                       static_cast<std::int64_t>(i));
    }
    return at::tensor(student, at::kLong).unsqueeze(1).eq(at::tensor(teacher, at::kLong).unsqueeze(0));
}

kernels::DivergenceOptions optionsOf(const config::MethodConfig& method, Distance distance, double teacherTemperature)
{
    return {distance,          method.temperature,   teacherTemperature,
            method.skewLambda, method.adaptiveAlpha, method.temperatureSquared};
}

Tensor hits(const Tensor& logits, const Tensor& labels)
{
    return logits.argmax(1).eq(labels).to(at::kDouble);
}

} // namespace

Tensor distances(const Tensor& studentLogits, const Tensor& targetLogits, const kernels::DivergenceOptions& options)
{
    const double tau = options.temperature;
    const Tensor q = at::softmax(studentLogits / tau, 1);
    const Tensor p = at::softmax(targetLogits / tau / options.teacherTemperature, 1);
    const double lambda = options.skewLambda;
    Tensor rows;
    switch (options.distance) {
    case Distance::Kl: rows = expectation(p, p.log() - q.log()); break;
    case Distance::Rkl: rows = expectation(q, q.log() - p.log()); break;
    case Distance::Js: {
        const double e = 1e-9;
        const Tensor m = (p + q) / 2;
        rows = 0.5 * (p * ((p + e).log() - (m + e).log())).sum(1) + 0.5 * (q * ((q + e).log() - (m + e).log())).sum(1);
        break;
    }
    case Distance::Skl: rows = expectation(p, p.log() - (lambda * p + (1 - lambda) * q).log()); break;
    case Distance::Srkl: rows = expectation(q, q.log() - ((1 - lambda) * p + lambda * q).log()); break;
    case Distance::Akl: rows = adaptive(p, q, options.adaptiveAlpha); break;
    }
    return options.temperatureSquared ? rows * (tau * tau) : rows;
}

Tensor crossEntropy(const Tensor& logits, const Tensor& labels)
{
    return -at::log_softmax(logits, 1).gather(1, labels.unsqueeze(1)).squeeze(1);
}

Terms distillationLoss(const config::MethodConfig& method, const distill::StepRows& rows, const Projectors& projectors)
{
    using config::Alignment;
    using config::Objective;
    using config::Space;
    const auto& s = rows.student;
    const auto& t = rows.teacher;
    const double n = rows.denominator;
    const bool cma = method.alignment == Alignment::Cma;
    Terms terms;
    auto& values = terms.values;

    const Tensor logits = at::mm(s.hidden, s.head.t());
    values["nll_loss"] = crossEntropy(logits, s.labels).sum() / n;
    values["accuracy"] = hits(logits, s.labels).sum() / n;
    if (method.objective == Objective::Sft) {
        terms.loss = values["nll_loss"];
        values["loss"] = terms.loss;
        return terms;
    }

    const Tensor teacherHidden = t.hidden.detach();
    const Tensor teacherHead = t.head.detach();
    const Tensor teacherLogits = at::mm(teacherHidden, teacherHead.t());
    if (method.space == Space::Different) {
        const std::int64_t columns = std::min(logits.size(1), teacherLogits.size(1));
        values["kd_loss"] = distances(logits.slice(1, 0, columns), teacherLogits.slice(1, 0, columns),
                                      optionsOf(method, method.distance, 1.0))
                                .sum() /
                            n;
    } else {
        Tensor toStudent; // hidden rows of the teacher in the student's space
        Tensor toTeacher;
        if (cma) {
            const Tensor query = projected(projectors, "query", pairs(s));
            const Tensor key = normalised(pairs(t));
            Tensor scores = at::mm(query, key.t()) / std::sqrt(static_cast<double>(query.size(1)));
            scores = scores.masked_fill(sameSample(rows).logical_not(), -1e300);
            if (method.space != Space::Teacher) {
                const Tensor value = normalised(teacherHidden) + normalised(t.embedding.detach().index({t.labels}));
                toStudent = at::mm(at::softmax(scores, 1), projected(projectors, "t2s", value));
            }
            if (method.space != Space::Student) {
                toTeacher = at::mm(at::softmax(scores.t(), 1), projected(projectors, "s2t", s.hidden));
            }
        } else {
            if (method.space != Space::Teacher) {
                toStudent = projected(projectors, "t2s", teacherHidden);
            }
            if (method.space != Space::Student) {
                toTeacher = projected(projectors, "s2t", s.hidden);
            }
        }
        Tensor kd = at::zeros({}, at::kDouble);
        if (toStudent.defined()) {
            const Tensor shown = at::mm(toStudent, s.head.detach().t());
            Tensor perRow = distances(logits, shown.detach(),
                                      optionsOf(method, method.distance, cma ? method.teacherTemperature : 1.0));
            if (cma && method.correctnessMask) {
                perRow = perRow * hits(shown, s.labels);
            }
            terms.projectedIsRight = hits(shown, s.labels);
            values["t2s_ce_loss"] = crossEntropy(shown, s.labels).sum() / n;
            values["t2s_kd_loss"] = perRow.sum() / n;
            values["t2s_acc"] = hits(shown, s.labels).sum() / n;
            if (cma) {
                values["max_t2s_prob"] = at::softmax(shown, 1).amax(1).sum() / n;
            }
            kd = kd + values["t2s_ce_loss"] + values["t2s_kd_loss"];
        }
        if (toTeacher.defined()) {
            const Tensor shown = at::mm(toTeacher, teacherHead.t());
            values["s2t_kd_loss"] =
                distances(shown, teacherLogits, optionsOf(method, method.teacherDistance, 1.0)).sum() / n;
            values["s2t_acc"] = hits(shown, t.labels).mean() * static_cast<double>(s.hidden.size(0)) / n;
            kd = kd + values["s2t_kd_loss"];
        }
        values["kd_loss"] = kd;
    }
    terms.loss = (1.0 - method.kdRate) * values["nll_loss"] + method.kdRate * values["kd_loss"];
    values["loss"] = terms.loss;
    return terms;
}

} // namespace dskd::oracle

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
    const Tensor y = at::mm(x, projectors.at(name + ".weight").t());
    return projectors.contains(name + ".bias") ? y + projectors.at(name + ".bias") : y;
}

// Through a head that may cap its logits.
Tensor logitsOf(const Tensor& hidden, const Tensor& head, double softcap)
{
    const Tensor logits = at::mm(hidden, head.t());
    return softcap > 0.0 ? at::tanh(logits / softcap) * softcap : logits;
}

Tensor normalised(const Tensor& x)
{
    return x / x.std();
}

Tensor pairs(const batch::SideRows& side)
{
    const Tensor table = side.embedding.detach();
    return at::cat({table.index({side.inputIds}), table.index({side.labels})}, 1);
}

// True where student row i and teacher row j belong to the same sample.
Tensor sameSample(const batch::StepRows& rows)
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
    kernels::DivergenceOptions options;
    options.distance = distance;
    options.temperature = method.temperature;
    options.teacherTemperature = teacherTemperature;
    options.skewLambda = method.skewLambda;
    options.adaptiveAlpha = method.adaptiveAlpha;
    options.beta = method.beta;
    options.temperatureSquared = method.temperatureSquared;
    return options;
}

bool isChunked(const config::MethodConfig& method)
{
    return method.alignment == config::Alignment::Cla || method.alignment == config::Alignment::Clp;
}

// Softmax over the columns that may be attended to; a row without any gets zeros.
Tensor attention(const Tensor& scores, const Tensor& partners)
{
    std::vector<Tensor> weights;
    for (std::int64_t i = 0; i < scores.size(0); ++i) {
        const Tensor columns = partners[i].nonzero().squeeze(1);
        const Tensor some = at::softmax(scores[i].index({columns}), 0);
        weights.push_back(at::zeros_like(scores[i]).index_put({columns}, some));
    }
    return at::stack(weights);
}

Tensor hits(const Tensor& logits, const Tensor& labels)
{
    return logits.argmax(1).eq(labels).to(at::kDouble);
}

// MinED's target of every student row as the reference code writes it: -1e5 and 100 for what it excludes and prefers.
Tensor throughTheMap(const batch::StepRows& rows, const Tensor& teacherLogits, const batch::VocabularyMap& vocabularies,
                     bool onlyPartners)
{
    const Tensor& labels = rows.student.labels;
    std::vector<Tensor> targets;
    for (std::int64_t row = 0; row < labels.size(0); ++row) {
        Tensor target = at::full({rows.student.head.size(0)}, -1e5, at::kDouble);
        bool partner = false;
        for (std::int64_t pair = 0; pair < rows.pairs.student.size(0); ++pair) {
            if (rows.pairs.student[pair].item<std::int64_t>() == row) {
                partner = true;
                const Tensor teacherRow = teacherLogits[rows.pairs.teacher[pair].item<std::int64_t>()];
                for (std::int64_t k = 0; k < vocabularies.commonStudent.size(0); ++k) {
                    target[vocabularies.commonStudent[k].item<std::int64_t>()] =
                        teacherRow[vocabularies.commonTeacher[k].item<std::int64_t>()];
                }
            }
        }
        if (!partner && !onlyPartners) {
            target[labels[row].item<std::int64_t>()] = 100.0;
        }
        targets.push_back(target);
    }
    return at::stack(targets);
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
    case Distance::Tvd: rows = 0.5 * (p - q).abs().sum(1); break;
    case Distance::Sym:
        rows =
            (1 - options.beta) * expectation(p, p.log() - q.log()) + options.beta * expectation(q, q.log() - p.log());
        break;
    case Distance::Gjs: {
        const Tensor m = options.beta * p + (1 - options.beta) * q;
        rows =
            options.beta * expectation(p, p.log() - m.log()) + (1 - options.beta) * expectation(q, q.log() - m.log());
        break;
    }
    case Distance::Uld: {
        const std::int64_t width = std::max(studentLogits.size(1), targetLogits.size(1));
        const auto ranked = [&](const Tensor& logits) {
            const Tensor sorted = std::get<0>(at::softmax(logits, 1).sort(1, true));
            return at::constant_pad_nd(sorted, {0, width - sorted.size(1)});
        };
        return (ranked(studentLogits) - ranked(targetLogits)).abs().sum(1);
    }
    }
    return options.temperatureSquared ? rows * (tau * tau) : rows;
}

Tensor crossEntropy(const Tensor& logits, const Tensor& labels)
{
    return -at::log_softmax(logits, 1).gather(1, labels.unsqueeze(1)).squeeze(1);
}

Terms distillationLoss(const config::MethodConfig& method, const batch::StepRows& rows, const Projectors& projectors,
                       const batch::VocabularyMap& vocabularies, bool ownAnswers)
{
    using config::Alignment;
    using config::Objective;
    using config::Space;
    const auto& s = rows.student;
    const auto& t = rows.teacher;
    const double n = rows.denominator;
    const bool soft = method.alignment == Alignment::Cma || isChunked(method);
    const bool pairing = method.alignment == Alignment::Eta || method.alignment == Alignment::EtaPublished ||
                         method.alignment == Alignment::Position;
    const bool labelledByTeacher = ownAnswers || method.t2sTarget == config::T2sTarget::Teacher;
    Terms terms;
    auto& values = terms.values;

    const Tensor logits = logitsOf(s.hidden, s.head, s.softcap);
    values["nll_loss"] = crossEntropy(logits, s.labels).sum() / n;
    values["accuracy"] = hits(logits, s.labels).sum() / n;
    if (method.objective == Objective::Sft) {
        terms.loss = values["nll_loss"];
        values["loss"] = terms.loss;
        return terms;
    }

    const Tensor teacherHidden = t.hidden.detach();
    const Tensor teacherHead = t.head.detach();
    const Tensor teacherLogits = logitsOf(teacherHidden, teacherHead, t.softcap);
    const Tensor predicted = teacherLogits.argmax(1);
    const auto studentRows = static_cast<double>(s.hidden.size(0));
    if (pairing || method.alignment == Alignment::MinEd) {
        values["align_ratio"] = at::scalar_tensor(static_cast<double>(rows.pairs.student.size(0)) / n, at::kDouble);
    }
    if (method.space == Space::Different) {
        Tensor own = logits;
        Tensor target = teacherLogits;
        double scale = 1.0;
        const bool spelled = method.alignment == Alignment::MinEd;
        if (spelled) {
            target = throughTheMap(rows, teacherLogits, vocabularies, ownAnswers);
        }
        if (spelled && ownAnswers) { // rows without a partner have no target
            own = own.index({rows.pairs.student});
            target = target.index({rows.pairs.student});
            scale = studentRows / static_cast<double>(own.size(0));
        } else if (pairing) {
            own = own.index({rows.pairs.student});
            target = target.index({rows.pairs.teacher});
            scale = studentRows / static_cast<double>(own.size(0));
        }
        if (method.distance != Distance::Uld && !spelled) {
            if (vocabularies.commonStudent.defined()) {
                own = own.index_select(1, vocabularies.commonStudent);
                target = target.index_select(1, vocabularies.commonTeacher);
            }
            const std::int64_t columns = std::min(own.size(1), target.size(1));
            own = own.slice(1, 0, columns);
            target = target.slice(1, 0, columns);
        }
        values["kd_loss"] =
            distances(own, target, optionsOf(method, method.distance, method.teacherTemperature)).sum() * scale / n;
    } else {
        // Hidden rows of each side in the other's space, and what they are compared with.
        Tensor toStudent, beside, labels, answers = s.labels; // `answers`: of the rows of `labels`, the answer's tokens
        Tensor studentPredicted = logits.argmax(1);           // beside toTeacher; undefined: attention mixes rows
        bool teacherLabelled = labelledByTeacher && !soft;
        Tensor toTeacher, besideTeacher = teacherLogits, teacherLabels = t.labels;
        Tensor teacherHits = hits(teacherLogits, t.labels);
        double studentScale = 1.0;
        double teacherScale = 1.0;
        if (soft) {
            Tensor scores = at::zeros({s.hidden.size(0), t.hidden.size(0)}, at::kDouble);
            if (method.alignment != Alignment::Clp) {
                const Tensor query = projected(projectors, "query", pairs(s));
                const Tensor key = normalised(pairs(t));
                scores = at::mm(query, key.t()) / std::sqrt(static_cast<double>(query.size(1)));
            }
            Tensor partners = sameSample(rows);
            if (isChunked(method)) {
                partners = partners.logical_and(s.chunks.unsqueeze(1).eq(t.chunks.unsqueeze(0)));
            }
            const Tensor tokens = labelledByTeacher ? predicted : t.labels;
            const Tensor value = normalised(teacherHidden) + normalised(t.embedding.detach().index({tokens}));
            if (method.space != Space::Teacher) {
                toStudent = at::mm(attention(scores, partners), projected(projectors, "t2s", value));
            }
            if (method.space != Space::Student) {
                toTeacher = at::mm(attention(scores.t(), partners.t()), projected(projectors, "s2t", s.hidden));
            }
            beside = logits;
            labels = s.labels;
            studentPredicted.reset();
            if (ownAnswers) {
                teacherLabelled = true;
                std::vector<std::int64_t> labelIds(static_cast<std::size_t>(s.hidden.size(0)), -1);
                for (std::int64_t i = 0; i < rows.pairs.student.size(0); ++i) {
                    const auto token = predicted[rows.pairs.teacher[i].item<std::int64_t>()].item<std::int64_t>();
                    labelIds[static_cast<std::size_t>(rows.pairs.student[i].item<std::int64_t>())] =
                        vocabularies.studentFromTeacher.defined()
                            ? vocabularies.studentFromTeacher[token].item<std::int64_t>()
                            : token;
                }
                labels = at::tensor(labelIds, at::kLong);
            }
        } else if (pairing) {
            std::vector<std::int64_t> student, teacher, labelIds; // those with a label
            for (std::int64_t i = 0; i < rows.pairs.student.size(0); ++i) {
                const auto j = rows.pairs.student[i].item<std::int64_t>();
                const auto k = rows.pairs.teacher[i].item<std::int64_t>();
                auto label = s.labels[j].item<std::int64_t>();
                if (labelledByTeacher) {
                    label = vocabularies.studentFromTeacher[predicted[k].item<std::int64_t>()].item<std::int64_t>();
                }
                if (label >= 0) {
                    student.push_back(j);
                    teacher.push_back(k);
                    labelIds.push_back(label);
                }
            }
            const Tensor studentAt = at::tensor(student, at::kLong);
            studentPredicted = studentPredicted.index({rows.pairs.student});
            teacherHits = hits(teacherLogits, t.labels).index({rows.pairs.teacher});
            if (method.space != Space::Teacher) {
                answers = s.labels.index({studentAt});
                toStudent = projected(projectors, "t2s", teacherHidden.index({at::tensor(teacher, at::kLong)}));
                beside = logits.index({studentAt});
                labels = at::tensor(labelIds, at::kLong);
                studentScale = studentRows / static_cast<double>(student.size());
            }
            if (method.space != Space::Student) {
                toTeacher = projected(projectors, "s2t", s.hidden.index({rows.pairs.student}));
                besideTeacher = teacherLogits.index({rows.pairs.teacher});
                teacherLabels = t.labels.index({rows.pairs.teacher});
                teacherScale = studentRows / static_cast<double>(rows.pairs.student.size(0));
            }
        } else {
            if (method.space != Space::Teacher) {
                toStudent = projected(projectors, "t2s", teacherHidden);
            }
            if (method.space != Space::Student) {
                toTeacher = projected(projectors, "s2t", s.hidden);
            }
            beside = logits;
            labels = labelledByTeacher ? predicted : s.labels;
        }
        Tensor kd = at::zeros({}, at::kDouble);
        if (toStudent.defined()) {
            const Tensor shown = logitsOf(toStudent, s.head.detach(), s.softcap);
            Tensor perRow =
                distances(beside, shown.detach(), optionsOf(method, method.distance, method.teacherTemperature));
            terms.projectedIsRight = hits(shown, labels);
            if (method.agreementMask) {
                const auto all = static_cast<double>(labels.size(0));
                const double agreeing = terms.projectedIsRight.sum().item<double>();
                if (agreeing <= method.agreementThreshold * all) {
                    perRow = perRow * terms.projectedIsRight * (all / std::max(1.0, agreeing));
                }
            } else if (soft && method.correctnessMask) {
                perRow = perRow * terms.projectedIsRight;
            }
            const Tensor labelled = labels.ge(0).nonzero().squeeze(1); // all, except on own answers
            values["t2s_ce_loss"] =
                crossEntropy(shown.index({labelled}), labels.index({labelled})).sum() * studentScale / n;
            values["t2s_kd_loss"] = perRow.sum() * studentScale / n;
            values["t2s_acc"] = hits(shown, answers).sum() * studentScale / n;
            if (teacherLabelled || method.agreementMask) {
                values["t2s_agreement"] = terms.projectedIsRight.sum() * studentScale / n;
            }
            if (labelledByTeacher) {
                values["t_acc"] = teacherHits.mean() * studentRows / n;
            }
            if (soft) {
                values["max_t2s_prob"] = at::softmax(shown, 1).amax(1).sum() / n;
            }
            kd = kd + values["t2s_ce_loss"] + values["t2s_kd_loss"];
        }
        if (toTeacher.defined()) {
            const Tensor shown = logitsOf(toTeacher, teacherHead, t.softcap);
            values["s2t_kd_loss"] =
                distances(shown, besideTeacher, optionsOf(method, method.teacherDistance, 1.0)).sum() * teacherScale /
                n;
            values["s2t_acc"] = hits(shown, teacherLabels).mean() * studentRows / n;
            if (studentPredicted.defined()) {
                Tensor tokens = shown.argmax(1);
                if (vocabularies.studentFromTeacher.defined()) {
                    tokens = vocabularies.studentFromTeacher.index({tokens});
                }
                values["s2t_agreement"] = tokens.eq(studentPredicted).to(at::kDouble).mean() * studentRows / n;
            }
            kd = kd + values["s2t_kd_loss"];
        }
        values["kd_loss"] = kd;
    }
    terms.loss = (1.0 - method.kdRate) * values["nll_loss"] + method.kdRate * values["kd_loss"];
    values["loss"] = terms.loss;
    return terms;
}

} // namespace dskd::oracle

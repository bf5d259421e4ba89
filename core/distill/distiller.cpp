#include "core/distill/distiller.h"

#include "core/config/methods/method_traits.h"
#include "core/distill/compared_rows.h"
#include "core/distill/term_sum.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <cmath>

namespace dskd::distill
{
namespace
{

using config::MethodConfig;

kernels::DivergenceOptions divergenceOptions(const MethodConfig& method, Distance distance)
{
    kernels::DivergenceOptions options;
    options.distance = distance;
    options.temperature = method.temperature;
    options.skewLambda = method.skewLambda;
    options.adaptiveAlpha = method.adaptiveAlpha;
    options.beta = method.beta;
    options.temperatureSquared = method.temperatureSquared;
    return options;
}

// Distances by token of two vocabularies look at the tokens that both have.
at::Tensor commonTokens(const at::Tensor& head, const at::Tensor& ids, Distance distance)
{
    return ids.defined() && distance != Distance::Uld ? head.index_select(0, ids) : head;
}

} // namespace

Distiller::Distiller(const MethodConfig& method, const ModelPair& pair, std::int64_t chunkRows, std::uint64_t seed,
                     at::Device device, at::ScalarType dtype, const config::ProjectorConfig& projectors,
                     const config::KeyQueryConfig& keyQuery)
    : m_method(method), m_vocabularies(pair.vocabularies), m_chunkRows(chunkRows),
      m_projectors(method, projectors, pair, seed, at::TensorOptions().dtype(dtype).device(device))
{
    TORCH_CHECK(!config::attends(method) || method.space != config::Space::Different,
                "attention aligns rows for the student or teacher space, not for different spaces");
    TORCH_CHECK(config::hasQueries(method) || keyQuery.matching == config::KeyQueryMatching::Off,
                "only CMA and CLA have queries that can be matched with keys");
    if (config::hasQueries(method)) {
        m_matcher.emplace(keyQuery, 2 * pair.teacherWidth, seed, at::TensorOptions().dtype(dtype).device(device));
    }
}

LossTerms Distiller::compute(const StepRows& rows, LossPart part, bool ownAnswers) const
{
    const SideRows& student = rows.student;
    TORCH_CHECK(part == LossPart::CrossEntropy || !config::seesPaddedBatch(m_method) || rows.teacher.outside,
                "with a reference fidelity attention needs what the batch holds besides the response rows");
    MethodConfig method = m_method;
    method.t2sTarget = ownAnswers ? config::T2sTarget::Teacher : method.t2sTarget;
    const Composition parts{method, m_projectors, m_vocabularies, m_chunkRows, ownAnswers};
    TermSum sum(method, rows.denominator, m_chunkRows);
    const bool distils = config::distils(method) && part != LossPart::CrossEntropy;
    const double teacherTemperature = config::usesTeacherTemperature(m_method) ? m_method.teacherTemperature : 1.0;

    // The student's own cross-entropy. What compares every row through the student's head is computed along with it.
    kernels::HeadLossInput own{{student.hidden, student.head, student.softcap}, {}, student.labels, {}, {}};
    kernels::HeadLossTerms ownTerms;
    if (part != LossPart::Distillation) {
        ownTerms.crossEntropy = sum.nllFactor();
    }
    const auto addOwn = [&] {
        const kernels::HeadLossSums sums = sum.add(own, ownTerms);
        if (part != LossPart::Distillation) {
            sum.value("nll_loss", sums.crossEntropy);
            sum.value("accuracy", sums.correct);
        }
        return sums;
    };
    // Either along with the student's own rows or for itself.
    const auto addAlong = [&](const ComparedRows& compared, const at::Tensor& studentHead,
                              const kernels::HeadRows& target, const kernels::HeadLossTerms& terms) {
        if (compared.everyRow) {
            own.target = target;
            own.targetLabels = compared.labels;
            own.targetLabelWeights = compared.labelWeights;
            own.rowWeights = compared.weights;
            const std::optional<double> crossEntropy = ownTerms.crossEntropy;
            ownTerms = terms;
            ownTerms.crossEntropy = crossEntropy;
            return addOwn();
        }
        if (part != LossPart::Distillation) {
            (void)addOwn();
        }
        return sum.add(
            {{compared.student, studentHead, student.softcap}, target, {}, compared.weights, compared.labels}, terms);
    };

    if (distils && config::comparesInStudentSpace(m_method)) {
        const ComparedRows compared = inStudentSpace(parts, rows);
        kernels::HeadLossTerms terms;
        terms.divergence = divergenceOptions(m_method, m_method.distance);
        terms.divergence.teacherTemperature = teacherTemperature;
        terms.targetCrossEntropy = sum.kdFactor() * compared.scale;
        terms.distance = sum.kdFactor() * compared.scale;
        if (config::attends(m_method)) {
            terms.onlyWhereTargetCorrect = m_method.correctnessMask && !m_method.agreementMask;
        }
        const kernels::HeadLossSums sums =
            addAlong(compared, student.head, {compared.target, student.head, student.softcap}, terms);
        sum.kdValue("t2s_ce_loss", sums.targetCrossEntropy * compared.scale);
        sum.kdValue("t2s_kd_loss", sums.distance * compared.scale);
        sum.value("t2s_acc", sums.targetCorrect * compared.scale);
        if (config::attends(m_method)) {
            sum.value("max_t2s_prob", sums.targetMaxProbability);
        }
        if (m_method.agreementMask) {
            sum.value("t2s_agreement", compared.agreeing * compared.scale);
        }
    } else if (distils && config::comparesInDifferentSpaces(m_method)) {
        const ComparedRows compared = inDifferentSpaces(parts, rows);
        const bool matched = config::matchesSpellings(m_method);
        const bool published = matched && m_method.fidelity != config::Fidelity::Paper; // knows KL only
        kernels::HeadLossTerms terms;
        terms.divergence = divergenceOptions(m_method, published ? Distance::Kl : m_method.distance);
        terms.divergence.teacherTemperature = teacherTemperature;
        terms.distance = sum.kdFactor() * compared.scale;
        if (matched) { // the student's whole distribution counts, also where no token of the teacher's is mapped to
            TORCH_CHECK(m_vocabularies.commonStudent.defined(),
                        "this alignment needs the vocabularies' matched tokens");
            own.targetColumns = m_vocabularies.commonStudent;
            own.labelOnly = compared.labelOnly;
        }
        const at::Tensor targetHead = commonTokens(rows.teacher.head, m_vocabularies.commonTeacher, m_method.distance);
        const kernels::HeadLossSums sums = addAlong(
            compared,
            matched ? student.head : commonTokens(student.head, m_vocabularies.commonStudent, m_method.distance),
            {compared.target, targetHead, rows.teacher.softcap}, terms);
        sum.kdValue("kd_loss", sums.distance * compared.scale);
    } else if (part != LossPart::Distillation) {
        (void)addOwn();
    }

    if (distils && config::comparesInTeacherSpace(m_method)) {
        const ComparedRows compared = inTeacherSpace(parts, rows);
        const at::Tensor head = rows.teacher.head.detach(); // a constant
        kernels::HeadLossTerms terms;
        terms.distance = sum.kdFactor() * compared.scale;
        terms.divergence = divergenceOptions(m_method, config::teacherSpaceDistance(m_method));
        const kernels::HeadLossSums sums = sum.add({{compared.student, head, rows.teacher.softcap},
                                                    {compared.target, head, rows.teacher.softcap},
                                                    compared.labels,
                                                    {},
                                                    {}},
                                                   terms);
        const auto comparedRows = static_cast<double>(std::max<std::int64_t>(1, compared.student.size(0)));
        sum.kdValue("s2t_kd_loss", sums.distance * compared.scale);
        sum.value("s2t_acc", sums.correct * static_cast<double>(student.hidden.size(0)) / comparedRows);
    }
    if (distils && (config::pairsRows(m_method) || config::matchesSpellings(m_method))) {
        const bool ofSamples =
            config::meansOfMicroBatches(m_method) && m_method.alignment == config::Alignment::EtaPublished;
        sum.value("align_ratio", ofSamples ? publishedAlignRatio(rows) * rows.denominator / rows.microBatches
                                           : static_cast<double>(rows.pairs.student.size(0)));
    }
    if (distils && m_matcher && m_matcher->matches()) {
        const KeyQueryMatch match = m_matcher->match(queriesAndKeys(parts, rows), rows.number);
        const auto share = static_cast<double>(student.hidden.size(0)); // of the denominator
        if (match.loss.defined()) {
            const bool published = m_method.fidelity == config::Fidelity::ReferenceV1;
            sum.add(match.loss * (m_matcher->rate() * (published ? 1.0 : share)));
        }
        for (const auto& [name, value] : match.values) {
            sum.value(name, value * share);
        }
    }
    return std::move(sum).finish(distils);
}

double Distiller::agreement(const StepRows& rows) const
{
    if (!config::comparesInStudentSpace(m_method)) {
        return 0.0;
    }
    const at::NoGradGuard noGrad;
    MethodConfig asked = m_method;
    asked.t2sTarget = config::T2sTarget::Teacher;
    asked.agreementMask = true;
    const Composition parts{asked, m_projectors, m_vocabularies, m_chunkRows, /*ownAnswers=*/config::attends(asked)};
    const ComparedRows compared = inStudentSpace(parts, rows);
    const double count = compared.labelWeights.defined() ? compared.labelWeights.sum().item<double>()
                                                         : static_cast<double>(compared.student.size(0));
    return count > 0.0 ? compared.agreeing / count : 0.0;
}

std::map<std::string, double> Distiller::queriesAgainstKeys(const StepRows& rows) const
{
    if (!m_matcher) {
        return {};
    }
    const at::NoGradGuard noGrad;
    return m_matcher->diagnose(queriesAndKeys({m_method, m_projectors, m_vocabularies, m_chunkRows}, rows));
}

AttentionMaps Distiller::attention(const StepRows& rows) const
{
    TORCH_CHECK(config::attends(m_method), "only soft alignments have attention maps");
    const at::NoGradGuard noGrad;
    const CrossModelAttention attention = softAlignment({m_method, m_projectors, m_vocabularies, m_chunkRows}, rows);
    const auto forLooking = [](std::vector<at::Tensor> maps) {
        for (at::Tensor& map : maps) {
            map = map.to(at::kCPU, at::kFloat).contiguous();
        }
        return maps;
    };
    return {forLooking(attention.queryWeights()), forLooking(attention.keyWeights())};
}

std::vector<std::string> nonFiniteTerms(const LossTerms& terms)
{
    std::vector<std::string> names;
    for (const char* name : {"nll_loss", "t2s_ce_loss", "t2s_kd_loss", "s2t_kd_loss", "kd_loss", "kq_loss", "pg_loss",
                             "single_step_loss", "loss"}) {
        const auto found = terms.values.find(name);
        if (found != terms.values.end() && !std::isfinite(found->second)) {
            names.emplace_back(name);
        }
    }
    return names;
}

} // namespace dskd::distill

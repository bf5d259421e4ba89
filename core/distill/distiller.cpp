#include "core/distill/distiller.h"

#include "core/config/methods/fidelity_traits.h"
#include "core/config/methods/method_traits.h"
#include "core/distill/compared_rows.h"
#include "core/distill/loss_parts.h"
#include "core/distill/term_sum.h"
#include "core/metrics/loss_names.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <utility>

namespace dskd::distill
{
namespace
{

SpaceStates statesOf(const ComparedRows& compared)
{
    return {compared.student.detach(), compared.target.detach(), compared.studentRows, compared.teacherRows};
}

} // namespace

Distiller::Distiller(const config::MethodConfig& method, const ModelPair& pair, std::int64_t chunkRows,
                     std::uint64_t seed, at::Device device, at::ScalarType dtype,
                     const config::ProjectorConfig& projectors, const config::KeyQueryConfig& keyQuery)
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

LossTerms Distiller::compute(const batch::StepRows& rows, LossPart part, bool ownAnswers, std::string_view only) const
{
    TORCH_CHECK(part == LossPart::CrossEntropy || !config::seesPaddedBatch(m_method) || rows.teacher.outside,
                "with a reference fidelity attention needs the positions of the batch outside the response");
    config::MethodConfig method = m_method;
    method.t2sTarget = ownAnswers ? config::T2sTarget::Teacher : method.t2sTarget;
    const Composition parts{method, m_projectors, m_vocabularies, m_chunkRows, ownAnswers};
    TermSum sum(method, rows.denominator, m_chunkRows, only);
    StudentCrossEntropy own(rows.student, /*wanted=*/part != LossPart::Distillation, sum);
    if (!config::distils(method) || part == LossPart::CrossEntropy) {
        own.add();
        return std::move(sum).finish(/*hasKd=*/false);
    }
    if (config::comparesInStudentSpace(method)) {
        addStudentSpace(parts, rows, own, sum);
    } else if (config::comparesInDifferentSpaces(method)) {
        addDifferentSpaces(parts, rows, own, sum);
    }
    own.add(); // where neither of these did it
    if (config::comparesInTeacherSpace(method)) {
        addTeacherSpace(parts, rows, own, sum);
    }
    addAlignRatio(parts, rows, sum);
    if (m_matcher && m_matcher->matches()) {
        addKeyQueryMatching(*m_matcher, parts, rows, sum);
    }
    return std::move(sum).finish(/*hasKd=*/true);
}

std::vector<std::string> Distiller::termsOfStudent(LossPart part) const
{
    const bool distils = config::distils(m_method);
    std::vector<std::string> terms;
    if (part != LossPart::Distillation && !(distils && m_method.kdRate == 1.0)) {
        terms.emplace_back(metrics::kNllLoss);
    }
    if (part == LossPart::CrossEntropy || m_method.kdRate == 0.0) {
        return terms;
    }
    if (config::comparesInStudentSpace(m_method)) {
        terms.emplace_back(metrics::kT2sKdLoss);
    }
    if (config::comparesInTeacherSpace(m_method)) {
        terms.emplace_back(metrics::kS2tKdLoss);
    }
    if (config::comparesInDifferentSpaces(m_method)) {
        terms.emplace_back(metrics::kKdLoss);
    }
    return terms;
}

double Distiller::agreement(const batch::StepRows& rows) const
{
    if (!config::comparesInStudentSpace(m_method)) {
        return 0.0;
    }
    const at::NoGradGuard noGrad;
    config::MethodConfig asked = m_method;
    asked.t2sTarget = config::T2sTarget::Teacher;
    asked.agreementMask = true;
    const Composition parts{asked, m_projectors, m_vocabularies, m_chunkRows, /*ownAnswers=*/config::attends(asked)};
    const ComparedRows compared = inStudentSpace(parts, rows);
    const double count = compared.labelWeights.defined() ? compared.labelWeights.sum().item<double>()
                                                         : static_cast<double>(compared.student.size(0));
    return count > 0.0 ? compared.agreeing / count : 0.0;
}

std::map<std::string, double> Distiller::queriesAgainstKeys(const batch::StepRows& rows) const
{
    if (!m_matcher) {
        return {};
    }
    const at::NoGradGuard noGrad;
    return m_matcher->diagnose(queriesAndKeys({m_method, m_projectors, m_vocabularies, m_chunkRows}, rows));
}

std::optional<SpaceStates> Distiller::statesInStudentSpace(const batch::StepRows& rows) const
{
    if (!config::comparesInStudentSpace(m_method)) {
        return std::nullopt;
    }
    const at::NoGradGuard noGrad;
    config::MethodConfig asked = m_method;
    asked.agreementMask = false; // it changes no state, and costs a pass through the head
    return statesOf(inStudentSpace({asked, m_projectors, m_vocabularies, m_chunkRows}, rows));
}

std::optional<SpaceStates> Distiller::statesInTeacherSpace(const batch::StepRows& rows) const
{
    if (!config::comparesInTeacherSpace(m_method)) {
        return std::nullopt;
    }
    const at::NoGradGuard noGrad;
    return statesOf(inTeacherSpace({m_method, m_projectors, m_vocabularies, m_chunkRows}, rows));
}

AttentionMaps Distiller::attention(const batch::StepRows& rows) const
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

} // namespace dskd::distill

#include "core/distill/loss_parts.h"

#include "core/config/methods/fidelity_traits.h"
#include "core/config/methods/method_traits.h"
#include "core/metrics/loss_names.h"
#include "core/metrics/metric_table.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cstdint>
#include <utility>

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

double teacherTemperature(const MethodConfig& method)
{
    return config::usesTeacherTemperature(method) ? method.teacherTemperature : 1.0;
}

// In how many rows both say the same token.
double hits(const at::Tensor& predicted, const at::Tensor& tokens)
{
    return predicted.eq(tokens).sum().item<double>();
}

// The rows of a head that a distance compares: of two vocabularies the tokens that both have, unless it sorts
// probabilities.
at::Tensor commonTokens(const at::Tensor& head, const at::Tensor& ids, Distance distance)
{
    return ids.defined() && !rowOf(distance).sorted ? head.index_select(0, ids) : head;
}

} // namespace

StudentCrossEntropy::StudentCrossEntropy(const batch::SideRows& student, bool wanted, TermSum& sum)
    : m_student(student), m_factor(wanted ? std::optional(sum.nllFactor()) : std::nullopt), m_sum(sum)
{
}

kernels::HeadLoss StudentCrossEntropy::addOwn(kernels::HeadLossInput input, kernels::HeadLossTerms terms)
{
    m_added = true;
    input.student = {.hidden = m_student.hidden, .head = m_student.head, .softcap = m_student.softcap};
    input.rows.labels = m_student.labels;
    terms.crossEntropy = m_factor;
    kernels::HeadLoss part = m_sum.add(input, terms);
    m_predicted = part.predicted;
    if (m_factor) {
        m_sum.value(metrics::kNllLoss, part.sums.crossEntropy);
        m_sum.value("accuracy", part.sums.correct);
    }
    return part;
}

void StudentCrossEntropy::add()
{
    if (m_factor && !m_added) {
        (void)addOwn({}, {});
    }
}

kernels::HeadLoss StudentCrossEntropy::addWith(kernels::HeadLossInput compared, kernels::HeadLossTerms terms,
                                               bool everyRow)
{
    if (everyRow) {
        return addOwn(std::move(compared), std::move(terms));
    }
    add();
    return m_sum.add(compared, terms);
}

at::Tensor StudentCrossEntropy::predictions(const at::Tensor& rows, std::int64_t chunkRows) const
{
    const auto chosen = [&](const at::Tensor& all) { return rows.defined() ? all.index_select(0, rows) : all; };
    return m_predicted.defined()
               ? chosen(m_predicted)
               : kernels::argmaxRows({.hidden = chosen(m_student.hidden.detach()), .head = m_student.head}, chunkRows);
}

void addStudentSpace(const Composition& parts, const batch::StepRows& rows, StudentCrossEntropy& own, TermSum& sum)
{
    const MethodConfig& method = parts.method;
    const batch::SideRows& student = rows.student;
    const ComparedRows compared = inStudentSpace(parts, rows);
    kernels::HeadLossTerms terms;
    terms.targetCrossEntropy = sum.kdFactor(metrics::kT2sCeLoss) * compared.scale; // Eqn. 5
    terms.distance = sum.kdFactor(metrics::kT2sKdLoss) * compared.scale;           // Eqn. 6
    terms.divergence = divergenceOptions(method, method.distance);
    terms.divergence.teacherTemperature = teacherTemperature(method);
    terms.onlyWhereTargetCorrect = config::attends(method) && method.correctnessMask && !method.agreementMask;
    const kernels::HeadLoss part =
        own.addWith({.student = {.hidden = compared.student, .head = student.head, .softcap = student.softcap},
                     .target = {.hidden = compared.target, .head = student.head, .softcap = student.softcap}, // Eqn. 4
                     .rows = {.targetLabels = compared.labels,
                              .targetLabelWeights = compared.labelWeights,
                              .distanceWeights = compared.weights}},
                    terms, compared.everyRow);
    const kernels::HeadLossSums& sums = part.sums;
    sum.kdValue(metrics::kT2sCeLoss, sums.targetCrossEntropy * compared.scale);
    sum.kdValue(metrics::kT2sKdLoss, sums.distance * compared.scale);
    const at::Tensor answers =
        compared.studentRows.defined() ? student.labels.index_select(0, compared.studentRows) : student.labels;
    sum.value(metrics::kT2sAccuracy,
              (compared.labelledByTeacher ? hits(part.targetPredicted, answers) : sums.targetCorrect) * compared.scale);
    if (config::attends(method)) {
        sum.value("max_t2s_prob", sums.targetMaxProbability);
    }
    if (method.agreementMask || compared.labelledByTeacher) {
        sum.value("t2s_agreement", sums.targetCorrect * compared.scale);
    }
    if (compared.teacherAccuracy) {
        sum.value(metrics::kTeacherAccuracy, *compared.teacherAccuracy * static_cast<double>(student.hidden.size(0)));
    }
}

void addTeacherSpace(const Composition& parts, const batch::StepRows& rows, const StudentCrossEntropy& own,
                     TermSum& sum)
{
    const ComparedRows compared = inTeacherSpace(parts, rows);
    const at::Tensor head = rows.teacher.head.detach(); // a constant
    const double softcap = rows.teacher.softcap;
    kernels::HeadLossTerms terms;
    terms.distance = sum.kdFactor(metrics::kS2tKdLoss) * compared.scale; // Eqn. 9
    terms.divergence = divergenceOptions(parts.method, config::teacherSpaceDistance(parts.method));
    const kernels::HeadLoss part =
        sum.add({.student = {.hidden = compared.student, .head = head, .softcap = softcap}, // Eqn. 8
                 .target = {.hidden = compared.target, .head = head, .softcap = softcap},
                 .rows = {.labels = compared.labels}},
                terms);
    // Shares of the compared rows count for as many as the student has.
    const double share = static_cast<double>(rows.student.hidden.size(0)) /
                         static_cast<double>(std::max<std::int64_t>(1, compared.student.size(0)));
    sum.kdValue(metrics::kS2tKdLoss, part.sums.distance * compared.scale);
    sum.value(metrics::kS2tAccuracy, part.sums.correct * share);
    if (!config::attends(parts.method)) {
        const at::Tensor predicted = inStudentVocabulary(parts.vocabularies, part.predicted, rows.student.head);
        sum.value("s2t_agreement", hits(predicted, own.predictions(compared.studentRows, parts.chunkRows)) * share);
    }
}

void addDifferentSpaces(const Composition& parts, const batch::StepRows& rows, StudentCrossEntropy& own, TermSum& sum)
{
    const MethodConfig& method = parts.method;
    const batch::VocabularyMap& vocabularies = parts.vocabularies;
    const ComparedRows compared = inDifferentSpaces(parts, rows);
    const bool matched = config::matchesSpellings(method);
    kernels::HeadLossTerms terms;
    terms.distance = sum.kdFactor(metrics::kKdLoss) * compared.scale; // Eqn. 2
    terms.divergence = divergenceOptions(method, config::differentSpacesDistance(method));
    terms.divergence.teacherTemperature = teacherTemperature(method);
    kernels::HeadLossInput input{
        .student = {.hidden = compared.student, .head = rows.student.head, .softcap = rows.student.softcap},
        .target = {.hidden = compared.target,
                   .head = commonTokens(rows.teacher.head, vocabularies.commonTeacher, method.distance),
                   .softcap = rows.teacher.softcap},
        .rows = {.targetLabels = compared.labels, .distanceWeights = compared.weights}};
    if (matched) { // the student's whole distribution counts, also where no token of the teacher's is mapped to
        TORCH_CHECK(vocabularies.commonStudent.defined(), "this alignment needs the vocabularies' matched tokens");
        input.targetColumns = vocabularies.commonStudent;
        input.rows.labelOnly = compared.labelOnly;
    } else if (!compared.everyRow) { // every row is taken with the whole head
        input.student.head = commonTokens(rows.student.head, vocabularies.commonStudent, method.distance);
    }
    const kernels::HeadLoss part = own.addWith(std::move(input), terms, compared.everyRow);
    sum.kdValue(metrics::kKdLoss, part.sums.distance * compared.scale);
}

void addKeyQueryMatching(const KeyQueryMatcher& matcher, const Composition& parts, const batch::StepRows& rows,
                         TermSum& sum)
{
    const KeyQueryMatch match = matcher.match(queriesAndKeys(parts, rows), rows.number);
    const auto share = static_cast<double>(rows.student.hidden.size(0)); // of the denominator
    if (match.loss.defined() && sum.weighs(metrics::kKeyQueryLoss)) {
        const bool published = parts.method.fidelity == config::Fidelity::ReferenceV1;
        sum.add(match.loss * (matcher.rate() * (published ? 1.0 : share)));
    }
    for (const auto& [name, value] : match.values) {
        sum.value(name, value * share);
    }
}

void addAlignRatio(const Composition& parts, const batch::StepRows& rows, TermSum& sum)
{
    const MethodConfig& method = parts.method;
    if (!config::pairsRows(method) && !config::matchesSpellings(method)) {
        return;
    }
    const bool ofSamples = config::meansOfMicroBatches(method) && method.alignment == config::Alignment::EtaPublished;
    sum.value(metrics::kAlignRatio, ofSamples ? publishedAlignRatio(rows) * rows.denominator / rows.microBatches
                                              : static_cast<double>(rows.pairs.student.size(0)));
}

} // namespace dskd::distill

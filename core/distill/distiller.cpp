#include "core/distill/distiller.h"

#include "core/distill/cross_model_attention.h"
#include "core/distill/projector.h"
#include "core/kernels/head_loss.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <cmath>

namespace dskd::distill
{
namespace
{

using config::Alignment;
using config::MethodConfig;
using config::Objective;
using config::Space;

bool comparesInStudentSpace(const MethodConfig& method)
{
    return method.objective == Objective::Kd && (method.space == Space::Student || method.space == Space::Dual);
}

bool comparesInTeacherSpace(const MethodConfig& method)
{
    return method.objective == Objective::Kd && (method.space == Space::Teacher || method.space == Space::Dual);
}

bool attends(const MethodConfig& method)
{
    return method.objective == Objective::Kd && method.alignment == Alignment::Cma;
}

kernels::DivergenceOptions divergenceOptions(const MethodConfig& method, Distance distance)
{
    kernels::DivergenceOptions options;
    options.distance = distance;
    options.temperature = method.temperature;
    options.skewLambda = method.skewLambda;
    options.adaptiveAlpha = method.adaptiveAlpha;
    options.temperatureSquared = method.temperatureSquared;
    return options;
}

// Student indices or teacher keys before projection and normalisation: [e(x); e(y)]. Embeddings are constants here.
at::Tensor tokenPairs(const SideRows& side)
{
    const at::Tensor table = side.embedding.detach();
    return at::cat({table.index_select(0, side.inputIds), table.index_select(0, side.labels)}, 1);
}

CrossModelAttention crossModelAttention(const StepRows& rows, const at::Tensor& queryWeight,
                                        const at::Tensor& queryBias)
{
    const at::Tensor query = at::linear(tokenPairs(rows.student).to(queryWeight.scalar_type()), queryWeight, queryBias);
    return {query, dividedByDeviation(tokenPairs(rows.teacher)), rows.student.rowsPerSample,
            rows.teacher.rowsPerSample};
}

void checkSameRows(const StepRows& rows)
{
    TORCH_CHECK(rows.student.hidden.size(0) == rows.teacher.hidden.size(0),
                "without an alignment both sides must have the same rows, not ", rows.student.hidden.size(0), " and ",
                rows.teacher.hidden.size(0));
}

// Collects the terms: their share of the loss as a tensor, their values under the names that are logged.
class TermSum
{
public:
    TermSum(const MethodConfig& method, double denominator, std::int64_t chunkRows)
        : m_kdFactor(method.objective == Objective::Kd ? method.kdRate : 0.0), m_denominator(denominator),
          m_chunkRows(chunkRows)
    {
    }

    [[nodiscard]] double nllFactor() const { return (1.0 - m_kdFactor) / m_denominator; }
    [[nodiscard]] double kdFactor() const { return m_kdFactor / m_denominator; }

    kernels::HeadLossSums add(const kernels::HeadLossInput& input, const kernels::HeadLossTerms& terms)
    {
        kernels::HeadLoss part = kernels::headLoss(input, terms, m_chunkRows);
        m_loss = m_loss.defined() ? m_loss + part.loss : part.loss;
        return part.sums;
    }

    void value(const std::string& name, double sum) { m_values[name] = sum / m_denominator; }
    void kdValue(const std::string& name, double sum)
    {
        value(name, sum);
        m_kd += sum / m_denominator;
    }

    LossTerms finish(bool hasKd) &&
    {
        m_values["loss"] = m_loss.item<double>();
        if (hasKd) {
            m_values["kd_loss"] = m_kd;
        }
        return {std::move(m_loss), std::move(m_values)};
    }

private:
    double m_kdFactor;
    double m_denominator;
    std::int64_t m_chunkRows;
    double m_kd = 0.0;
    at::Tensor m_loss;
    std::map<std::string, double> m_values;
};

} // namespace

Distiller::Distiller(const config::MethodConfig& method, const ProjectorShape& shape, std::int64_t chunkRows,
                     std::uint64_t seed, at::Device device, at::ScalarType dtype)
    : m_method(method), m_chunkRows(chunkRows)
{
    TORCH_CHECK(!attends(method) || method.space != Space::Different,
                "cross-model attention aligns rows for the student or teacher space, not for different spaces");
    const at::TensorOptions options = at::TensorOptions().dtype(dtype).device(device);
    const auto create = [&](const std::string& name, std::int64_t in, std::int64_t out) {
        LinearParameters linear = createProjector(name, in, out, seed, options);
        m_projectors.emplace_back(name + ".weight", std::move(linear.weight));
        m_projectors.emplace_back(name + ".bias", std::move(linear.bias));
    };
    if (comparesInStudentSpace(method)) {
        create("t2s", shape.teacherWidth, shape.studentWidth);
    }
    if (comparesInTeacherSpace(method)) {
        create("s2t", shape.studentWidth, shape.teacherWidth);
    }
    if (attends(method)) {
        create("query", 2 * shape.studentWidth, 2 * shape.teacherWidth);
    }
}

const at::Tensor& Distiller::parameter(const std::string& name) const
{
    for (const auto& [key, tensor] : m_projectors) {
        if (key == name) {
            return tensor;
        }
    }
    TORCH_CHECK(false, "this method has no projector tensor ", name);
}

at::Tensor Distiller::project(const std::string& name, const at::Tensor& input) const
{
    const at::Tensor& weight = parameter(name + ".weight");
    return at::linear(input.to(weight.scalar_type()), weight, parameter(name + ".bias"));
}

Distiller::AlignedRows Distiller::align(const StepRows& rows) const
{
    const bool studentSpace = comparesInStudentSpace(m_method);
    const bool teacherSpace = comparesInTeacherSpace(m_method);
    const at::Tensor teacherHidden = rows.teacher.hidden.detach();
    AlignedRows aligned;
    if (!attends(m_method)) {
        checkSameRows(rows);
        if (studentSpace) {
            aligned.studentFromTeacher = project("t2s", teacherHidden);
        }
        if (teacherSpace) {
            aligned.teacherFromStudent = project("s2t", rows.student.hidden);
        }
    } else {
        const CrossModelAttention attention =
            crossModelAttention(rows, parameter("query.weight"), parameter("query.bias"));
        if (studentSpace) {
            const at::Tensor labels = rows.teacher.embedding.detach().index_select(0, rows.teacher.labels);
            const at::Tensor value = project("t2s", dividedByDeviation(teacherHidden) + dividedByDeviation(labels));
            aligned.studentFromTeacher = attention.toQueries(value);
        }
        if (teacherSpace) {
            aligned.teacherFromStudent = attention.toKeys(project("s2t", rows.student.hidden));
        }
    }
    if (studentSpace) {
        aligned.studentFromTeacher = aligned.studentFromTeacher.to(rows.student.head.scalar_type());
    }
    if (teacherSpace) {
        aligned.teacherFromStudent = aligned.teacherFromStudent.to(rows.teacher.head.scalar_type());
    }
    return aligned;
}

LossTerms Distiller::compute(const StepRows& rows) const
{
    TORCH_CHECK(rows.denominator > 0.0, "the denominator must be positive, not ", rows.denominator);
    const SideRows& student = rows.student;
    const SideRows& teacher = rows.teacher;
    const bool kd = m_method.objective == Objective::Kd;
    const bool studentSpace = comparesInStudentSpace(m_method);
    const bool teacherSpace = comparesInTeacherSpace(m_method);
    TermSum sum(m_method, rows.denominator, m_chunkRows);
    const AlignedRows aligned = studentSpace || teacherSpace ? align(rows) : AlignedRows{};

    // Through the student's head: the student's own cross-entropy, and what is compared there.
    kernels::HeadLossInput input{{student.hidden, student.head}, {}, student.labels, {}};
    kernels::HeadLossTerms terms;
    terms.crossEntropy = sum.nllFactor();
    terms.divergence = divergenceOptions(m_method, m_method.distance);
    if (kd && m_method.space == Space::Different) {
        checkSameRows(rows);
        input.target = {teacher.hidden.detach(), teacher.head};
        terms.distance = sum.kdFactor();
    }
    if (studentSpace) {
        input.target = {aligned.studentFromTeacher, student.head};
        terms.targetCrossEntropy = sum.kdFactor();
        terms.distance = sum.kdFactor();
        if (attends(m_method)) {
            terms.divergence.teacherTemperature = m_method.teacherTemperature;
            terms.onlyWhereTargetCorrect = m_method.correctnessMask;
        }
    }
    const kernels::HeadLossSums inStudentSpace = sum.add(input, terms);
    sum.value("nll_loss", inStudentSpace.crossEntropy);
    sum.value("accuracy", inStudentSpace.correct);
    if (kd && m_method.space == Space::Different) {
        sum.kdValue("kd_loss", inStudentSpace.distance);
    }
    if (studentSpace) {
        sum.kdValue("t2s_ce_loss", inStudentSpace.targetCrossEntropy);
        sum.kdValue("t2s_kd_loss", inStudentSpace.distance);
        sum.value("t2s_acc", inStudentSpace.targetCorrect);
        if (attends(m_method)) {
            sum.value("max_t2s_prob", inStudentSpace.targetMaxProbability);
        }
    }

    // Through the teacher's head, which is a constant.
    if (teacherSpace) {
        const at::Tensor head = teacher.head.detach();
        kernels::HeadLossTerms inTeacher;
        inTeacher.distance = sum.kdFactor();
        inTeacher.divergence = divergenceOptions(m_method, m_method.teacherDistance);
        const kernels::HeadLossSums inTeacherSpace = sum.add(
            {{aligned.teacherFromStudent, head}, {teacher.hidden.detach(), head}, teacher.labels, {}}, inTeacher);
        const double studentPerTeacherRow = teacher.hidden.size(0) > 0 ? static_cast<double>(student.hidden.size(0)) /
                                                                             static_cast<double>(teacher.hidden.size(0))
                                                                       : 0.0;
        sum.kdValue("s2t_kd_loss", inTeacherSpace.distance);
        sum.value("s2t_acc", inTeacherSpace.correct * studentPerTeacherRow);
    }
    return std::move(sum).finish(kd);
}

AttentionMaps Distiller::attention(const StepRows& rows) const
{
    TORCH_CHECK(attends(m_method), "only cross-model attention has attention maps");
    const at::NoGradGuard noGrad;
    const CrossModelAttention attention = crossModelAttention(rows, parameter("query.weight"), parameter("query.bias"));
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
    for (const char* name : {"nll_loss", "t2s_ce_loss", "t2s_kd_loss", "s2t_kd_loss", "kd_loss", "loss"}) {
        const auto found = terms.values.find(name);
        if (found != terms.values.end() && !std::isfinite(found->second)) {
            names.emplace_back(name);
        }
    }
    return names;
}

} // namespace dskd::distill

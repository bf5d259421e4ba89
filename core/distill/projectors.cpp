#include "core/distill/projectors.h"

#include "core/config/methods/method_traits.h"
#include "core/distill/projector.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>

namespace dskd::distill
{

Projectors::Projectors(const config::MethodConfig& method, const config::ProjectorConfig& config, const ModelPair& pair,
                       std::uint64_t seed, const at::TensorOptions& options)
    : m_config(config), m_vocabularies(pair.vocabularies),
      m_tracksS2t(config::comparesInTeacherSpace(method) && config.s2t == config::S2tProjector::Tracked),
      m_dtype(c10::typeMetaToScalarType(options.dtype()))
{
    const auto create = [&](const std::string& name, std::int64_t in, std::int64_t out, bool trained) {
        LinearParameters linear = createProjector(name, in, out, seed, options, config.bias);
        m_tensors.emplace_back(name + ".weight", linear.weight.requires_grad_(trained));
        if (linear.bias.defined()) {
            m_tensors.emplace_back(name + ".bias", linear.bias.requires_grad_(trained));
        }
    };
    if (config::comparesInStudentSpace(method)) {
        create("t2s", pair.teacherWidth, pair.studentWidth, true);
    }
    if (config::comparesInTeacherSpace(method) && !m_tracksS2t) {
        create("s2t", pair.studentWidth, pair.teacherWidth, config.s2t == config::S2tProjector::Trained);
    }
    if (config::hasQueries(method)) {
        create("query", 2 * pair.studentWidth, 2 * pair.teacherWidth, true);
    }
}

at::Tensor Projectors::tensor(const std::string& name) const
{
    const auto found =
        std::find_if(m_tensors.begin(), m_tensors.end(), [&](const auto& entry) { return entry.first == name; });
    return found == m_tensors.end() ? at::Tensor() : found->second;
}

at::Tensor Projectors::project(const std::string& name, const at::Tensor& input) const
{
    const at::Tensor weight = tensor(name + ".weight");
    TORCH_CHECK(weight.defined(), "this method has no projector ", name);
    return at::linear(input.to(weight.scalar_type()), weight, tensor(name + ".bias"));
}

at::Tensor Projectors::toStudent(const at::Tensor& teacherHidden) const
{
    return project("t2s", teacherHidden);
}

at::Tensor Projectors::toTeacher(const at::Tensor& studentHidden, const batch::StepRows& rows) const
{
    if (!m_tracksS2t) {
        return project("s2t", studentHidden);
    }
    return at::linear(studentHidden.to(m_dtype), trackedWeight(rows.student.head, rows.teacher.head));
}

at::Tensor Projectors::toQuery(const at::Tensor& tokenPairs) const
{
    return project("query", tokenPairs);
}

// The rows of a head that the pseudo-inverse looks at.
at::Tensor Projectors::commonRows(const at::Tensor& head, const at::Tensor& ids) const
{
    const std::int64_t all = ids.defined() ? ids.size(0) : head.size(0);
    const std::int64_t count = m_config.topVocabulary > 0 ? std::min(m_config.topVocabulary, all) : all;
    return ids.defined() ? head.detach().index_select(0, ids.narrow(0, 0, count)) : head.detach().narrow(0, 0, count);
}

at::Tensor Projectors::trackedWeight(const at::Tensor& studentHead, const at::Tensor& teacherHead) const
{
    const at::NoGradGuard noGrad;
    if (!m_teacherInverse.defined()) {
        m_teacherInverse = HeadInverse(commonRows(teacherHead, m_vocabularies.commonTeacher), m_config.rcond);
    }
    if (!m_trackedWeight.defined()) {
        m_trackedWeight =
            m_teacherInverse.projectorFrom(commonRows(studentHead, m_vocabularies.commonStudent)).to(m_dtype);
    }
    return m_trackedWeight;
}

void Projectors::set(const std::string& name, const at::Tensor& weight)
{
    if (at::Tensor target = tensor(name + ".weight"); target.defined()) {
        target.copy_(weight);
    }
    if (at::Tensor bias = tensor(name + ".bias"); bias.defined()) {
        bias.zero_();
    }
}

InitReport Projectors::initialise(const at::Tensor& studentHead, const at::Tensor& teacherHead)
{
    const at::NoGradGuard noGrad;
    const at::Tensor student = commonRows(studentHead, m_vocabularies.commonStudent);
    const at::Tensor teacher = commonRows(teacherHead, m_vocabularies.commonTeacher);
    TORCH_CHECK(student.size(0) == teacher.size(0), "the heads have ", student.size(0), " and ", teacher.size(0),
                " rows, but no list of common tokens was given");
    InitReport report;
    if (tensor("t2s.weight").defined()) {
        const at::Tensor weight = HeadInverse(student, m_config.rcond).projectorFrom(teacher);
        set("t2s", weight);
        report.t2s = initError(weight, teacher, student);
    }
    if (m_tracksS2t || tensor("s2t.weight").defined()) {
        m_teacherInverse = HeadInverse(teacher, m_config.rcond);
        const at::Tensor weight = m_teacherInverse.projectorFrom(student);
        set("s2t", weight);
        report.s2t = initError(weight, student, teacher);
    }
    return report;
}

} // namespace dskd::distill

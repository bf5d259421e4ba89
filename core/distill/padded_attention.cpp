#include "core/distill/padded_attention.h"

#include <ATen/ATen.h>

#include <cstddef>

namespace dskd::distill
{
namespace
{

const batch::OutsideRows& outsideOf(const batch::SideRows& side)
{
    TORCH_CHECK(side.outside && side.outside->states.defined() && side.outside->chunks.defined() &&
                    side.outside->rowsPerSample.size() == side.rowsPerSample.size(),
                "CLA as published needs the prompts and the padding of both sides");
    return *side.outside;
}

// Sample after sample, its response rows before its other positions.
at::Tensor padded(const batch::SideRows& side, const at::Tensor& response, const at::Tensor& outside)
{
    const std::vector<at::Tensor> inside = response.split_with_sizes(side.rowsPerSample);
    const std::vector<at::Tensor> others = outside.split_with_sizes(outsideOf(side).rowsPerSample);
    std::vector<at::Tensor> parts;
    for (std::size_t i = 0; i < inside.size(); ++i) {
        parts.push_back(inside[i]);
        parts.push_back(others[i]);
    }
    return at::cat(parts);
}

at::Tensor responseRows(const batch::SideRows& side, const at::Tensor& all)
{
    std::vector<at::Tensor> parts;
    std::int64_t begin = 0;
    for (std::size_t i = 0; i < side.rowsPerSample.size(); ++i) {
        parts.push_back(all.narrow(0, begin, side.rowsPerSample[i]));
        begin += side.rowsPerSample[i] + side.outside->rowsPerSample[i];
    }
    return at::cat(parts);
}

at::Tensor isResponse(const batch::SideRows& side)
{
    const at::TensorOptions options = side.labels.options().dtype(at::kBool);
    return padded(side, at::ones({side.labels.size(0)}, options), at::zeros({outsideOf(side).positions}, options));
}

at::Tensor everywhere(const batch::SideRows& side, const at::Tensor& rows, const at::Tensor& outsideRow)
{
    return padded(side, rows, outsideRow.expand({outsideOf(side).positions, -1}));
}

std::vector<std::int64_t> lengths(const batch::SideRows& side)
{
    std::vector<std::int64_t> sums = side.rowsPerSample;
    for (std::size_t i = 0; i < sums.size(); ++i) {
        sums[i] += side.outside->rowsPerSample[i];
    }
    return sums;
}

} // namespace

PaddedAttention::PaddedAttention(const batch::StepRows& rows, const at::Tensor& query, const at::Tensor& outsideQuery,
                                 const at::Tensor& key, const at::Tensor& outsideKey)
    : m_student(rows.student), m_teacher(rows.teacher),
      m_attention(everywhere(m_student, query, outsideQuery), everywhere(m_teacher, key, outsideKey),
                  lengths(m_student), lengths(m_teacher))
{
    m_attention.penalise({padded(m_student, m_student.chunks, m_student.outside->chunks), isResponse(m_student)},
                         {padded(m_teacher, m_teacher.chunks, m_teacher.outside->chunks), isResponse(m_teacher)});
}

at::Tensor PaddedAttention::toStudent(const at::Tensor& value, const at::Tensor& outsideValue) const
{
    return responseRows(m_student, m_attention.toQueries(padded(m_teacher, value, outsideValue)));
}

at::Tensor PaddedAttention::toTeacher(const at::Tensor& value, const at::Tensor& outsideValue) const
{
    return responseRows(m_teacher, m_attention.toKeys(padded(m_student, value, outsideValue)));
}

} // namespace dskd::distill

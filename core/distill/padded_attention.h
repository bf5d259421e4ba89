#pragma once

// CLA as the published code of DSKD-CMA-GA has it (METHOD.md 6.3 and 6.4): attention over the whole padded batch, with
// prompts and padding as further rows of every sample.
//
// A score is that of the tokens, less 1e5 unless both rows are response rows, and -1e5 outside the chunk. So a row
// whose chunk holds response rows sees only those; one whose chunk holds nothing but prompt or padding sees every
// position, those of its chunk by e^score; one without a chunk sees every position alike. float32 keeps two decimals
// of a score beside 1e5: such rows agree with the published code in that precision.
//
// Shapes: R, M response rows of student and teacher, d, D their widths, w any width.

#include "core/batch/step_rows.h"
#include "core/distill/cross_model_attention.h"

#include <ATen/core/Tensor.h>

namespace dskd::distill
{

// Both sides' `outside` must hold states and chunks.
class PaddedAttention
{
public:
    //   query (R, 2D), outsideQuery (1, 2D): of a position outside the response, where every token counts as token 0
    //   key (M, 2D), outsideKey (1, 2D)
    PaddedAttention(const batch::StepRows& rows, const at::Tensor& query, const at::Tensor& outsideQuery,
                    const at::Tensor& key, const at::Tensor& outsideKey);

    // Values of the teacher's response rows (M, w) and other positions, to the student's response rows (R, w).
    [[nodiscard]] at::Tensor toStudent(const at::Tensor& value, const at::Tensor& outsideValue) const;
    // The other way: (R, w) and others to (M, w).
    [[nodiscard]] at::Tensor toTeacher(const at::Tensor& value, const at::Tensor& outsideValue) const;

private:
    const batch::SideRows& m_student; // must outlive this object
    const batch::SideRows& m_teacher;
    CrossModelAttention m_attention;
};

} // namespace dskd::distill

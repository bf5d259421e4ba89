#pragma once

// Random micro-batches for tests of losses.

#include "core/distill/distiller.h"
#include "tests/support/random_tensors.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <vector>

namespace dskd::support
{

struct RowsShape {
    std::int64_t studentWidth = 6;
    std::int64_t teacherWidth = 10;
    std::int64_t studentVocabulary = 83;
    std::int64_t teacherVocabulary = 83;
    std::vector<std::int64_t> studentRows = {5, 1, 7};
    std::vector<std::int64_t> teacherRows = {5, 1, 7};
};

inline const RowsShape kSameVocabulary;
inline const RowsShape kOtherVocabulary{6, 10, 11, 71, {5, 1, 7}, {3, 2, 9}};

inline batch::SideRows randomSide(Draw& draw, const std::vector<std::int64_t>& rows, std::int64_t width,
                                  std::int64_t vocabulary)
{
    const std::int64_t count = std::accumulate(rows.begin(), rows.end(), std::int64_t{0});
    batch::SideRows side;
    side.hidden = draw.normal({count, width});
    side.labels = draw.ids(count, vocabulary);
    side.inputIds = draw.ids(count, vocabulary);
    side.head = draw.normal({vocabulary, width});
    side.embedding = draw.normal({vocabulary, width});
    side.rowsPerSample = rows;
    return side;
}

// Float64, no tensor requires a gradient yet.
inline batch::StepRows randomRows(const RowsShape& shape, std::uint64_t seed = 7)
{
    Draw draw(seed);
    batch::StepRows rows;
    rows.student = randomSide(draw, shape.studentRows, shape.studentWidth, shape.studentVocabulary);
    rows.teacher = randomSide(draw, shape.teacherRows, shape.teacherWidth, shape.teacherVocabulary);
    if (shape.studentVocabulary == shape.teacherVocabulary && shape.studentRows == shape.teacherRows) {
        rows.teacher.labels = rows.student.labels;
        rows.teacher.inputIds = rows.student.inputIds;
    }
    rows.denominator = 17.0;
    return rows;
}

// Partners for about half of the rows of the other vocabulary's samples, in rising order, and chunks that group them.
inline void addAlignment(batch::StepRows& rows)
{
    std::vector<std::int64_t> student, teacher, studentChunks, teacherChunks;
    std::int64_t s = 0, t = 0;
    for (std::size_t i = 0; i < rows.student.rowsPerSample.size(); ++i) {
        const std::int64_t sCount = rows.student.rowsPerSample[i];
        const std::int64_t tCount = rows.teacher.rowsPerSample[i];
        for (std::int64_t k = 0; k < std::min(sCount, tCount); k += 2) {
            student.push_back(s + k);
            teacher.push_back(t + k);
        }
        for (std::int64_t k = 0; k < sCount; ++k) {
            studentChunks.push_back(k / 2);
        }
        for (std::int64_t k = 0; k < tCount; ++k) {
            teacherChunks.push_back(k / 3); // the last chunks of the longer side have no partner
        }
        s += sCount;
        t += tCount;
    }
    rows.pairs = {at::tensor(student, at::kLong), at::tensor(teacher, at::kLong)};
    rows.student.chunks = at::tensor(studentChunks, at::kLong);
    rows.teacher.chunks = at::tensor(teacherChunks, at::kLong);
}

// Random rows with both.
inline batch::StepRows alignedRows(const RowsShape& shape, std::uint64_t seed = 7)
{
    batch::StepRows rows = randomRows(shape, seed);
    addAlignment(rows);
    return rows;
}

// Every teacher id but each fifth has a student id; common tokens likewise.
inline batch::VocabularyMap vocabularyMap(const RowsShape& shape)
{
    batch::VocabularyMap map;
    std::vector<std::int64_t> ids, student, teacher;
    for (std::int64_t id = 0; id < shape.teacherVocabulary; ++id) {
        ids.push_back(id % 5 == 0 ? -1 : (id * 7 + 3) % shape.studentVocabulary);
        if (ids.back() >= 0 && static_cast<std::int64_t>(student.size()) < shape.studentVocabulary / 2) {
            student.push_back(ids.back());
            teacher.push_back(id);
        }
    }
    map.studentFromTeacher = at::tensor(ids, at::kLong);
    map.commonStudent = at::tensor(student, at::kLong);
    map.commonTeacher = at::tensor(teacher, at::kLong);
    return map;
}

// Copies the rows and makes the tensors that training changes leaves of their own graph.
inline batch::StepRows trainable(const batch::StepRows& rows)
{
    batch::StepRows copy = rows;
    copy.student.hidden = rows.student.hidden.detach().clone().requires_grad_(true);
    copy.student.head = rows.student.head.detach().clone().requires_grad_(true);
    return copy;
}

} // namespace dskd::support

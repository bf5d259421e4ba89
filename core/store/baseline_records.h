#pragma once

// Answers that those of a run are read beside, as rows of run.db.

#include "core/store/measured_rows.h"
#include "core/store/space_records.h"

namespace dskd::store
{

// To a validation prompt, before the first step: the teacher's, or the student's while it was untrained.
struct BaselineAnswerRow {
    ModelSide of = ModelSide::Student;
    AnswerRow answer; // `sample` as in the run's own answers; step 0
};

} // namespace dskd::store

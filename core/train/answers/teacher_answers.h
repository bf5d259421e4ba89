#pragma once

// SeqKD (Kim and Rush, 2016): the teacher answers the training prompts once, before training, and the student learns
// its answers. They lie in <run>/teacher_answers.jsonl, one line for each record of data.train:
//   {"sample": 0, "prompt": ..., "response": ..., "ended": true}
// `prompt` is the text that the teacher read. `ended`: the teacher ended its answer; only then the student learns an
// end. The file is also a data set (data.format prompt-completion), and one that lies there already, copied from
// another run for instance, is used.

#include "core/base/run_layout.h"
#include "core/config/schema/experiment.h"
#include "core/dataset/record.h"
#include "core/train/job/observer.h"

#include <atomic>
#include <filesystem>
#include <vector>

namespace dskd::train
{

[[nodiscard]] std::filesystem::path teacherAnswersFile(const RunLayout& run);

// Lets the teacher answer what is not answered yet, with the evaluation's settings (validation.max_new_tokens,
// .temperature, .top_p, .top_k). Batches are appended to the file as they are done, so that a run that was stopped or
// killed continues where it was, with the same answers: each follows from seed and number. The teacher is loaded only
// when something is missing, and freed again. False when `stop` was set before the end. Throws Error, also for a
// file whose prompts are not those of the data.
[[nodiscard]] bool answerByTeacher(const config::Experiment& experiment, const RunLayout& run, Observer& observer,
                                   const std::atomic<bool>& stop);

// Puts the teacher's answers in place of the records' own; drops the records whose answer is empty, and reports how
// many to the observer. Throws Error(BadData) when the file does not answer every record.
void useTeacherAnswers(const std::filesystem::path& file, std::vector<dataset::Record>& records, Observer& observer);

} // namespace dskd::train

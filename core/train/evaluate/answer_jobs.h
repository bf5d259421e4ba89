#pragma once

#include "core/base/run_layout.h"
#include "core/config/schema/experiment.h"
#include "core/train/job/observer.h"
#include "core/train/job/run_control.h"

namespace dskd::train
{

// The evaluation job: token loss and accuracy of the student's folder on evaluate.data, answers to its prompts, and
// their ROUGE-L. Metrics: validation.loss, validation.accuracy, validation.rouge_l, validation.exact_match. Answers go
// to the observer and to evaluate.output as JSON lines. Throws Error.
Outcome runEvaluation(const config::Experiment& experiment, const RunLayout& run, Observer& observer,
                      RunControl& control);

// The generation job: answers to evaluate.prompt, or to the prompts of evaluate.data. Throws Error.
Outcome runGeneration(const config::Experiment& experiment, const RunLayout& run, Observer& observer,
                      RunControl& control);

} // namespace dskd::train

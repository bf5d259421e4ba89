#pragma once

#include "core/config/schema/experiment.h"
#include "core/train/evaluate/probes.h"
#include "core/train/job/observer.h"
#include "core/train/job/training_setup.h"

#include <memory>

namespace dskd::train
{

// The probes of a run: of the lines that log.probe_lines names, else of the first log.probe_samples samples, of the
// validation data or, where there is none, of the training data. Warns of lines that no sample was made of. Null when
// nothing is to be recorded. Everything referenced must outlive the probes. Worker only.
[[nodiscard]] std::unique_ptr<Probes> makeProbes(const config::Experiment& experiment, TrainingSetup& setup,
                                                 Observer& observer);

} // namespace dskd::train

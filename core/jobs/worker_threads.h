#pragma once

// How many threads a worker takes beside other workers of this machine.

#include "core/base/run_layout.h"
#include "core/config/schema/experiment.h"

#include <filesystem>
#include <map>
#include <optional>
#include <string>

namespace dskd::jobs
{

// Runs on which a process of a program of this name is at work on this machine, whatever their workspace. A worker
// that has ended its attempt and is still there does no more work and does not count, nor does one whose run folder
// this user cannot read. Any thread.
[[nodiscard]] int workersAtWork(const std::filesystem::path& worker);

// OMP_NUM_THREADS for a worker of `run` that is one of `workers` at once. Of a run that is resumed the number that its
// newest checkpoint was written with, because another one rounds differently; else an equal share of the processors, at
// least 1. Nothing where it is alone, or a person has decided it: by train.threads, or by OMP_NUM_THREADS in our
// environment or in `environment`, which is added to ours.
[[nodiscard]] std::optional<int> threadsOf(const RunLayout& run, const config::Experiment& experiment,
                                           const std::map<std::string, std::string>& environment, int workers);

} // namespace dskd::jobs

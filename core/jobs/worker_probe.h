#pragma once

// What a program prints, and what the worker reports of itself.

#include "core/base/result.h"

#include <atomic>
#include <chrono>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace dskd::jobs
{

// Runs `program arguments…` without a shell, in the environment that spawn.h gives, and returns what it writes to
// stdout. Fails when it cannot be started, does not end within `limit`, or ends with another code than 0. It is killed
// when the limit passes or another thread sets `cancelled`.
Result<std::string> outputOf(const std::filesystem::path& program, const std::vector<std::string>& arguments,
                             std::chrono::milliseconds limit, const std::atomic<bool>* cancelled = nullptr);

// `dskd-worker --version --measure --json`: {"version", "libtorch", "threads", "devices", "cuda": {"available",
// "reason", "probe", "gpus"}}.
Result<nlohmann::json> askWorker(const std::filesystem::path& worker);

} // namespace dskd::jobs

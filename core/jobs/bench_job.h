#pragma once

// What `dskd bench` asks of `dskd-worker --bench`: one measurement in a process of its own.

#include "core/base/result.h"
#include "core/config/schema/job_choices.h"
#include "core/config/schema/method_config.h"

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

namespace dskd::jobs
{

enum class BenchKind {
    Step,     // a whole step, beside the published one
    Loss,     // the loss and its gradients alone, beside plain eager code, over equal rows
    Generate, // greedy answers of the student
    Align,    // tokenizing a file with two tokenizers and pairing their tokens (ETA)
};

inline constexpr int kMostBenchThreads = 1024; // more than processors have; each takes a stack

struct BenchJob {
    BenchKind kind = BenchKind::Step;
    std::string shape = "tiny64"; // a row of core/bench/shapes.cpp
    // Of the space; of Dual that of the student space, beside KL in the teacher space. "all": one after the other.
    std::string distance = "kl";
    config::Space space = config::Space::Dual;
    std::int64_t samples = 8;     // in the batch
    std::int64_t length = 512;    // positions that the published step pads every sample to; Generate: new tokens
    std::int64_t times = 5;       // measured turns, after one that is not
    std::int64_t threads = 0;     // 0: OMP_NUM_THREADS, else as many as the process may use
    std::int64_t chunkRows = 256; // train.chunk_rows of our step
    config::Device device = config::Device::Cpu;
    config::Precision precision = config::Precision::Fp32;
    std::string teacher; // of Align: folders of two tokenizers ...
    std::string student;
    std::string data; // ... and the JSONL file that they read
};

[[nodiscard]] std::string toText(const BenchJob& job);
// Fails for what is no job, and for a number below 1 (threads: below 0 or above kMostBenchThreads).
Result<BenchJob> parseBenchJob(std::string_view text);

// Starts `dskd-worker --bench` and waits for its answer, which core/bench/run_bench.h describes. Its threads wait for
// each other as those of trainings do (spawn.h). Fails as outputOf does, and with what the worker answers when it
// cannot measure. `worker` empty: findWorker(). Any thread but one that must not wait.
Result<nlohmann::json> runBench(const BenchJob& job, const std::filesystem::path& worker = {},
                                const std::atomic<bool>* cancelled = nullptr);

} // namespace dskd::jobs

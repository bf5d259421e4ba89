#pragma once

#include "core/jobs/bench_job.h"

#include <nlohmann/json_fwd.hpp>

namespace dskd::bench
{

// Carries out a measurement. Worker only. Throws Error for a shape or distance that there is not, for a length that the
// models have no positions for, for what measureAlign() cannot read, and, with the estimate, where the machine's free
// memory does not suffice for a measurement on the CPU of another kind than Align.
//   {"kind", "shape", "title", "space", "samples", "length", "tokens", "rows", "times", "chunk_rows",
//    "device", "precision", "threads", "hardware": {"cpu", "cores"}, "versions": {"dskd", "libtorch"},
//    "product_flops": x,                       of a large matrix product, a second
//    "results": [
//      {"distance": "kl", "loss_difference": x, "gradient_difference": x,     relative, from the same weights
//       "sides": [{"side": "ours" | "ours, teacher from memory" | "published" | "eager",
//                  "wall" | "user" | "sys" | "processor": {"low", "median", "high"},     seconds of a turn
//                  "tokens_per_second": x, "peak_bytes": n,                              0: it could not be measured
//                  "flops": x, "flops_per_second": x, "product_share": x,                only of our sides
//                  "ratio": {"processor": x, "wall": x, "memory": x}}]}]}                the other side / this one
// The gradients are those of all that learns: of Loss the student's states and head and the projectors. A side's rate
// of tokens counts the samples' tokens without padding (Step), the scored rows (Loss, which has no "tokens") or the new
// tokens (Generate, which has one side, without a distance, and no "rows" and "product_flops"). Align has kind, times,
// hardware, versions and results, with "teacher", "student", "data" and "records"; its sides are the numbers of threads
// and have "records_per_second". A ratio of memory is absent where a peak could not be measured.
[[nodiscard]] nlohmann::json runBench(const jobs::BenchJob& job);

} // namespace dskd::bench

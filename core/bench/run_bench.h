#pragma once

#include "core/jobs/bench_job.h"

#include <nlohmann/json_fwd.hpp>

namespace dskd::bench
{

// Carries out a measurement. Worker only. Throws Error for a shape or distance that there is not, for a length that the
// models have no positions for, and where the memory that the machine has free does not suffice, with the estimate.
//   {"kind", "shape", "title", "space", "samples", "length", "tokens", "rows", "times", "chunk_rows",
//    "device", "precision", "threads", "hardware": {"cpu", "cores"}, "versions": {"dskd", "libtorch"},
//    "product_flops": x,                       of a large matrix product, a second
//    "results": [
//      {"distance": "kl", "loss_difference": x, "gradient_difference": x,     relative, ours and port, same weights
//       "sides": [{"side": "ours" | "ours, teacher from memory" | "published" | "eager",
//                  "wall" | "user" | "sys" | "processor": {"low", "median", "high"},     seconds of a turn
//                  "tokens_per_second": x, "peak_bytes": n,
//                  "flops": x, "flops_per_second": x, "product_share": x,                only of our sides
//                  "ratio": {"processor": x, "wall": x, "memory": x}}]}]}                the other side / this one
// A side's rate of tokens counts the tokens of the samples, not the padding. Generate has one side, without a distance.
// Align has kind, times, hardware, versions and results, with "teacher", "student", "data" and "records"; its sides are
// the numbers of threads and have "records_per_second". A ratio of memory is absent where a peak could not be measured.
[[nodiscard]] nlohmann::json runBench(const jobs::BenchJob& job);

} // namespace dskd::bench

#pragma once

#include "core/bench/measure.h"
#include "core/jobs/bench_job.h"

#include <cstdint>
#include <vector>

namespace dskd::bench
{

struct AlignMeasured {
    struct Side {
        std::int64_t threads = 0;
        Measured measured;
    };
    std::int64_t records = 0;
    std::vector<Side> sides; // one thread, then as many as may be used, where that is another number
};

// Tokenizes every record of the job's data with both tokenizers and pairs their tokens by ETA, as a training does
// before its first step. Throws Error where a tokenizer or the data cannot be read; NotFound where it is not there.
[[nodiscard]] AlignMeasured measureAlign(const jobs::BenchJob& job);

} // namespace dskd::bench

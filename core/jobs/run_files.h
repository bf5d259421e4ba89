#pragma once

#include "core/base/run_layout.h"

#include <array>
#include <cstdint>
#include <string>

namespace dskd::jobs
{

// Times and sizes of what a worker or a launch changes of a run: run.db, its write-ahead log, launch.json, and the
// folder of the checkpoints. Missing and empty files count as one: reading makes an empty log beside run.db.
struct RunTrace {
    struct File {
        std::int64_t changed = 0; // nanoseconds since 1970
        std::int64_t size = 0;
        bool operator==(const File&) const = default;
    };
    std::array<File, 4> files{};
    bool operator==(const RunTrace&) const = default;
};

// Whether anything was written to a run, found out without opening a file: that costs microseconds and keeps no
// descriptor, so thousands of runs can be followed. Any thread.
class RunFiles
{
public:
    explicit RunFiles(const RunLayout& run);
    [[nodiscard]] RunTrace trace() const;

private:
    std::array<std::string, 4> m_paths;
};

// False while a file of the trace is younger than two seconds: it may be written again within one tick of the file
// system's clock and leave the same trace. What is read behind such a trace is to be read once more.
[[nodiscard]] bool isSettled(const RunTrace& trace);

} // namespace dskd::jobs

#include "core/jobs/run_files.h"

#include "core/base/process.h"

#include <algorithm>
#include <sys/stat.h>

namespace dskd::jobs
{
namespace
{

constexpr double kSettledAfter = 2.0; // seconds; file systems count time in ticks of at most that (FAT)

RunTrace::File traceOf(const std::string& path)
{
    struct stat info {
    };
    if (stat(path.c_str(), &info) != 0 || info.st_size == 0) {
        return {};
    }
    return {static_cast<std::int64_t>(info.st_mtim.tv_sec) * 1'000'000'000 + info.st_mtim.tv_nsec, info.st_size};
}

} // namespace

RunFiles::RunFiles(const RunLayout& run)
    : m_paths{run.database().string(), run.database().string() + "-wal", run.launch().string(),
              run.checkpoints().string()}
{
}

RunTrace RunFiles::trace() const
{
    RunTrace trace;
    std::transform(m_paths.begin(), m_paths.end(), trace.files.begin(), traceOf);
    return trace;
}

bool isSettled(const RunTrace& trace)
{
    const double now = unixTime();
    return std::all_of(trace.files.begin(), trace.files.end(), [now](const RunTrace::File& file) {
        return static_cast<double>(file.changed) * 1e-9 < now - kSettledAfter;
    });
}

} // namespace dskd::jobs

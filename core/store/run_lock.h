#pragma once

#include "core/base/run_layout.h"

#include <chrono>
#include <optional>

namespace dskd::store
{

// One worker a run folder, however it was started: two would write the same rows and checkpoints. A lock (flock) on
// RunLayout::lock(), which the system lets go of when the process ends, however it ends.
class RunLock
{
public:
    // None while another process holds it, also after `patience`. A file system that knows no locks, or that cannot be
    // written, refuses nobody.
    static std::optional<RunLock> take(const RunLayout& run, std::chrono::milliseconds patience = {});

    // Whether a process holds it: a worker of this very folder. True too where that cannot be known: there is no lock
    // file, or the file system has no locks.
    [[nodiscard]] static bool isHeld(const RunLayout& run);

    RunLock(RunLock&& other) noexcept;
    RunLock& operator=(RunLock&&) = delete;
    ~RunLock();

private:
    explicit RunLock(int file) : m_file(file) {}
    int m_file; // -1: there was nothing to lock
};

} // namespace dskd::store

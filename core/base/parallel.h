#pragma once

#include <atomic>
#include <cstddef>
#include <functional>

namespace dskd
{

struct ParallelOptions {
    int threads = 0;                         // at most so many; 0: usableThreads()
    const std::atomic<bool>* stop = nullptr; // once it is true no further block is begun
};

// Consecutive items that one thread does, one after the other.
struct Block {
    std::size_t begin = 0;
    std::size_t end = 0;    // behind the last item
    std::size_t thread = 0; // from 0, which is the caller's
};

// How many threads inParallel uses for `count` items: 64 for each at least, so that few items stay on the caller's.
[[nodiscard]] std::size_t numThreads(std::size_t count, const ParallelOptions& options = {});

// Calls `work` for blocks of at most 32 items that cover [0, count), on numThreads(count, options) threads at once;
// each thread takes the next block as soon as it is done with one. Returns when all are done. After an exception no
// further block is begun, and of several exceptions that of the lowest block is thrown on: the one of a plain loop.
void inParallel(std::size_t count, const std::function<void(const Block&)>& work, const ParallelOptions& options = {});

} // namespace dskd

#include "core/base/parallel.h"

#include "core/base/usable_threads.h"

#include <algorithm>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace dskd
{
namespace
{

constexpr std::size_t kBlock = 32;

} // namespace

std::size_t numThreads(std::size_t count, const ParallelOptions& options)
{
    const int most = options.threads > 0 ? options.threads : usableThreads();
    return std::clamp<std::size_t>(count / (2 * kBlock), 1, static_cast<std::size_t>(most));
}

void inParallel(std::size_t count, const std::function<void(const Block&)>& work, const ParallelOptions& options)
{
    std::atomic<std::size_t> next{0};
    std::mutex mutex;
    std::exception_ptr failure;
    std::size_t failedAt = count;
    const auto stopped = [&] { return options.stop != nullptr && *options.stop; };
    const auto loop = [&](std::size_t thread) {
        for (std::size_t begin = next.fetch_add(kBlock); begin < count && !stopped(); begin = next.fetch_add(kBlock)) {
            try {
                work({begin, std::min(count, begin + kBlock), thread});
            } catch (...) {
                // Blocks are taken in order, so whatever comes before this one is done, or being done by another
                // thread.
                next = count;
                const std::lock_guard lock(mutex);
                if (begin < failedAt) {
                    failedAt = begin;
                    failure = std::current_exception();
                }
            }
        }
    };
    std::vector<std::jthread> threads;
    for (std::size_t thread = 1, end = numThreads(count, options); thread < end; ++thread) {
        threads.emplace_back(loop, thread);
    }
    loop(0);
    threads.clear(); // waits for them
    if (failure) {
        std::rethrow_exception(failure);
    }
}

} // namespace dskd

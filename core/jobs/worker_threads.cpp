#include "core/jobs/worker_threads.h"

#include "core/base/checkpoint_folders.h"
#include "core/base/usable_threads.h"
#include "core/jobs/status.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <system_error>
#include <vector>

namespace dskd::jobs
{
namespace
{

// Of a process; none of one that is gone.
std::vector<std::string> commandLine(const std::filesystem::path& process)
{
    std::ifstream file(process / "cmdline", std::ios::binary);
    std::vector<std::string> words;
    for (std::string word; std::getline(file, word, '\0');) {
        words.push_back(word);
    }
    return words;
}

// That the newest finished checkpoint was written with; none where there is none, or it does not have the number.
std::optional<int> threadsOfCheckpoint(const RunLayout& run)
{
    const std::optional<std::int64_t> step = latestCheckpoint(run);
    if (!step) {
        return std::nullopt;
    }
    std::ifstream file(CheckpointLayout{run.checkpoint(*step)}.trainerState());
    const nlohmann::json state = nlohmann::json::parse(file, nullptr, false);
    const int threads = state.is_object() && state.contains("threads") && state["threads"].is_number_integer()
                            ? state["threads"].get<int>()
                            : 0;
    return threads > 0 ? std::optional(threads) : std::nullopt; // of a damaged one the worker reports why
}

} // namespace

int workersAtWork(const std::filesystem::path& worker)
{
    std::set<std::string> runs; // two processes of one run are one that ends and its successor
    std::error_code error;
    std::filesystem::directory_iterator process("/proc", error);
    for (; !error && process != std::filesystem::directory_iterator(); process.increment(error)) {
        if (process->path().filename().string().find_first_not_of("0123456789") != std::string::npos) {
            continue;
        }
        // `dskd-worker <run folder>`, as launchWorker starts it; one that answers a question gets no folder
        const std::vector<std::string> words = commandLine(process->path());
        if (words.size() == 2 && std::filesystem::path(words[0]).filename() == worker.filename() &&
            words[1].starts_with('/') && isAlive(readStatus(RunLayout{words[1]}).status)) {
            runs.insert(words[1]);
        }
    }
    return static_cast<int>(runs.size());
}

std::optional<int> threadsOf(const RunLayout& run, const config::Experiment& experiment,
                             const std::map<std::string, std::string>& environment, int workers)
{
    constexpr const char* kVariable = "OMP_NUM_THREADS";
    if (experiment.train.threads > 0 || environment.contains(kVariable) || std::getenv(kVariable) != nullptr) {
        return std::nullopt;
    }
    if (const std::optional<int> before = threadsOfCheckpoint(run)) {
        return before;
    }
    return workers < 2 ? std::nullopt : std::optional(std::max(1, usableThreads() / workers));
}

} // namespace dskd::jobs

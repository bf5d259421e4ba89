#include "core/jobs/staged_run.h"

#include "core/base/atomic_file.h"
#include "core/base/system_failure.h"
#include "core/jobs/run_folder.h"
#include "core/jobs/run_origin.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <fcntl.h>
#include <filesystem>
#include <set>
#include <sys/file.h>
#include <system_error>
#include <thread>
#include <utility>

namespace dskd::jobs
{
namespace
{

namespace fs = std::filesystem;

constexpr std::chrono::seconds kPatience{60};

enum class Lock { Held, Busy, Unknown }; // Unknown: the file system has no locks

Lock lock(int descriptor)
{
    constexpr std::chrono::milliseconds kPause{10};
    const auto end = std::chrono::steady_clock::now() + kPatience;
    while (flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK && errno != EINTR) {
            return Lock::Unknown;
        }
        if (std::chrono::steady_clock::now() >= end) {
            return Lock::Busy;
        }
        std::this_thread::sleep_for(kPause);
    }
    return Lock::Held;
}

// Nothing but what StagedRun::make writes: a folder with more in it was worked on, and is never removed.
bool holdsOnlyStagedFiles(const RunLayout& run)
{
    std::error_code error;
    for (fs::directory_iterator entry(run.root, error), end; !error && entry != end; entry.increment(error)) {
        const std::string name = entry->path().filename().string();
        const std::array files{run.config(), run.creating(), run.origin()};
        const bool expected = std::any_of(files.begin(), files.end(), [&](const fs::path& file) {
            return entry->path() == file || name.starts_with(temporaryPrefix(file));
        });
        if (!expected) {
            return false;
        }
    }
    return !error;
}

void confirm(const RunLayout& run)
{
    std::error_code ignored;
    fs::remove(run.creating(), ignored);
}

// Holds the lock on runs/, so that no other process makes a run meanwhile.
std::vector<std::string> removeUnfinishedRuns(const WorkspaceLayout& workspace, const std::set<std::string>& known)
{
    std::vector<std::string> removed;
    std::error_code error;
    for (fs::directory_iterator entry(workspace.runs(), error), end; !error && entry != end; entry.increment(error)) {
        const RunLayout run{entry->path()};
        const std::string name = entry->path().filename().string();
        const bool placed = !name.starts_with(WorkspaceLayout::kNewRun);
        std::error_code ignored;
        if (placed && !fs::exists(run.creating(), ignored)) {
            continue;
        }
        if (placed && (known.contains(name) || !holdsOnlyStagedFiles(run))) {
            confirm(run);
            continue;
        }
        if (holdsOnlyStagedFiles(run)) {
            fs::remove_all(run.root, ignored);
            removed.push_back(placed ? name : name.substr(std::string_view(WorkspaceLayout::kNewRun).size()));
        }
    }
    return removed;
}

} // namespace

Result<RunCreation> RunCreation::begin(store::WorkspaceDb& workspace)
{
    const fs::path runs = workspace.layout().runs();
    RunCreation creation(Descriptor(open(runs.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)));
    if (!creation.m_lock.isOpen()) {
        return systemFailure(runs, "opened");
    }
    switch (lock(creation.m_lock.number())) {
    case Lock::Held: creation.m_removed = removeUnfinishedRuns(workspace.layout(), knownRuns(workspace)); break;
    case Lock::Busy:
        return Failure{"Another process has been making runs in " + workspace.layout().root.string() +
                           " for more than a minute.",
                       "Try again when it is done."};
    case Lock::Unknown: break;
    }
    return creation;
}

Result<std::unique_ptr<StagedRun>> StagedRun::make(const WorkspaceLayout& workspace, const std::string& id,
                                                   std::string_view config, std::string_view origin)
{
    const RunLayout folder = workspace.newRun(id);
    const RunLayout destination = workspace.run(id);
    std::error_code error;
    if (!fs::create_directory(folder.root, error)) {
        if (!error) {
            return std::unique_ptr<StagedRun>();
        }
        return Failure{"The folder " + folder.root.string() + " cannot be made: " + error.message() + ".", {}};
    }
    std::unique_ptr<StagedRun> staged(new StagedRun(folder, destination));
    if (fs::exists(destination.root, error)) { // one that was made and placed since the id was chosen
        return std::unique_ptr<StagedRun>();
    }
    std::vector<std::pair<fs::path, std::string_view>> files{{folder.config(), config}, {folder.creating(), {}}};
    if (!origin.empty()) {
        files.emplace_back(folder.origin(), origin);
    }
    for (const auto& [file, text] : files) {
        if (const Result<void> written = writeFileAtomically(file, text); !written) {
            return written.failure();
        }
    }
    return staged;
}

StagedRun::StagedRun(RunLayout folder, RunLayout destination)
    : m_folder(std::move(folder)), m_destination(std::move(destination))
{
}

StagedRun::~StagedRun()
{
    if (!m_finished) {
        std::error_code ignored;
        fs::remove_all(m_folder.root, ignored);
    }
}

Result<void> StagedRun::place()
{
    std::error_code error;
    fs::rename(m_folder.root, m_destination.root, error);
    if (error) {
        return Failure{"The folder " + m_destination.root.string() + " cannot be made: " + error.message() + ".", {}};
    }
    m_folder = m_destination;
    return {};
}

void StagedRun::finish()
{
    m_finished = true;
    confirm(m_folder);
}

} // namespace dskd::jobs

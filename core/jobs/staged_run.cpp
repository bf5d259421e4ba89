#include "core/jobs/staged_run.h"

#include "core/base/atomic_file.h"

#include <fcntl.h>
#include <filesystem>
#include <sys/file.h>
#include <system_error>
#include <utility>

namespace dskd::jobs
{
namespace
{

namespace fs = std::filesystem;

constexpr std::string_view kPrefix = ".new-";

// In a folder that has reached its place while its row is not yet sure.
fs::path marker(const RunLayout& run)
{
    return run.root / "creating";
}

// A lock on a folder, or nothing when another process holds it or the file system knows no locks.
int lockFolder(const fs::path& folder)
{
    const int descriptor = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor >= 0 && flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
        close(descriptor);
        return -1;
    }
    return descriptor;
}

} // namespace

Result<std::unique_ptr<StagedRun>> StagedRun::make(const WorkspaceLayout& workspace, const std::string& id,
                                                   std::string_view config)
{
    const RunLayout folder{workspace.runs() / (std::string(kPrefix) + id)};
    const RunLayout destination = workspace.run(id);
    std::error_code error;
    if (!fs::create_directory(folder.root, error)) {
        if (!error) {
            return std::unique_ptr<StagedRun>();
        }
        return Failure{"The folder " + folder.root.string() + " cannot be made: " + error.message() + ".", {}};
    }
    std::unique_ptr<StagedRun> staged(new StagedRun(folder, destination, lockFolder(folder.root)));
    if (fs::exists(destination.root, error)) { // one that was made and placed since the id was chosen
        return std::unique_ptr<StagedRun>();
    }
    for (const auto& [file, text] :
         {std::pair(folder.config(), config), std::pair(marker(folder), std::string_view())}) {
        if (const Result<void> written = writeFileAtomically(file, text); !written) {
            return written.failure();
        }
    }
    return staged;
}

StagedRun::StagedRun(RunLayout folder, RunLayout destination, int lock)
    : m_folder(std::move(folder)), m_destination(std::move(destination)), m_lock(lock)
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
    std::error_code ignored;
    fs::remove(marker(m_folder), ignored);
}

std::vector<std::string> removeUnfinishedRuns(const WorkspaceLayout& workspace, const std::set<std::string>& known)
{
    std::vector<std::string> removed;
    std::error_code error;
    for (fs::directory_iterator entry(workspace.runs(), error), end; !error && entry != end; entry.increment(error)) {
        const std::string name = entry->path().filename().string();
        const bool placed = !name.starts_with(kPrefix);
        std::error_code ignored;
        if (placed && !fs::exists(marker({entry->path()}), ignored)) {
            continue;
        }
        const Descriptor lock(lockFolder(entry->path()));
        if (lock.number() < 0) {
            continue; // it is being made
        }
        if (placed && known.contains(name)) {
            fs::remove(marker({entry->path()}), ignored);
            continue;
        }
        fs::remove_all(entry->path(), ignored);
        removed.push_back(placed ? name : name.substr(kPrefix.size()));
    }
    return removed;
}

} // namespace dskd::jobs

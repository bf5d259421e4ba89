#include "core/jobs/workspace_repair.h"

#include "core/jobs/experiment_repair.h"
#include "core/jobs/run_folder.h"
#include "core/jobs/staged_run.h"
#include "core/jobs/status.h"
#include "core/store/run_reader.h"

#include <algorithm>
#include <ctime>
#include <filesystem>
#include <set>
#include <sys/stat.h>
#include <system_error>

namespace dskd::jobs
{
namespace
{

namespace fs = std::filesystem;

bool isThere(const fs::path& path)
{
    std::error_code error;
    return fs::exists(path, error);
}

// Sorted, so that runs are taken up in the order in which they were made: their ids begin with the time.
std::vector<std::string> folderNames(const fs::path& folder)
{
    std::vector<std::string> names;
    std::error_code error;
    for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
        std::error_code ignored;
        if (entry->is_directory(ignored)) {
            names.push_back(entry->path().filename().string());
        }
    }
    std::sort(names.begin(), names.end());
    return names;
}

// When a run was made: its id says it (20261123-051200-…); of another name the time of its configuration.
double createdAt(const RunLayout& run)
{
    std::tm local{};
    local.tm_isdst = -1;
    if (strptime(run.root.filename().c_str(), "%Y%m%d-%H%M%S", &local) != nullptr) {
        return static_cast<double>(std::mktime(&local));
    }
    struct stat info {
    };
    return stat(run.config().c_str(), &info) == 0 ? static_cast<double>(info.st_mtim.tv_sec) : unixTime();
}

class Repairer
{
public:
    explicit Repairer(store::WorkspaceDb& workspace) : m_workspace(workspace), m_layout(workspace.layout()) {}

    Repair work()
    {
        if (const auto creation = RunCreation::begin(m_workspace)) {
            for (const std::string& id : creation->removed()) {
                m_repair.done.push_back(id + " was never made whole; the beginning of it is removed.");
            }
        } else {
            m_repair.left.push_back(creation.failure().text());
        }
        finishMoves();
        finishPurges();
        takeUp(m_layout.runs(), std::nullopt);
        takeUp(m_layout.trash(), unixTime());
        addUnplaced();
        restoreExperiments(m_workspace, m_takenUp, m_repair);
        nameTheUnreadable();
        return std::move(m_repair);
    }

private:
    [[nodiscard]] RunLayout inTrash(const std::string& id) const { return {m_layout.trash() / id}; }

    // A folder that was moved into the trash or out of it before its row could say so.
    void finishMoves()
    {
        for (const store::RunRow& run : m_workspace.runs(false)) {
            if (!isThere(m_layout.run(run.id).root) && isThere(inTrash(run.id).root)) {
                m_workspace.setTrashed(run.id, unixTime()).value();
                m_repair.done.push_back(run.id + " is in the trash, as its folder.");
            }
        }
        for (const store::RunRow& run : m_workspace.runs(true)) {
            if (isThere(m_layout.run(run.id).root) && !isThere(inTrash(run.id).root)) {
                m_workspace.setTrashed(run.id, std::nullopt).value();
                m_repair.done.push_back(run.id + " is out of the trash, as its folder.");
            }
        }
    }

    // Runs in the trash of which nothing is left that could be restored, and folders whose deletion was begun.
    void finishPurges()
    {
        for (const store::RunRow& run : m_workspace.runs(true)) {
            if (!isThere(inTrash(run.id).config())) {
                report(purge(m_workspace, run.id), run.id + " is deleted for good: nothing could be restored of it.");
            }
        }
        for (const std::string& name : folderNames(m_layout.trash())) {
            if (name.starts_with(kGoingPrefix)) {
                std::error_code error;
                fs::remove_all(m_layout.trash() / name, error);
                const std::string id = name.substr(kGoingPrefix.size());
                report(error ? Result<void>(Failure{id + " cannot be deleted: " + error.message() + ".", {}})
                             : Result<void>(),
                       id + " is deleted for good, as it was begun.");
            }
        }
    }

    // Run folders without a row.
    void takeUp(const fs::path& folder, std::optional<double> trashed)
    {
        const std::set<std::string> known = knownRuns(m_workspace);
        for (const std::string& name : folderNames(folder)) {
            const RunLayout run{folder / name};
            if (known.contains(name) || name.starts_with(".")) {
                continue;
            }
            const Result<config::Experiment> experiment = runConfig(run);
            if (!experiment) {
                m_repair.left.push_back(run.root.string() +
                                        " is not a run, or cannot be read: " + experiment.failure().what);
                continue;
            }
            store::RunRow row = summaryOf(*experiment);
            row.id = name;
            row.created = createdAt(run);
            row.trashed = trashed;
            const Result<void> added = m_workspace.addRun(row);
            report(added, name + (trashed ? " is taken up in the trash." : " is taken up."));
            if (added) {
                m_takenUp.push_back({name, run});
            }
        }
    }

    // Taken up by a repair that was killed before it gave them their experiment.
    void addUnplaced()
    {
        for (const bool trashed : {false, true}) {
            for (const store::RunRow& run : m_workspace.runs(trashed)) {
                const bool isTakenUp = std::any_of(m_takenUp.begin(), m_takenUp.end(),
                                                   [&](const TakenUpRun& known) { return known.id == run.id; });
                if (!run.experiment && !isTakenUp) {
                    m_takenUp.push_back({run.id, trashed ? inTrash(run.id) : m_layout.run(run.id)});
                }
            }
        }
    }

    void nameTheUnreadable()
    {
        for (const store::RunRow& run : m_workspace.runs(false)) {
            if (const std::optional<Failure> gone = folderGone(m_layout.run(run.id))) {
                m_repair.left.push_back(gone->text());
                continue;
            }
            try {
                store::RunReader reader = store::RunReader::open(m_layout.run(run.id)).value();
                (void)reader.attempts();
                (void)reader.latest();
            } catch (const Error& unreadable) {
                m_repair.left.push_back(run.id + ": " + unreadable.failure().text());
            }
        }
    }

    template <typename T>
    void report(const Result<T>& result, const std::string& sentence)
    {
        if (result) {
            m_repair.done.push_back(sentence);
        } else {
            m_repair.left.push_back(result.failure().text());
        }
    }

    store::WorkspaceDb& m_workspace;
    const WorkspaceLayout& m_layout;
    Repair m_repair;
    std::vector<TakenUpRun> m_takenUp;
};

} // namespace

std::size_t numRunFolders(const fs::path& root)
{
    const WorkspaceLayout workspace{root};
    const std::vector<std::string> names = folderNames(workspace.runs());
    return static_cast<std::size_t>(std::count_if(names.begin(), names.end(), [&](const std::string& name) {
        return !name.starts_with(".") && isThere(workspace.run(name).config());
    }));
}

std::vector<std::string> runFoldersWithoutEntry(store::WorkspaceDb& workspace)
{
    const WorkspaceLayout& layout = workspace.layout();
    // The folders first: what is made meanwhile is not among them, or has its entry by then.
    std::vector<std::string> names = folderNames(layout.runs());
    const std::set<std::string> known = knownRuns(workspace);
    std::erase_if(names, [&](const std::string& name) {
        return known.contains(name) || name.starts_with(".") || !isThere(layout.run(name).config()) ||
               isThere(layout.run(name).creating()); // its entry comes next
    });
    return names;
}

Repair repairWorkspace(store::WorkspaceDb& workspace)
{
    return Repairer(workspace).work();
}

} // namespace dskd::jobs

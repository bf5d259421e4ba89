#include "app/cli/workspace_access.h"

#include "core/base/checkpoint_folders.h"
#include "core/config/schema/choices.h"
#include "core/jobs/status.h"
#include "core/jobs/workspace_repair.h"
#include "core/text/escape.h"

#include <algorithm>
#include <cstdlib>

namespace dskd::cli
{

namespace fs = std::filesystem;

namespace
{

// The hint for a folder that has runs and no workspace.db.
std::string howToMakeAnew(const fs::path& folder)
{
    return "There are runs in " + WorkspaceLayout{folder}.runs().string() + ": \"dskd doctor --repair -w " +
           folder.string() + "\" makes workspace.db anew from them.";
}

} // namespace

Result<fs::path> locateWorkspace(const std::string& given)
{
    std::error_code error;
    const auto named = [&](const fs::path& folder, const std::string& by) -> Result<fs::path> {
        const Result<bool> there = store::WorkspaceDb::isWorkspace(folder);
        if (!there) {
            return Failure{by + " names \"" + folder.string() + "\": " + there.failure().what, there.failure().hint};
        }
        if (*there) {
            return fs::absolute(folder, error).lexically_normal();
        }
        return Failure{by + " names \"" + folder.string() + "\", which is no workspace: it has no workspace.db.",
                       jobs::numRunFolders(folder) > 0 ? howToMakeAnew(folder)
                                                       : "\"dskd init " + folder.string() + "\" makes it one.",
                       FailureKind::NotFound};
    };
    if (!given.empty()) {
        return named(given, "--workspace");
    }
    if (const char* variable = std::getenv("DSKD_WORKSPACE"); variable != nullptr && *variable != '\0') {
        return named(variable, "The environment variable DSKD_WORKSPACE");
    }
    std::string hint; // of the nearest folder that has lost its workspace.db
    for (fs::path folder = fs::current_path(error); !folder.empty(); folder = folder.parent_path()) {
        if (fs::exists(WorkspaceLayout{folder}.database(), error)) {
            return folder;
        }
        if (hint.empty() && jobs::numRunFolders(folder) > 0) {
            hint = howToMakeAnew(folder);
        }
        if (folder == folder.root_path()) {
            break;
        }
    }
    return Failure{
        "No workspace: neither this folder nor one above it holds workspace.db, and DSKD_WORKSPACE is not set.",
        hint.empty() ? "\"dskd init DIR\" makes one, -w DIR names one." : hint, FailureKind::NotFound};
}

store::WorkspaceDb openWorkspace(const CommonOptions& options, Console& console)
{
    auto workspace =
        orThrow(store::WorkspaceDb::open(locateWorkspace(options.workspace).value()), FailureKind::NotFound);
    if (!workspace.whyReadOnly().empty()) {
        console.err << "The workspace is only read. " << text::terminalLine(workspace.whyReadOnly()) << '\n';
    }
    return workspace;
}

std::vector<std::string> findRuns(store::WorkspaceDb& workspace, const std::vector<std::string>& words, bool trashed)
{
    static const std::string kGroup = "group:";
    std::vector<std::string> ids;
    const auto add = [&](const std::string& id) {
        if (std::find(ids.begin(), ids.end(), id) == ids.end()) {
            ids.push_back(id);
        }
    };
    const auto addGroup = [&](const std::string& group) {
        bool found = false;
        for (const store::RunRow& run : workspace.runs(trashed)) {
            if (!group.empty() && run.group == group) {
                add(run.id);
                found = true;
            }
        }
        return found;
    };
    for (const std::string& word : words) {
        if (word.rfind(kGroup, 0) == 0) {
            const std::string group = word.substr(kGroup.size());
            if (!addGroup(group)) {
                throw Error("No run " + std::string(trashed ? "in the trash " : "") + "belongs to a group called \"" +
                                group + "\".",
                            trashed ? "\"dskd runs --trash\" lists the groups." : "\"dskd runs\" lists the groups.",
                            FailureKind::NotFound);
            }
            continue;
        }
        if (const auto id = workspace.findRun(word, trashed)) {
            add(*id);
        } else if (!addGroup(word)) {
            throw Error(id.failure());
        }
    }
    return ids;
}

std::vector<std::string> findRunsOrAll(store::WorkspaceDb& workspace, const std::vector<std::string>& words)
{
    if (!words.empty()) {
        return findRuns(workspace, words);
    }
    std::vector<std::string> ids;
    for (const store::RunRow& run : workspace.runs()) {
        if (run.job == config::name(config::JobKind::Train)) {
            ids.push_back(run.id);
        }
    }
    if (ids.empty()) {
        throw Error("There is no training run yet.", "\"dskd run CONFIG\" starts one.", FailureKind::NotFound);
    }
    return ids;
}

Result<std::string> findTrainedRun(store::WorkspaceDb& workspace, const std::string& text, Console& console)
{
    if (text != "last") {
        return workspace.findRun(text);
    }
    std::vector<std::string> passedOver; // newest first
    std::vector<store::RunRow> runs = workspace.runs();
    std::reverse(runs.begin(), runs.end());
    for (const store::RunRow& run : runs) {
        if (run.job != "train") {
            continue;
        }
        if (!finishedCheckpoints(workspace.layout().run(run.id)).empty()) {
            for (const std::string& newer : passedOver) {
                console.err << text::terminalLine(newer) << "; going back to an older run.\n";
            }
            return run.id;
        }
        const jobs::RunStatus status = jobs::readStatus(workspace, run.id);
        passedOver.push_back(run.id + " has no finished checkpoint (" + std::string(jobs::name(status.status)) + ": " +
                             status.sentence + ")");
    }
    if (passedOver.empty()) {
        return Failure{"There is no training run yet, so there is no last one.", "Start one with `dskd run`.",
                       FailureKind::NotFound};
    }
    return Failure{passedOver.front() + ", nor has any training run before it.",
                   "\"dskd checkpoint\" makes a running one write one.", FailureKind::NotFound};
}

} // namespace dskd::cli

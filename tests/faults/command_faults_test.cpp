// A command that is killed, or meets a full disk or a failing call, at the N-th call that changes a file: afterwards
// the workspace can be read, no run is half there, and the same command given again brings its result about.

#include "core/store/workspace_db.h"
#include "tests/faults/faulty_process.h"
#include "tests/worker/worker_process.h"

#include <fstream>
#include <functional>
#include <gtest/gtest.h>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>

namespace dskd::test
{
namespace
{

namespace fs = std::filesystem;

// A workspace with two finished runs, one of them in the trash, and a configuration; copied for every point.
struct Workspace {
    fs::path root;    // the folder in which the faults happen
    std::string kept; // a run
    std::string trashed;

    [[nodiscard]] fs::path path() const { return root / "workspace"; }
    [[nodiscard]] std::string config() const { return (root / "experiment.json").string(); }
};

struct Command {
    std::string name;
    std::function<std::vector<std::string>(const Workspace&)> words;
    // How many runs there are outside the trash once it has been done.
    std::size_t runsAfter = 1;
    // What else is there then: files below the workspace's root that are written last.
    std::vector<std::string> written = {};
    std::size_t queuedAfter = 0; // how many runs wait then

    static constexpr std::size_t kRunsBefore = 1;
};

void PrintTo(const Command& command, std::ostream* out)
{
    *out << command.name;
}

std::vector<Command> writingCommands()
{
    return {
        {"init",
         [](const Workspace& w) {
             return std::vector<std::string>{"init", (w.root / "other").string()};
         },
         1,
         {"other/workspace.db"}},
        {"initExample",
         [](const Workspace& w) {
             return std::vector<std::string>{"init", "--example", (w.root / "other").string()};
         },
         1,
         {"other/workspace.db", "other/example.json"}},
        {"queueAdd",
         [](const Workspace& w) {
             return std::vector<std::string>{"queue", "add", w.config()};
         },
         2,
         {},
         1},
        {"sweep",
         [](const Workspace& w) {
             return std::vector<std::string>{"sweep", w.config(), "--seeds", "1,2,3", "--queue"};
         },
         4,
         {},
         3},
        {"delete",
         [](const Workspace& w) {
             return std::vector<std::string>{"delete", w.kept};
         },
         0},
        {"purge",
         [](const Workspace& w) {
             return std::vector<std::string>{"delete", "--purge", w.trashed};
         }},
        {"restore",
         [](const Workspace& w) {
             return std::vector<std::string>{"restore", w.trashed};
         },
         2},
        {"export",
         [](const Workspace& w) {
             return std::vector<std::string>{"export", w.kept, "--to", (w.root / "student").string()};
         },
         1,
         {"student/model.safetensors", "student/config.json", "student/tokenizer.json"}},
        {"report",
         [](const Workspace& w) {
             return std::vector<std::string>{"report", "--to", (w.root / "report.html").string()};
         },
         1,
         {"report.html"}},
    };
}

class CommandFaults : public testing::TestWithParam<std::tuple<Command, std::string>>
{
protected:
    static void SetUpTestSuite()
    {
        models = std::make_unique<WorkerFolder>();
        model = std::make_unique<TemporaryFolder>();
        Workspace made{model->path(), "", ""};
        auto workspace = store::WorkspaceDb::create(made.path()).value();
        std::ofstream(made.config()) << models->experiment(2).dump(2);
        for (int run = 0; run < 2; ++run) {
            const Ended ran = runProgram("dskd", {"-w", made.path().string(), "run", made.config(), "--name",
                                                  "run-" + std::to_string(run), "--json"});
            ASSERT_EQ(ran.code, 0) << ran.output;
        }
        const auto rows = workspace.runs();
        ASSERT_EQ(rows.size(), 2U);
        kept = rows[0].id;
        trashed = rows[1].id;
        ASSERT_EQ(runProgram("dskd", {"-w", made.path().string(), "delete", trashed}).code, 0);
    }
    static void TearDownTestSuite()
    {
        model.reset();
        models.reset();
    }

    static std::unique_ptr<WorkerFolder> models;
    static std::unique_ptr<TemporaryFolder> model;
    static std::string kept;
    static std::string trashed;
};
std::unique_ptr<WorkerFolder> CommandFaults::models;
std::unique_ptr<TemporaryFolder> CommandFaults::model;
std::string CommandFaults::kept;
std::string CommandFaults::trashed;

std::vector<std::string> in(const Workspace& workspace, std::vector<std::string> words)
{
    words.insert(words.begin(), {"-w", workspace.path().string()});
    return words;
}

nlohmann::json listed(const Workspace& workspace, const std::vector<std::string>& words)
{
    const Ended ended = runProgram("dskd", in(workspace, words));
    EXPECT_EQ(ended.code, 0) << ended.output;
    return nlohmann::json::parse(ended.output, nullptr, /*allow_exceptions=*/false);
}

std::set<std::string> foldersIn(const fs::path& folder)
{
    std::set<std::string> names;
    for (const auto& entry : fs::directory_iterator(folder)) {
        names.insert(entry.path().filename().string());
    }
    return names;
}

// Whether the call that failed was to bring a new file to the disk.
bool isSyncOfAFile(const Ended& ended, long at)
{
    if (ended.calls.size() < static_cast<std::size_t>(at)) {
        return false;
    }
    const std::string& call = ended.calls[static_cast<std::size_t>(at) - 1];
    return call.find("sync") != std::string::npos && call.find(".part-") != std::string::npos && call.back() != '/';
}

std::set<std::string> idsOf(const nlohmann::json& runs)
{
    std::set<std::string> ids;
    for (const auto& run : runs) {
        ids.insert(run.at("run").get<std::string>());
    }
    return ids;
}

} // namespace

TEST_P(CommandFaults, LeavesAWholeWorkspaceAndCanBeGivenAgain)
{
    const auto& [command, kind] = GetParam();
    const auto copy = [&](const TemporaryFolder& folder) {
        fs::copy(model->path(), folder.path(), fs::copy_options::recursive);
        return Workspace{folder.path(), kept, trashed};
    };
    std::size_t calls = 0;
    {
        const TemporaryFolder folder;
        const Workspace workspace = copy(folder);
        const Ended counted =
            runWithFault("dskd", in(workspace, command.words(workspace)), workspace.root, {"count", 0});
        ASSERT_EQ(counted.code, 0) << counted.output;
        calls = counted.calls.size();
        ASSERT_GT(calls, 0U);
        ASSERT_EQ(listed(workspace, {"runs", "--json"}).size(), command.runsAfter);
    }
    const std::vector<long> points = faultPoints(calls, 6);
    for (const long at : points) {
        const TemporaryFolder folder;
        const Workspace workspace = copy(folder);
        const Ended ended = runWithFault("dskd", in(workspace, command.words(workspace)), workspace.root, {kind, at});
        SCOPED_TRACE("call " + std::to_string(at) + " of " + std::to_string(calls) + " (" +
                     (ended.calls.size() >= static_cast<std::size_t>(at) ? ended.calls[static_cast<std::size_t>(at) - 1]
                                                                         : "not reached") +
                     "): " + ended.output);
        if (kind == "full") {
            EXPECT_EQ(ended.output.find("Input/output error"), std::string::npos) << "a full disk is no broken one";
        }
        if (kind != "kill" && ended.code == 0) { // what went wrong did not matter
            EXPECT_EQ(listed(workspace, {"runs", "--json"}).size(), command.runsAfter);
            EXPECT_EQ(listed(workspace, {"queue", "list", "--json"}).size(), command.queuedAfter);
            for (const std::string& file : command.written) {
                EXPECT_GT(fs::file_size(workspace.root / file), 0U) << file;
            }
            if (kind == "error") { // a full disk fails a sync only where something had to be written
                EXPECT_FALSE(isSyncOfAFile(ended, at)) << "a file that may not be on the disk is no success";
            }
        } else if (ended.code > 0) {
            EXPECT_FALSE(ended.output.empty()) << "the reason of exit code " << ended.code;
        }
        const std::size_t runs = listed(workspace, {"runs", "--json"}).size();
        EXPECT_TRUE(runs == Command::kRunsBefore || runs == command.runsAfter) << runs << " runs";
        const Ended repaired = runProgram("dskd", in(workspace, {"doctor", "--repair"}));
        EXPECT_EQ(repaired.code, 0) << repaired.output;
        const nlohmann::json left = listed(workspace, {"runs", "--json"});
        EXPECT_TRUE(left.size() == Command::kRunsBefore || left.size() == command.runsAfter) << left.size() << " runs";
        if (left.size() != command.runsAfter || command.runsAfter == Command::kRunsBefore) {
            const Ended again = runProgram("dskd", in(workspace, command.words(workspace)));
            // what is there already is refused with a sentence
            const bool isDone = again.code == 0 || again.output.find("no run") != std::string::npos ||
                                again.output.find("not empty") != std::string::npos ||
                                again.output.find("exists already") != std::string::npos;
            EXPECT_TRUE(isDone) << again.output;
        }
        for (const std::string& file : command.written) {
            EXPECT_GT(fs::file_size(workspace.root / file), 0U) << file;
        }
        // a folder for every row, and a row for every folder
        const nlohmann::json last = listed(workspace, {"runs", "--json"});
        EXPECT_EQ(last.size(), command.runsAfter);
        EXPECT_EQ(listed(workspace, {"queue", "list", "--json"}).size(), command.queuedAfter);
        EXPECT_EQ(foldersIn(workspace.path() / "runs"), idsOf(last));
        EXPECT_EQ(foldersIn(workspace.path() / "trash"), idsOf(listed(workspace, {"runs", "--trash", "--json"})));
    }
    countPoints("dskd " + command.name + ", " + kind, points.size());
}

INSTANTIATE_TEST_SUITE_P(Commands, CommandFaults,
                         testing::Combine(testing::ValuesIn(writingCommands()),
                                          testing::Values("kill", "full", "error")),
                         [](const auto& tried) {
                             return std::get<0>(tried.param).name + "_" + std::get<1>(tried.param);
                         });

} // namespace dskd::test

#include "core/cache/kept_teachers.h"
#include "core/jobs/experiments.h"
#include "core/text/numbers.h"
#include "tests/support/environment.h"
#include "tests/unit/app/cli/cli_fixture.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>
#include <map>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <system_error>
#include <vector>

namespace dskd::cli
{
namespace
{

using testing::HasSubstr;

TEST_F(CliWithRuns, MakesAWorkspaceAnewFromItsRuns)
{
    EXPECT_EQ(run({"runs", "-w", w, "--json"}), 0);
    const nlohmann::json before = json();
    std::filesystem::remove(WorkspaceLayout{w}.database());
    EXPECT_EQ(run({"runs", "-w", w}), toInt(ExitCode::NotFound));
    EXPECT_EQ(run({"doctor", "--repair", "-w", w, "--json"}), 0);
    EXPECT_EQ(json()["repaired"].size(), ids.size());
    EXPECT_EQ(json()["left"].size(), 0U);
    EXPECT_EQ(run({"runs", "-w", w, "--json"}), 0);
    std::map<std::string, nlohmann::json> again;
    for (const nlohmann::json& row : json()) {
        again[row["run"]] = row;
    }
    ASSERT_EQ(again.size(), ids.size());
    for (const nlohmann::json& row : before) {
        for (const char* key : {"method", "seed", "status", "step", "loss"}) {
            EXPECT_EQ(again[row["run"]][key], row[key]) << key;
        }
    }
    EXPECT_EQ(run({"doctor", "--repair", "-w", w}), 0);
    EXPECT_THAT(out.str(), HasSubstr("The workspace is in order."));
}

TEST_F(CliWithRuns, SaysHowMuchIsKeptOfTeachersAndWhenNoMoreIs)
{
    const test::EnvironmentVariable noWorker("DSKD_WORKER", "/no/such/program"); // what it says takes seconds
    const auto sentence = [this] {
        (void)run({"doctor", "-w", w, "--json"});
        const nlohmann::json document = json();
        for (const nlohmann::json& finding : document["findings"]) {
            if (finding["topic"] == "cache") {
                return finding["sentence"].get<std::string>();
            }
        }
        return std::string();
    };
    EXPECT_THAT(sentence(), testing::AllOf(testing::StartsWith("0 B are kept of 0 teachers. "),
                                           HasSubstr("less than 2.1 GB of the disk are free")));
    const std::string content = "a sample";
    const auto row = std::as_bytes(std::span(content));
    auto rows = cache::openTeacherRows(
        WorkspaceLayout{w}, {.model = "/teacher", .adapter = "", .device = "CPU, 1 threads, float32", .files = {"a"}});
    ASSERT_TRUE(rows);
    ASSERT_TRUE(rows->add(cache::rowKey(row), row));
    const std::uint64_t bytes = cache::keptTeachers(WorkspaceLayout{w}).front().bytes;
    ASSERT_GT(bytes, 0U);
    EXPECT_THAT(sentence(), testing::StartsWith(text::bytes(bytes) + " are kept of 1 teacher. "));
}

TEST_F(CliWithRuns, SaysWhereRunsLieWithoutTheirWorkspaceDb)
{
    const test::EnvironmentVariable unset("DSKD_WORKSPACE", std::nullopt);
    const std::filesystem::path before = std::filesystem::current_path();
    std::filesystem::remove(WorkspaceLayout{w}.database());
    std::filesystem::create_directories(folder / "w/data");
    std::filesystem::current_path(folder / "w/data");
    const int inside = run({"runs"});
    std::filesystem::current_path(before);
    EXPECT_EQ(inside, toInt(ExitCode::NotFound));
    EXPECT_THAT(err.str(), testing::AllOf(HasSubstr("dskd doctor --repair -w " + w), testing::Not(HasSubstr("init"))));
    EXPECT_EQ(run({"init", w}), 0);
    EXPECT_THAT(out.str(), testing::AllOf(HasSubstr("lie there already: " + std::to_string(ids.size()) + "."),
                                          HasSubstr("dskd doctor --repair -w " + w)));
    EXPECT_EQ(run({"init", folder / "fresh"}), 0);
    EXPECT_THAT(out.str(), testing::Not(HasSubstr("--repair")));
}

TEST_F(CliWithRuns, NamesTheRunFoldersThatHaveNoEntry)
{
    run({"doctor", "-w", w});
    EXPECT_THAT(out.str(), testing::Not(HasSubstr("no entry")));
    const WorkspaceLayout layout{w};
    const std::string copied = "20200229-123456-copied";
    std::filesystem::copy(layout.run(ids[0]).root, layout.run(copied).root, std::filesystem::copy_options::recursive);
    std::filesystem::create_directories(layout.runs() / "notes"); // no run
    run({"doctor", "-w", w});
    EXPECT_THAT(out.str(),
                testing::AllOf(HasSubstr("1 run folder has no entry in workspace.db"), HasSubstr(copied + "."),
                               HasSubstr("dskd doctor --repair -w " + w), testing::Not(HasSubstr("notes")),
                               testing::Not(HasSubstr("Everything that training needs is here."))));
    run({"doctor", "-w", w, "--json"});
    const nlohmann::json findings = json()["findings"];
    const auto about = std::find_if(findings.begin(), findings.end(),
                                    [](const nlohmann::json& finding) { return finding["topic"] == "runs"; });
    ASSERT_NE(about, findings.end());
    EXPECT_EQ((*about)["state"], "note");
    EXPECT_EQ(run({"doctor", "--repair", "-w", w}), 0);
    run({"doctor", "-w", w});
    EXPECT_THAT(out.str(), testing::Not(HasSubstr("no entry")));
}

TEST_F(CliWithRuns, AnEmptyWorkspaceDbBesideRunsIsNoEmptyWorkspace)
{
    for (const char* suffix : {"", "-wal", "-shm"}) {
        std::filesystem::remove(WorkspaceLayout{w}.database().string() + suffix);
    }
    std::ofstream(WorkspaceLayout{w}.database()).flush();
    EXPECT_EQ(run({"runs", "-w", w}), toInt(ExitCode::NotFound));
    EXPECT_THAT(err.str(),
                testing::AllOf(HasSubstr("has lost its content"), HasSubstr("dskd doctor --repair -w " + w)));
    EXPECT_EQ(run({"doctor", "--repair", "-w", w, "--json"}), 0) << err.str();
    EXPECT_EQ(json()["repaired"].size(), ids.size());
    EXPECT_EQ(run({"runs", "-w", w, "--json"}), 0);
    EXPECT_EQ(json().size(), ids.size());
}

TEST_F(CliWithRuns, SaysHowToReplaceADamagedWorkspaceDb)
{
    std::filesystem::remove(WorkspaceLayout{w}.database());
    std::ofstream(WorkspaceLayout{w}.database()) << std::string(5000, 'x');
    const auto says = testing::AllOf(HasSubstr("not a database"), HasSubstr("move it away"),
                                     HasSubstr("dskd doctor --repair -w " + w));
    for (const std::vector<std::string>& words :
         {std::vector<std::string>{"runs"}, {"show", ids[0]}, {"queue", "list"}, {"doctor", "--repair"}}) {
        std::vector<std::string> typed = words;
        typed.insert(typed.end(), {"-w", w});
        EXPECT_NE(run(typed), 0) << words.front();
        EXPECT_THAT(err.str(), says) << words.front();
    }
    EXPECT_EQ(run({"doctor", "-w", w, "--json"}), toInt(ExitCode::Failed));
    bool found = false;
    const nlohmann::json doctor = json();
    for (const nlohmann::json& finding : doctor["findings"]) {
        if (finding["topic"] == "workspace") {
            found = true;
            EXPECT_NE(finding["state"], "ok");
            EXPECT_THAT(finding["sentence"].get<std::string>() + " " + finding["remedy"].get<std::string>(), says);
        }
    }
    EXPECT_TRUE(found);
}

TEST_F(CliWithRuns, TheStepsForADamagedWorkspaceDbBringItsRunsAndExperimentsBack)
{
    const std::string file = WorkspaceLayout{w}.database().string();
    {
        auto workspace = store::WorkspaceDb::open(w).value();
        config::Plan plan;
        plan.base.student.model = "/models/student";
        plan.base.teacher.model = "/models/teacher";
        plan.base.data.train = "/train.jsonl";
        plan.axes = {{"method.space", {"diff", "dual"}}};
        const auto row = jobs::saveExperiment(workspace, "ablation", plan).value();
        ASSERT_EQ(jobs::queueMissing(workspace, row).value().made.size(), 2U);
    }
    std::ofstream(file) << std::string(5000, 'x');
    EXPECT_NE(run({"doctor", "--repair", "-w", w}), 0);
    EXPECT_THAT(err.str(), testing::AllOf(HasSubstr("close what uses the workspace"), HasSubstr("from a copy"),
                                          HasSubstr("move it away"), HasSubstr("notes, tags and queue")));
    for (const char* suffix : {"", "-wal", "-shm"}) {
        std::error_code notThere;
        std::filesystem::rename(file + suffix, file + ".damaged" + suffix, notThere);
    }
    EXPECT_EQ(run({"doctor", "--repair", "-w", w}), 0) << err.str();
    EXPECT_THAT(out.str(), HasSubstr("The experiment ablation has its 2 runs again."));
    auto workspace = store::WorkspaceDb::open(w).value();
    store::ExperimentTable table(workspace);
    EXPECT_EQ(table.runs(table.find("ablation").value().id).size(), 2U);
    EXPECT_EQ(workspace.runs().size(), ids.size() + 2);
}

TEST_F(CliWithRuns, ARepairNamesTheRunWhoseDatabaseCannotBeRead)
{
    const std::filesystem::path file = WorkspaceLayout{w}.run(ids[1]).database();
    std::filesystem::remove(file);
    std::ofstream(file) << std::string(5000, 'x');
    EXPECT_EQ(run({"doctor", "--repair", "-w", w, "--json"}), 0);
    ASSERT_EQ(json()["left"].size(), 1U);
    EXPECT_THAT(json()["left"][0].get<std::string>(),
                testing::AllOf(HasSubstr(ids[1] + ": "), HasSubstr("not a database")));
}

} // namespace
} // namespace dskd::cli

#include "core/jobs/experiments.h"
#include "core/store/experiment_table.h"
#include "tests/unit/app/cli/cli_fixture.h"

#include <filesystem>
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

namespace dskd::cli
{
namespace
{

using testing::HasSubstr;

TEST_F(CliWithRuns, DeletesForGoodByTheNameThatARunInTheTrashHas)
{
    auto workspace = store::WorkspaceDb::open(w).value();
    ASSERT_TRUE(workspace.rename(ids[0], "mine"));
    ASSERT_TRUE(workspace.rename(ids[1], "twins"));
    ASSERT_TRUE(workspace.rename(ids[2], "twins"));
    EXPECT_EQ(run({"delete", "mine", "-w", w}), 0);
    EXPECT_EQ(run({"show", "mine", "-w", w}), toInt(ExitCode::NotFound));
    EXPECT_THAT(err.str(), HasSubstr("is in the trash"));
    EXPECT_EQ(run({"restore", "mine", "-w", w}), 0);
    EXPECT_EQ(run({"show", "mine", "-w", w}), 0);
    EXPECT_EQ(run({"delete", "mine", "-w", w}), 0);
    EXPECT_EQ(run({"delete", "mine", "--purge", "-w", w}), 0);
    EXPECT_FALSE(workspace.run(ids[0]));
    EXPECT_FALSE(std::filesystem::exists(workspace.layout().trash() / ids[0]));

    EXPECT_EQ(run({"delete", ids[1], ids[2], "-w", w}), 0);
    EXPECT_EQ(run({"delete", "twins", "--purge", "-w", w}), toInt(ExitCode::NotFound));
    EXPECT_THAT(err.str(), testing::AllOf(HasSubstr(ids[1]), HasSubstr(ids[2])));
    EXPECT_EQ(run({"delete", ids[1].substr(0, ids[1].size() - 1), "--purge", "-w", w}), toInt(ExitCode::NotFound))
        << "the beginning of an id deletes nothing for good out of the trash";
    EXPECT_TRUE(workspace.run(ids[1]));
}

TEST_F(CliWithRuns, DeletesAndRestoresGroups)
{
    EXPECT_EQ(run({"delete", ids[0], "no such", "-w", w}), toInt(ExitCode::NotFound));
    EXPECT_EQ(run({"runs", "-w", w, "--json"}), 0);
    EXPECT_EQ(json().size(), ids.size()) << "all are found before the first is moved";
    auto workspace = store::WorkspaceDb::open(w).value();
    ASSERT_TRUE(workspace.setGroup(ids[0], "mine"));
    ASSERT_TRUE(workspace.setGroup(ids[1], "mine"));
    const auto both = nlohmann::json::array({ids[0], ids[1]});
    for (const char* word : {"mine", "group:mine"}) {
        EXPECT_EQ(run({"delete", word, "-w", w, "--json"}), 0) << err.str();
        ASSERT_EQ(json().size(), 2U);
        EXPECT_EQ(workspace.runs(true).size(), 2U);
        EXPECT_EQ(run({"restore", word, "-w", w, "--json"}), 0) << err.str();
        EXPECT_EQ(json()["restored"], both);
    }
    EXPECT_EQ(run({"restore", "group:mine", "-w", w}), toInt(ExitCode::NotFound));
    EXPECT_THAT(err.str(), HasSubstr("No run in the trash belongs to a group called \"mine\""));

    EXPECT_EQ(run({"delete", "mine", "-w", w}), 0);
    ASSERT_TRUE(workspace.rename(ids[2], "mine")); // a run in use comes before a group in the trash
    EXPECT_EQ(run({"delete", "mine", "-w", w, "--json"}), 0);
    EXPECT_EQ(json()[0]["run"], ids[2]);
    EXPECT_EQ(run({"delete", "group:mine", "--purge", "-w", w, "--json"}), 0) << err.str();
    EXPECT_EQ(json().size(), 2U);
    EXPECT_FALSE(workspace.run(ids[0]));
    EXPECT_FALSE(workspace.run(ids[1]));
    EXPECT_TRUE(workspace.run(ids[2])) << "is called so, and of another group";
}

TEST_F(CliWithRuns, DeletesIntoTheTrashAndRestores)
{
    EXPECT_EQ(run({"delete", ids[0], "-w", w}), 0);
    EXPECT_EQ(run({"runs", "--trash", "-w", w, "--json"}), 0);
    EXPECT_EQ(json().size(), 1U);
    EXPECT_EQ(run({"restore", ids[0], "-w", w}), 0);
    EXPECT_EQ(run({"runs", "-w", w, "--json"}), 0);
    EXPECT_EQ(json().size(), ids.size());
    EXPECT_EQ(run({"restore", ids[0], "-w", w}), toInt(ExitCode::NotFound));
    EXPECT_THAT(err.str(), HasSubstr("There is no run " + ids[0] + " in " + w + "/trash"));
}

TEST_F(CliWithRuns, SaysInWhichExperimentARestoredRunIs)
{
    auto workspace = store::WorkspaceDb::open(w).value();
    store::ExperimentTable table(workspace);
    ASSERT_GT(jobs::placeRuns(workspace), 0u);
    const store::ExperimentRow own =
        table.find("#" + std::to_string(*workspace.run(ids[0]).value().experiment)).value();
    const std::vector<std::string> all = table.runs(own.id);
    EXPECT_EQ(run({"delete", ids[0], "-w", w}), 0);
    EXPECT_EQ(run({"restore", ids[0], "-w", w}), 0);
    EXPECT_EQ(out.str(), ids[0] + " is back, in the experiment " + own.name + ".\n");

    std::vector<std::string> words{"delete", "-w", w};
    words.insert(words.end(), all.begin(), all.end());
    EXPECT_EQ(run(words), 0) << err.str();
    EXPECT_EQ(run({"experiment", "delete", own.name, "-w", w}), 0) << err.str();
    EXPECT_THAT(out.str(), HasSubstr("It comes back with the first of its 3 runs in the trash that is restored."));
    EXPECT_EQ(run({"restore", ids[0], "-w", w}), 0);
    EXPECT_THAT(out.str(), HasSubstr("experiment " + own.name + ", which had been deleted and is there again."));
    EXPECT_EQ(workspace.run(ids[0]).value().experiment, own.id);
    EXPECT_EQ(run({"restore", all[1], "-w", w, "--json"}), 0);
    EXPECT_EQ(json()["experiments"][0]["is"], "own");
    EXPECT_EQ(json()["experiments"][0]["name"], own.name);
}

TEST_F(CliWithRuns, RestoresByNameAndWhatWentToTheTrashLast)
{
    auto workspace = store::WorkspaceDb::open(w).value();
    ASSERT_TRUE(workspace.rename(ids[1], "the second"));
    EXPECT_EQ(run({"delete", ids[1], ids[0], "-w", w}), 0);
    ASSERT_TRUE(workspace.setTrashed(ids[1], 1.0)); // long before the other
    EXPECT_EQ(run({"restore", "last", "-w", w, "--json"}), 0) << err.str();
    EXPECT_EQ(json()["restored"], nlohmann::json::array({ids[0]}));
    EXPECT_EQ(run({"restore", "the second", "-w", w, "--json"}), 0) << err.str();
    EXPECT_EQ(json()["restored"], nlohmann::json::array({ids[1]}));
    EXPECT_EQ(run({"restore", "last", "-w", w}), toInt(ExitCode::NotFound));
    EXPECT_THAT(err.str(), HasSubstr("The trash is empty"));
}

} // namespace
} // namespace dskd::cli

// How far `dskd experiment list` and `show` say that an experiment is.

#include "app/cli/command_line.h"
#include "core/config/schema/experiment_json.h"
#include "core/jobs/run_folder.h"
#include "core/store/run_writer.h"
#include "core/store/workspace_db.h"
#include "tests/support/paths.h"
#include "tests/support/temporary_folder.h"

#include <fstream>
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace dskd::cli
{
namespace
{

using testing::HasSubstr;

TEST(ExperimentProgress, CountsRunsThatThePlanDoesNotHaveApart)
{
    const test::TemporaryFolder folder;
    const std::string w = folder / "w";
    const std::string configFile = folder / "config.json";
    (void)store::WorkspaceDb::create(w).value();
    // Runs are made of files that are there.
    const auto configuration = config::loadExperiment(test::sourceDir() + "/experiments/demo/dual.json").value();
    std::ofstream(configFile) << config::toJson(configuration).dump();
    std::ostringstream out;
    std::ostringstream err;
    Console console{out, err};
    console.tableWidth = 140;
    const auto run = [&](std::vector<std::string> words) {
        out.str("");
        words.insert(words.begin(), "experiment");
        words.insert(words.end(), {"-w", w});
        return runCommandLine(std::move(words), console);
    };
    ASSERT_EQ(run({"save", "one", configFile, "--seeds", "10"}), 0) << err.str();
    ASSERT_EQ(run({"run", "one", "--queue"}), 0) << err.str();
    {
        auto workspace = store::WorkspaceDb::open(w).value();
        const std::string planned = workspace.runs()[0].id;
        workspace.dequeue(planned);
        config::Experiment loose = jobs::runConfig(workspace.layout().run(planned)).value();
        loose.seed = 12; // as "dskd run one.json --set seed=12" makes it
        const std::string other = jobs::createRun(workspace, loose).value();
        for (const auto& [id, code] : {std::pair(planned, 0), std::pair(other, 1)}) {
            auto writer = store::RunWriter::open(workspace.layout().run(id)).value();
            writer->beginAttempt(std::nullopt).value();
            writer->addEvent(1, code == 0 ? "done" : store::kFailedEvent, "The end.");
            writer->endAttempt(code, "The end.").value();
        }
    }
    ASSERT_EQ(run({"list", "--json"}), 0) << err.str();
    const auto rows = nlohmann::json::parse(out.str());
    const auto& progress = rows[0]["progress"];
    EXPECT_EQ(rows[0]["runs"].size(), 2U);
    EXPECT_EQ(progress["planned"], 1);
    EXPECT_EQ(progress["done"], 1);
    EXPECT_EQ(progress["failed"], 0) << "of the planned ones";
    EXPECT_EQ(progress["unplanned"]["failed"], 1);
    EXPECT_EQ(progress["unplanned"]["done"], 0);
    ASSERT_EQ(run({"list"}), 0) << err.str();
    EXPECT_THAT(out.str(), testing::ContainsRegex("one +1 +1 / 1 +0 +0 +1 +0 ")) << "the failure is not left out";
    ASSERT_EQ(run({"show", "one"}), 0) << err.str();
    EXPECT_THAT(out.str(), HasSubstr("1 run planned, 0 missing, 1 done\n1 more run is not in the plan: 1 failed\n"));
}

} // namespace
} // namespace dskd::cli

#include "core/config/schema/experiment.h"
#include "core/jobs/run_folder.h"
#include "core/store/run_writer.h"
#include "tests/unit/app/cli/cli_fixture.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

namespace dskd::cli
{
namespace
{

using testing::HasSubstr;

TEST_F(CliWithRuns, ListsTheRunsThatAQueryDescribes)
{
    EXPECT_EQ(run({"runs", "-w", w, "--query", "name=dual seed>10", "--json"}), 0) << err.str();
    ASSERT_EQ(json().size(), 2U);
    EXPECT_EQ(json()[0]["name"], "dual");
    EXPECT_EQ(json()[0]["seed"], 20);
    EXPECT_TRUE(json()[0].contains("status")) << "no columns were asked for";
    EXPECT_EQ(run({"runs", "-w", w, "--query", "space=student", "--columns", "name,seed,lr,rouge_l", "--sort", "seed",
                   "--descending", "--json"}),
              0)
        << err.str();
    ASSERT_EQ(json().size(), 3U);
    EXPECT_EQ(json()[0].size(), 4U) << "the columns and nothing else";
    EXPECT_EQ(json()[0]["seed"], 30);
    EXPECT_EQ(json()[0]["train.lr"], config::Experiment{}.train.lr);
    EXPECT_GT(json()[0]["validation.rouge_l"], 0.0);
    EXPECT_EQ(run({"runs", "-w", w, "--query", "name=nobody"}), 0);
    EXPECT_THAT(out.str(), HasSubstr("No run meets the query."));
    EXPECT_EQ(run({"runs", "-w", w, "--query", "sede=10"}), toInt(ExitCode::Usage));
    EXPECT_THAT(err.str(), HasSubstr("Did you mean seed?"));
    EXPECT_EQ(run({"runs", "-w", w, "--columns", "nonsense_without_kin"}), toInt(ExitCode::Usage));
    EXPECT_THAT(err.str(), HasSubstr("There is no column \"nonsense_without_kin\"."));
}

TEST_F(CliWithRuns, ListsSeedsAsOneRow)
{
    EXPECT_EQ(run({"runs", "-w", w, "--across-seeds", "--columns", "name,rouge_l", "--json"}), 0) << err.str();
    ASSERT_EQ(json().size(), 5U);
    EXPECT_EQ(json()[0]["values"]["name"], "sft");
    EXPECT_EQ(json()[0]["n"], 3);
    EXPECT_EQ(json()[0]["seeds"], (std::vector<int>{10, 20, 30}));
    EXPECT_EQ(json()[0]["values"]["validation.rouge_l"]["count"], 3);
    EXPECT_EQ(json()[4]["seeds"].size(), 2U) << "cma has two";
    EXPECT_EQ(run({"runs", "-w", w, "--across-seeds", "--columns", "name,rouge_l"}), 0);
    EXPECT_THAT(out.str(), testing::AllOf(HasSubstr("ROUGE-L"), HasSubstr("+-")));
    EXPECT_EQ(run({"runs", "-w", w, "--columns", "name,loss", "--csv"}), 0);
    EXPECT_THAT(out.str(), testing::StartsWith("name,loss\n"));
    EXPECT_EQ(static_cast<std::size_t>(std::ranges::count(out.str(), '\n')), ids.size() + 1);
    EXPECT_EQ(run({"runs", "-w", w, "--columns", "id", "--csv"}), 0);
    std::string expected = "id\n";
    for (const std::string& id : ids) {
        expected += id + "\n";
    }
    EXPECT_EQ(out.str(), expected);
    EXPECT_EQ(run({"runs", "-w", w, "--csv"}), 0);
    EXPECT_THAT(out.str(), HasSubstr("id,")) << "the usual columns tell the runs apart";
}

TEST_F(CliWithRuns, CountsWhatARowOfSeedsShows)
{
    auto workspace = store::WorkspaceDb::open(w).value();
    config::Experiment waiting;
    waiting.name = "waits";
    waiting.student.model = "/s";
    waiting.teacher.model = "/t";
    waiting.data.train = "/d.jsonl";
    for (const std::uint64_t seed : {1ULL, 2ULL}) {
        waiting.seed = seed;
        (void)jobs::createRun(workspace, waiting).value();
    }
    EXPECT_EQ(run({"runs", "-w", w, "--query", "name=waits", "--across-seeds", "--columns", "name,loss", "--json"}), 0);
    ASSERT_EQ(json().size(), 1U);
    EXPECT_EQ(json()[0]["seeds"], (std::vector<int>{1, 2}));
    EXPECT_EQ(json()[0]["n"], 0) << "there is no value yet";
    EXPECT_EQ(json()[0]["done"], 0);
    EXPECT_EQ(run({"runs", "-w", w, "--query", "name=waits", "--across-seeds", "--columns", "name"}), 0);
    EXPECT_THAT(out.str(), HasSubstr("1 row has no run that is done: the values are those so far.\n"));
    EXPECT_EQ(run({"runs", "-w", w, "--query", "name=sft", "--across-seeds", "--columns", "name"}), 0);
    EXPECT_THAT(out.str(), testing::Not(HasSubstr("no run that is done")));
}

TEST_F(CliWithRuns, SaysOfARowWithoutADoneRunWhatItsValuesAre)
{
    auto workspace = store::WorkspaceDb::open(w).value();
    config::Experiment broken;
    broken.name = "broken";
    broken.student.model = "/s";
    broken.teacher.model = "/t";
    broken.data.train = "/d.jsonl";
    const std::string id = jobs::createRun(workspace, broken).value();
    EXPECT_EQ(run({"compare", id, ids[0], "-w", w}), 0) << err.str();
    EXPECT_THAT(out.str(), testing::Not(HasSubstr("no run is done"))) << "it has no values";
    {
        auto writer = store::RunWriter::open(workspace.layout().run(id)).value();
        writer->beginAttempt(std::nullopt).value();
        writer->addMetrics(1, 1, {{"loss", 2.0}});
        writer->addEvent(1, store::kFailedEvent, "The end.");
        writer->endAttempt(1, "The end.").value();
    }
    EXPECT_EQ(run({"compare", id, ids[0], "--metric", "loss", "-w", w}), 0) << err.str();
    EXPECT_THAT(out.str(),
                HasSubstr(": no run is done, so its values are those so far and are the best of nothing.\n"));
}

TEST_F(CliWithRuns, EditsWhatPeopleSayOfRuns)
{
    EXPECT_EQ(run({"edit", "group:demo", "--tag", "paper", "--group", "table 1", "-w", w}), 0) << err.str();
    EXPECT_EQ(out.str(), "Changed 14 runs.\n");
    EXPECT_EQ(run({"edit", ids[0], "--untag", "paper", "--note", "odd", "--name", "first", "-w", w, "--json"}), 0);
    EXPECT_EQ(json()["edited"], std::vector<std::string>{ids[0]});
    EXPECT_EQ(run({"runs", "-w", w, "--query", "tag=paper", "--json"}), 0);
    EXPECT_EQ(json().size(), ids.size() - 1);
    EXPECT_EQ(run({"runs", "-w", w, "--query", "note=odd name=first", "--json"}), 0);
    ASSERT_EQ(json().size(), 1U);
    EXPECT_EQ(json()[0]["group"], "table 1");
    EXPECT_EQ(run({"edit", ids[0], "--note", "", "-w", w}), 0);
    EXPECT_EQ(run({"runs", "-w", w, "--query", "note=odd", "--json"}), 0);
    EXPECT_EQ(json().size(), 0U) << "an empty note is none";
    EXPECT_EQ(run({"edit", ids[0], ids[1], "--name", "both", "-w", w}), toInt(ExitCode::Usage));
    EXPECT_EQ(run({"edit", ids[0], "-w", w}), toInt(ExitCode::Usage));
    EXPECT_THAT(err.str(), HasSubstr("There is nothing to change."));
}

} // namespace
} // namespace dskd::cli

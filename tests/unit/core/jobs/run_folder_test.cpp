#include "core/jobs/run_folder.h"

#include "core/config/schema/experiment_json.h"
#include "tests/support/job_fixture.h"

#include <nlohmann/json.hpp>
#include <set>

namespace dskd::jobs
{
namespace
{

using testing::HasSubstr;
using testing::MatchesRegex;

class RunFolder : public test::JobTest
{
};

TEST_F(RunFolder, GetsAReadableIdAndAFrozenConfiguration)
{
    config::Experiment e = experiment();
    e.method.alignment = config::Alignment::Cma;
    e.method.distance = Distance::Akl;
    e.seed = 20;
    const std::string id = createRun(workspace, e).value();
    EXPECT_THAT(id, MatchesRegex("[0-9]{8}-[0-9]{6}-dskd-cma-akl-s20"));
    EXPECT_EQ(config::toJson(runConfig(layout(id)).value()), config::toJson(e));
    const store::RunRow row = workspace.run(id).value();
    EXPECT_EQ(row.name, "dskd-cma-akl-s20");
    EXPECT_EQ(row.distance, "akl");
    EXPECT_EQ(row.seed, 20u);
    EXPECT_NEAR(row.created, unixTime(), 60);
}

TEST_F(RunFolder, WithoutANameIsCalledByItsMethodAsTablesShowIt)
{
    const auto called = [](const config::Experiment& e) { return summaryOf(e).name + "|" + summaryOf(e).methodLabel; };
    config::Experiment e = experiment();
    EXPECT_EQ(called(e), "dskd-s10|dskd");
    config::setField(e, "method", "seqkd").value();
    EXPECT_EQ(called(e), "seqkd-s10|seqkd");
    config::setField(e, "method", "dskd-cma").value();
    e.keyQuery.matching = config::KeyQueryMatching::Sinkhorn;
    EXPECT_EQ(called(e), "dual-kl-cma-sinkhorn-s10|dual kl cma sinkhorn");
    e.job = config::JobKind::Evaluate;
    EXPECT_EQ(called(e), "evaluate-s10|evaluate");
    e.name = "mine";
    EXPECT_EQ(called(e), "mine|evaluate");
}

TEST_F(RunFolder, NeverReusesAnId)
{
    std::set<std::string> ids;
    for (int i = 0; i < 5; ++i) {
        const std::string id = newRun("");
        EXPECT_TRUE(ids.insert(id).second);
        if (i == 2) {
            ASSERT_TRUE(moveToTrash(workspace, id));
        }
    }
}

TEST_F(RunFolder, IsNotMadeForAnExperimentWithProblems)
{
    config::Experiment e = experiment();
    e.teacher.model = "";
    e.data.train = "";
    const auto refused = createRun(workspace, e);
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.failure().what, HasSubstr("2 problems"));
    EXPECT_THAT(refused.failure().what, HasSubstr("teacher.model"));
    EXPECT_TRUE(std::filesystem::is_empty(workspace.layout().runs()));
    EXPECT_TRUE(workspace.runs().empty());
}

TEST_F(RunFolder, HashesWhatDecidesTheOutcome)
{
    config::Experiment e = experiment();
    const std::string hash = configHash(e);
    e.seed = 99;
    e.name = "other";
    e.log.probeEvery = 1;
    e.train.threads = 1;
    EXPECT_EQ(configHash(e), hash);
    e.train.lr *= 2;
    EXPECT_NE(configHash(e), hash);
}

TEST_F(RunFolder, HashesNoFieldWithoutAnEffect)
{
    config::Experiment sft = experiment();
    sft.method.objective = config::Objective::Sft;
    const std::string hash = configHash(sft);
    sft.method.temperature *= 2; // of distillation, which SFT does not do
    EXPECT_EQ(configHash(sft), hash);

    config::Experiment distilled = experiment();
    const std::string other = configHash(distilled);
    distilled.method.temperature *= 2;
    EXPECT_NE(configHash(distilled), other);
}

TEST_F(RunFolder, GoesToTheTrashAndComesBackWhole)
{
    const std::string id = newRun("");
    ASSERT_TRUE(writeFileAtomically(layout(id).root / "data.bin", std::string(1000, 'x')));
    ASSERT_TRUE(workspace.enqueue(id));
    ASSERT_TRUE(moveToTrash(workspace, id));
    EXPECT_FALSE(std::filesystem::exists(layout(id).root));
    EXPECT_TRUE(workspace.runs().empty());
    EXPECT_TRUE(workspace.queue().empty());
    EXPECT_FALSE(moveToTrash(workspace, id));
    EXPECT_FALSE(workspace.enqueue(id));
    ASSERT_TRUE(restoreFromTrash(workspace, id));
    EXPECT_EQ(readTextFile(layout(id).root / "data.bin").value().size(), 1000u);
    EXPECT_FALSE(restoreFromTrash(workspace, id));
    EXPECT_FALSE(purge(workspace, id)) << "only from the trash";
    ASSERT_TRUE(moveToTrash(workspace, id));
    EXPECT_GT(purge(workspace, id).value(), 1000u);
    EXPECT_FALSE(workspace.run(id));
    EXPECT_TRUE(std::filesystem::is_empty(workspace.layout().trash()));
    EXPECT_FALSE(moveToTrash(workspace, "../../elsewhere"));
}

TEST_F(RunFolder, StaysWhileItsWorkerLives)
{
    const std::string id = newRun("end=hang");
    launch(id);
    EXPECT_THAT(moveToTrash(workspace, id).failure().hint, HasSubstr("Stop it first"));
}

} // namespace
} // namespace dskd::jobs

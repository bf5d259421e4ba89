#include "app/demo/demo_runs.h"

#include "core/base/atomic_file.h"
#include "tests/support/temporary_folder.h"

#include <gmock/gmock.h>
#include <utility>

namespace dskd::demo
{
namespace
{

using testing::ElementsAre;
using testing::HasSubstr;

// The names of the plan's experiments with their seeds, in order.
std::vector<std::string> listed(const DemoPlan& plan)
{
    std::vector<std::string> list;
    for (const config::Experiment& experiment : plan.experiments) {
        list.push_back(experiment.name + " " + std::to_string(experiment.seed));
    }
    return list;
}

// A demo of two configurations beside the real models.
class Demo : public testing::Test
{
protected:
    Demo()
    {
        std::filesystem::create_directories(folder / "experiments");
        for (const auto& [name, rate] : {std::pair("a", "0.001"), std::pair("b", "0.002")}) {
            write(std::string(name) + ".json",
                  R"({"version": 1, "student": {"model": "/s"}, "teacher": {"model": "/t"},
                "data": {"train": "/d.jsonl"}, "train": {"steps": 600, "lr": )" +
                      std::string(rate) + "}}");
        }
        write("demo.json", R"({"version": 1, "title": "Two", "trio": ["a"], "others": ["b"], "seeds": [3, 1],
            "other_seeds": [1], "quick": ["train.steps=40"]})");
    }
    void write(const std::string& name, const std::string& text)
    {
        ASSERT_TRUE(writeFileAtomically(files.experiments / name, text));
    }

    test::TemporaryFolder folder;
    DemoFiles files{folder / "resources", folder / "experiments"};
};

TEST_F(Demo, RunsSeedBySeed)
{
    const DemoPlan plan = planDemo(files, {});
    EXPECT_EQ(plan.title, "Two");
    EXPECT_THAT(listed(plan), ElementsAre("a 3", "a 1", "b 1"));
    EXPECT_EQ(plan.experiments.front().train.steps, 600);
    EXPECT_THAT(listed(planDemo(files, {.seeds = {7, 8}})), ElementsAre("a 7", "b 7", "a 8", "b 8"));
}

TEST_F(Demo, TheShortVersionHasOneSeedAndItsOwnGroup)
{
    const DemoPlan plan = planDemo(files, {.quick = true, .seeds = {}});
    EXPECT_THAT(listed(plan), ElementsAre("a 3", "b 1"));
    EXPECT_EQ(plan.experiments.front().train.steps, 40);
    EXPECT_EQ(plan.experiments.front().group, "demo quick");
    write("demo.json", R"({"version": 1, "trio": ["a"], "seeds": [1], "quick": ["train.steps"]})");
    try {
        (void)planDemo(files, {.quick = true, .seeds = {}});
        FAIL() << "train.steps has no value";
    } catch (const Error& error) {
        EXPECT_THAT(error.failure().what, HasSubstr("\"train.steps\", which has no \"=\""));
    }
}

TEST_F(Demo, MakesEachRunOnceAndPlacesIt)
{
    auto workspace = store::WorkspaceDb::create(folder / "w").value();
    const DemoPlan plan = planDemo(files, {});
    const DemoRuns first = queueDemo(workspace, plan, false);
    EXPECT_EQ(first.ids.size(), 3U);
    EXPECT_EQ(first.queued, 3);
    for (const store::RunRow& run : workspace.runs()) {
        EXPECT_TRUE(run.experiment) << run.id;
    }
    EXPECT_EQ(queueDemo(workspace, plan, false).ids, first.ids);
    EXPECT_EQ(workspace.runs().size(), 3U);
    EXPECT_NE(queueDemo(workspace, plan, true).ids, first.ids);
    EXPECT_EQ(workspace.runs().size(), 6U);
}

} // namespace
} // namespace dskd::demo

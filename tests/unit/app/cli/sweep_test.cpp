// How --set and --grid make experiments: the order of field_sets.h.

#include "app/cli/command_line.h"
#include "app/cli/field_sets.h"
#include "app/cli/grid.h"
#include "core/config/schema/experiment_json.h"
#include "core/jobs/experiments.h"
#include "core/store/workspace_db.h"
#include "tests/support/paths.h"
#include "tests/support/temporary_folder.h"

#include <fstream>
#include <functional>
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace dskd::cli
{
namespace
{

using testing::ElementsAre;
using testing::HasSubstr;

config::Experiment experimentFile()
{
    config::Experiment file;
    file.student.model = "/s";
    file.teacher.model = "/t";
    file.data.train = "/d.jsonl";
    return file;
}

std::vector<config::Experiment> expand(const std::vector<std::string>& axes, const std::vector<std::string>& sets = {},
                                       const std::vector<std::uint64_t>& seeds = {},
                                       const config::Experiment& file = experimentFile())
{
    std::vector<config::Axis> parsed;
    for (const std::string& axis : axes) {
        parsed.push_back(parseAxis(axis));
    }
    const config::Plan plan = makePlan(file, parseSets(sets), parsed, seeds);
    return orThrow(jobs::plannedRuns(sweepName({}, plan, "file"), plan), FailureKind::Usage);
}

std::vector<std::string> namesOf(const std::vector<config::Experiment>& experiments)
{
    std::vector<std::string> names;
    for (const config::Experiment& experiment : experiments) {
        names.push_back(experiment.name);
    }
    return names;
}

// Why the words are not understood.
std::string refusal(const std::function<void()>& action)
{
    try {
        action();
    } catch (const Error& problem) {
        EXPECT_EQ(problem.failure().kind, FailureKind::Usage) << problem.failure().what;
        return problem.failure().text();
    }
    ADD_FAILURE() << "nothing was refused";
    return {};
}

TEST(Sets, NameAMethodBeforeItsFieldsInAnyOrder)
{
    config::Experiment experiment;
    apply(parseSets({"method.temperature=4", "method=gkd"}), experiment);
    EXPECT_EQ(experiment.method.temperature, 4.0);
    EXPECT_EQ(experiment.method.distance, Distance::Gjs);
}

TEST(Sets, TheLastOfAFieldCounts)
{
    config::Experiment experiment;
    apply(parseSets({"train.lr=1", "steps=3", "train.lr=2"}), experiment);
    EXPECT_EQ(experiment.train.lr, 2.0);
    EXPECT_EQ(experiment.train.steps, 3);
}

TEST(Sets, RefuseWhatCannotBeAppliedByItsName)
{
    EXPECT_THAT(refusal([] {
                    parseSets({"method=gkd", "lr=1", "method=dskd"});
                }),
                HasSubstr("two methods, gkd and dskd"));
    EXPECT_THAT(refusal([] { parseSets({"train.lr"}); }), HasSubstr("\"train.lr\" has no \"=\""));
    config::Experiment experiment;
    EXPECT_THAT(refusal([&] { apply(parseSets({"train.lr=fast"}), experiment); }), HasSubstr("train.lr is \"fast\""));
    EXPECT_THAT(refusal([&] { apply(parseSets({"no_such=1"}), experiment); }), HasSubstr("no_such"));
    EXPECT_THAT(refusal([&] { apply(parseSets({"method="}), experiment); }), HasSubstr("method"));
}

TEST(Grid, MultipliesAxesAndSeeds)
{
    EXPECT_EQ(parseAxis("space=diff,student,dual").field, "method.space");
    config::Experiment file = experimentFile();
    file.name = "demo";
    const auto grid = expand({"space=diff,student,dual", "distance=kl,rkl"}, {}, {10, 20, 30}, file);
    ASSERT_EQ(grid.size(), 18U);
    EXPECT_EQ(grid[0].name, "space=diff distance=kl") << "the group carries the configuration's name";
    EXPECT_EQ(grid[0].group, "demo");
    EXPECT_EQ(grid[1].seed, 20U);
    EXPECT_THAT(namesOf(expand({}, {}, {10, 20}, file)), ElementsAre("demo", "demo"));
}

TEST(Grid, NamesAxesThatEndAlikeInFull)
{
    EXPECT_THAT(namesOf(expand({"train.lr=0.1", "projector.lr=0.2", "train.steps=7"})),
                ElementsAre("train.lr=0.1 projector.lr=0.2 steps=7"));
}

TEST(Grid, NamesWhatCannotBe)
{
    EXPECT_THAT(refusal([] { parseAxis("space"); }), HasSubstr("--grid \"space\" is not of the form"));
    EXPECT_THAT(refusal([] { parseAxis("space=diff,,dual"); }), HasSubstr("\"space=diff,,dual\" has an empty value"));
    EXPECT_THAT(refusal([] { parseAxis("space=diff,diff"); }), HasSubstr("names diff twice"));
    EXPECT_THAT(refusal([] { parseAxis("train.lr=1e-3,0.002,0.001"); }), HasSubstr("1e-3 and 0.001 are the same."));
    EXPECT_EQ(parseAxis("train.lr=1e-3,1e-4").values, (std::vector<std::string>{"1e-3", "1e-4"}));
    EXPECT_THAT(refusal([] { parseAxis("no_such=1"); }), HasSubstr("no_such"));
    EXPECT_THAT(refusal([] { parseSeeds("10,x"); }), HasSubstr("\"x\" is not a whole number"));
    EXPECT_THAT(refusal([] { expand({"space=nowhere"}); }), HasSubstr("method.space is \"nowhere\""));
    config::Experiment alone = experimentFile();
    alone.teacher.model.clear();
    EXPECT_THAT(refusal([&] { expand({"objective=sft,kd"}, {}, {}, alone); }),
                HasSubstr("The combination \"objective=kd\" cannot run: "));
}

TEST(Grid, AMethodUndoesNoOtherAxis)
{
    const auto grid = expand({"distance=kl,srkl", "method=gkd"});
    EXPECT_THAT(namesOf(grid), ElementsAre("method=gkd distance=kl", "method=gkd distance=srkl"));
    EXPECT_EQ(grid[1].method.distance, Distance::Srkl);
    EXPECT_EQ(grid[1].onPolicy.ratio, 0.5);
}

TEST(Grid, AMethodUndoesNoFieldThatIsSetBesideIt)
{
    const std::vector<std::string> axes{"method=vanilla,gkd", "ratio=0.25,0.75"};
    const auto grid = expand(axes, {"method.temperature=4", "name=foo", "group=x"});
    ASSERT_EQ(grid.size(), 4U);
    EXPECT_EQ(grid[0].method.temperature, 4.0);
    EXPECT_EQ(grid[0].name, "method=vanilla ratio=0.25");
    EXPECT_EQ(grid[0].group, "x");
    EXPECT_EQ(grid[2].method.temperature, 4.0);
    EXPECT_EQ(grid[2].method.distance, Distance::Gjs);
    EXPECT_EQ(grid[2].onPolicy.ratio, 0.25);
    EXPECT_EQ(grid[3].onPolicy.ratio, 0.75);
    EXPECT_EQ(expand({"method=gkd"}, {"on_policy.ratio=0.125"}).front().onPolicy.ratio, 0.125);
}

// The method is chosen once: what an earlier one in the file has brought goes, what the file has set itself stays.
TEST(Grid, EveryMethodStartsFromTheFile)
{
    config::Experiment file = experimentFile();
    apply(parseSets({"method=gkd", "train.steps=7"}), file);
    const auto grid = expand({"method=vanilla,gkd"}, {}, {}, file);
    EXPECT_EQ(grid[0].onPolicy.ratio, config::Experiment().onPolicy.ratio);
    EXPECT_EQ(grid[0].train.steps, 7);
    EXPECT_EQ(grid[1].onPolicy.ratio, 0.5);
    EXPECT_EQ(grid[1].train.steps, 7);
}

TEST(Grid, TheGroupIsThatOfTheWordsElseOfTheConfigurationElseItsName)
{
    config::Experiment file = experimentFile();
    const auto groupOf = [&](const std::string& given, const std::vector<std::string>& sets) {
        return sweepName(given, makePlan(file, parseSets(sets), {parseAxis("space=dual")}, {}), "file");
    };
    EXPECT_EQ(groupOf("", {}), "file");
    file.name = "named";
    EXPECT_EQ(groupOf("", {}), "named");
    EXPECT_EQ(groupOf("", {"name=set"}), "set");
    file.group = "grouped";
    EXPECT_EQ(groupOf("", {}), "grouped");
    EXPECT_EQ(groupOf("", {"group=set"}), "set");
    EXPECT_EQ(groupOf("word", {"group=set"}), "word");
}

TEST(Grid, RefusesTwoWaysOfVaryingOneField)
{
    EXPECT_THAT(refusal([] {
                    expand({"space=diff,dual", "method.space=student"});
                }),
                HasSubstr("Two axes vary method.space"));
    EXPECT_THAT(refusal([] { expand({"seed=1,2"}, {}, {3, 4}); }), HasSubstr("both vary the seed"));
    EXPECT_THAT(refusal([] { expand({"method=gkd"}, {"method=dskd"}); }), HasSubstr("both name the method"));
    EXPECT_THAT(refusal([] { expand({"name=a,b"}); }), HasSubstr("An axis cannot vary the name"));
    EXPECT_THAT(refusal([] { expand({"group=a,b"}); }), HasSubstr("An axis cannot vary the group"));
}

TEST(Grid, RefusesASetThatWouldHaveNoEffect)
{
    const std::string field = refusal([] { expand({"method=vanilla,gkd", "ratio=0.25,0.75"}, {"ratio=0.5"}); });
    EXPECT_THAT(field,
                HasSubstr("--set ratio=0.5 would have no effect: the plan varies on_policy.ratio (0.25, 0.75)."));
    EXPECT_THAT(field, HasSubstr("--grid none"));
    EXPECT_THAT(refusal([] { expand({"space=diff,dual"}, {"method.space=student"}); }), HasSubstr("method.space"));
    EXPECT_THAT(refusal([] { expand({}, {"seed=7"}, {1, 2, 3}); }), HasSubstr("the plan lists its seeds (1-3)"));
    EXPECT_EQ(expand({}, {"seed=7"}).front().seed, 7U);
}

// A value that was held against an axis of methods gives way to a new one, whether the axis is still there or not.
TEST(Grid, KeepsOneValueOfAFieldThatIsSetAgain)
{
    config::Plan plan =
        makePlan(experimentFile(), parseSets({"method.temperature=4", "train.lr=0.5"}), {parseAxis("method=gkd")}, {});
    const auto before = plan.fixed;
    apply(parseSets({"method.temperature=4"}), plan);
    EXPECT_EQ(plan.fixed, before) << "in its place";
    plan.axes.clear();
    apply(parseSets({"method.temperature=3"}), plan);
    EXPECT_EQ(config::expand(plan).value().front().experiment.method.temperature, 3.0);
    EXPECT_EQ(config::expand(plan).value().front().experiment.train.lr, 0.5) << "of nothing else";
}

// `dskd sweep` of a configuration whose files are there, in no workspace but its own.
class Sweep : public testing::Test
{
protected:
    Sweep()
    {
        auto demo = config::loadExperiment(test::sourceDir() + "/experiments/demo/dual.json").value();
        demo.name.clear();
        demo.group.clear();
        std::ofstream(file) << config::toJson(demo).dump();
    }
    int run(std::vector<std::string> words)
    {
        out.str("");
        err.str("");
        words.insert(words.begin(), {"sweep", file});
        Console console{out, err};
        return runCommandLine(std::move(words), console);
    }

    test::TemporaryFolder folder;
    std::string file = folder / "pair.json";
    std::ostringstream out;
    std::ostringstream err;
};

TEST_F(Sweep, DryRunListsTheRunsThatItWouldMake)
{
    ASSERT_EQ(
        run({"--grid", "method=dskd,gkd", "--set", "method.temperature=4", "--seeds", "1,2", "--dry-run", "--json"}), 0)
        << err.str();
    const auto json = nlohmann::json::parse(out.str());
    EXPECT_EQ(json["group"], "pair");
    EXPECT_EQ(json["runs"].dump(), R"([{"name":"method=dskd","seed":1},{"name":"method=dskd","seed":2},)"
                                   R"({"name":"method=gkd","seed":1},{"name":"method=gkd","seed":2}])");
    EXPECT_EQ(json["estimate"]["runs"], 4);
    EXPECT_GT(json["estimate"]["checkpoint_bytes"], 0);
    ASSERT_EQ(run({"--seeds", "1,2", "--dry-run"}), 0) << err.str();
    EXPECT_EQ(out.str(), "pair, seed 1\npair, seed 2\n");
    EXPECT_THAT(err.str(), HasSubstr("2 runs, time not known yet (no run like them), "));
}

TEST_F(Sweep, DryRunRefusesWhatTheSweepRefuses)
{
    const std::string w = folder / "w";
    (void)store::WorkspaceDb::create(w).value();
    const std::vector<std::vector<std::string>> all{
        {"--group", "last"}, {"--group", "abl@1"}, {"--set", "data.train=/nowhere.jsonl"}};
    for (const std::vector<std::string>& wrong : all) {
        std::vector<std::string> words = wrong;
        words.insert(words.end(), {"--seeds", "1,2", "--queue", "-w", w});
        const int code = run(words);
        const std::string why = err.str();
        EXPECT_NE(code, 0) << wrong[1];
        words.emplace_back("--dry-run");
        EXPECT_EQ(run(words), code) << wrong[1];
        EXPECT_EQ(err.str(), why);
        EXPECT_EQ(out.str(), "");
    }
    EXPECT_TRUE(store::WorkspaceDb::open(w).value().runs().empty());
}

} // namespace
} // namespace dskd::cli

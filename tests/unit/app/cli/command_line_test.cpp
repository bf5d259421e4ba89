#include "app/cli/command_line.h"
#include "app/cli/commands/run.h"
#include "app/cli/grid.h"
#include "app/cli/terminal/progress.h"
#include "app/cli/workspace_access.h"
#include "core/text/columns.h"
#include "tests/support/paths.h"
#include "tests/support/sample_workspace.h"
#include "tests/support/temporary_folder.h"

#include <algorithm>
#include <cstdlib>
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>
#include <sstream>
#include <sys/wait.h>

namespace dskd::cli
{
namespace
{

using testing::HasSubstr;

class Cli : public testing::Test
{
protected:
    int run(std::vector<std::string> words)
    {
        out.str("");
        err.str("");
        Console console{out, err};
        console.width = 120;
        return runCommandLine(std::move(words), console);
    }
    nlohmann::json json() { return nlohmann::json::parse(out.str()); }

    std::ostringstream out;
    std::ostringstream err;
    test::TemporaryFolder folder;
};

class CliWithRuns : public Cli
{
protected:
    CliWithRuns()
    {
        auto workspace = store::WorkspaceDb::create(folder / "w").value();
        ids = test::fillSampleWorkspace(workspace, "", 50);
    }
    std::string w = folder / "w";
    std::vector<std::string> ids;
};

TEST_F(Cli, SuggestsTheCommandThatWasMeant)
{
    EXPECT_EQ(run({"comapre"}), toInt(ExitCode::Usage));
    EXPECT_THAT(err.str(), HasSubstr("Did you mean \"compare\"?"));
}

TEST_F(Cli, EveryCommandExplainsItselfWithAnExample)
{
    for (const char* name : {"init",    "run",    "queue",  "runs",     "show",    "metrics", "stop",     "resume",
                             "compare", "sweep",  "eval",   "generate", "export",  "align",   "tokenize", "demo",
                             "doctor",  "config", "report", "delete",   "restore", "attach"}) {
        EXPECT_EQ(run({name, "--help"}), 0) << name;
        EXPECT_THAT(out.str(), HasSubstr("Example: dskd ")) << name;
    }
}

TEST_F(Cli, SaysHowToMakeAWorkspaceWhereThereIsNone)
{
    EXPECT_EQ(run({"runs", "-w", (folder / "none").string()}), toInt(ExitCode::NotFound));
    EXPECT_THAT(err.str(), HasSubstr("dskd init"));
}

TEST_F(Cli, FailsInJsonWhenJsonWasAskedFor)
{
    EXPECT_EQ(run({"runs", "--json", "-w", (folder / "none").string()}), toInt(ExitCode::NotFound));
    EXPECT_EQ(json()["error"]["exit_code"], toInt(ExitCode::NotFound));
}

TEST_F(Cli, InitMakesAWorkspaceAndKeepsAnExistingOne)
{
    const std::string w = folder / "w";
    EXPECT_EQ(run({"init", w, "--json"}), 0);
    EXPECT_TRUE(json()["created"]);
    EXPECT_EQ(run({"init", w, "--json"}), 0);
    EXPECT_FALSE(json()["created"]);
    EXPECT_EQ(run({"runs", "-w", w, "--json"}), 0);
    EXPECT_EQ(json(), nlohmann::json::array());
}

TEST_F(Cli, CheckSaysWhatFitsAndWhatWouldCureWhatDoesNot)
{
    const std::string cma = test::sourceDir() + "/experiments/demo/cma.json";
    EXPECT_EQ(run({"check", cma, "--json"}), 0);
    EXPECT_TRUE(json()["fits"]);
    EXPECT_EQ(run({"check", cma, "--set", "method.alignment=none", "--json"}), toInt(ExitCode::Usage));
    EXPECT_THAT(json().dump(), HasSubstr(R"("method.alignment":"cma")"));
    EXPECT_EQ(run({"check", cma, "--set", "student.model=/nonexistent"}), toInt(ExitCode::Usage));
    EXPECT_THAT(out.str(), HasSubstr("/nonexistent"));
}

TEST_F(Cli, PreparesTheDemoOnceAndLeavesItQueued)
{
    const std::string w = folder / "demo";
    EXPECT_EQ(run({"demo", "--prepare", "--quick", "-w", w, "--json"}), 0);
    const auto first = json();
    EXPECT_GE(first["queued"], 4); // the trio and the run across tokenizers
    EXPECT_EQ(run({"queue", "list", "-w", w, "--json"}), 0);
    EXPECT_EQ(json().size(), first["runs"].size());
    EXPECT_EQ(run({"demo", "--prepare", "--quick", "-w", w, "--json"}), 0);
    EXPECT_EQ(json()["runs"], first["runs"]) << "a second call must not make the runs again";
}

TEST_F(CliWithRuns, ListsRunsAsJson)
{
    EXPECT_EQ(run({"runs", "-w", w, "--json"}), 0);
    ASSERT_EQ(json().size(), ids.size());
    EXPECT_EQ(json()[0]["status"], "done");
    EXPECT_EQ(json()[0]["objective"], "sft");
    EXPECT_EQ(json()[0]["method"], "sft");
}

TEST_F(CliWithRuns, TheLastTrainedRunIsNoAnswerSince)
{
    auto workspace = store::WorkspaceDb::open(w).value();
    store::RunRow answers = workspace.run(ids.back()).value();
    const std::string trained = findTrainedRun(workspace, "last").value();
    answers.id = "99991231-235959-generate-s10";
    answers.job = "generate";
    ASSERT_TRUE(workspace.addRun(answers));
    EXPECT_EQ(workspace.findRun("last").value(), answers.id);
    EXPECT_EQ(findTrainedRun(workspace, "last").value(), trained);
    EXPECT_EQ(run({"export", "last", "--to", folder / "taken", "-w", w}), toInt(ExitCode::NotFound));
    EXPECT_THAT(err.str(), HasSubstr(trained + " has no finished checkpoint"));
}

TEST_F(Cli, SaysThatNothingHasTrainedYet)
{
    const std::string w = folder / "empty";
    ASSERT_EQ(run({"init", w}), 0);
    EXPECT_EQ(run({"export", "last", "--to", folder / "taken", "-w", w}), toInt(ExitCode::NotFound));
    EXPECT_THAT(err.str(), HasSubstr("There is no training run yet"));
}

TEST_F(CliWithRuns, ListsTrashedRunsWithTheirValues)
{
    EXPECT_EQ(run({"runs", "-w", w, "--json"}), 0);
    const auto loss = json()[0]["loss"];
    ASSERT_TRUE(loss.is_number());
    EXPECT_EQ(run({"delete", ids[0], "-w", w}), 0);
    EXPECT_EQ(run({"runs", "--trash", "-w", w, "--json"}), 0);
    ASSERT_EQ(json().size(), 1U);
    EXPECT_EQ(json()[0]["loss"], loss);
}

TEST_F(CliWithRuns, WritesEveryPointOfAMetric)
{
    EXPECT_EQ(run({"metrics", ids[0], "-w", w, "--name", "loss", "--csv"}), 0);
    const std::string text = out.str();
    EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 51); // header and 50 steps
    EXPECT_EQ(run({"metrics", ids[0], "-w", w, "--name", "no_such"}), toInt(ExitCode::NotFound));
}

TEST_F(CliWithRuns, ComparesAGroupWithDeltasToTheBaseline)
{
    EXPECT_EQ(run({"compare", "group:demo", "-w", w, "--json"}), 0);
    ASSERT_EQ(json()["groups"].size(), 5U);
    EXPECT_TRUE(json()["groups"][0]["baseline"]);
    EXPECT_EQ(json()["groups"][0]["values"]["loss.last"]["count"], 3);
    const auto first = json()["groups"][1];
    EXPECT_TRUE(first["values"]["nll_loss.last"].contains("delta"));
    EXPECT_EQ(first["values"]["nll_loss.last"]["delta_to"], "sft");
    EXPECT_FALSE(first["values"]["loss.last"].contains("delta")) << "the loss of another objective";
    EXPECT_EQ(first["done"], 3);
    EXPECT_EQ(first["runs"][0]["status"], "done");
    EXPECT_EQ(run({"compare", "group:demo", "-w", w, "--latex"}), 0);
    EXPECT_THAT(out.str(), HasSubstr("\\toprule"));
}

TEST_F(CliWithRuns, TakesTheBareNameOfAGroupWhereNoRunIsCalledSo)
{
    EXPECT_EQ(run({"compare", "demo", "-w", w, "--json"}), 0);
    EXPECT_EQ(json()["groups"].size(), 5U);
    EXPECT_EQ(run({"compare", "no such group", "-w", w}), toInt(ExitCode::NotFound));
}

TEST_F(CliWithRuns, RefusesToExportWhatIsNotThere)
{
    EXPECT_EQ(run({"export", ids[0], "-w", w, "--to", (folder / "out").string()}), toInt(ExitCode::NotFound));
    EXPECT_THAT(err.str(), HasSubstr("no finished checkpoint"));
}

TEST_F(CliWithRuns, DeletesIntoTheTrashAndRestores)
{
    EXPECT_EQ(run({"delete", ids[0], "-w", w}), 0);
    EXPECT_EQ(run({"runs", "--trash", "-w", w, "--json"}), 0);
    EXPECT_EQ(json().size(), 1U);
    EXPECT_EQ(run({"restore", ids[0], "-w", w}), 0);
    EXPECT_EQ(run({"runs", "-w", w, "--json"}), 0);
    EXPECT_EQ(json().size(), ids.size());
}

TEST(Grid, MultipliesAxesAndSeeds)
{
    config::Experiment base;
    base.name = "demo";
    base.student.model = "/s";
    base.teacher.model = "/t";
    base.data.train = "/d.jsonl";
    const auto axis = parseAxis("space=diff,student,dual").value();
    EXPECT_EQ(axis.field, "method.space");
    const auto grid = expandGrid(base, {axis, parseAxis("distance=kl,rkl").value()}, {10, 20, 30}).value();
    ASSERT_EQ(grid.size(), 18U);
    EXPECT_EQ(grid[0].name, "space=diff distance=kl") << "the group carries the base's name";
    EXPECT_EQ(grid[1].seed, 20U);
    EXPECT_EQ(expandGrid(base, {}, {10, 20}).value()[1].name, "demo");
}

TEST(Grid, NamesAxesThatEndAlikeInFull)
{
    config::Experiment base;
    base.student.model = "/s";
    base.teacher.model = "/t";
    base.data.train = "/d.jsonl";
    const std::vector<Axis> axes{{"train.lr", {"0.1"}}, {"projector.lr", {"0.2"}}, {"train.steps", {"7"}}};
    EXPECT_EQ(expandGrid(base, axes, {}).value()[0].name, "train.lr=0.1 projector.lr=0.2 steps=7");
}

TEST(Grid, NamesWhatCannotBe)
{
    EXPECT_FALSE(parseAxis("space"));
    EXPECT_FALSE(parseAxis("space=diff,,dual"));
    EXPECT_FALSE(parseSeeds("10,x"));
    EXPECT_FALSE(expandGrid({}, {{"method.space", {"nowhere"}}}, {}));
}

TEST(Grid, AMethodUndoesNoOtherAxis)
{
    config::Experiment base;
    base.student.model = "/s";
    base.teacher.model = "/t";
    base.data.train = "/d.jsonl";
    const auto grid =
        expandGrid(base, {parseAxis("distance=kl,srkl").value(), parseAxis("method=gkd").value()}, {}).value();
    EXPECT_EQ(grid[1].name, "method=gkd distance=srkl");
    EXPECT_EQ(grid[1].method.distance, Distance::Srkl);
    EXPECT_EQ(grid[1].onPolicy.ratio, 0.5);
}

TEST(Grid, AMethodUndoesNoFieldThatIsSetBesideIt)
{
    config::Experiment base;
    base.student.model = "/s";
    base.teacher.model = "/t";
    base.data.train = "/d.jsonl";
    const std::vector<std::string> sets{"method.temperature=4", "on_policy.ratio=0.25", "name=foo", "group=x"};
    ASSERT_TRUE(applySets(base, sets));
    base.group = "y"; // as --group says
    const std::vector<Axis> axes{parseAxis("method=vanilla,gkd").value(), parseAxis("ratio=0.25,0.75").value()};
    const auto grid = expandGrid(base, axes, {}, sets).value();
    ASSERT_EQ(grid.size(), 4U);
    EXPECT_EQ(grid[0].method.temperature, 4.0);
    EXPECT_EQ(grid[0].name, "method=vanilla ratio=0.25");
    EXPECT_EQ(grid[0].group, "y");
    EXPECT_EQ(grid[2].method.temperature, 4.0);
    EXPECT_EQ(grid[2].method.distance, Distance::Gjs);
    EXPECT_EQ(grid[2].onPolicy.ratio, 0.25);
    EXPECT_EQ(grid[3].onPolicy.ratio, 0.75) << "what varies comes last";

    const auto twice = expandGrid(base, axes, {}, {"method=dskd"});
    ASSERT_FALSE(twice);
    EXPECT_THAT(twice.failure().what, HasSubstr("both name the method"));
}

TEST(Grid, RefusesTwoWaysOfVaryingOneField)
{
    const Axis space = parseAxis("space=diff,dual").value();
    const auto twice = expandGrid({}, {space, parseAxis("method.space=student").value()}, {});
    ASSERT_FALSE(twice);
    EXPECT_THAT(twice.failure().what, HasSubstr("method.space"));
    const auto seeds = expandGrid({}, {parseAxis("seed=1,2").value()}, {3, 4});
    ASSERT_FALSE(seeds);
    EXPECT_THAT(seeds.failure().what, HasSubstr("--seeds"));
}

TEST(Sets, NameAMethodBeforeItsFieldsInAnyOrder)
{
    config::Experiment experiment;
    ASSERT_TRUE(applySets(experiment, {"method.temperature=4", "method=gkd"}));
    EXPECT_EQ(experiment.method.temperature, 4.0);
    EXPECT_EQ(experiment.method.distance, Distance::Gjs);
    const auto two = applySets(experiment, {"method=gkd", "lr=1", "method=dskd"});
    ASSERT_FALSE(two);
    EXPECT_THAT(two.failure().what, HasSubstr("two methods, gkd and dskd"));
}

TEST(ProgressLine, FitsAnyWidthAndStaysAsciiWithoutUtf8)
{
    std::ostringstream sink;
    Console console{sink, sink};
    const ProgressFacts facts{"dual · kl", jobs::Status::Running, "training", 412, 600, 2.713, 18234.0, 100.0};
    for (const int width : {40, 80, 200}) {
        console.width = width;
        EXPECT_LT(text::displayWidth(progressLine(facts, console)), width);
    }
    EXPECT_THAT(progressLine(facts, console), HasSubstr("412/600  loss 2.713  18.2k tok/s  eta 1 m 40 s"));
}

// The real program, as a script sees it.
TEST(Program, ReturnsTheDocumentedExitCodes)
{
    const auto code = [](const std::string& words) {
        const int state = std::system((test::program("dskd") + " " + words + " >/dev/null 2>&1").c_str());
        return WEXITSTATUS(state);
    };
    EXPECT_EQ(code("--version"), 0);
    EXPECT_EQ(code("no-such-command"), toInt(ExitCode::Usage));
    EXPECT_EQ(code("run"), toInt(ExitCode::Usage));
    EXPECT_EQ(code("runs -w /no/such/folder"), toInt(ExitCode::NotFound));
    EXPECT_EQ(code("config --filter no_such_field"), toInt(ExitCode::NotFound));
}

} // namespace
} // namespace dskd::cli

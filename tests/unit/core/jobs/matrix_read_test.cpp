#include "core/jobs/experiments.h"
#include "core/jobs/matrix_table.h"
#include "core/jobs/run_folder.h"
#include "core/store/run_writer.h"
#include "tests/support/latex_grammar.h"
#include "tests/support/sample_matrix.h"
#include "tests/support/temporary_folder.h"

#include <atomic>
#include <filesystem>
#include <gmock/gmock.h>

namespace dskd::jobs
{
namespace
{

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class MatrixOfAWorkspace : public testing::Test
{
protected:
    // A finished run with forty answers at each of two steps, the first of which has the better ROUGE-L.
    void finish(const std::string& runId, double first, double second)
    {
        auto writer = store::RunWriter::open(workspace.layout().run(runId)).value();
        writer->beginAttempt(std::nullopt).value();
        for (const auto& [step, rouge] : {std::pair(10, first), {20, second}}) {
            for (int sample = 0; sample < 40; ++sample) {
                store::AnswerRow answer;
                answer.step = step;
                answer.sample = sample;
                answer.reference = "reference";
                answer.rougeL = rouge;
                writer->addAnswer(answer);
            }
            writer->addMetrics(step, step, {{"validation.rouge_l", rouge}});
        }
        writer->addEvent(20, "done", "Finished.");
        writer->endAttempt(0, "Finished.").value();
    }

    test::TemporaryFolder folder;
    store::WorkspaceDb workspace = store::WorkspaceDb::create(folder / "w").value();
    store::ExperimentTable table{workspace};
};

TEST_F(MatrixOfAWorkspace, HasWhatAnExperimentPlansAndDoesNotHave)
{
    config::Plan plan;
    plan.base = test::experimentWith({});
    plan.axes = {{"method.space", {"diff", "dual"}}, {"method.distance", {"rkl", "kl", "skl"}}};
    plan.seeds = {1, 2};
    const auto experiment = saveExperiment(workspace, "ablation", plan).value();
    const Matrix planned = readMatrix(workspace, {}, {experiment.id}, {}).value();
    ASSERT_THAT(planned.cells, SizeIs(6)) << "also before anything was run";
    EXPECT_THAT(planned.cells[0].missing, SizeIs(2));

    const auto missing = missingRuns(workspace, experiment).value();
    const auto ids =
        createRuns(workspace, {missing[0], missing[1]}, store::Queueing::No, {experiment.id, experiment.revision})
            .value();
    finish(ids[0], 0.5, 0.25);
    const Matrix matrix = readMatrix(workspace, ids, {}, {}).value();
    EXPECT_THAT(matrix.rowFields, ElementsAre("method.distance"));
    EXPECT_THAT(matrix.columnFields, ElementsAre("method.space"));
    ASSERT_THAT(matrix.rows, SizeIs(3));
    EXPECT_EQ(matrix.rows[0].front(), "rkl") << "in the order of the plan";
    const MatrixCell& cell = matrix.cell(0, 0);
    EXPECT_EQ(cell.state, CellState::Created) << "one run was never started";
    EXPECT_EQ(cell.seeds.done, 1);
    EXPECT_EQ(cell.value->mean, 0.5);
    EXPECT_THAT(cell.missing, IsEmpty());
    EXPECT_THAT(matrix.cell(2, 1).missing, SizeIs(2));
    EXPECT_EQ(matrix.cell(2, 1).missing[0].experiment, experiment.id);
}

TEST_F(MatrixOfAWorkspace, TestsTheAnswersOfTheStepThatTheMetricIsOf)
{
    const auto dual = createRun(workspace, test::experimentWith({{"space", "dual"}})).value();
    const auto diff = createRun(workspace, test::experimentWith({{"space", "diff"}})).value();
    finish(dual, 0.5, 0.25);
    finish(diff, 0.4, 0.25);
    MatrixRequest request;
    request.metric = "validation.rouge_l.best";
    const Matrix best = readMatrix(workspace, {dual, diff}, {}, request).value();
    EXPECT_EQ(best.cells[0].rank.mark, Mark::Best);
    ASSERT_TRUE(best.cells[1].rank.test);
    EXPECT_EQ(best.cells[1].rank.test->pairing, Pairing::Samples);
    EXPECT_EQ(best.cells[1].rank.test->pairs, 40);
    request.metric = "validation.rouge_l.last";
    const Matrix last = readMatrix(workspace, {dual, diff}, {}, request).value();
    EXPECT_EQ(last.cells[0].rank.mark, Mark::Tie) << "at the last step their answers are alike";
    EXPECT_EQ(last.cells[1].rank.test->p, 1.0);
}

// The exclusion is written as a person writes numbers.
TEST_F(MatrixOfAWorkspace, KnowsWhatAnExperimentLeavesOut)
{
    config::Plan plan;
    plan.base = test::experimentWith({});
    plan.axes = {{"method.space", {"diff", "dual"}}, {"train.lr", {"1e-3", "1e-4"}}};
    plan.excluded = {{{"method.space", "dual"}, {"train.lr", "1e-3"}}};
    const auto experiment = saveExperiment(workspace, "ablation", plan).value();
    MatrixRequest request;
    request.rows = {"train.lr"};
    request.columns = {"space"};
    const Matrix matrix = readMatrix(workspace, {}, {experiment.id}, request).value();
    ASSERT_THAT(matrix.cells, SizeIs(4));
    ASSERT_EQ(matrix.rows[1].front(), "0.001");
    EXPECT_EQ(matrix.cell(1, 1).state, CellState::Excluded);
    EXPECT_EQ(matrix.cell(0, 1).state, CellState::Missing);
    EXPECT_THAT(matrix.cell(0, 1).missing, SizeIs(1));
}

// The second revision has another learning rate, and one of its two runs.
TEST_F(MatrixOfAWorkspace, ShowsOfOneExperimentItsNewestRevisionUnlessAllIsAskedFor)
{
    config::Plan plan;
    plan.base = test::experimentWith({});
    plan.axes = {{"method.space", {"diff", "dual"}}};
    const auto make = [&](std::size_t count) {
        const auto experiment = saveExperiment(workspace, "ablation", plan).value();
        auto planned = missingRuns(workspace, experiment).value();
        planned.resize(count);
        auto ids = createRuns(workspace, planned, store::Queueing::No, {experiment.id, experiment.revision}).value();
        for (const std::string& id : ids) {
            finish(id, 0.5, 0.25);
        }
        return ids;
    };
    const std::vector<std::string> former = make(2);
    plan.base.train.lr = 0.25;
    std::vector<std::string> ids = make(1);
    const std::string newest = ids.front();
    ids.insert(ids.end(), former.begin(), former.end());

    const Matrix matrix = readMatrix(workspace, ids, {}, {}).value();
    EXPECT_TRUE(matrix.formerCanBeLeftOut);
    EXPECT_THAT(matrix.formerRuns, testing::UnorderedElementsAreArray(former));
    ASSERT_THAT(matrix.cells, SizeIs(2));
    ASSERT_THAT(matrix.cells[0].runs, SizeIs(1));
    EXPECT_EQ(matrix.cells[0].runs[0].runId, newest);
    EXPECT_FALSE(hasFormerRuns(matrix.cells[0]));
    EXPECT_TRUE(isPlanned(matrix.cells[1]));
    EXPECT_THAT(MatrixText(matrix, Spread::Deviation, MatrixStyle::Terminal).notes(),
                testing::Contains("2 runs of former revisions are not shown."));

    MatrixRequest request;
    request.revisions = Revisions::All;
    request.rows = {"space"};
    request.columns = {"train.lr"};
    const Matrix all = readMatrix(workspace, ids, {}, request).value();
    EXPECT_TRUE(all.formerCanBeLeftOut);
    EXPECT_THAT(all.formerRuns, IsEmpty());
    ASSERT_EQ(all.columns, (std::vector<std::vector<std::string>>{{"0.0005"}, {"0.25"}}));
    EXPECT_EQ(all.cell(1, 0).runs.at(0).formerRevision, 1);
    EXPECT_FALSE(hasFormerRuns(all.cell(0, 1)));
    const MatrixText texts(all, Spread::Deviation, MatrixStyle::Terminal);
    EXPECT_EQ(texts.cell(all.cell(1, 0)), "50.00 † ‡") << "a tie with the other of its column";
    EXPECT_EQ(texts.marks(all.cell(0, 1)), "");
    EXPECT_THAT(texts.notes(), testing::Contains("‡: has runs of a former revision of the experiment."));
    EXPECT_THAT(test::LatexGrammar(toLatex(all, Spread::Deviation)).problems(), IsEmpty());
    for (const Revisions revisions : {Revisions::Newest, Revisions::All}) {
        request.revisions = revisions;
        const Matrix alone = readMatrix(workspace, former, {}, request).value();
        EXPECT_THAT(alone.formerRuns, IsEmpty()) << "nothing else would be left";
        EXPECT_FALSE(alone.formerCanBeLeftOut);
    }
    const auto other = saveExperiment(workspace, "second", plan).value();
    EXPECT_FALSE(readMatrix(workspace, ids, {other.id}, request)->formerCanBeLeftOut) << "of several experiments all";
}

TEST_F(MatrixOfAWorkspace, LeavesOutWhatCannotBeRead)
{
    const auto dual = createRun(workspace, test::experimentWith({{"space", "dual"}})).value();
    const auto diff = createRun(workspace, test::experimentWith({{"space", "diff"}})).value();
    finish(dual, 0.5, 0.25);
    std::filesystem::remove_all(workspace.layout().run(diff).root);
    const Matrix matrix = readMatrix(workspace, {dual, diff}, {}, {}).value();
    ASSERT_THAT(matrix.leftOut, SizeIs(1));
    EXPECT_EQ(matrix.leftOut[0].runId, diff);
    EXPECT_THAT(matrix.cells, SizeIs(1));
    EXPECT_FALSE(readMatrix(workspace, {diff}, {}, {})) << "nothing is left";
    EXPECT_EQ(readMatrix(workspace, {"no such run"}, {}, {}).failure().kind, FailureKind::NotFound);
}

TEST_F(MatrixOfAWorkspace, StopsOnceItIsCancelled)
{
    const auto dual = createRun(workspace, test::experimentWith({{"space", "dual"}})).value();
    finish(dual, 0.5, 0.25);
    std::atomic<bool> cancelled = false;
    EXPECT_TRUE(readMatrix(workspace, {dual}, {}, {}, &cancelled));
    cancelled = true;
    const auto stopped = readMatrix(workspace, {dual}, {}, {}, &cancelled);
    ASSERT_FALSE(stopped);
    EXPECT_THAT(stopped.failure().what, HasSubstr("cancelled"));
}

TEST_F(MatrixOfAWorkspace, SaysWhichPlanItCannotRead)
{
    const std::int64_t broken = table.add("broken", "{}").value();
    const auto dual = createRun(workspace, test::experimentWith({{"space", "dual"}})).value();
    finish(dual, 0.5, 0.25);
    ASSERT_TRUE(table.place({dual}, broken, 1));
    const Matrix matrix = readMatrix(workspace, {dual}, {}, {}).value();
    ASSERT_THAT(matrix.unreadPlans, SizeIs(1));
    EXPECT_THAT(matrix.unreadPlans[0].what, HasSubstr("What broken plans is not known"));
    EXPECT_THAT(matrix.cells, SizeIs(1));
}

} // namespace
} // namespace dskd::jobs

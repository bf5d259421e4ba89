#include "core/jobs/matrix.h"

#include "core/jobs/matrix_input.h"
#include "tests/support/sample_matrix.h"

#include <cmath>
#include <gmock/gmock.h>

namespace dskd::jobs
{
namespace
{

using test::addSeeds;
using test::distanceBySpace;
using test::experimentWith;
using test::outcomeWith;
using test::sampleMatrix;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

using Labels = std::vector<std::vector<std::string>>;

Matrix matrixOf(MatrixInput input, const MatrixRequest& request = distanceBySpace())
{
    return makeMatrix(std::move(input), request).value();
}

TEST(Matrix, HasAMeanOverSeedsInEachCell)
{
    const Matrix matrix = matrixOf(sampleMatrix());
    EXPECT_THAT(matrix.rowFields, ElementsAre("method.distance"));
    EXPECT_THAT(matrix.columnFields, ElementsAre("method.space"));
    EXPECT_EQ(matrix.rows, (Labels{{"kl"}, {"rkl"}}));
    EXPECT_EQ(matrix.columns, (Labels{{"diff"}, {"dual"}}));
    EXPECT_EQ(matrix.metric, "validation.rouge_l.best") << "the first headline that there is";
    const MatrixCell& cell = matrix.cell(1, 1);
    EXPECT_EQ(cell.state, CellState::Done);
    EXPECT_EQ(cell.seeds.done, 3);
    EXPECT_EQ(cell.value->count, 3);
    EXPECT_NEAR(cell.value->mean, 0.30, 1e-12);
    EXPECT_NEAR(cell.value->deviation, std::sqrt(0.0013), 1e-12);
    ASSERT_EQ(cell.runs.size(), 3U);
    EXPECT_EQ(cell.runs[2].runId, "rkl-dual-s3");
    EXPECT_EQ(cell.runs[2].seed, 3U);
    EXPECT_EQ(cell.runs[2].value, 0.27);
}

// With two degrees of freedom p = 1 - sqrt(t^2 / (2 + t^2)); t^2 is 363 and 1/3.
TEST(Matrix, MarksAsBestOnlyWhatATestSays)
{
    const Matrix matrix = matrixOf(sampleMatrix());
    EXPECT_EQ(matrix.cell(0, 0).rank.mark, Mark::Best);
    EXPECT_EQ(matrix.cell(1, 0).rank.mark, Mark::Worse);
    ASSERT_TRUE(matrix.cell(1, 0).rank.test);
    EXPECT_EQ(matrix.cell(1, 0).rank.test->pairing, Pairing::Seeds);
    EXPECT_EQ(matrix.cell(1, 0).rank.test->pairs, 3);
    EXPECT_NEAR(matrix.cell(1, 0).rank.test->p, 1 - std::sqrt(363.0 / 365.0), 1e-9);
    EXPECT_EQ(matrix.cell(0, 1).rank.mark, Mark::Tie) << "the best by its mean";
    EXPECT_EQ(matrix.cell(1, 1).rank.mark, Mark::Tie);
    EXPECT_NEAR(matrix.cell(1, 1).rank.test->p, 1 - std::sqrt(1.0 / 7.0), 1e-9);
    EXPECT_EQ(matrix.cell(1, 1).rank.best, 1U);
    EXPECT_FALSE(matrix.cell(0, 1).rank.test) << "it is not tested against itself";
}

// t^2 = 27 of both: p = 0.035 alone, twice that of two comparisons.
TEST(Matrix, CorrectsForTheNumberOfComparisons)
{
    MatrixInput input;
    addSeeds(input, {{"distance", "kl"}}, {0.30, 0.32, 0.31});
    addSeeds(input, {{"distance", "rkl"}}, {0.28, 0.28, 0.28});
    MatrixRequest request;
    request.rows = {"distance"};
    const Matrix two = matrixOf(input, request);
    EXPECT_EQ(two.cells[0].rank.mark, Mark::Best);
    EXPECT_NEAR(two.cells[1].rank.test->p, 1 - std::sqrt(27.0 / 29.0), 1e-9);
    addSeeds(input, {{"distance", "skl"}}, {0.28, 0.28, 0.28});
    const Matrix three = matrixOf(input, request);
    EXPECT_EQ(three.cells[0].rank.mark, Mark::Tie);
    EXPECT_EQ(three.cells[1].rank.mark, Mark::Tie);
    EXPECT_NEAR(three.cells[1].rank.test->p, 2 * (1 - std::sqrt(27.0 / 29.0)), 1e-9);
}

TEST(Matrix, RanksWithinAColumnAColumnGroupOrTheTable)
{
    MatrixRequest request = distanceBySpace();
    for (const BestWithin within : {BestWithin::ColumnGroup, BestWithin::Table}) {
        request.within = within;
        const Matrix matrix = matrixOf(sampleMatrix(), request);
        EXPECT_EQ(matrix.cell(0, 0).rank.mark, Mark::Tie) << "dual has the same values";
        EXPECT_EQ(matrix.cell(1, 1).rank.best, 0U) << "one field across is one group";
    }
    MatrixInput input = sampleMatrix();
    const std::size_t count = input.outcomes.size();
    for (std::size_t i = 0; i < count; ++i) {
        RunOutcome other = input.outcomes[i];
        other.runId += "-lr";
        other.experiment.train.lr = 0.25;
        other.values[test::kSampleRouge] += 0.5;
        input.outcomes.push_back(std::move(other));
    }
    request.columns = {"train.lr", "space"};
    request.within = BestWithin::ColumnGroup;
    const Matrix grouped = matrixOf(input, request);
    ASSERT_EQ(grouped.columns.size(), 4U);
    EXPECT_EQ(grouped.cell(1, 0).rank.best, 0U);
    EXPECT_EQ(grouped.cell(1, 3).rank.best, 2U) << "of its own learning rate";
}

TEST(Matrix, TestsNothingWithTwoSeeds)
{
    MatrixInput input;
    addSeeds(input, {{"distance", "kl"}}, {0.30, 0.32});
    addSeeds(input, {{"distance", "rkl"}}, {0.20, 0.20});
    MatrixRequest request;
    request.rows = {"distance"};
    const Matrix matrix = matrixOf(input, request);
    EXPECT_EQ(matrix.cells[0].rank.mark, Mark::Untested);
    EXPECT_EQ(matrix.cells[1].rank.mark, Mark::Untested);
    EXPECT_EQ(matrix.cells[1].rank.best, 0U) << "by its mean";
    EXPECT_FALSE(matrix.cells[1].rank.test);
}

// kl is better than rkl by a test; of skl there are too few seeds for one.
TEST(Matrix, CallsNothingTheBestBeforeAllIsTested)
{
    MatrixInput input;
    addSeeds(input, {{"distance", "kl"}}, {0.30, 0.32, 0.31});
    addSeeds(input, {{"distance", "rkl"}}, {0.20, 0.20, 0.20});
    addSeeds(input, {{"distance", "skl"}}, {0.10, 0.10});
    MatrixRequest request;
    request.rows = {"distance"};
    const Matrix matrix = matrixOf(input, request);
    EXPECT_EQ(matrix.cells[0].rank.mark, Mark::Untested);
    EXPECT_EQ(matrix.cells[1].rank.mark, Mark::Worse);
    EXPECT_EQ(matrix.cells[2].rank.mark, Mark::Untested);
}

// Each answer of kl is better by 0.1.
SampleScores scores(const std::string& runId, std::int64_t count)
{
    SampleScores made;
    for (std::int64_t sample = 0; sample < count; ++sample) {
        made[{sample, "reference"}] = 0.01 * static_cast<double>(sample) + (runId.starts_with("kl") ? 0.1 : 0.0);
    }
    return made;
}

TEST(Matrix, TestsOverTheAnswersWhereSeedsAreFew)
{
    MatrixInput input;
    addSeeds(input, {{"distance", "kl"}}, {0.40});
    addSeeds(input, {{"distance", "rkl"}}, {0.30});
    MatrixRequest request;
    request.rows = {"distance"};
    std::int64_t count = 40;
    input.scores = [&](const std::string& runId, const std::string&) { return scores(runId, count); };
    const Matrix matrix = matrixOf(input, request);
    EXPECT_EQ(matrix.cells[0].rank.mark, Mark::Best);
    ASSERT_TRUE(matrix.cells[1].rank.test);
    EXPECT_EQ(matrix.cells[1].rank.test->pairing, Pairing::Samples);
    EXPECT_EQ(matrix.cells[1].rank.test->pairs, 40);
    EXPECT_DOUBLE_EQ(matrix.cells[1].rank.test->p, 2.0 / (kBootstrapDraws + 1)) << "no draw is at 0 or below";
    count = kFewestSamples - 1;
    EXPECT_FALSE(matrixOf(input, request).cells[1].rank.test) << "too few answers";
    count = 40;
    for (RunOutcome& run : input.outcomes) {
        run.values = {{"validation.loss.best", run.values[test::kSampleRouge]}};
    }
    EXPECT_FALSE(matrixOf(input, request).cells[1].rank.test) << "the loss has no values of single answers";
}

TEST(Matrix, PairsWhatWasAskedFor)
{
    MatrixInput input = sampleMatrix();
    input.scores = [](const std::string& runId, const std::string&) { return scores(runId, 50); };
    MatrixRequest request = distanceBySpace();
    request.pairing = Pairing::Samples;
    const Matrix samples = matrixOf(input, request);
    EXPECT_EQ(samples.cell(1, 1).rank.test->pairing, Pairing::Samples);
    EXPECT_EQ(samples.cell(1, 1).rank.mark, Mark::Worse);
    request.pairing = Pairing::Seeds;
    EXPECT_EQ(matrixOf(input, request).cell(1, 1).rank.mark, Mark::Tie);
}

TEST(Matrix, TakesNoMeanOverDifferentConfigurations)
{
    MatrixInput input = sampleMatrix();
    input.outcomes.push_back(outcomeWith({{"distance", "kl"}, {"space", "diff"}, {"train.lr", "0.25"}}, 4, 0.9));
    const Matrix matrix = matrixOf(input);
    const MatrixCell& cell = matrix.cell(0, 0);
    EXPECT_FALSE(cell.value);
    EXPECT_THAT(cell.mixed, ElementsAre("train.lr"));
    EXPECT_EQ(cell.runs.size(), 4U);
    EXPECT_EQ(cell.rank.mark, Mark::None);
    EXPECT_EQ(matrix.cell(1, 0).rank.mark, Mark::None) << "nothing is left to rank it against";
    MatrixRequest request = distanceBySpace();
    request.columns.clear();
    const Matrix separated = matrixOf(input, request);
    EXPECT_THAT(separated.columnFields, ElementsAre("method.space", "train.lr")) << "what is left open separates them";
    for (const MatrixCell& each : separated.cells) {
        EXPECT_THAT(each.mixed, IsEmpty());
    }
}

TEST(Matrix, SaysHowEachCellStands)
{
    const test::FieldTexts kl{{"distance", "kl"}};
    const test::FieldTexts rkl{{"distance", "rkl"}};
    const test::FieldTexts skl{{"distance", "skl"}};
    MatrixInput input;
    input.outcomes = {outcomeWith(kl, 1, 0.2),
                      outcomeWith(kl, 2, 0.9, Status::Running),
                      outcomeWith(kl, 3, {}, Status::Queued),
                      outcomeWith(kl, 4, 0.1, Status::Crashed),
                      outcomeWith(kl, 1, 0.1, Status::Failed),
                      outcomeWith(rkl, 1, 0.3, Status::Stopped),
                      outcomeWith(skl, 1, {}, Status::Created)};
    MatrixRequest request;
    request.rows = {"distance"};
    const Matrix matrix = matrixOf(input, request);
    const MatrixCell& cell = matrix.cells[0];
    EXPECT_EQ(cell.state, CellState::Running);
    EXPECT_EQ(cell.seeds.done, 1);
    EXPECT_EQ(cell.seeds.running, 1);
    EXPECT_EQ(cell.seeds.queued, 1);
    EXPECT_EQ(cell.seeds.failed, 1) << "seed 1 was run again and is done";
    EXPECT_EQ(cell.seeds.stopped, 0);
    EXPECT_EQ(cell.value->mean, 0.2) << "a running run has no say";
    EXPECT_EQ(matrix.cells[1].state, CellState::Stopped) << "a person ended it";
    EXPECT_EQ(matrix.cells[1].rank.mark, Mark::None) << "what has no finished run is not ranked";
    EXPECT_EQ(matrix.cells[2].state, CellState::Created) << "it waits for nothing";
    EXPECT_FALSE(matrix.cells[2].value);
}

TEST(Matrix, MeasuresAgainstARowAColumnOrACell)
{
    MatrixRequest request = distanceBySpace();
    request.baseline = {{"distance", "kl"}};
    const Matrix row = matrixOf(sampleMatrix(), request);
    EXPECT_FALSE(row.cell(0, 0).delta);
    EXPECT_EQ(row.cell(0, 0).baseline, 0U) << "it is the baseline";
    EXPECT_NEAR(row.cell(1, 0).delta.value(), -0.11, 1e-12);
    EXPECT_NEAR(row.cell(1, 1).delta.value(), -0.01, 1e-12);
    EXPECT_EQ(row.cell(1, 1).baseline, 1U);
    request.baseline = {{"space", "diff"}};
    EXPECT_NEAR(matrixOf(sampleMatrix(), request).cell(1, 1).delta.value(), 0.10, 1e-12);
    request.baseline = {{"method.space", "diff"}, {"method.distance", "rkl"}};
    const Matrix cell = matrixOf(sampleMatrix(), request);
    EXPECT_NEAR(cell.cell(0, 1).delta.value(), 0.11, 1e-12);
    EXPECT_FALSE(cell.cell(1, 0).delta);
}

TEST(Matrix, NeitherRanksNorMeasuresWhatDoesNotCompare)
{
    MatrixInput input = sampleMatrix();
    for (RunOutcome& run : input.outcomes) {
        run.values = {{"loss.last", 1.0 + run.values[test::kSampleRouge]}};
    }
    MatrixRequest request = distanceBySpace();
    request.baseline = {{"distance", "kl"}};
    const Matrix losses = matrixOf(input, request);
    for (const MatrixCell& cell : losses.cells) {
        EXPECT_EQ(cell.rank.mark, Mark::None) << "the loss of different objectives";
        EXPECT_FALSE(cell.delta);
    }
    MatrixInput students;
    addSeeds(students, {{"student.model", "/m/gpt2"}}, {0.30, 0.32, 0.31});
    addSeeds(students, {{"student.model", "/m/llama"}}, {0.10, 0.12, 0.11});
    for (RunOutcome& run : students.outcomes) {
        run.values = {{"validation.loss.best", run.values[test::kSampleRouge]}};
    }
    request.rows = {"student.model"};
    request.columns.clear();
    request.baseline = {{"student.model", "gpt2"}};
    const Matrix matrix = matrixOf(students, request);
    EXPECT_EQ(matrix.rows, (Labels{{"gpt2"}, {"llama"}}));
    EXPECT_EQ(matrix.cells[1].rank.mark, Mark::None) << "losses per token of two tokenizers";
    EXPECT_FALSE(matrix.cells[1].delta);
}

TEST(Matrix, ChoosesTheFieldsThatDiffer)
{
    MatrixInput input = sampleMatrix();
    addSeeds(input, {{"distance", "skl"}, {"space", "dual"}}, {0.1, 0.1, 0.1});
    const Matrix chosen = matrixOf(input, {});
    EXPECT_THAT(chosen.rowFields, ElementsAre("method.distance"));
    EXPECT_THAT(chosen.columnFields, ElementsAre("method.space")) << "the field with fewer values goes across";
    EXPECT_EQ(chosen.cell(2, 0).state, CellState::Missing);
    MatrixInput one;
    addSeeds(one, {{"method", "sft"}}, {0.1, 0.1});
    const Matrix single = matrixOf(one, {});
    EXPECT_THAT(single.rowFields, ElementsAre("method"));
    EXPECT_EQ(single.rows, (Labels{{"sft"}}));
    EXPECT_EQ(single.columns, (Labels{{}}));
}

TEST(Matrix, ChoosesTheMethodWhereManyFieldsMakeIt)
{
    MatrixInput input;
    for (const char* method : {"sft", "dskd-v2", "gkd"}) {
        addSeeds(input, {{"method", method}}, {0.1, 0.1});
        addSeeds(input, {{"method", method}, {"train.lr", "0.25"}}, {0.1, 0.1});
    }
    const Matrix matrix = matrixOf(input, {});
    EXPECT_THAT(matrix.rowFields, ElementsAre("method"));
    EXPECT_THAT(matrix.columnFields, ElementsAre("train.lr"));
    EXPECT_EQ(matrix.rows.front().front(), "sft");
}

TEST(Matrix, TakesRowsAndColumnsFromTheExperiment)
{
    MatrixInput input;
    input.axes = {"train.lr", "method.space"};
    for (const char* lr : {"0.5", "0.0625"}) {
        for (const char* space : {"dual", "diff", "student"}) {
            input.planned.push_back(experimentWith({{"train.lr", lr}, {"space", space}}));
            input.missing.push_back({7, input.planned.back()});
        }
    }
    input.missing.erase(input.missing.begin());
    addSeeds(input, {{"train.lr", "0.5"}, {"space", "dual"}}, {0.1});
    const Matrix matrix = matrixOf(input, {});
    EXPECT_EQ(matrix.rows, (Labels{{"dual"}, {"diff"}, {"student"}})) << "in the order of the plan";
    EXPECT_EQ(matrix.columns, (Labels{{"0.0625"}, {"0.5"}})) << "numbers ascend";
    EXPECT_EQ(matrix.cell(0, 1).state, CellState::Done);
    EXPECT_THAT(matrix.cell(0, 1).missing, IsEmpty());
    EXPECT_EQ(matrix.cell(2, 0).state, CellState::Missing);
    ASSERT_EQ(matrix.cell(2, 0).missing.size(), 1U);
    EXPECT_EQ(matrix.cell(2, 0).missing[0].experiment, 7);
    EXPECT_EQ(matrix.cell(2, 0).missing[0].run.method.space, config::Space::Student);
}

TEST(Matrix, WritesOfPathsWhatTellsThemApartAndWhereAFieldHasNoEffect)
{
    MatrixInput input;
    for (const char* model : {"/m/a/gpt2", "/m/b/gpt2", "/m/b/llama"}) {
        addSeeds(input, {{"student.model", model}}, {0.1});
    }
    addSeeds(input, {{"student.model", "/m/b/llama"}, {"method", "sft"}}, {0.1});
    MatrixRequest request;
    request.rows = {"student.model"};
    request.columns = {"space"};
    const Matrix matrix = matrixOf(input, request);
    EXPECT_EQ(matrix.rows, (Labels{{"a/gpt2"}, {"b/gpt2"}, {"llama"}}));
    ASSERT_EQ(matrix.columns.size(), 2U);
    EXPECT_EQ(matrix.columns[1].front(), kNoValue) << "fine-tuning compares in no space";
}

// A plan drops runs that differ in a field without effect: what is left of the configuration says where the run stands.
TEST(Matrix, FindsTheRunOfACellByWhatHasAnEffect)
{
    MatrixInput input;
    addSeeds(input, {{"method", "dskd-v2"}, {"space", "diff"}}, {0.1});
    addSeeds(input, {{"method", "dskd-v2"}, {"space", "dual"}}, {0.3});
    addSeeds(input, {{"method", "sft"}, {"space", "dual"}}, {0.2});
    MatrixRequest request;
    request.rows = {"objective"};
    request.columns = {"space"};
    request.baseline = {{"space", "dual"}};
    const Matrix matrix = matrixOf(input, request);
    EXPECT_EQ(matrix.rows, (Labels{{"kd"}, {"sft"}}));
    EXPECT_EQ(matrix.columns, (Labels{{"diff"}, {"dual"}, {std::string(kNoValue)}}));
    for (const std::size_t column : {0U, 1U}) {
        EXPECT_EQ(matrix.cell(1, column).state, CellState::Same);
        EXPECT_EQ(matrix.cell(1, column).sameAs, 5U);
    }
    EXPECT_EQ(matrix.cell(1, 2).state, CellState::Done);
    EXPECT_EQ(matrix.cell(1, 2).baseline, 5U) << "the cell under dual is itself";
    EXPECT_EQ(matrix.cell(0, 2).state, CellState::Excluded) << "distillation has a space";
}

TEST(Matrix, SaysWhatItDoesNotKnow)
{
    const auto failure = [](const MatrixRequest& request) { return makeMatrix(sampleMatrix(), request).failure(); };
    MatrixRequest request = distanceBySpace();
    request.rows = {"no_such"};
    EXPECT_EQ(failure(request).kind, FailureKind::Usage);
    request.rows = {"space"};
    EXPECT_THAT(failure(request).what, HasSubstr("method.space stands twice"));
    request = distanceBySpace();
    request.metric = "validation.rouge_l";
    EXPECT_EQ(makeMatrix(sampleMatrix(), request)->metric, "validation.rouge_l.best");
    request.metric = "ROUGE-L (best)";
    EXPECT_EQ(makeMatrix(sampleMatrix(), request)->metric, "validation.rouge_l.best");
    request.metric = "no such";
    EXPECT_EQ(failure(request).kind, FailureKind::NotFound);
    EXPECT_THAT(failure(request).hint, HasSubstr("validation.rouge_l.best (ROUGE-L (best))"));
    request = distanceBySpace();
    request.baseline = {{"space", "student"}};
    EXPECT_EQ(failure(request).kind, FailureKind::NotFound);
    EXPECT_THAT(failure(request).hint, HasSubstr("diff, dual"));
    request.baseline = {{"train.lr", "1"}};
    EXPECT_EQ(failure(request).kind, FailureKind::Usage);
}

} // namespace
} // namespace dskd::jobs

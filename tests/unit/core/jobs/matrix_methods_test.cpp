// Methods down, distances across: the distance stands in one place.

#include "core/jobs/experiments.h"
#include "core/jobs/matrix_table.h"
#include "tests/support/sample_matrix.h"
#include "tests/support/temporary_folder.h"

#include <gmock/gmock.h>

namespace dskd::jobs
{
namespace
{

using test::addSeeds;
using test::experimentWith;
using testing::HasSubstr;
using testing::SizeIs;

using Labels = std::vector<std::vector<std::string>>;

MatrixRequest methodByDistance()
{
    MatrixRequest request;
    request.rows = {"method"};
    request.columns = {"distance"};
    return request;
}

TEST(MatrixOfMethods, HasOneRowOfAMethodWhateverItsDistance)
{
    MatrixInput input;
    addSeeds(input, {{"method", "sft"}}, {0.10, 0.11});
    addSeeds(input, {{"method", "dskd"}, {"distance", "kl"}}, {0.20, 0.21});
    addSeeds(input, {{"method", "dskd"}, {"distance", "rkl"}}, {0.30, 0.31});
    addSeeds(input, {{"method", "gkd"}, {"distance", "rkl"}}, {0.40, 0.41});
    input.missing.push_back({1, experimentWith({{"method", "gkd"}, {"distance", "kl"}})});
    const Matrix matrix = makeMatrix(input, methodByDistance()).value();
    EXPECT_EQ(matrix.rows, (Labels{{"sft"}, {"dskd"}, {"gkd"}}));
    EXPECT_EQ(matrix.columns, (Labels{{std::string(kNoValue)}, {"kl"}, {"rkl"}}));
    EXPECT_NEAR(matrix.cell(1, 1).value->mean, 0.205, 1e-12);
    EXPECT_NEAR(matrix.cell(1, 2).value->mean, 0.305, 1e-12);
    EXPECT_NEAR(matrix.cell(2, 2).value->mean, 0.405, 1e-12);
    const MatrixText texts(matrix, Spread::Deviation, MatrixStyle::Window);
    EXPECT_EQ(texts.value(matrix.cell(2, 1)), "planned");
    EXPECT_EQ(texts.value(matrix.cell(0, 1)), "=") << "fine-tuning has no distance, so nothing is missing";
    EXPECT_EQ(matrix.cell(0, 1).sameAs, 0U);
    EXPECT_EQ(texts.value(matrix.cell(1, 0)), "·") << "and dskd always has one";
}

// Without the distance on an axis it is what tells the rows apart.
TEST(MatrixOfMethods, NamesTheDistanceWhereItHasNoOtherPlace)
{
    MatrixInput input;
    addSeeds(input, {{"method", "dskd"}, {"distance", "kl"}}, {0.20, 0.21});
    addSeeds(input, {{"method", "dskd"}, {"distance", "rkl"}}, {0.30, 0.31});
    MatrixRequest request;
    request.rows = {"method"};
    EXPECT_EQ(makeMatrix(input, request)->rows, (Labels{{"dskd"}, {"dskd rkl"}}));
    input.excluded = {{{"method", "dskd"}, {"train.lr", "0.25"}}};
    input.missing.push_back({1, experimentWith({{"method", "sft"}, {"train.lr", "0.25"}})});
    request.columns = {"train.lr"};
    const Matrix matrix = makeMatrix(input, request).value();
    ASSERT_EQ(matrix.columns, (Labels{{"0.0005"}, {"0.25"}}));
    EXPECT_EQ(matrix.cell(0, 1).state, CellState::Excluded);
    EXPECT_EQ(matrix.cell(1, 1).state, CellState::Excluded) << "the method with another distance is the method";
}

TEST(MatrixOfMethods, ShowsWhatAnExperimentPlansOfThem)
{
    const test::TemporaryFolder folder;
    store::WorkspaceDb workspace = store::WorkspaceDb::create(folder / "w").value();
    config::Plan plan;
    plan.base = experimentWith({});
    plan.axes = {{"method", {"sft", "dskd", "gkd"}}, {"method.distance", {"kl", "rkl"}}};
    plan.excluded = {{{"method", "gkd"}, {"method.distance", "rkl"}}};
    plan.seeds = {1, 2};
    const auto experiment = saveExperiment(workspace, "ablation", plan).value();
    const Matrix matrix = readMatrix(workspace, {}, {experiment.id}, methodByDistance()).value();
    ASSERT_EQ(matrix.rows, (Labels{{"sft"}, {"dskd"}, {"gkd"}}));
    ASSERT_EQ(matrix.columns, (Labels{{std::string(kNoValue)}, {"kl"}, {"rkl"}}));
    EXPECT_THAT(matrix.cell(0, 0).missing, SizeIs(2)) << "fine-tuning once for each seed";
    for (const std::size_t column : {1U, 2U}) {
        EXPECT_EQ(matrix.cell(0, column).state, CellState::Same);
        EXPECT_THAT(matrix.cell(1, column).missing, SizeIs(2));
    }
    EXPECT_TRUE(isPlanned(matrix.cell(2, 1)));
    EXPECT_EQ(matrix.cell(2, 2).state, CellState::Excluded);
    const MatrixText texts(matrix, Spread::Deviation, MatrixStyle::Terminal);
    EXPECT_THAT(texts.notes(), testing::Contains(HasSubstr("8 planned runs are missing.")));
}

} // namespace
} // namespace dskd::jobs

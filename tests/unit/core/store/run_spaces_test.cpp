// Representation spaces in run.db: what is written is read, also over resumes and in files of older versions.

#include "core/store/database.h"
#include "core/store/schema.h"
#include "tests/unit/core/store/run_db.h"

#include <cmath>
#include <gmock/gmock.h>
#include <limits>

namespace dskd::store
{
namespace
{

using testing::ElementsAre;
using testing::IsEmpty;

SpaceAxesRow axes(std::int64_t step, ModelSide space, double first)
{
    return {0, step, space, {first, 2.0, 3.0}, {1.0, 0.0, 0.0}, {0.0, 0.6, -0.8}, {0.5, 0.25}};
}

SpacePointRow point(std::int64_t step, ModelSide space, ModelSide side, double x)
{
    return {0, step, space, side, 1, 7, " word", x, -2.5};
}

TEST_F(RunDb, GivesBackWhatWasWrittenOfSpaces)
{
    const auto writing = writer();
    ASSERT_TRUE(writing->beginAttempt(std::nullopt));
    writing->addStructure({0, 50, 1, 12, 3.5, 1e-300, 0.25, std::nan(""), 11});
    writing->addStructure({0, 50, 0, 9, 1.5, 2.5, 0.125, 0.5, 9});
    writing->addStructure({0, 0, 0, 9, 4.0, 5.0, 0.5, 0.75, 9});
    writing->addSpaceAxes(axes(0, ModelSide::Teacher, 1.0 / 3.0));
    writing->addSpacePoints({point(50, ModelSide::Student, ModelSide::Teacher, 0.1),
                             point(50, ModelSide::Student, ModelSide::Student, std::nan(""))});
    writing->addBaselineAnswer({ModelSide::Teacher, {0, 0, 1, "p", "r", "of the teacher", 0.75}});
    writing->addBaselineAnswer({ModelSide::Student, {0, 0, 0, "p", "r", "of the student", std::nan("")}});
    ASSERT_TRUE(writing->flush());

    RunReader reading = reader();
    const auto baselines = reading.baselineAnswers();
    ASSERT_EQ(baselines.size(), 2u);
    EXPECT_EQ(baselines[0].of, ModelSide::Student) << "by sample";
    EXPECT_EQ(baselines[0].answer.answer, "of the student");
    EXPECT_TRUE(std::isnan(baselines[0].answer.rougeL));
    EXPECT_EQ(baselines[1].of, ModelSide::Teacher);
    EXPECT_EQ(baselines[1].answer.sample, 1);
    EXPECT_EQ(baselines[1].answer.answer, "of the teacher");
    EXPECT_EQ(baselines[1].answer.rougeL, 0.75);
    EXPECT_THAT(reading.answers(), IsEmpty()) << "they are no answers of a validation";
    const auto rows = reading.structure();
    ASSERT_EQ(rows.size(), 3u);
    EXPECT_THAT(reading.structureSteps(), ElementsAre(0, 50));
    ASSERT_EQ(reading.structure(50).size(), 2u);
    EXPECT_EQ(reading.structure(50)[0].sample, 0) << "by sample";
    const StructureRow& second = rows[2];
    EXPECT_EQ(second.step, 50);
    EXPECT_EQ(second.sample, 1);
    EXPECT_EQ(second.rows, 12);
    EXPECT_EQ(second.cosine, 3.5);
    EXPECT_EQ(second.product, 1e-300);
    EXPECT_EQ(second.cosineMean, 0.25);
    EXPECT_TRUE(std::isnan(second.productMean));
    EXPECT_EQ(second.productRows, 11);

    ASSERT_EQ(reading.spaceAxes().size(), 1u);
    const SpaceAxesRow read = reading.spaceAxes()[0];
    EXPECT_EQ(read.space, ModelSide::Teacher);
    EXPECT_THAT(read.center, ElementsAre(1.0 / 3.0, 2.0, 3.0));
    EXPECT_THAT(read.first, ElementsAre(1.0, 0.0, 0.0));
    EXPECT_THAT(read.second, ElementsAre(0.0, 0.6, -0.8));
    EXPECT_EQ(read.explained[0], 0.5);
    EXPECT_EQ(read.explained[1], 0.25);

    EXPECT_THAT(reading.spacePointSteps(), ElementsAre(50));
    EXPECT_THAT(reading.spacePoints(49), IsEmpty());
    const auto points = reading.spacePoints(50);
    ASSERT_EQ(points.size(), 2u);
    EXPECT_EQ(points[0].space, ModelSide::Student);
    EXPECT_EQ(points[0].side, ModelSide::Teacher);
    EXPECT_EQ(points[0].sample, 1);
    EXPECT_EQ(points[0].row, 7);
    EXPECT_EQ(points[0].token, " word");
    EXPECT_EQ(points[0].x, 0.1);
    EXPECT_EQ(points[0].y, -2.5);
    EXPECT_TRUE(std::isnan(points[1].x));
}

TEST_F(RunDb, ForgetsSpacesBeyondTheCheckpointAndKeepsTheAxes)
{
    {
        const auto first = writer();
        ASSERT_TRUE(first->beginAttempt(std::nullopt));
        first->addSpaceAxes(axes(0, ModelSide::Student, 1.0));
        for (const std::int64_t step : {0, 2, 4, 6}) {
            first->addStructure({0, step, 0, 1, 1.0, 1.0, 1.0, 1.0, 1});
            first->addSpacePoints({point(step, ModelSide::Student, ModelSide::Student, 1.0)});
        }
    }
    const auto second = writer();
    ASSERT_TRUE(second->beginAttempt(4));
    RunReader reading = reader();
    EXPECT_THAT(reading.structureSteps(), ElementsAre(0, 2, 4));
    EXPECT_THAT(reading.spacePointSteps(), ElementsAre(0, 2, 4));
    ASSERT_EQ(second->spaceAxes().value().size(), 1u);
    EXPECT_EQ(second->spaceAxes().value()[0].center[0], 1.0);

    second->addSpaceAxes(axes(5, ModelSide::Student, 9.0));
    ASSERT_EQ(second->spaceAxes().value().size(), 1u) << "also what was not flushed";
    EXPECT_EQ(second->spaceAxes().value()[0].center[0], 9.0) << "the newest";

    ASSERT_TRUE(writer()->beginAttempt(std::nullopt));
    EXPECT_THAT(reading.structure(), IsEmpty()) << "started again from the beginning";
    EXPECT_THAT(reading.spaceAxes(), IsEmpty());
}

TEST_F(RunDb, HasNoSpacesInAFileOfBeforeUntilAWorkerMigratesIt)
{
    const Schema before{"run database", kRunSchema.steps.first(kSpacesSince - 1)};
    {
        const Database old(run.database(), Database::Access::Create);
        ASSERT_TRUE(migrate(old, before, run.database().string()));
        old.execute("INSERT INTO names(name) VALUES('loss');"
                    "INSERT INTO metrics(step, tokens, time, name_id, value) VALUES(1, 5, 0.0, 1, 2.5)");
    }
    RunReader reading = reader();
    EXPECT_EQ(reading.series("loss").size(), 1u);
    EXPECT_THAT(reading.structure(), IsEmpty());
    EXPECT_THAT(reading.structureSteps(), IsEmpty());
    EXPECT_THAT(reading.spacePointSteps(), IsEmpty());
    EXPECT_THAT(reading.spacePoints(1), IsEmpty());
    EXPECT_THAT(reading.spaceAxes(), IsEmpty());
    EXPECT_THAT(reading.baselineAnswers(), IsEmpty());

    const auto writing = writer();
    ASSERT_TRUE(writing->beginAttempt(1));
    writing->addStructure({0, 2, 0, 1, 1.0, 1.0, 1.0, 1.0, 1});
    ASSERT_TRUE(writing->flush());
    RunReader after = reader();
    EXPECT_EQ(after.series("loss").size(), 1u) << "what was there stays";
    EXPECT_EQ(after.structure().size(), 1u);
}

} // namespace
} // namespace dskd::store

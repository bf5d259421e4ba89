#include "core/jobs/time_estimate.h"

#include "core/config/schema/experiment_json.h"
#include "core/jobs/queue_state.h"
#include "core/jobs/run_folder.h"
#include "core/store/database.h"
#include "core/store/run_writer.h"
#include "tests/support/paths.h"
#include "tests/support/temporary_folder.h"

#include <gmock/gmock.h>

namespace dskd::jobs
{
namespace
{

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class TimeEstimate : public testing::Test
{
protected:
    static config::Experiment configuration(const std::string& name = "measured")
    {
        config::Experiment experiment;
        experiment.name = name;
        experiment.student.model = "/student";
        experiment.teacher.model = "/teacher";
        experiment.data.train = "/train.jsonl";
        experiment.train.steps = 100;
        return experiment;
    }
    // A finished run: `setup` seconds until its first step, then `step` seconds for each.
    std::string run(const config::Experiment& experiment, double setup, double step, std::int64_t steps = 100)
    {
        const std::string id = createRun(workspace, experiment).value();
        const RunLayout layout = workspace.layout().run(id);
        {
            auto writer = store::RunWriter::open(layout).value();
            writer->beginAttempt(std::nullopt).value();
            writer->setPlan({steps, steps}).value();
            for (std::int64_t i = 1; i <= steps; ++i) {
                writer->addMetrics(i, i * 10, {{"loss", 1.0}});
            }
            writer->endAttempt(0, "Finished.").value();
        }
        const double whole = setup + static_cast<double>(steps) * step;
        const store::Database rows(layout.database(), store::Database::Access::ReadWrite);
        rows.execute("UPDATE attempts SET started = 1000, ended = 1000 + " + std::to_string(whole) +
                     ", seconds = " + std::to_string(whole) + "; UPDATE metrics SET time = 1000 + " +
                     std::to_string(setup) + " + step * " + std::to_string(step));
        return id;
    }
    [[nodiscard]] std::optional<double> seconds(const config::Experiment& experiment, std::int64_t steps = 100)
    {
        source = {};
        return estimateSeconds(measuredRuns(workspace, {experiment}), experiment, steps, source);
    }

    test::TemporaryFolder folder;
    store::WorkspaceDb workspace = store::WorkspaceDb::create(folder / "w").value();
    Source source;
};

TEST_F(TimeEstimate, IsThatOfARunWithTheSameFieldsAndSaysWhich)
{
    run(configuration(), 20.0, 3.0);
    ASSERT_TRUE(seconds(configuration("new")));
    EXPECT_NEAR(*seconds(configuration("new")), 320.0, 0.1);
    EXPECT_NEAR(*seconds(configuration("new"), 1000), 3020.0, 0.5) << "the setup counts once";
    EXPECT_THAT(source.runs, ElementsAre("measured"));
    EXPECT_THAT(source.differ, IsEmpty());
    EXPECT_EQ(toText(source), "measured on \"measured\"");
    auto faster = configuration();
    faster.train.lr = 1e-5;
    faster.seed = 99;
    EXPECT_NEAR(*seconds(faster), 320.0, 0.1) << "neither changes the time";
    EXPECT_THAT(source.differ, IsEmpty());
}

TEST_F(TimeEstimate, PrefersTheRunsThatAreMostAlike)
{
    auto other = configuration("another space");
    other.method.space = config::Space::Student;
    run(other, 0.0, 1.0);
    EXPECT_NEAR(*seconds(configuration()), 100.0, 0.1);
    EXPECT_THAT(source.differ, ElementsAre("space"));
    EXPECT_EQ(toText(source), "measured on \"another space\", which differs in space");
    run(configuration("first"), 0.0, 2.0);
    run(configuration("second"), 0.0, 4.0);
    EXPECT_NEAR(*seconds(configuration()), 300.0, 0.1) << "the mean of those that differ in nothing";
    EXPECT_THAT(source.runs, ElementsAre("second", "first")) << "the newest first";
    EXPECT_EQ(toText(source), "measured on \"second\" and 1 other");
}

TEST_F(TimeEstimate, TakesNoRunThatTakesAnotherTimeAltogether)
{
    run(configuration(), 0.0, 3.0);
    const auto differs = [&](const char* field, const char* value) {
        auto experiment = configuration();
        EXPECT_TRUE(config::setField(experiment, field, value)) << field;
        return !seconds(experiment);
    };
    EXPECT_TRUE(differs("train.batch_size", "16"));
    EXPECT_TRUE(differs("data.max_length", "1024"));
    EXPECT_TRUE(differs("train.device", "cpu"));
    EXPECT_TRUE(differs("train.precision", "bf16"));
    EXPECT_TRUE(differs("student.model", "/other"));
    EXPECT_TRUE(differs("data.train", "/other.jsonl"));
    EXPECT_TRUE(differs("method.objective", "sft"));
    EXPECT_FALSE(differs("method.distance", "rkl")) << "that is nearly the same";
    EXPECT_THAT(timeSentence({}, configuration(), 100), HasSubstr("Not known yet"));
    EXPECT_EQ(timeSentence(measuredRuns(workspace, {configuration()}), configuration(), 100),
              "About 5 m 0 s, measured on \"measured\".");
}

TEST_F(TimeEstimate, ComparesFieldsThatThereAre)
{
    const auto fields = costFields(configuration());
    EXPECT_EQ(fields.at("train.batch_size"), "8");
    EXPECT_EQ(fields.at("method.space"), R"("dual")");
    for (const auto& [path, value] : fields) { // also those that only some experiments use
        EXPECT_EQ(config::resolveField(path).value(), path);
    }
    auto sft = configuration();
    sft.method.objective = config::Objective::Sft;
    EXPECT_FALSE(costFields(sft).contains("teacher.model")) << "it has no effect";
}

TEST_F(TimeEstimate, ARunOfAFewStepsMeasuresNothing)
{
    run(configuration(), 60.0, 1.0, 9);
    EXPECT_FALSE(seconds(configuration()));
    run(configuration(), 60.0, 1.0, 10);
    EXPECT_TRUE(seconds(configuration()));
}

TEST_F(TimeEstimate, LooksPastRunsThatNeverStartedAndAlwaysAtRunningOnes)
{
    const std::string running = run(configuration(), 0.0, 3.0);
    for (int i = 0; i < 70; ++i) {
        ASSERT_TRUE(createRun(workspace, configuration("waits")));
    }
    EXPECT_EQ(measuredRuns(workspace, {configuration()}).size(), 1u);
    for (int i = 0; i < 61; ++i) {
        run(configuration("too short"), 0.0, 1.0, 1);
    }
    EXPECT_THAT(measuredRuns(workspace, {configuration()}), IsEmpty()) << "it is too old";
    ASSERT_TRUE(workspace.enqueue(running));
    ASSERT_EQ(workspace.takeNext(), running);
    EXPECT_EQ(measuredRuns(workspace, {configuration()}).size(), 1u);
}

TEST_F(TimeEstimate, OfAResumedRunTheLastAttemptCounts)
{
    const std::string id = run(configuration(), 0.0, 3.0);
    const store::Database rows(workspace.layout().run(id).database(), store::Database::Access::ReadWrite);
    rows.execute(
        "INSERT INTO attempts(pid, start_ticks, boot_id, host, resume_step, started, ended, exit_code, seconds) "
        "SELECT pid, start_ticks, boot_id, host, 50, 2000, 2500, 0, 500 FROM attempts");
    EXPECT_NEAR(*seconds(configuration()), 1000.0, 0.5) << "500 s for 50 steps";
}

TEST_F(TimeEstimate, OfAPlanAddsUpRunsAndSaysWhatIsNotKnown)
{
    run(configuration(), 0.0, 36.0); // an hour
    std::vector<config::Experiment> plan(6, configuration());
    PlanEstimate estimate = estimateRuns(&workspace, plan, 1);
    EXPECT_EQ(estimate.runs, 6u);
    ASSERT_TRUE(estimate.seconds);
    EXPECT_NEAR(*estimate.seconds, 6 * 3600.0, 5.0);
    EXPECT_EQ(estimate.untimed, 0u);
    EXPECT_EQ(estimate.unsized, 6u) << "there is no model in /student";
    EXPECT_THAT(toText(estimate), HasSubstr("6 runs, about 6 h 0 m (measured on \"measured\")"));
    EXPECT_NEAR(*estimateRuns(&workspace, plan, 4).seconds, 2 * 3600.0, 5.0) << "four at a time, then two";

    plan[5].train.batchSize = 64;
    estimate = estimateRuns(&workspace, plan, 1);
    EXPECT_NEAR(*estimate.seconds, 5 * 3600.0, 5.0);
    EXPECT_EQ(estimate.untimed, 1u);
    EXPECT_THAT(toText(estimate), HasSubstr("; without 1 run that nothing is measured for)"));
    estimate = estimateRuns(nullptr, plan, 1);
    EXPECT_FALSE(estimate.seconds);
    EXPECT_THAT(toText(estimate), HasSubstr("6 runs, time not known yet (no run like them)"));
}

TEST_F(TimeEstimate, OfTheDemoHasItsCheckpoints)
{
    auto demo = config::loadExperiment(test::sourceDir() + "/experiments/demo/dual.json").value();
    const PlanEstimate one = estimateRuns(nullptr, {demo}, 1);
    EXPECT_EQ(one.unsized, 0u);
    EXPECT_GT(one.checkpointBytes, 1'000'000u);
    EXPECT_EQ(estimateRuns(nullptr, {demo, demo, demo}, 1).checkpointBytes, 3 * one.checkpointBytes);
    EXPECT_THAT(toText(one), testing::AllOf(HasSubstr("1 run, time not known yet (no run like it), "),
                                            HasSubstr(" MB of checkpoints")));
    demo.train.steps = 0; // by epochs: the data is counted
    demo.train.epochs = 2.0;
    demo.checkpoint.every = 0;
    EXPECT_EQ(estimateRuns(nullptr, {demo}, 1).unsized, 0u);
    demo.data.train = "/nonexistent.jsonl";
    EXPECT_EQ(estimateRuns(nullptr, {demo}, 1).unsized, 1u);
}

TEST_F(TimeEstimate, AProbeServesWhereNoRunDoes)
{
    MeasuredRun probe;
    probe.fields = costFields(configuration());
    probe.stepSeconds = 36.0;
    probe.isProbe = true;
    PlanEstimate estimate = estimateRuns(&workspace, {configuration()}, 1, {probe});
    EXPECT_NEAR(estimate.seconds.value(), 3600.0, 0.1);
    EXPECT_FALSE(estimate.firstUntimed);
    EXPECT_THAT(toText(estimate), HasSubstr("about 1 h 0 m (measured on a probe of 12 steps without validation)"));
    auto other = configuration();
    other.train.batchSize = 64;
    EXPECT_EQ(estimateRuns(&workspace, {configuration(), other}, 1, {probe}).firstUntimed, 1u);
}

TEST_F(TimeEstimate, OfTheQueueEndsWithItsLastRun)
{
    EXPECT_EQ(toText(forecastQueue(workspace, 1)), "");
    run(configuration(), 0.0, 3.0);
    const std::string first = createRun(workspace, configuration("first")).value();
    const std::string second = createRun(workspace, configuration("second")).value();
    auto unknown = configuration("unknown");
    unknown.train.batchSize = 64;
    const std::string third = createRun(workspace, unknown).value();
    for (const std::string& id : {first, second, third}) {
        ASSERT_TRUE(workspace.enqueue(id));
    }
    const QueueForecast forecast = forecastQueue(workspace, 1);
    EXPECT_THAT(forecast.secondsLeft, SizeIs(2));
    EXPECT_NEAR(forecast.secondsLeft.at(first), 300.0, 0.5);
    EXPECT_NEAR(forecast.secondsLeft.at(second), 600.0, 1.0);
    EXPECT_EQ(forecast.untimed, 1u);
    EXPECT_EQ(toText(forecast),
              "about 10 m 0 s left (measured on \"measured\"; without 1 run that nothing is measured for)");
    EXPECT_NEAR(*forecastQueue(workspace, 2).seconds, 300.0, 0.5);
}

// Nobody knows when a paused queue ends: what waits is said, and when the running run ends.
TEST_F(TimeEstimate, OfAPausedQueueIsTheWorkThatWaits)
{
    run(configuration(), 0.0, 3.0);
    const std::string first = createRun(workspace, configuration("first")).value();
    const std::string second = createRun(workspace, configuration("second")).value();
    for (const std::string& id : {first, second}) {
        ASSERT_TRUE(workspace.enqueue(id));
    }
    setQueuePaused(workspace, true);
    const QueueForecast waits = forecastQueue(workspace, 1);
    EXPECT_EQ(toText(waits), "paused; about 10 m 0 s of work waits (measured on \"measured\")");
    EXPECT_FALSE(waits.secondsUntilEnd(workspace.queue().front()));
    ASSERT_EQ(workspace.takeNext(), first);
    const QueueForecast half = forecastQueue(workspace, 1);
    EXPECT_EQ(toText(half),
              "paused; about 5 m 0 s of work waits (measured on \"measured\"); what runs now ends in about "
              "5 m 0 s");
    EXPECT_NEAR(half.secondsUntilEnd(workspace.queue().front()).value(), 300.0, 0.5) << "it goes on";
    EXPECT_FALSE(half.secondsUntilEnd(workspace.queue().back()));
    setQueuePaused(workspace, false);
    EXPECT_NEAR(forecastQueue(workspace, 1).secondsUntilEnd(workspace.queue().back()).value(), 600.0, 1.0);
}

TEST_F(TimeEstimate, OfAPausedQueueSaysWhereNothingIsKnownOrWaits)
{
    setQueuePaused(workspace, true);
    EXPECT_EQ(toText(forecastQueue(workspace, 1)), "paused; no run waits");
    ASSERT_TRUE(workspace.enqueue(createRun(workspace, configuration()).value()));
    EXPECT_EQ(toText(forecastQueue(workspace, 1)),
              "paused; how long the waiting runs take is not known yet (no run like these)");
}

} // namespace
} // namespace dskd::jobs

// `dskd-worker --bench`, as `dskd bench` starts it.

#include "core/base/distance.h"
#include "core/jobs/bench_job.h"
#include "tests/support/paths.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <string>

namespace dskd::test
{
namespace
{

using testing::HasSubstr;

Result<nlohmann::json> bench(const jobs::BenchJob& job)
{
    return jobs::runBench(job, program("dskd-worker"));
}

jobs::BenchJob smallJob(jobs::BenchKind kind)
{
    jobs::BenchJob job;
    job.kind = kind;
    job.samples = 2;
    job.length = 8;
    job.times = 1;
    job.threads = 1;
    return job;
}

TEST(WorkerBench, MeasuresAStepBesideThePublishedOne)
{
    const nlohmann::json answer = bench(smallJob(jobs::BenchKind::Step)).value();
    EXPECT_EQ(answer.at("kind"), "step");
    EXPECT_EQ(answer.at("threads"), 1);
    EXPECT_EQ(answer.at("tokens"), 16);
    EXPECT_GT(answer.at("product_flops").get<double>(), 0.0);
    EXPECT_FALSE(answer.at("hardware").at("cpu").get<std::string>().empty());
    const nlohmann::json& result = answer.at("results").at(0);
    EXPECT_LT(result.at("loss_difference").get<double>(), 1e-5);
    EXPECT_LT(result.at("gradient_difference").get<double>(), 1e-4);
    ASSERT_EQ(result.at("sides").size(), 3U);
    EXPECT_EQ(result.at("sides").at(2).at("side"), "published");
    const nlohmann::json& ours = result.at("sides").at(0);
    const double wall = ours.at("wall").at("median").get<double>();
    EXPECT_DOUBLE_EQ(ours.at("ratio").at("wall").get<double>(),
                     result.at("sides").at(2).at("wall").at("median").get<double>() / wall);
    EXPECT_DOUBLE_EQ(ours.at("flops_per_second").get<double>(), ours.at("flops").get<double>() / wall);
    EXPECT_DOUBLE_EQ(ours.at("tokens_per_second").get<double>(), 16.0 / wall);
}

TEST(WorkerBench, MeasuresTheLossOfEveryDistance)
{
    jobs::BenchJob job = smallJob(jobs::BenchKind::Loss);
    job.distance = "all";
    const nlohmann::json answer = bench(job).value();
    ASSERT_EQ(answer.at("results").size(), kAllDistances.size());
    for (const nlohmann::json& result : answer.at("results")) {
        EXPECT_LT(result.at("loss_difference").get<double>(), 1e-4) << result.at("distance");
        EXPECT_LT(result.at("gradient_difference").get<double>(), 1e-3) << result.at("distance");
        EXPECT_EQ(result.at("sides").size(), 2U);
    }
}

TEST(WorkerBench, CountsTheTokensOfAnswers)
{
    const nlohmann::json answer = bench(smallJob(jobs::BenchKind::Generate)).value();
    EXPECT_EQ(answer.at("tokens"), 16) << "two answers of eight";
    EXPECT_GT(answer.at("results").at(0).at("sides").at(0).at("tokens_per_second").get<double>(), 0.0);
}

TEST(WorkerBench, CountsTheRecordsThatAreAlignedOnOneAndOnAllThreads)
{
    jobs::BenchJob job = smallJob(jobs::BenchKind::Align);
    const std::string demo = sourceDir() + "/resources/demo/";
    job.threads = 2;
    job.teacher = demo + "teacher";
    job.student = demo + "student-llama";
    job.data = demo + "data/validation.jsonl";
    const nlohmann::json answer = bench(job).value();
    EXPECT_EQ(answer.at("records"), 200);
    const nlohmann::json& sides = answer.at("results").at(0).at("sides");
    ASSERT_EQ(sides.size(), 2U);
    EXPECT_EQ(sides.at(0).at("side"), "1 thread");
    EXPECT_EQ(sides.at(1).at("side"), "2 threads");
    EXPECT_DOUBLE_EQ(sides.at(0).at("records_per_second").get<double>(),
                     200.0 / sides.at(0).at("wall").at("median").get<double>());
    job.data = demo + "nothing.jsonl";
    Failure failure = bench(job).failure();
    EXPECT_THAT(failure.text(), HasSubstr("nothing.jsonl does not exist."));
    EXPECT_EQ(failure.kind, FailureKind::NotFound);
    job.teacher = demo + "nothing";
    failure = bench(job).failure();
    EXPECT_THAT(failure.text(), HasSubstr("nothing does not exist."));
    EXPECT_EQ(failure.kind, FailureKind::NotFound);
    job.teacher = demo + "data"; // no model
    job.data = demo + "data/validation.jsonl";
    EXPECT_EQ(bench(job).failure().kind, FailureKind::BadModel);
}

TEST(WorkerBench, RefusesInASentence)
{
    jobs::BenchJob job = smallJob(jobs::BenchKind::Step);
    job.shape = "huge";
    Failure failure = bench(job).failure();
    EXPECT_EQ(failure.kind, FailureKind::Usage);
    EXPECT_THAT(failure.text(), HasSubstr("tiny64"));
    job = smallJob(jobs::BenchKind::Step);
    job.distance = "far";
    EXPECT_THAT(bench(job).failure().text(), HasSubstr("srkl"));
    job = smallJob(jobs::BenchKind::Step);
    job.length = 4096;
    EXPECT_THAT(bench(job).failure().text(), HasSubstr("1024"));
    job = smallJob(jobs::BenchKind::Step);
    job.samples = 1'000'000;
    EXPECT_THAT(bench(job).failure().text(), HasSubstr("available"));
    job = smallJob(jobs::BenchKind::Generate);
    job.samples = 100'000'000;
    EXPECT_THAT(bench(job).failure().text(), HasSubstr("answers of shape tiny64"));
}

} // namespace
} // namespace dskd::test

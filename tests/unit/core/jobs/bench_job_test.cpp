#include "core/jobs/bench_job.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace dskd::jobs
{
namespace
{

using testing::HasSubstr;

TEST(BenchJob, IsReadAsItWasWritten)
{
    BenchJob job;
    job.kind = BenchKind::Generate;
    job.shape = "a";
    job.distance = "all";
    job.space = config::Space::Teacher;
    job.samples = 3;
    job.length = 4;
    job.times = 5;
    job.threads = 6;
    job.chunkRows = 7;
    job.device = config::Device::Cuda;
    job.precision = config::Precision::Bf16;
    job.teacher = "t";
    job.student = "s";
    job.data = "d";
    const BenchJob read = parseBenchJob(toText(job)).value();
    EXPECT_EQ(read.kind, job.kind);
    EXPECT_EQ(read.shape, job.shape);
    EXPECT_EQ(read.distance, job.distance);
    EXPECT_EQ(read.space, job.space);
    EXPECT_EQ(read.samples, job.samples);
    EXPECT_EQ(read.length, job.length);
    EXPECT_EQ(read.times, job.times);
    EXPECT_EQ(read.threads, job.threads);
    EXPECT_EQ(read.chunkRows, job.chunkRows);
    EXPECT_EQ(read.device, job.device);
    EXPECT_EQ(read.precision, job.precision);
    EXPECT_EQ(read.teacher, job.teacher);
    EXPECT_EQ(read.student, job.student);
    EXPECT_EQ(read.data, job.data);
}

TEST(BenchJob, IsRefusedWhereItIsNone)
{
    EXPECT_THAT(parseBenchJob("no JSON").failure().what, HasSubstr("not understood"));
    BenchJob job;
    job.times = 0;
    EXPECT_THAT(parseBenchJob(toText(job)).failure().what, HasSubstr("1 or more"));
}

TEST(BenchJob, FailsWithoutAWorkerThatAnswers)
{
    EXPECT_THAT(runBench({}, "/no/such/worker").failure().what, HasSubstr("/no/such/worker"));
    EXPECT_THAT(runBench({}, "/bin/echo").failure().what, HasSubstr("does not answer in JSON"));
}

} // namespace
} // namespace dskd::jobs

#include "core/train/loop/micro_batches.h"

#include "core/config/methods/method_table.h"
#include "core/train/job/device.h"
#include "core/train/loop/trainer.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/tiny_training.h"

#include <c10/util/Exception.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <memory>
#include <new>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace dskd::train
{
namespace
{

using test::RecordingObserver;

// A teacher on a device that has room for so many samples at once, from its n-th call on.
class TightTeacher final : public teacher::TeacherSource
{
public:
    TightTeacher(std::unique_ptr<teacher::TeacherSource> roomy, std::size_t samples, int fromCall)
        : m_roomy(std::move(roomy)), m_samples(samples), m_fromCall(fromCall)
    {
    }
    [[nodiscard]] batch::SideRows rows(std::span<const teacher::TeacherSample> samples) override
    {
        ++m_calls;
        TORCH_CHECK_WITH(OutOfMemoryError, m_calls < m_fromCall || samples.size() <= m_samples, "out of memory");
        return m_roomy->rows(samples);
    }
    [[nodiscard]] at::Tensor head() const override { return m_roomy->head(); }
    [[nodiscard]] double headSoftcap() const override { return m_roomy->headSoftcap(); }

private:
    std::unique_ptr<teacher::TeacherSource> m_roomy;
    std::size_t m_samples;
    int m_fromCall;
    int m_calls = 0;
};

config::Experiment fourAtOnce()
{
    config::Experiment experiment = test::tinyExperiment();
    experiment.train.batchSize = 4;
    experiment.train.accumulation = 1;
    return experiment;
}

RecordingObserver run(const config::Experiment& experiment, std::size_t roomFor, int fromCall = 1)
{
    const test::TemporaryFolder folder;
    const RunLayout layout{folder.path()};
    RecordingObserver seen;
    RunControl control;
    makeDeterministic(experiment.train.threads);
    TrainingSetup setup = test::tinySetup(experiment, layout);
    setup.teacher = std::make_unique<TightTeacher>(std::move(setup.teacher), roomFor, fromCall);
    Trainer(experiment, layout, setup, seen, control).run();
    return seen;
}

} // namespace

TEST(MicroBatches, AreDividedInTheirOrder)
{
    const MicroBatches whole = {{1, 2, 3, 4, 5}, {6, 7}};
    EXPECT_EQ(dividedInto(whole, 2), (MicroBatches{{1, 2}, {3, 4}, {5}, {6, 7}}));
    EXPECT_EQ(dividedInto(whole, 5), whole);
    EXPECT_EQ(samplesOfLargest(whole), 5);
    EXPECT_EQ(samplesOfLargest({}), 0);
}

TEST(MicroBatches, DivideFreelyWhereTheLossIsASumOverTokens)
{
    const auto divides = [](const char* method) {
        config::Experiment experiment;
        config::applyMethod(experiment, **config::findMethod(method));
        return dividesFreely(experiment);
    };
    for (const char* method : {"sft", "vanilla", "dskd", "dskd-student", "dskd-teacher"}) {
        EXPECT_TRUE(divides(method)) << method;
    }
    // N(x) takes the deviation of a micro-batch; pairs and masked rows are scaled by their share of it
    for (const char* method : {"dskd-cma", "dskd-cla", "dskd-cma-ga", "dskd-eta", "dskd-v2", "uld", "gkd", "minillm"}) {
        EXPECT_FALSE(divides(method)) << method;
    }
    config::Experiment own;
    own.onPolicy.ratio = 0.5;
    EXPECT_FALSE(dividesFreely(own));
}

// What the runs with room for fewer samples log beside one with room for all.
void expectSameLosses(const RecordingObserver& roomy, const RecordingObserver& tight, const std::string& which)
{
    for (const char* name : {"loss", "grad_norm"}) {
        const auto expected = roomy.series(name);
        const auto found = tight.series(name);
        ASSERT_EQ(expected.size(), 6U);
        ASSERT_EQ(found.size(), expected.size());
        for (const auto& [step, value] : expected) {
            EXPECT_NEAR(found.at(step), value, 2e-5 * value) << which << ", " << name << " at step " << step;
        }
    }
}

TEST(MicroBatches, AreHalvedWhereMemoryRunsOut)
{
    for (const char* method : {"vanilla", "dskd", "dskd-student", "dskd-teacher"}) {
        config::Experiment experiment = fourAtOnce();
        config::applyMethod(experiment, **config::findMethod(method));
        const RecordingObserver roomy = run(experiment, 4);
        EXPECT_TRUE(roomy.warnings.empty());
        for (const std::size_t room : {2U, 1U}) {
            const RecordingObserver tight = run(experiment, room);
            ASSERT_EQ(tight.warnings.size(), room == 2 ? 1U : 2U);
            EXPECT_THAT(tight.warnings.front(), testing::HasSubstr("micro-batches of 4 samples"));
            expectSameLosses(roomy, tight, method);
        }
    }
}

// In the second micro-batch of a step: what the first one gave is taken back.
TEST(MicroBatches, AreHalvedInTheMiddleOfAStep)
{
    config::Experiment experiment = test::tinyExperiment(); // 2 x 2 samples
    const RecordingObserver roomy = run(experiment, 2);
    const RecordingObserver tight = run(experiment, 1, 4); // in the second half of the second step
    ASSERT_EQ(tight.warnings.size(), 1U);
    EXPECT_THAT(tight.warnings.front(), testing::HasSubstr("in step 2 with micro-batches of 2 samples"));
    expectSameLosses(roomy, tight, "dual");
}

TEST(MicroBatches, OfOneSampleOrOfAMethodThatSeesThemEndTheRunAsBefore)
{
    EXPECT_THROW(run(fourAtOnce(), 0), c10::OutOfMemoryError);
    config::Experiment attends = fourAtOnce();
    config::applyMethod(attends, **config::findMethod("dskd-cma"));
    EXPECT_THROW(run(attends, 2), c10::OutOfMemoryError);
}

TEST(MicroBatches, TellALackOfMemoryFromOtherErrors)
{
    EXPECT_TRUE(isOutOfMemory(std::bad_alloc()));
    EXPECT_FALSE(isOutOfMemory(std::runtime_error("other")));
    const auto isLackOfMemory = [](const std::string& message) {
        try {
            TORCH_CHECK(false, message);
        } catch (const c10::Error& error) {
            return isOutOfMemory(error);
        }
        return false;
    };
    for (const char* message :
         {"[enforce fail at alloc_cpu.cpp] DefaultCPUAllocator: can't allocate memory: you tried ...",
          "CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`",
          "cuDNN error: CUDNN_STATUS_ALLOC_FAILED"}) {
        EXPECT_TRUE(isLackOfMemory(message)) << message;
    }
    for (const char* message :
         {"shapes differ", "CUDA error: CUBLAS_STATUS_EXECUTION_FAILED", "cuDNN error: CUDNN_STATUS_NOT_SUPPORTED"}) {
        EXPECT_FALSE(isLackOfMemory(message)) << message;
    }
}

} // namespace dskd::train

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

// A teacher on a device that has room for so many samples at once.
class TightTeacher final : public teacher::TeacherSource
{
public:
    TightTeacher(std::unique_ptr<teacher::TeacherSource> roomy, std::size_t samples)
        : m_roomy(std::move(roomy)), m_samples(samples)
    {
    }
    [[nodiscard]] batch::SideRows rows(std::span<const teacher::TeacherSample> samples) override
    {
        TORCH_CHECK_WITH(OutOfMemoryError, samples.size() <= m_samples, "out of memory");
        return m_roomy->rows(samples);
    }
    [[nodiscard]] at::Tensor head() const override { return m_roomy->head(); }
    [[nodiscard]] double headSoftcap() const override { return m_roomy->headSoftcap(); }

private:
    std::unique_ptr<teacher::TeacherSource> m_roomy;
    std::size_t m_samples;
};

class WarnedObserver final : public test::RecordingObserver
{
public:
    void onEvent(std::int64_t, const std::string& kind, const std::string& message) override
    {
        if (kind == "warning") {
            warnings.push_back(message);
        }
    }
    std::vector<std::string> warnings;
};

config::Experiment fourAtOnce()
{
    config::Experiment experiment = test::tinyExperiment();
    experiment.train.batchSize = 4;
    experiment.train.accumulation = 1;
    return experiment;
}

WarnedObserver run(const config::Experiment& experiment, std::size_t roomFor)
{
    const test::TemporaryFolder folder;
    const RunLayout layout{folder.path()};
    WarnedObserver seen;
    RunControl control;
    makeDeterministic(experiment.train.threads);
    TrainingSetup setup = test::tinySetup(experiment, layout);
    setup.teacher = std::make_unique<TightTeacher>(std::move(setup.teacher), roomFor);
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
    for (const char* method : {"sft", "vanilla", "dskd", "dskd-student", "dskd-eta"}) {
        EXPECT_TRUE(divides(method)) << method;
    }
    EXPECT_FALSE(divides("dskd-cma")) << "N(x) takes the deviation of a micro-batch";
    config::Experiment own;
    own.onPolicy.ratio = 0.5;
    EXPECT_FALSE(dividesFreely(own));
}

TEST(MicroBatches, AreHalvedWhereMemoryRunsOut)
{
    const WarnedObserver roomy = run(fourAtOnce(), 4);
    EXPECT_TRUE(roomy.warnings.empty());
    for (const std::size_t room : {2U, 1U}) {
        const WarnedObserver tight = run(fourAtOnce(), room);
        EXPECT_EQ(tight.warnings.size(), room == 2 ? 1U : 2U);
        EXPECT_THAT(tight.warnings.front(), testing::HasSubstr("micro-batches of 4 samples"));
        const auto losses = roomy.series("loss");
        const auto halved = tight.series("loss");
        ASSERT_EQ(losses.size(), 6U);
        ASSERT_EQ(halved.size(), losses.size());
        for (const auto& [step, loss] : losses) {
            EXPECT_NEAR(halved.at(step), loss, 2e-5 * loss) << "step " << step;
        }
    }
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
    try {
        TORCH_CHECK(false, "[enforce fail at alloc_cpu.cpp] DefaultCPUAllocator: can't allocate memory: you tried ...");
    } catch (const c10::Error& error) {
        EXPECT_TRUE(isOutOfMemory(error));
    }
    try {
        TORCH_CHECK(false, "shapes differ");
    } catch (const c10::Error& error) {
        EXPECT_FALSE(isOutOfMemory(error));
    }
}

} // namespace dskd::train

// MiniLLM's and DistiLLM's training on the demo's teacher and a student with random weights: what it reports, and that
// it goes on after a stop, also one within the sampling of answers.

#include "core/train/loop/policy_gradient.h"

#include "core/base/checkpoint_folders.h"
#include "core/config/schema/experiment_json.h"
#include "core/model/lora_adapter.h"
#include "core/train/job/device.h"
#include "core/train/job/training_setup.h"
#include "core/train/loop/trainer.h"
#include "tests/support/temporary_folder.h"
#include "tests/unit/core/train/trained_runs.h"

#include <gmock/gmock.h>

#include <cmath>

namespace dskd::train
{
namespace
{

config::Experiment miniLlm()
{
    config::Experiment experiment = demoExperiment("student-gpt2");
    EXPECT_TRUE(config::setField(experiment, "method", "minillm"));
    experiment.data.limit = 16; // two whole sets of rollouts
    experiment.data.maxLength = 64;
    experiment.data.maxPromptLength = 48;
    experiment.onPolicy.maxNewTokens = 12;
    experiment.policyGradient.rollouts = 8;
    experiment.policyGradient.innerEpochs = 2;
    experiment.train.batchSize = 4;
    experiment.train.steps = 7;
    experiment.train.lr = 1e-3;
    return experiment;
}

TEST(PolicyGradientTraining, ReportsWhatItIsMadeOf)
{
    const test::RecordingObserver seen = trained(miniLlm());
    for (std::int64_t step = 1; step <= 7; ++step) {
        const auto& values = seen.metrics.at(step);
        for (const char* name : {"reward", "pg_loss", "single_step_loss", "rev_kl", "answer_length", "clip_share",
                                 "nll_loss", "kd_loss", "loss"}) {
            ASSERT_TRUE(values.contains(name)) << name;
            EXPECT_TRUE(std::isfinite(values.at(name))) << name;
        }
        const double parts = values.at("pg_loss") + values.at("single_step_loss") + 0.5 * values.at("nll_loss") +
                             0.5 * values.at("kd_loss");
        EXPECT_NEAR(values.at("loss"), parts, 1e-4);
        EXPECT_LE(values.at("answer_length"), 12.0);
    }
    // 8 rollouts, 4 a step, twice over: a new set each fourth step
    const auto reward = seen.series("reward");
    EXPECT_EQ(reward.at(1), reward.at(4));
    EXPECT_NE(reward.at(4), reward.at(5));
    EXPECT_EQ(reward.at(5), reward.at(7));
}

TEST(PolicyGradientTraining, LeavesTheDataAloneWhenItsRateIsZero)
{
    config::Experiment experiment = miniLlm();
    experiment.policyGradient.dataRate = 0.0;
    experiment.train.steps = 2;
    const test::RecordingObserver seen = trained(experiment);
    EXPECT_FALSE(seen.metrics.at(1).contains("nll_loss"));
    EXPECT_NEAR(seen.metrics.at(1).at("loss"),
                seen.metrics.at(1).at("pg_loss") + seen.metrics.at(1).at("single_step_loss"), 1e-6);
}

TEST(PolicyGradientTraining, IsTheSameWithTheGradientNormsOfItsTerms)
{
    config::Experiment experiment = miniLlm();
    experiment.train.steps = 3;
    const test::RecordingObserver without = trained(experiment);
    experiment.log.gradientNormEvery = 2;
    const test::RecordingObserver with = trained(experiment);
    for (const char* name : {"loss", "pg_loss", "single_step_loss", "reward", "clip_share", "grad_norm", "nll_loss"}) {
        EXPECT_EQ(with.series(name), without.series(name)) << name;
    }
    for (const char* term : {"pg_loss", "single_step_loss", "nll_loss", "kd_loss"}) {
        const auto norms = with.series(std::string("grad_norm.") + term);
        ASSERT_EQ(norms.size(), 2U) << term << ": at step 2 and at the last";
        EXPECT_GT(norms.at(2), 0.0) << term;
        EXPECT_TRUE(without.series(std::string("grad_norm.") + term).empty());
    }
}

class PolicyGradientResume : public testing::TestWithParam<std::int64_t>
{
};

TEST_P(PolicyGradientResume, GoesOnWithinASetBitForBit)
{
    const config::Experiment experiment = miniLlm();
    const test::RecordingObserver whole = trained(experiment);
    const Interrupted parts = interrupted(experiment, GetParam());
    for (const char* name : {"loss", "pg_loss", "single_step_loss", "reward", "clip_share", "grad_norm"}) {
        EXPECT_EQ(parts.series(name), whole.series(name)) << name;
    }
}

INSTANTIATE_TEST_SUITE_P(AfterStep, PolicyGradientResume, testing::Values(2, 4)); // within a set, and at its end

TEST(AdaptiveTraining, ResumesWithItsThresholdAndItsBuffer)
{
    config::Experiment experiment = miniLlm();
    ASSERT_TRUE(config::setField(experiment, "method", "distillm"));
    experiment.data.validation = experiment.data.train;
    experiment.data.validationLimit = 2;
    experiment.validation.every = 2;
    experiment.onPolicy.threshold = 0.6;
    experiment.onPolicy.tolerance = 0.0;
    experiment.onPolicy.thresholdStep = 0.2;
    experiment.onPolicy.bufferSize = 6;
    experiment.train.steps = 12;
    experiment.train.lr = 2e-2; // so large that the validation loss rises now and then
    const test::RecordingObserver whole = trained(experiment);
    EXPECT_TRUE(whole.metrics.at(0).contains("validation.loss")) << "the first validation has one to compare with";
    double replayed = 0.0;
    for (const auto& [step, value] : whole.series("on_policy.replayed")) {
        replayed += value;
    }
    EXPECT_GT(replayed, 0.0) << "the run tests no replay";
    for (const std::int64_t stopAfter : {5, 8}) {
        const Interrupted parts = interrupted(experiment, stopAfter);
        for (const char* name : {"loss", "on_policy.threshold", "on_policy.replayed", "validation.loss"}) {
            EXPECT_EQ(parts.series(name), whole.series(name)) << name << " stopped after " << stopAfter;
        }
    }
}

// A model that counts its decoding steps, and asks the run to stop in one of them.
class DecodingModel final : public model::CausalLm
{
public:
    DecodingModel(std::unique_ptr<model::CausalLm> model, RunControl& control, std::int64_t stopAt)
        : m_model(std::move(model)), m_control(control), m_stopAt(stopAt)
    {
    }
    [[nodiscard]] std::int64_t decoded() const { return m_decoded; }

    [[nodiscard]] const model::ModelConfig& config() const override { return m_model->config(); }
    [[nodiscard]] at::Tensor hiddenStates(const model::PackedTokens& tokens, bool training) override
    {
        return m_model->hiddenStates(tokens, training);
    }
    [[nodiscard]] at::Tensor hiddenStates(const model::PaddedTokens& tokens, bool training) override
    {
        return m_model->hiddenStates(tokens, training);
    }
    [[nodiscard]] at::Tensor hiddenStates(const at::Tensor& ids, const at::Tensor& mask,
                                          model::KeyValueCache& cache) override
    {
        m_decoded += 1;
        m_control.stop = m_control.stop || m_decoded == m_stopAt;
        return m_model->hiddenStates(ids, mask, cache);
    }
    [[nodiscard]] at::Tensor head() const override { return m_model->head(); }
    [[nodiscard]] at::Tensor inputEmbedding() const override { return m_model->inputEmbedding(); }
    [[nodiscard]] const std::vector<model::NamedTensor>& parameters() const override { return m_model->parameters(); }
    [[nodiscard]] const model::LoraAdapter* adapter() const override { return m_model->adapter(); }
    void setAdapter(model::LoraAdapter adapter) override { m_model->setAdapter(std::move(adapter)); }
    void checkpointGradients() override { m_model->checkpointGradients(); }
    bool packWeights() override { return m_model->packWeights(); }
    void dropPackedWeights() override { m_model->dropPackedWeights(); }

private:
    std::unique_ptr<model::CausalLm> m_model;
    RunControl& m_control;
    std::int64_t m_stopAt; // 0: never
    std::int64_t m_decoded = 0;
};

class StopWithinSampling : public testing::TestWithParam<const char*>
{
protected:
    StopWithinSampling()
    {
        experiment = miniLlm();
        experiment.train.steps = 5; // the last one of MiniLLM begins a new set
        experiment.onPolicy.maxNewTokens = 6;
        const std::string method = GetParam();
        EXPECT_TRUE(config::setField(experiment, "method", method));
        if (method != "minillm") {
            experiment.onPolicy.ratio = 1.0;
            experiment.train.accumulation = 2; // the first micro-batch has answered when the second is stopped
            experiment.train.batchSize = 2;
        }
        if (method == "distillm") {
            experiment.onPolicy.threshold = 1.0; // with room in the buffer: always the student's
            experiment.onPolicy.bufferSize = 100;
            experiment.data.validation = experiment.data.train;
            experiment.data.validationLimit = 2;
            experiment.validation.every = 2;
        }
    }
    // Trains on in `run`. How many decoding steps there were.
    std::int64_t train(const RunLayout& run, Observer& observer, std::int64_t stopAt, Outcome expected) const
    {
        RunControl control;
        makeDeterministic(experiment.train.threads);
        TrainingSetup setup = prepareTraining(experiment, run, observer).value();
        auto model = std::make_unique<DecodingModel>(std::move(setup.student), control, stopAt);
        const DecodingModel& student = *model;
        setup.student = std::move(model);
        EXPECT_EQ(Trainer(experiment, run, setup, observer, control).run(), expected);
        return student.decoded();
    }

    config::Experiment experiment;
};

TEST_P(StopWithinSampling, GivesTheStepUpAtOnceAndDoesItAgainBitForBit)
{
    const test::TemporaryFolder undisturbed;
    test::RecordingObserver whole;
    const std::int64_t all = train({undisturbed.path()}, whole, 0, Outcome::Finished);
    ASSERT_GT(all, 2);
    for (const std::int64_t stopAt : {std::int64_t{1}, all - 1}) { // in the first step, in the last
        SCOPED_TRACE(stopAt);
        const test::TemporaryFolder folder;
        const RunLayout run{folder.path()};
        Interrupted parts;
        EXPECT_EQ(train(run, parts.before, stopAt, Outcome::Stopped), stopAt) << "no decoding step follows";
        const auto losses = parts.before.series("loss");
        const std::int64_t finished = losses.empty() ? 0 : losses.rbegin()->first;
        EXPECT_EQ(finished, stopAt == 1 ? 0 : experiment.train.steps - 1);
        EXPECT_EQ(latestCheckpoint(run), finished);
        (void)train(run, parts.after, 0, Outcome::Finished);
        for (const char* name : {"loss", "grad_norm", "reward", "rev_kl", "on_policy.tokens", "on_policy.replayed",
                                 "on_policy.threshold", "validation.loss"}) {
            EXPECT_EQ(parts.series(name), whole.series(name)) << name;
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Methods, StopWithinSampling, testing::Values("minillm", "distillm", "gkd"));

} // namespace
} // namespace dskd::train

// The gradient norms of single terms of the loss: what they are of, that the terms add up to the whole, and that a run
// that records them trains bit for bit as one that does not.

#include "core/train/loop/term_gradients.h"

#include "core/config/methods/method_traits.h"
#include "core/config/schema/experiment_json.h"
#include "core/model/fine_tuning.h"
#include "core/train/data/batch_order.h"
#include "core/train/job/device.h"
#include "tests/support/temporary_folder.h"
#include "tests/unit/core/train/trained_runs.h"

#include <ATen/ATen.h>
#include <algorithm>
#include <cmath>
#include <gmock/gmock.h>
#include <map>
#include <string>
#include <vector>

namespace dskd::train
{
namespace
{

using test::RecordingObserver;

constexpr double kRounding = 1e-5; // of a norm: float32 sums in another order

config::Experiment experimentOf(const std::string& method, std::int64_t every)
{
    config::Experiment experiment = test::tinyExperiment();
    EXPECT_TRUE(config::setField(experiment, "method", method));
    experiment.keyQuery.hidden = 12;
    experiment.train.dropout = 0.2; // whose draws would show a generator that was touched
    experiment.log.gradientNormEvery = every;
    return experiment;
}

// The recorded norms of a step, by term.
std::map<std::string, double> normsAt(const RecordingObserver& seen, std::int64_t step)
{
    const std::string prefix = "grad_norm.";
    std::map<std::string, double> norms;
    for (const auto& [name, value] : seen.metrics.at(step)) {
        if (name.starts_with(prefix)) {
            norms[name.substr(prefix.size())] = value;
        }
    }
    return norms;
}

std::vector<at::Tensor> learningWeights(const model::CausalLm& student)
{
    std::vector<at::Tensor> weights;
    for (const model::NamedTensor& parameter : model::learningParameters(student)) {
        weights.push_back(parameter.tensor);
    }
    return weights;
}

// A gradient as one vector in float64.
at::Tensor flat(const std::vector<at::Tensor>& gradient, const std::vector<at::Tensor>& weights)
{
    std::vector<at::Tensor> parts;
    for (std::size_t i = 0; i < weights.size(); ++i) {
        const at::Tensor part = gradient[i].defined() ? gradient[i] : at::zeros_like(weights[i]);
        parts.push_back(part.detach().to(at::kDouble).flatten());
    }
    return at::cat(parts);
}

double lengthOf(const at::Tensor& vector)
{
    return vector.norm().item<double>();
}

// Masks may leave no row whose distance counts.
bool mayBeZero(const config::Experiment& experiment, const std::string& term)
{
    const config::MethodConfig& method = experiment.method;
    return term == "t2s_kd_loss" && (method.agreementMask || (config::attends(method) && method.correctnessMask));
}

} // namespace

class TermGradients : public testing::TestWithParam<std::string>
{
};

TEST_P(TermGradients, AreRecordedByARunThatTrainsBitForBitAsWithout)
{
    const config::Experiment experiment = experimentOf(GetParam(), 1);
    const Trained with = trainedTiny(experiment);
    const Trained without = trainedTiny(experimentOf(GetParam(), 0));
    expectSameTraining(with, without);
    for (std::int64_t step = 1; step <= 6; ++step) {
        EXPECT_TRUE(normsAt(without.seen, step).empty());
        const auto norms = normsAt(with.seen, step);
        EXPECT_TRUE(norms.contains("nll_loss")) << "at step " << step;
        for (const auto& [term, value] : norms) {
            EXPECT_TRUE(value > 0.0 || (value == 0.0 && mayBeZero(experiment, term))) << term << " at step " << step;
            EXPECT_TRUE(with.seen.metrics.at(step).contains(term)) << term << " is a term of the loss";
        }
    }
}

TEST_P(TermGradients, AddUpToTheGradientOfTheLoss)
{
    const config::Experiment experiment = experimentOf(GetParam(), 1);
    makeDeterministic(experiment.train.threads);
    const test::TemporaryFolder folder;
    const TrainingSetup setup = test::tinySetup(experiment, {folder.path()});
    const std::vector<at::Tensor> weights = learningWeights(*setup.student);
    setup.distiller->beginStep();
    const batch::StepRows rows = stepRows(*setup.student, setup.teacher.get(), batchOf(setup.examples, {0, 1, 2}),
                                          experiment.data.lossOn, experiment.method.alignment, 11.0, /*training=*/true);
    const LossOfTerm lossOf = [&](const std::string& term) {
        return setup.distiller->compute(rows, distill::LossPart::All, /*ownAnswers=*/false, term);
    };
    const auto gradientOf = [&](const std::string& term) { return flat(termGradient(lossOf, term, weights), weights); };
    const at::Tensor whole = gradientOf({});
    at::Tensor sum = at::zeros_like(whole);
    for (const std::string& term : setup.distiller->termsOfStudent()) {
        const at::Tensor gradient = gradientOf(term);
        EXPECT_TRUE(lengthOf(gradient) > 0.0 || mayBeZero(experiment, term)) << term;
        sum = sum + gradient;
    }
    EXPECT_LE(lengthOf(sum - whole), kRounding * lengthOf(whole));
    for (const char* term : {"t2s_ce_loss", "kq_loss"}) {
        EXPECT_EQ(lengthOf(gradientOf(term)), 0.0) << term << " moves the student";
    }
    lossOf({}).loss.backward(); // the graph is still there, and nothing has been added to the gradients
    std::vector<at::Tensor> grads;
    for (const at::Tensor& weight : weights) {
        grads.push_back(weight.grad());
    }
    EXPECT_LE(lengthOf(flat(grads, weights) - whole), kRounding * lengthOf(whole));
}

// dskd-v2 follows the student's head by a projector that it remembers for a step; gan and ct have critics.
INSTANTIATE_TEST_SUITE_P(Of, TermGradients,
                         testing::Values("sft", "vanilla", "dskd", "dskd-v2", "dskd-cma", "dskd-cma-ga", "dskd-cma-ct"),
                         [](const auto& instance) {
                             std::string name = instance.param;
                             std::replace(name.begin(), name.end(), '-', '_');
                             return name;
                         });

TEST(TermGradientNorms, OfAMethodWithoutProjectorsAddUpToTheGradientNorm)
{
    config::Experiment experiment = experimentOf("vanilla", 1);
    experiment.train.dropout = 0.0;
    experiment.train.accumulation = 1;
    experiment.train.steps = 1;
    const RecordingObserver seen = trainedTiny(experiment).seen;

    makeDeterministic(experiment.train.threads);
    const test::TemporaryFolder folder;
    const TrainingSetup setup = test::tinySetup(experiment, {folder.path()});
    const std::vector<at::Tensor> weights = learningWeights(*setup.student);
    BatchOrder order(experiment.seed, static_cast<std::int64_t>(setup.examples.size()), experiment.train.batchSize, 1);
    const Batch batch = batchOf(setup.examples, order.microBatches(0).front());
    std::int64_t tokens = 0;
    for (const Example* example : batch.examples) {
        tokens += example->student.rows();
    }
    const batch::StepRows rows = stepRows(*setup.student, setup.teacher.get(), batch, experiment.data.lossOn,
                                          experiment.method.alignment, static_cast<double>(tokens), /*training=*/true);
    const auto gradientOf = [&](const std::string& term) {
        const LossOfTerm lossOf = [&](const std::string& only) {
            return setup.distiller->compute(rows, distill::LossPart::All, /*ownAnswers=*/false, only);
        };
        return flat(termGradient(lossOf, term, weights), weights);
    };
    const at::Tensor crossEntropy = gradientOf("nll_loss");
    const at::Tensor distance = gradientOf("kd_loss");
    const auto norms = normsAt(seen, 1);
    ASSERT_EQ(norms.size(), 2U);
    EXPECT_NEAR(norms.at("nll_loss"), lengthOf(crossEntropy), kRounding * lengthOf(crossEntropy));
    EXPECT_NEAR(norms.at("kd_loss"), lengthOf(distance), kRounding * lengthOf(distance));
    const double whole = lengthOf(crossEntropy + distance);
    EXPECT_NEAR(seen.metrics.at(1).at("grad_norm"), whole, kRounding * whole);
    EXPECT_LT(whole, lengthOf(crossEntropy) + lengthOf(distance)) << "the terms point in different directions";
}

TEST(TermGradientNorms, ComeAtTheirIntervalAndAtTheLastStep)
{
    const RecordingObserver seen = trainedTiny(experimentOf("dskd", 4)).seen;
    for (std::int64_t step = 1; step <= 6; ++step) {
        EXPECT_EQ(normsAt(seen, step).empty(), step != 4 && step != 6) << "step " << step;
    }
    std::vector<std::string> terms;
    for (const auto& [term, value] : normsAt(seen, 4)) {
        terms.push_back(term);
    }
    EXPECT_THAT(terms, testing::ElementsAre("nll_loss", "s2t_kd_loss", "t2s_kd_loss"));
}

TEST(TermGradientNorms, AreThoseOfRecomputedActivationsToo)
{
    config::Experiment experiment = experimentOf("dskd", 2);
    const Trained kept = trainedTiny(experiment);
    experiment.train.gradientCheckpointing = true;
    const Trained recomputed = trainedTiny(experiment);
    expectSameTraining(recomputed, kept);
    for (const std::int64_t step : {2, 4, 6}) {
        EXPECT_EQ(normsAt(recomputed.seen, step), normsAt(kept.seen, step));
    }
}

TEST(TermGradientNorms, AreByTheWeightsThatLearn)
{
    config::Experiment experiment = experimentOf("dskd", 1);
    experiment.train.steps = 1;
    const auto all = normsAt(trainedTiny(experiment).seen, 1);
    experiment.train.freezeEmbeddings = true;
    const auto others = normsAt(trainedTiny(experiment).seen, 1);
    ASSERT_EQ(all.size(), 3U);
    for (const auto& [term, value] : all) {
        EXPECT_LT(others.at(term), value) << term;
        EXPECT_GT(others.at(term), 0.0) << term;
    }
}

TEST(TermGradientNorms, LeaveTheTrainingOfAnAdapterAsItIs)
{
    config::Experiment experiment = experimentOf("dskd", 2);
    experiment.train.fineTuning = config::FineTuning::Lora;
    experiment.lora.rank = 2;
    const Trained with = trainedTiny(experiment);
    EXPECT_EQ(normsAt(with.seen, 6).size(), 3U);
    experiment.log.gradientNormEvery = 0;
    expectSameTraining(with, trainedTiny(experiment));
}

} // namespace dskd::train

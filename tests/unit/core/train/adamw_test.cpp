#include "core/train/loop/adamw.h"

#include "core/base/result.h"

#include <ATen/ATen.h>
#include <cmath>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace dskd::train
{
namespace
{

// AdamW as the paper writes it, Algorithm 2, in float64.
struct Oracle {
    at::Tensor weights, mean, square;
    AdamOptions options;
    double decay;
    int steps = 0;

    Oracle(const at::Tensor& start, const AdamOptions& o, double d)
        : weights(start.to(at::kDouble).clone()), mean(at::zeros_like(weights)), square(at::zeros_like(weights)),
          options(o), decay(d)
    {
    }

    void step(const at::Tensor& gradient, double rate)
    {
        ++steps;
        const at::Tensor g = gradient.to(at::kDouble);
        mean = options.beta1 * mean + (1 - options.beta1) * g;
        square = options.beta2 * square + (1 - options.beta2) * g * g;
        const at::Tensor correctedMean = mean / (1 - std::pow(options.beta1, steps));
        const at::Tensor correctedSquare = square / (1 - std::pow(options.beta2, steps));
        weights = weights - rate * (correctedMean / (correctedSquare.sqrt() + options.epsilon) + decay * weights);
    }
};

at::Tensor leaf(at::IntArrayRef shape, at::ScalarType dtype = at::kFloat)
{
    return at::randn(shape, at::kFloat).to(dtype).set_requires_grad(true);
}

double largestError(const at::Tensor& a, const at::Tensor& b)
{
    return (a.detach().to(at::kDouble) - b.to(at::kDouble)).abs().max().item<double>();
}

ParameterGroup oneGroup(std::vector<Parameter> parameters, double weightDecay = 0.0)
{
    return {.name = "all", .weightDecay = weightDecay, .parameters = std::move(parameters)};
}

std::map<std::string, at::Tensor> savedState(const AdamW& optimizer)
{
    std::map<std::string, at::Tensor> saved;
    for (const auto& [name, tensor] : optimizer.state()) {
        saved[name] = tensor.clone();
    }
    return saved;
}

} // namespace

TEST(AdamW, FollowsTheFloat64OracleWithItsOwnRateAndDecayPerGroup)
{
    at::manual_seed(3);
    const AdamOptions options{0.9, 0.95, 1e-8};
    const at::Tensor matrix = leaf({7, 33});
    const at::Tensor bias = leaf({33});
    Oracle matrixOracle(matrix.detach(), options, 0.1);
    Oracle biasOracle(bias.detach(), options, 0.0);
    AdamW optimizer(options, {{.name = "matrices", .weightDecay = 0.1, .parameters = {{"matrix", matrix}}},
                              {.name = "biases", .weightDecay = 0.1, .parameters = {{"bias", bias, false}}}});
    for (int step = 0; step < 50; ++step) {
        const at::Tensor g = at::randn_like(matrix.detach());
        const at::Tensor h = at::randn_like(bias.detach());
        matrix.mutable_grad() = g.clone();
        bias.mutable_grad() = h.clone();
        matrixOracle.step(g, 1e-2);
        biasOracle.step(h, 3e-3);
        optimizer.collectGradients();
        optimizer.step({{"matrices", 1e-2}, {"biases", 3e-3}});
    }
    // 50 updates of at most 1e-2, each rounded to float32 relative to weights of size 1: 50 * 6e-8 and some
    EXPECT_LT(largestError(matrix, matrixOracle.weights), 5e-6);
    EXPECT_LT(largestError(bias, biasOracle.weights), 5e-6);
}

TEST(AdamW, KeepsFloat32MasterWeightsSoThatSmallUpdatesAreNotLost)
{
    const at::Tensor weights = at::ones({4}, at::kBFloat16).set_requires_grad(true);
    AdamW optimizer({}, {oneGroup({{"w", weights}})});
    for (int step = 0; step < 100; ++step) { // each update of 1e-4 is far below bfloat16's spacing of 4e-3 at 1
        weights.mutable_grad() = at::ones({4}, at::kBFloat16);
        optimizer.collectGradients();
        optimizer.step({{"all", 1e-4}});
    }
    EXPECT_NEAR(weights.detach()[0].item<double>(), 0.99, 4e-3);
}

TEST(AdamW, SumsBfloat16GradientsInFloat32)
{
    const at::Tensor weights = at::ones({1}, at::kBFloat16).set_requires_grad(true);
    AdamW optimizer({}, {oneGroup({{"w", weights}})});
    for (int microBatch = 0; microBatch < 512; ++microBatch) { // in bfloat16 the sum would stick at 256
        weights.mutable_grad() = at::ones({1}, at::kBFloat16);
        optimizer.collectGradients();
    }
    EXPECT_DOUBLE_EQ(optimizer.clipGradients(0.0), 512.0);
}

TEST(AdamW, ClipsByTheGlobalNormOverAllGroups)
{
    const at::Tensor a = at::zeros({1}, at::kFloat).set_requires_grad(true);
    const at::Tensor b = at::zeros({1}, at::kFloat).set_requires_grad(true);
    AdamW optimizer({}, {{.name = "first", .parameters = {{"a", a}}}, {.name = "second", .parameters = {{"b", b}}}});
    a.mutable_grad() = at::full({1}, 3.0f);
    b.mutable_grad() = at::full({1}, 4.0f);
    optimizer.collectGradients();
    EXPECT_NEAR(optimizer.clipGradients(1.0), 5.0, 1e-6);
    EXPECT_NEAR(optimizer.clipGradients(1.0), 1.0, 1e-6); // what is left after clipping
    EXPECT_NEAR(a.grad()[0].item<double>(), 0.6, 1e-6);
}

TEST(AdamW, HasTheSummedGradientsOfAllParametersUntilItsUpdate)
{
    const at::Tensor half = at::ones({1}, at::kBFloat16).set_requires_grad(true);
    const at::Tensor unused = at::ones({1}, at::kFloat).set_requires_grad(true);
    AdamW optimizer({}, {oneGroup({{"half", half}, {"unused", unused}})});
    for (const float gradient : {3.0f, 4.0f}) {
        half.mutable_grad() = at::full({1}, gradient, at::kBFloat16);
        optimizer.collectGradients();
    }
    const std::vector<at::Tensor> gradients = optimizer.gradients();
    ASSERT_EQ(gradients.size(), 2U);
    EXPECT_EQ(gradients[0].scalar_type(), at::kFloat);
    EXPECT_EQ(gradients[0].item<double>(), 7.0);
    EXPECT_FALSE(gradients[1].defined());
    optimizer.step({{"all", 1e-3}});
    EXPECT_FALSE(optimizer.gradients()[0].defined());
}

TEST(AdamW, LeavesParametersWithoutAGradientAlone)
{
    const at::Tensor used = at::ones({2}, at::kFloat).set_requires_grad(true);
    const at::Tensor unused = at::ones({2}, at::kFloat).set_requires_grad(true);
    AdamW optimizer({}, {oneGroup({{"used", used}, {"unused", unused}}, 0.5)});
    used.mutable_grad() = at::ones({2});
    optimizer.collectGradients();
    optimizer.step({{"all", 0.1}});
    EXPECT_LT(used.detach()[0].item<double>(), 1.0);
    EXPECT_EQ(unused.detach()[0].item<double>(), 1.0);
    EXPECT_FALSE(used.grad().defined());
}

TEST(AdamW, GoesOnBitForBitFromItsSavedState)
{
    at::manual_seed(4);
    const at::Tensor first = leaf({5, 5});
    AdamW optimizer({}, {oneGroup({{"w", first}}, 0.01)});
    const auto stepWith = [](AdamW& o, const at::Tensor& w, const at::Tensor& g) {
        w.mutable_grad() = g.clone();
        o.collectGradients();
        o.step({{"all", 1e-3}});
    };
    for (int i = 0; i < 3; ++i) {
        stepWith(optimizer, first, at::randn({5, 5}));
    }
    const at::Tensor second = first.detach().clone().set_requires_grad(true);
    AdamW restored({}, {oneGroup({{"w", second}}, 0.01)});
    restored.loadState(savedState(optimizer));
    const at::Tensor gradient = at::randn({5, 5});
    stepWith(optimizer, first, gradient);
    stepWith(restored, second, gradient);
    EXPECT_TRUE(at::equal(first.detach(), second.detach()));
}

// Checkpoints of earlier versions, whose optimizer had a group for each kind of decay, hold these names too.
TEST(AdamW, SavesItsStateByTheNamesOfTheParametersWhateverTheirGroups)
{
    at::manual_seed(5);
    const at::Tensor matrix = leaf({3, 3}, at::kBFloat16);
    const at::Tensor bias = leaf({3});
    AdamW apart({}, {{.name = "matrices", .weightDecay = 0.1, .parameters = {{"matrix", matrix}}},
                     {.name = "biases", .parameters = {{"bias", bias}}}});
    matrix.mutable_grad() = at::ones({3, 3}, at::kBFloat16);
    bias.mutable_grad() = at::ones({3});
    apart.collectGradients();
    apart.step({{"matrices", 1e-2}, {"biases", 1e-2}});
    const std::map<std::string, at::Tensor> saved = savedState(apart);
    std::vector<std::string> names;
    for (const auto& [name, tensor] : saved) {
        names.push_back(name);
    }
    EXPECT_THAT(names, testing::UnorderedElementsAre("matrix.exp_avg", "matrix.exp_avg_sq", "matrix.steps",
                                                     "matrix.master", "bias.exp_avg", "bias.exp_avg_sq", "bias.steps"));

    AdamW together({}, {oneGroup({{"bias", leaf({3}), false}, {"matrix", leaf({3, 3}, at::kBFloat16)}}, 0.1)});
    together.loadState(saved);
    for (const auto& [name, tensor] : savedState(together)) {
        EXPECT_TRUE(at::equal(tensor, saved.at(name))) << name;
    }
}

TEST(AdamW, RefusesAStepThatHasNoLearningRateForAGroup)
{
    AdamW optimizer({}, {oneGroup({{"w", leaf({2})}})});
    try {
        optimizer.step({{"others", 0.1}});
        FAIL() << "a group without a rate was taken";
    } catch (const c10::Error& error) {
        EXPECT_THAT(error.what_without_backtrace(), testing::HasSubstr("\"all\""));
    }
}

TEST(AdamW, NamesTheTensorThatASavedStateLacks)
{
    AdamW optimizer({}, {oneGroup({{"w", leaf({2})}})});
    try {
        optimizer.loadState({});
        FAIL() << "an empty state was taken";
    } catch (const Error& error) {
        EXPECT_NE(error.failure().what.find("w.exp_avg"), std::string::npos);
    }
}

} // namespace dskd::train

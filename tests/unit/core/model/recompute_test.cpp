// Gradient checkpointing: the same gradients to the bit, dropout included, from less memory.

#include "golden_model.h"

#include "core/model/fine_tuning.h"
#include "core/model/folder/families/family.h"
#include "core/model/lora_adapter.h"
#include "core/model/recompute.h"
#include "tests/support/counting_allocator.h"

#include <ATen/core/grad_mode.h>
#include <cstdint>
#include <functional>
#include <gtest/gtest.h>
#include <map>

namespace dskd::model
{
namespace
{
using namespace testing;

using Prepare = std::function<void(CausalLm&)>;

struct Learned {
    at::Tensor hidden;
    std::map<std::string, at::Tensor> gradients;
    std::string head;             // the name of its weight
    double drawnAfterwards = 0.0; // where the generator stands after forward and backward
};

Learned learn(const std::string& name, bool checkpointed, const Prepare& prepare)
{
    LoadOptions options;
    options.trainable = true;
    options.dropout = 0.2; // in embeddings, attention and residuals, where the family has it
    const auto model = loadCausalLm(goldenFolder(name), options).value();
    prepare(*model);
    if (checkpointed) {
        model->checkpointGradients();
    }
    at::manual_seed(7);
    Learned learned;
    learned.head = model->config().family->head;
    learned.hidden = model->hiddenStates(packed({{3, 4, 5, 6, 7, 8, 9}, {10, 11, 12}, {13, 14, 15, 16}}), true);
    at::rand({3}); // someone else draws in between
    (learned.hidden * at::arange(learned.hidden.size(1), at::kFloat)).square().mean().backward();
    learned.drawnAfterwards = at::rand({1}).item<double>();
    for (const NamedTensor& parameter : learningParameters(*model)) {
        learned.gradients[parameter.name] = parameter.tensor.grad();
    }
    return learned;
}

void expectSame(const std::string& name, const Prepare& prepare)
{
    const Learned plain = learn(name, false, prepare);
    const Learned again = learn(name, true, prepare);
    EXPECT_TRUE(at::equal(plain.hidden, again.hidden)) << name;
    EXPECT_EQ(plain.drawnAfterwards, again.drawnAfterwards) << name << ": the backward pass put the generator back";
    ASSERT_EQ(plain.gradients.size(), again.gradients.size());
    for (const auto& [parameter, gradient] : plain.gradients) {
        ASSERT_EQ(gradient.defined(), again.gradients.at(parameter).defined()) << parameter;
        if (!gradient.defined()) {
            EXPECT_EQ(parameter, plain.head) << "only an untied head is unknown to hidden states";
            continue;
        }
        EXPECT_GT(gradient.abs().max().item<double>(), 0.0) << parameter;
        EXPECT_TRUE(at::equal(gradient, again.gradients.at(parameter))) << name << ": " << parameter;
    }
}

TEST(GradientCheckpointing, GivesTheSameGradientsToTheBitForEveryFamily)
{
    for (const std::string& name : kGoldenModels) {
        expectSame(name, [](CausalLm&) {});
    }
}

TEST(GradientCheckpointing, WorksWithAnAdapterAndItsDropout)
{
    for (const std::string& name : kGoldenModels) {
        expectSame(name, [&](CausalLm& model) {
            AdapterConfig config;
            config.rank = 3;
            config.dropout = 0.3;
            LoraAdapter adapter =
                createAdapter(config, loraTargets(model.config(), "all-linear").value().layers, 5, at::kFloat);
            for (AdaptedLayer& layer : adapter.layers) {
                layer.b.fill_(0.05);
            }
            learnAdapter(model, std::move(adapter));
        });
    }
}

TEST(GradientCheckpointing, WorksWhenTheFirstBlocksInputNeedsNoGradient)
{
    expectSame("gpt2", [](CausalLm& model) { freezeEmbeddings(model); });
}

TEST(GradientCheckpointing, LeavesEvaluationAlone)
{
    const auto model = goldenModel("llama", true);
    const PackedTokens tokens = packed({{3, 4, 5}});
    const at::Tensor before = model->hiddenStates(tokens, false);
    model->checkpointGradients();
    EXPECT_TRUE(at::equal(model->hiddenStates(tokens, false), before));
    const at::NoGradGuard noGrad;
    EXPECT_FALSE(model->hiddenStates(tokens, true).requires_grad());
}

std::int64_t peakBytes(bool checkpointed)
{
    ModelConfig config;
    config.vocabularyRows = 64;
    config.width = 32;
    config.layers = 12;
    config.heads = 2;
    config.keyValueHeads = 2;
    config.headWidth = 16;
    config.innerWidth = 96;
    config.maxPositions = 512;
    LoadOptions options;
    options.trainable = true;
    const auto model = createCausalLm(config, 1, options).value();
    if (checkpointed) {
        model->checkpointGradients();
    }
    const PackedTokens tokens{at::arange(1024, at::kLong).remainder(64), {512, 512}};
    support::CountingAllocator counting;
    model->hiddenStates(tokens, true).square().mean().backward();
    return counting.peakBytes();
}

TEST(GradientCheckpointing, NeedsAFractionOfTheMemory)
{
    const auto plain = peakBytes(false);
    const auto checkpointed = peakBytes(true);
    RecordProperty("plain", std::to_string(plain));
    RecordProperty("checkpointed", std::to_string(checkpointed));
    EXPECT_LT(static_cast<double>(checkpointed), 0.4 * static_cast<double>(plain))
        << plain << " bytes without, " << checkpointed << " with";
}

TEST(RecomputedInBackward, IsOnlyACallWhereNothingLearns)
{
    int calls = 0;
    const auto twice = [&](const at::Tensor& x) {
        ++calls;
        return x * 2;
    };
    const at::Tensor input = at::ones({2});
    EXPECT_FALSE(recomputedInBackward(twice, input, {}).requires_grad());
    EXPECT_EQ(calls, 1);
    const at::Tensor learning = at::ones({2}).requires_grad_(true);
    recomputedInBackward(twice, learning, {}).sum().backward();
    EXPECT_EQ(calls, 3) << "once forward, once backward";
    EXPECT_TRUE(at::equal(learning.grad(), at::full({2}, 2.0)));
}

} // namespace
} // namespace dskd::model

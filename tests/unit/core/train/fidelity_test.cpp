// What method.fidelity changes around the losses: the padded batch, the optimizer. The losses themselves are held
// against the published code in tests/unit/core/distill/published_test.cpp; whole runs are in reference_run_test.cpp.

#include "core/batch/packed_rows.h"
#include "core/config/methods/field_use.h"
#include "core/config/schema/choices.h"
#include "core/config/schema/experiment_json.h"
#include "core/model/safetensors.h"
#include "core/teacher/live_teacher.h"
#include "core/train/job/training_setup.h"
#include "core/train/loop/step.h"
#include "core/train/loop/trainer.h"
#include "tests/support/loss_oracle.h"
#include "tests/support/model_families.h"
#include "tests/support/paths.h"
#include "tests/support/tiny_training.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <gmock/gmock.h>

#include <cmath>
#include <map>
#include <set>

namespace dskd::train
{
namespace
{

using config::Alignment;
using config::Fidelity;

// One that the family has. The rows of the Llama-like ones name theirs.
std::string activationOf(const std::string& family)
{
    return family == "gpt2" ? "gelu_new" : family == "gpt_neox" ? "gelu" : model::findFamily(family)->activation;
}

std::unique_ptr<model::CausalLm> tinyFamily(const std::string& family, std::int64_t width, std::int64_t vocabulary,
                                            std::uint64_t seed, bool trainable, at::ScalarType dtype = at::kDouble)
{
    model::ModelConfig config;
    config.family = model::findFamily(family);
    config.vocabularyRows = vocabulary;
    config.width = width;
    config.layers = 1;
    config.heads = 2;
    config.keyValueHeads = 2;
    config.headWidth = width / 2;
    config.innerWidth = 2 * width;
    config.maxPositions = 64;
    config.initializerRange = 0.3;
    config.tiedHead = family == "gpt2";
    config.activation = activationOf(family);
    model::LoadOptions options;
    options.dtype = dtype;
    options.trainable = trainable;
    return std::move(model::createCausalLm(config, seed, options)).value();
}

// Two samples of one text in two vocabularies.
std::vector<Example> pairedExamples()
{
    std::vector<Example> examples(2);
    examples[0].student.ids = {3, 5, 7, 9, 11, 13};
    examples[0].student.promptLength = 2;
    examples[0].teacher.ids = {4, 6, 8, 10, 12};
    examples[0].teacher.promptLength = 2;
    examples[1].student.ids = {2, 4, 6, 8};
    examples[1].student.promptLength = 1;
    examples[1].teacher.ids = {1, 3, 5, 7, 9, 11, 13, 15};
    examples[1].teacher.promptLength = 4;
    return examples;
}

Batch batchOf(const std::vector<Example>& examples)
{
    Batch batch;
    for (std::size_t i = 0; i < examples.size(); ++i) {
        batch.examples.push_back(&examples[i]);
        batch.keys.push_back(static_cast<std::int64_t>(i));
    }
    return batch;
}

config::MethodConfig attention(Fidelity fidelity)
{
    config::MethodConfig method;
    method.alignment = Alignment::Cma;
    method.fidelity = fidelity;
    return method;
}

batch::PaddedBatch paddedTo(std::int64_t length, bool states)
{
    return {.length = length, .teacherPadding = 1, .studentPadding = 1, .predicted = true, .states = states};
}

class CmaFamilies : public testing::TestWithParam<std::tuple<std::string, std::string>>
{
};

TEST_P(CmaFamilies, AnyArchitectureCanTeachAndLearn)
{
    const auto [teaching, learning] = GetParam();
    const std::vector<Example> examples = pairedExamples();
    for (const Fidelity fidelity : {Fidelity::Paper, Fidelity::ReferenceV1, Fidelity::ReferenceV2}) {
        const auto student = tinyFamily(learning, 8, 23, 1, true);
        std::optional<batch::PaddedBatch> padded;
        if (fidelity != Fidelity::Paper) {
            padded = paddedTo(12, /*states=*/false);
        }
        teacher::LiveTeacher teacher(tinyFamily(teaching, 12, 31, 2, false), config::LossOn::Response, 1 << 20, padded);
        const config::MethodConfig method = attention(fidelity);
        const distill::Distiller distiller(method, {8, 12, {}}, 64, 3, at::kCPU, at::kDouble);
        const batch::StepRows rows = stepRows(*student, &teacher, batchOf(examples), config::LossOn::Response,
                                              Alignment::Cma, 7.0, /*training=*/true);
        const distill::LossTerms terms = distiller.compute(rows);
        if (fidelity == Fidelity::Paper) {
            oracle::Projectors projectors;
            for (const auto& [name, tensor] : distiller.projectors()) {
                projectors[name] = tensor;
            }
            const auto expected = oracle::distillationLoss(method, rows, projectors);
            EXPECT_NEAR(terms.loss.item<double>(), expected.loss.item<double>(), 1e-10);
        }
        terms.loss.backward();
        for (const model::NamedTensor& parameter : student->parameters()) {
            ASSERT_TRUE(parameter.tensor.grad().defined()) << parameter.name;
            EXPECT_TRUE(parameter.tensor.grad().isfinite().all().item<bool>()) << parameter.name;
        }
        for (const auto& [name, tensor] : distiller.projectors()) {
            EXPECT_GT(tensor.grad().abs().max().item<double>(), 0.0) << name;
        }
    }
}

// Every family on either side of a GPT-2 and of a Llama.
const auto pairName = [](const auto& instance) {
    return std::get<0>(instance.param) + "_teaches_" + std::get<1>(instance.param);
};
INSTANTIATE_TEST_SUITE_P(Teaching, CmaFamilies,
                         testing::Combine(testing::ValuesIn(test::familyNames()), testing::Values("gpt2", "llama")),
                         pairName);
INSTANTIATE_TEST_SUITE_P(Learning, CmaFamilies,
                         testing::Combine(testing::Values("gpt2", "llama"), testing::ValuesIn(test::familyNames())),
                         pairName);

// tests/reference/published_losses.py: what transformers computes where a batch is padded on the right, as the
// published collator pads it.
TEST(PaddedModel, ComputesPaddingAsTransformersDoes)
{
    const std::filesystem::path golden = test::goldenDir();
    const model::TensorMap expected =
        std::move(model::readSafetensors(golden / "published" / "padding.safetensors")).value();
    ASSERT_FALSE(expected.empty());
    for (const auto& [key, ids] : expected) {
        if (!key.ends_with(".ids")) {
            continue;
        }
        const std::string name = key.substr(0, key.find('.'));
        const auto model = std::move(model::loadCausalLm(golden / "model" / name)).value();
        model::PackedTokens tokens;
        tokens.ids = ids.flatten();
        tokens.lengths = {12, 12};
        tokens.padding = {5, 8};
        const at::Tensor wanted = expected.at(name + ".hidden").flatten(0, 1);
        EXPECT_LT((model->hiddenStates(tokens) - wanted).abs().max().item<double>(), 2e-5) << name;
    }
}

TEST(PaddedTeacher, SumsUpEveryPositionThatIsNoResponseRow)
{
    const std::vector<Example> examples = pairedExamples();
    teacher::LiveTeacher teacher(tinyFamily("llama", 12, 31, 2, false), config::LossOn::Response, 1 << 20,
                                 paddedTo(12, /*states=*/true));
    const std::vector<teacher::TeacherSample> asked{{0, &examples[0].teacher}, {1, &examples[1].teacher}};
    const batch::SideRows first = teacher.rows(asked);
    ASSERT_TRUE(first.outside.has_value());
    EXPECT_THAT(first.outside->rowsPerSample, testing::ElementsAre(12 - 3, 12 - 4));
    EXPECT_EQ(first.outside->hidden.count, 17 * 12);
    EXPECT_EQ(first.outside->predicted.count, 17 * 12);
    const at::Tensor& states = first.outside->states;
    EXPECT_NEAR(first.outside->hidden.sum, states.sum().item<double>(), 1e-10);
    EXPECT_NEAR(first.outside->hidden.squares, states.square().sum().item<double>(), 1e-10);
    const at::Tensor predicted = at::linear(states, teacher.head()).argmax(1);
    EXPECT_NEAR(first.outside->predicted.sum, first.embedding.index_select(0, predicted).sum().item<double>(), 1e-10);
    // what is remembered is the same, and in the order that is asked for
    const batch::SideRows again = teacher.rows(std::vector<teacher::TeacherSample>{asked[1], asked[0]});
    EXPECT_EQ(teacher.samplesRun(), 2);
    EXPECT_TRUE(at::equal(again.outside->states, at::cat({states.slice(0, 9), states.slice(0, 0, 9)})));
    EXPECT_NEAR(again.outside->hidden.squares, first.outside->hidden.squares, 1e-10);
}

TEST(PaddedTeacher, ResponseRowsAreThoseWithoutPadding)
{
    const std::vector<Example> examples = pairedExamples();
    const std::vector<teacher::TeacherSample> asked{{0, &examples[0].teacher}, {1, &examples[1].teacher}};
    for (const std::string& family : test::familyNames()) {
        teacher::LiveTeacher plain(tinyFamily(family, 12, 31, 2, false), config::LossOn::Response, 1 << 20);
        teacher::LiveTeacher padded(tinyFamily(family, 12, 31, 2, false), config::LossOn::Response, 1 << 20,
                                    batch::PaddedBatch{.length = 12, .teacherPadding = 1, .studentPadding = 1});
        EXPECT_LT((plain.rows(asked).hidden - padded.rows(asked).hidden).abs().max().item<double>(), 1e-12) << family;
    }
}

TEST(PaddedBatch, ItsLengthChangesThePublishedLossAndNotThePapers)
{
    const std::vector<Example> examples = pairedExamples();
    const auto loss = [&](Fidelity fidelity, std::int64_t length) {
        const auto student = tinyFamily("gpt2", 8, 23, 1, true);
        const std::optional<batch::PaddedBatch> padded =
            length > 0 ? std::optional(paddedTo(length, /*states=*/false)) : std::nullopt;
        teacher::LiveTeacher teacher(tinyFamily("llama", 12, 31, 2, false), config::LossOn::Response, 1 << 20, padded);
        const distill::Distiller distiller(attention(fidelity), {8, 12, {}}, 64, 3, at::kCPU, at::kDouble);
        batch::StepRows rows = stepRows(*student, &teacher, batchOf(examples), config::LossOn::Response, Alignment::Cma,
                                        7.0, /*training=*/false);
        if (fidelity == Fidelity::Paper) {
            rows.teacher.outside.reset(); // the trainer never asks for it
        }
        return distiller.compute(rows).loss.item<double>();
    };
    EXPECT_NEAR(loss(Fidelity::Paper, 12), loss(Fidelity::Paper, 0), 1e-12);
    EXPECT_NEAR(loss(Fidelity::Paper, 30), loss(Fidelity::Paper, 0), 1e-12);
    EXPECT_GT(std::abs(loss(Fidelity::ReferenceV1, 12) - loss(Fidelity::ReferenceV1, 30)), 1e-4);
    EXPECT_GT(std::abs(loss(Fidelity::ReferenceV2, 12) - loss(Fidelity::ReferenceV2, 30)), 1e-4);
}

// Names of the parameters that one step with zero gradients makes smaller.
std::set<std::string> decaying(Fidelity fidelity, const std::string& family)
{
    config::Experiment experiment = test::tinyExperiment();
    experiment.method = attention(fidelity);
    experiment.train.weightDecay = 0.5;
    experiment.projector.weightDecay = 0.5;
    const auto student = tinyFamily(family, 8, 23, 1, true, at::kFloat);
    const distill::Distiller distiller(experiment.method, {8, 12, {}}, 64, 3);
    const auto optimizer = makeOptimizer(experiment, *student, distiller);
    std::map<std::string, at::Tensor> all;
    for (const model::NamedTensor& parameter : student->parameters()) {
        all[parameter.name] = parameter.tensor;
    }
    for (const auto& [name, tensor] : distiller.projectors()) {
        all["projector." + name] = tensor;
    }
    std::map<std::string, at::Tensor> before;
    for (auto& [name, tensor] : all) {
        const at::NoGradGuard noGrad;
        tensor.fill_(1.0); // biases begin as zeros
        before[name] = tensor.detach().clone();
        tensor.mutable_grad() = at::zeros_like(tensor);
    }
    optimizer->collectGradients();
    optimizer->step({{kStudentGroup, 0.1}, {kProjectorGroup, 0.1}, {kCriticGroup, 0.1}});
    std::set<std::string> smaller;
    for (const auto& [name, tensor] : all) {
        if (tensor.sum().item<double>() < before[name].sum().item<double>()) {
            smaller.insert(name);
        }
    }
    return smaller;
}

TEST(OptimizerFidelity, PublishedCodeDecaysProjectorBiasesAndTheNormsItDoesNotKnow)
{
    const std::string llamaNorm = "model.layers.0.input_layernorm.weight";
    const std::string gpt2Norm = "transformer.h.0.ln_1.weight";
    for (const Fidelity fidelity : {Fidelity::ReferenceV1, Fidelity::ReferenceV2}) {
        EXPECT_TRUE(decaying(fidelity, "llama").contains(llamaNorm));
        EXPECT_TRUE(decaying(fidelity, "llama").contains("projector.t2s.bias"));
        EXPECT_FALSE(decaying(fidelity, "gpt2").contains(gpt2Norm));
        EXPECT_FALSE(decaying(fidelity, "gpt2").contains("transformer.h.0.attn.c_attn.bias"));
        EXPECT_FALSE(decaying(fidelity, "qwen2").contains("model.layers.0.self_attn.q_proj.bias"));
    }
    const auto paper = decaying(Fidelity::Paper, "llama");
    EXPECT_FALSE(paper.contains(llamaNorm));
    EXPECT_FALSE(paper.contains("projector.t2s.bias"));
    EXPECT_TRUE(paper.contains("projector.t2s.weight"));
}

// Fine-tuning has published code to follow: what decays and how the rate warms up. A policy gradient has none.
TEST(FidelityOfAnObjective, IsThatOfFineTuningAndRefusedByThePolicyGradient)
{
    config::Experiment experiment = test::tinyExperiment();
    experiment.data.train = "train.jsonl";
    for (const Fidelity fidelity : {Fidelity::ReferenceV1, Fidelity::ReferenceV2}) {
        experiment.method.fidelity = fidelity;
        experiment.method.objective = config::Objective::Sft;
        EXPECT_THAT(config::validate(experiment), testing::IsEmpty());
        EXPECT_EQ(config::whyUnused(experiment, "method.fidelity"), "");
        experiment.method.objective = config::Objective::PolicyGradient;
        const std::vector<config::Problem> problems = config::validate(experiment);
        ASSERT_EQ(problems.size(), 1U);
        EXPECT_EQ(problems.front().field, "method.fidelity");
        EXPECT_THAT(problems.front().what, testing::HasSubstr("policy gradient"));
        EXPECT_THAT(std::string(config::whyUnused(experiment, "method.fidelity")),
                    testing::HasSubstr("policy-gradient"));
    }
    experiment.method.fidelity = Fidelity::Paper;
    EXPECT_THAT(config::validate(experiment), testing::IsEmpty());
}

} // namespace
} // namespace dskd::train

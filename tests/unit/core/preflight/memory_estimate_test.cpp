#include "core/preflight/memory_estimate.h"
#include "tests/unit/core/preflight/demo_experiments.h"

#include <cstdint>
#include <gtest/gtest.h>
#include <optional>
#include <utility>

namespace dskd::preflight
{
namespace
{

TEST(MemoryEstimate, CountsGradientsAndMomentsOfWhatLearnsOnly)
{
    auto experiment = demo("sft");
    const auto student = model::readModelConfig(experiment.student.model).value();
    const auto estimate = [&] { return estimateMemory(experiment, student, std::nullopt, 8 * 256, 0); };
    const auto parameters = static_cast<std::uint64_t>(model::parameterCount(student));
    EXPECT_EQ(estimate().student, parameters * 16) << "weight, gradient, two moments";
    experiment.train.freezeEmbeddings = true;
    const auto embeddings = static_cast<std::uint64_t>((student.vocabularyRows + student.maxPositions) * student.width);
    EXPECT_EQ(estimate().student, parameters * 16 - embeddings * 12);
    experiment.train.fineTuning = config::FineTuning::Lora;
    experiment.lora.rank = 8;
    const auto adapter = static_cast<std::uint64_t>(student.layers * 8 * (student.width + 3 * student.width)); // c_attn
    EXPECT_EQ(estimate().student, parameters * 4 + adapter * 16);
    const auto before = estimate().activations;
    experiment.train.gradientCheckpointing = true;
    EXPECT_LT(estimate().activations, before);
}

// Peak resident memory that the demo runs logged (CPU, fp32): 300 MB for dual, 229 MB for SFT, 338 MB for CMA.
TEST(MemoryEstimate, LiesNearWhatTheDemoRunsTook)
{
    const std::pair<const char*, double> measured[] = {{"dual", 300e6}, {"sft", 229e6}, {"cma", 338e6}};
    for (const auto& [name, bytes] : measured) {
        const auto experiment = demo(name);
        const auto student = model::readModelConfig(experiment.student.model).value();
        std::optional<model::ModelConfig> teacher;
        if (experiment.method.objective == config::Objective::Kd) {
            teacher = model::readModelConfig(experiment.teacher.model).value();
        }
        const double estimate =
            static_cast<double>(estimateMemory(experiment, student, teacher, 8 * 256, 400 * 40).total());
        EXPECT_GT(estimate, 0.7 * bytes) << name;
        EXPECT_LT(estimate, 1.5 * bytes) << name;
    }
}

TEST(MemoryEstimate, CountsTheScoresOfCappedAttentionAndTheSlopesOfCappedHeads)
{
    const auto experiment = demo("sft");
    auto model = model::readModelConfig(experiment.student.model).value();
    const std::int64_t length = 256;
    const std::int64_t batch = experiment.train.batchSize;
    const MemoryEstimate plain = estimateMemory(experiment, model, std::nullopt, batch * length, 0);
    model.attentionSoftcap = 50.0;
    model.headSoftcap = 30.0;
    const MemoryEstimate capped = estimateMemory(experiment, model, std::nullopt, batch * length, 0);
    EXPECT_EQ(capped.activations - plain.activations,
              static_cast<std::uint64_t>(model.layers * batch * model.heads * length * length) * 2 * sizeof(float));
    EXPECT_GT(capped.losses, plain.losses);
    EXPECT_EQ(capped.student, plain.student);
}

// Every sample becomes as long as data.max_length: for the teacher of all soft alignments, for the student of CLA too.
TEST(MemoryEstimate, CountsThePaddingThatTheReferenceFidelitiesSee)
{
    using config::Alignment;
    using config::Fidelity;
    config::Experiment experiment = demo("cma");
    const auto student = model::readModelConfig(experiment.student.model).value();
    const auto teacher = model::readModelConfig(experiment.teacher.model).value();
    experiment.train.batchSize = 8;
    experiment.data.maxLength = 256;
    const auto estimate = [&](Alignment alignment, Fidelity fidelity, std::int64_t longest) {
        experiment.method.alignment = alignment;
        experiment.method.fidelity = fidelity;
        return estimateMemory(experiment, student, teacher, 8 * longest, 400 * 40);
    };
    const std::uint64_t padding = 8 * (256 - 64) * static_cast<std::uint64_t>(teacher.width) * 8 * sizeof(float);
    for (const auto& [alignment, fidelity] : {std::pair{Alignment::Cma, Fidelity::ReferenceV1},
                                              {Alignment::Cma, Fidelity::ReferenceV2},
                                              {Alignment::Clp, Fidelity::ReferenceV1}}) {
        const MemoryEstimate paper = estimate(alignment, Fidelity::Paper, 64);
        const MemoryEstimate published = estimate(alignment, fidelity, 64);
        EXPECT_EQ(published.teacher - paper.teacher, padding);
        EXPECT_EQ(published.activations, paper.activations);
        EXPECT_EQ(estimate(alignment, fidelity, 256).total(), estimate(alignment, Fidelity::Paper, 256).total());
    }
    const MemoryEstimate paper = estimate(Alignment::Cla, Fidelity::Paper, 64);
    const MemoryEstimate published = estimate(Alignment::Cla, Fidelity::ReferenceV1, 64);
    EXPECT_GT(published.activations, 4 * paper.activations) << "four times the tokens, and attention between them";
    EXPECT_GT(published.teacher, paper.teacher + padding) << "it remembers prompts and padding";
    EXPECT_EQ(estimate(Alignment::None, Fidelity::ReferenceV1, 64).total(),
              estimate(Alignment::None, Fidelity::Paper, 64).total());
}

TEST(MemoryEstimate, CountsTheQueryProjectorOfClaAndTheCriticsOfKeyQueryMatching)
{
    config::Experiment experiment = demo("cma");
    const auto student = model::readModelConfig(experiment.student.model).value();
    const auto teacher = model::readModelConfig(experiment.teacher.model).value();
    const auto bytesWith = [&](config::Alignment alignment, config::KeyQueryMatching matching) {
        experiment.method.alignment = alignment;
        experiment.keyQuery.matching = matching;
        return estimateMemory(experiment, student, teacher, 8 * 256, 400 * 40).total();
    };
    using config::Alignment;
    using config::KeyQueryMatching;
    const std::uint64_t cma = bytesWith(Alignment::Cma, KeyQueryMatching::Off);
    EXPECT_EQ(bytesWith(Alignment::Cla, KeyQueryMatching::Off), cma);
    EXPECT_LT(bytesWith(Alignment::Clp, KeyQueryMatching::Off), cma) << "uniform weights need no queries";
    const auto width = 2 * static_cast<std::uint64_t>(teacher.width);
    const std::uint64_t discriminator = (width * width + width * 768) * 4;
    const std::uint64_t matrices = bytesWith(Alignment::Cma, KeyQueryMatching::Sinkhorn) - cma;
    EXPECT_EQ(bytesWith(Alignment::Cma, KeyQueryMatching::GanPublished) - cma - matrices, discriminator);
    EXPECT_EQ(bytesWith(Alignment::Cma, KeyQueryMatching::Gan) - cma - matrices, 4 * discriminator);
    EXPECT_GT(bytesWith(Alignment::Cma, KeyQueryMatching::Ct), bytesWith(Alignment::Cma, KeyQueryMatching::Gan));
}

} // namespace
} // namespace dskd::preflight

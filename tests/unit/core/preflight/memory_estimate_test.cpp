#include "core/preflight/memory_estimate.h"
#include "tests/unit/core/preflight/demo_experiments.h"

#include <cctype>
#include <cstdint>
#include <gtest/gtest.h>
#include <numeric>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

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

// "306 MB = program 150 + teacher 31 + …" as 306 and {150, 31, …}; in tenths where there are decimals.
std::pair<std::int64_t, std::vector<std::int64_t>> printedSum(const std::string& text)
{
    std::vector<std::int64_t> numbers;
    for (std::size_t i = 0; i < text.size(); ++i) {
        std::string digits;
        for (; i < text.size() && (std::isdigit(static_cast<unsigned char>(text[i])) || text[i] == '.'); ++i) {
            digits += text[i] == '.' ? "" : std::string(1, text[i]);
        }
        if (!digits.empty()) {
            numbers.push_back(std::stoll(digits));
        }
    }
    const std::int64_t sum = numbers.front();
    numbers.erase(numbers.begin());
    return {sum, numbers};
}

TEST(MemoryEstimate, ItsPartsAddUpToTheSumAsPrinted)
{
    std::mt19937_64 random(1);
    for (int i = 0; i < 500; ++i) {
        const auto bytes = [&] { return random() % (i % 2 == 0 ? std::uint64_t{40} << 30 : std::uint64_t{300} << 20); };
        const MemoryEstimate estimate{bytes(), bytes(), bytes(), bytes(), bytes(), i % 3 == 0 ? 0 : bytes()};
        const std::string text = partsText(estimate);
        const auto [sum, parts] = printedSum(text);
        EXPECT_EQ(std::accumulate(parts.begin(), parts.end(), std::int64_t{0}), sum) << text;
        EXPECT_EQ(parts.size(), i % 3 == 0 ? 5u : 6u) << text;
        const double unit = text.find("GB") != std::string::npos ? 1e8 : 1e6;
        EXPECT_NEAR(static_cast<double>(sum), static_cast<double>(estimate.total()) / unit, 0.51) << text;
    }
}

TEST(MemoryEstimate, NamesWhatItIsMadeOf)
{
    const MemoryEstimate estimate{150'000'000, 0, 61'400'000, 40'300'000, 54'300'000, 0};
    EXPECT_EQ(partsText(estimate), "306 MB = program 150 + student with optimizer 62 + activations 40 + losses 54");
    const MemoryEstimate large{150'000'000, 7'440'000'000, 14'450'000'000, 0, 0, 0};
    EXPECT_EQ(partsText(large), "22.0 GB = program 0.2 + teacher 7.4 + student with optimizer 14.4");
    EXPECT_EQ(peakSentence(estimate, 153'000'000),
              "At most 153 MB in use after a step, 50.0 % of the estimate: " + partsText(estimate) + ".");
}

TEST(MemoryEstimate, OfAnExperimentReadsItsModelsAndData)
{
    auto experiment = demo("dual");
    const auto estimate = estimateMemory(experiment);
    ASSERT_TRUE(estimate) << estimate.failure().what;
    const auto student = model::readModelConfig(experiment.student.model).value();
    const auto teacher = model::readModelConfig(experiment.teacher.model).value();
    EXPECT_EQ(estimate->student, estimateMemory(experiment, student, teacher, 1, 1).student);
    EXPECT_GT(estimate->activations, estimateMemory(experiment, student, teacher, 8 * 32, 1).activations);
    EXPECT_LE(estimate->activations, estimateMemory(experiment, student, teacher, 8 * 256, 1).activations);
    experiment.data.train = "/nonexistent/train.jsonl";
    EXPECT_FALSE(estimateMemory(experiment));
}

} // namespace
} // namespace dskd::preflight

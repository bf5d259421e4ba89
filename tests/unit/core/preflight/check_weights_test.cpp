// What check() finds in the weights and adapters of models.

#include "core/base/regular_file.h"
#include "core/model/folder/safetensors_header.h"
#include "core/preflight/preflight.h"
#include "tests/support/paths.h"
#include "tests/support/temporary_folder.h"
#include "tests/unit/core/preflight/demo_experiments.h"
#include "tests/unit/core/preflight/findings.h"

#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>
#include <string>

namespace dskd::preflight
{
namespace
{

using testing::AllOf;
using testing::HasSubstr;

TEST(Preflight, ReadsTheHeadersOfTheWeights)
{
    const test::TemporaryFolder folder;
    auto experiment = demo("dual");
    const auto cut = replaceByCopy(experiment.teacher, folder);
    std::filesystem::resize_file(cut / "model.safetensors", 200'000);
    const auto findings = findingsOf(experiment);
    EXPECT_EQ(find(findings, "teacher")->level, Level::Problem);
    EXPECT_THAT(find(findings, "teacher")->sentence, HasSubstr("the file is truncated"));
}

TEST(Preflight, FindsATensorThatIsMissingOrOfAnotherShape)
{
    const test::TemporaryFolder folder;
    auto experiment = demo("dual");
    const auto model = replaceByCopy(experiment.teacher, folder);
    const std::string bytes = readTextFile(model / "model.safetensors").value();
    const auto renamed = [&](const std::string& from, const std::string& to) {
        std::string changed = bytes;
        changed.replace(changed.find(from), from.size(), to);
        std::ofstream(model / "model.safetensors", std::ios::binary) << changed;
    };
    renamed("transformer.h.1.ln_2.bias", "transformer.h.1.xx_2.bias");
    EXPECT_EQ(find(findingsOf(experiment), "teacher")->level, Level::Problem);
    EXPECT_THAT(find(findingsOf(experiment), "teacher")->sentence,
                HasSubstr("tensor \"transformer.h.1.ln_2.bias\" of shape"));
    std::ofstream(model / "model.safetensors", std::ios::binary) << bytes;
    auto config = nlohmann::json::parse(std::ifstream(model / "config.json"));
    config["n_positions"] = 511;
    std::ofstream(model / "config.json") << config;
    EXPECT_THAT(find(findingsOf(experiment), "teacher")->sentence, HasSubstr("should have the shape"));
}

TEST(Preflight, NamesAPointerOfGitLfs)
{
    const test::TemporaryFolder folder;
    auto experiment = demo("dual");
    const auto model = replaceByCopy(experiment.teacher, folder);
    std::ofstream(model / "model.safetensors")
        << "version https://git-lfs.github.com/spec/v1\noid sha256:" << std::string(64, 'a') << "\nsize 123456\n";
    EXPECT_THAT(find(findingsOf(experiment), "teacher")->sentence,
                AllOf(HasSubstr("model.safetensors is a Git LFS pointer"), HasSubstr("git lfs pull")));
}

TEST(Preflight, SaysWhereWeightsAreNotWhatIsRead)
{
    const test::TemporaryFolder folder;
    auto experiment = demo("dual");
    const auto model = replaceByCopy(experiment.teacher, folder);
    std::filesystem::rename(model / "model.safetensors", model / "pytorch_model.bin");
    EXPECT_THAT(find(findingsOf(experiment), "teacher")->sentence, HasSubstr("convert them once: python -c"));
    std::filesystem::remove(model / "pytorch_model.bin");
    EXPECT_THAT(find(findingsOf(experiment), "teacher")->sentence, HasSubstr("holds no weights"));
    experiment.teacher.model = (folder.path() / "nowhere").string();
    EXPECT_THAT(find(findingsOf(experiment), "teacher")->sentence, HasSubstr("is not a folder"));
}

TEST(Preflight, LooksAtTheWeightsThatAreReadAlone)
{
    const test::TemporaryFolder folder;
    auto experiment = demo("dual");
    const auto model = replaceByCopy(experiment.teacher, folder);
    std::ofstream(model / "consolidated.safetensors") << "cut off";
    EXPECT_EQ(find(findingsOf(experiment), "teacher")->level, Level::Good);

    std::filesystem::rename(model / "model.safetensors", model / "model-1-of-2.safetensors");
    // the first tensor in one file, all others in another
    nlohmann::json places = nlohmann::json::object();
    const auto bytes = readTextFile(model / "model-1-of-2.safetensors").value();
    const model::SafetensorsHeader header = model::parseSafetensorsHeader(bytes, bytes.size(), "").value();
    for (const auto& entry : header.entries) {
        places[entry.name] = places.empty() ? "model-1-of-2.safetensors" : "model-2-of-2.safetensors";
    }
    const auto index = model / "model.safetensors.index.json";
    std::ofstream(index) << nlohmann::json{{"weight_map", places}};
    EXPECT_THAT(find(findingsOf(experiment), "teacher")->sentence,
                HasSubstr("in model-2-of-2.safetensors, which is not in the folder"));
    std::filesystem::copy(model / "model-1-of-2.safetensors", model / "model-2-of-2.safetensors");
    EXPECT_EQ(find(findingsOf(experiment), "teacher")->level, Level::Good);
    places["another"] = "model-2-of-2.safetensors";
    std::ofstream(index) << nlohmann::json{{"weight_map", places}};
    EXPECT_THAT(find(findingsOf(experiment), "teacher")->sentence,
                HasSubstr("model-2-of-2.safetensors does not hold tensor \"another\""));
    std::filesystem::resize_file(model / "model-2-of-2.safetensors", 200'000);
    EXPECT_THAT(find(findingsOf(experiment), "teacher")->sentence, HasSubstr("the file is truncated"));
}

TEST(Preflight, ChecksAdaptersAgainstTheirModels)
{
    auto experiment = demo("dual");
    experiment.teacher.adapter = test::goldenDir() + "/lora/llama";
    const auto findings = findingsOf(experiment);
    EXPECT_EQ(find(findings, "teacher")->level, Level::Problem);
    EXPECT_EQ(find(findings, "teacher")->field, "teacher.adapter");
    EXPECT_THAT(find(findings, "teacher")->sentence, HasSubstr("model.layers.0"));
    EXPECT_EQ(find(findings, "student")->level, Level::Good);
}

TEST(Preflight, ChecksTheTargetsOfLora)
{
    auto experiment = demo("dual");
    experiment.student.model = experiment.teacher.model; // the demo's student has no weights to adapt
    experiment.student.init = config::StudentInit::Weights;
    experiment.train.fineTuning = config::FineTuning::Lora;
    EXPECT_FALSE(anyProblem(findingsOf(experiment)));
    experiment.lora.targets = "q_proj"; // of a Llama
    const auto findings = findingsOf(experiment);
    EXPECT_EQ(find(findings, "student")->level, Level::Problem);
    EXPECT_EQ(find(findings, "student")->field, "lora.targets");
    EXPECT_THAT(find(findings, "student")->sentence, HasSubstr("c_attn, c_proj, c_fc"));
}

} // namespace
} // namespace dskd::preflight

#include "core/train/preflight.h"

namespace dskd::train
{
namespace
{

std::string describe(const tokenizer::Tokenizer& tokenizer, const std::filesystem::path& folder)
{
    return std::string(tokenizer.kind()) + " with " + std::to_string(tokenizer.size()) + " tokens (" + folder.string() +
           ")";
}

} // namespace

Result<void> checkVocabularies(const config::Experiment& experiment, const Tokenizers& tokenizers)
{
    const bool comparesById =
        experiment.method.objective == config::Objective::Kd && experiment.method.alignment == config::Alignment::None;
    if (!comparesById || tokenizers.shared()) {
        return {};
    }
    return Failure{"method.alignment is \"none\", but the vocabularies differ: the student has a " +
                       describe(*tokenizers.student, tokenizers.studentFolder) + ", the teacher a " +
                       describe(*tokenizers.teacher, tokenizers.teacherFolder) + ".",
                   "Set method.alignment to \"cma\", which aligns the tokens of different vocabularies."};
}

Result<void> checkModel(const std::string& field, const model::ModelConfig& model,
                        const tokenizer::Tokenizer& tokenizer, const config::DataConfig& data)
{
    if (model.vocabularyRows < tokenizer.size()) {
        return Failure{"The " + field + " model has " + std::to_string(model.vocabularyRows) +
                           " rows in its embedding, but its tokenizer has " + std::to_string(tokenizer.size()) +
                           " tokens.",
                       "Use the tokenizer that the model was trained with (" + field + ".tokenizer)."};
    }
    if (model.maxPositions > 0 && data.maxLength > model.maxPositions) {
        return Failure{"data.max_length is " + std::to_string(data.maxLength) + ", but the " + field + " model has " +
                           std::to_string(model.maxPositions) + " positions.",
                       "Set data.max_length to " + std::to_string(model.maxPositions) + " or less."};
    }
    return {};
}

Result<void> checkNotEmpty(std::span<const Example> examples, const std::string& field, const std::string& file)
{
    if (!examples.empty()) {
        return {};
    }
    return Failure{field + ": " + file + " holds no sample with a response token within data.max_length tokens.",
                   "Check the file's format, or raise data.max_length above data.max_prompt_length."};
}

} // namespace dskd::train

#include "core/preflight/rules.h"

#include "core/config/choices.h"
#include "core/config/method_traits.h"

namespace dskd::preflight
{

namespace
{

std::string describe(const NamedTokenizer& side)
{
    return std::string(side.tokenizer.kind()) + " with " + std::to_string(side.tokenizer.size()) + " tokens (" +
           side.folder.string() + ")";
}

} // namespace

Result<void> checkVocabularies(const config::MethodConfig& method, const NamedTokenizer& student,
                               const NamedTokenizer& teacher, bool same)
{
    if (!config::comparesById(method) || same) {
        return {};
    }
    const std::string differ = ", but the vocabularies differ: the student has a " + describe(student) +
                               ", the teacher a " + describe(teacher) + ".";
    if (method.alignment == config::Alignment::Position) {
        return Failure{"method.alignment is \"position\" and method.distance \"" +
                           std::string(config::name(method.distance)) + "\"" + differ,
                       "Set method.distance to \"uld\", which compares sorted probabilities, or method.alignment to "
                       "\"eta\", which compares the tokens that both have."};
    }
    return Failure{
        "method.alignment is \"none\"" + differ,
        "Set method.alignment to \"eta\" (tokens that stand for the same text) or to \"cma\" (attention); or "
        "compare sorted probabilities with method.space diff, method.alignment position and method.distance "
        "uld."};
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

align::SpellingRule spellingRule(const config::MethodConfig& method)
{
    return method.fidelity == config::Fidelity::Paper ? align::SpellingRule::Text : align::SpellingRule::AsWritten;
}

std::filesystem::path tokenizerFolder(const config::ModelRef& model)
{
    return model.tokenizer.empty() ? model.model : model.tokenizer;
}

} // namespace dskd::preflight

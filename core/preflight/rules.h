#pragma once

// What the worker refuses before it trains. One set of rules for the worker, the command line and the window.

#include "core/align/spelling.h"
#include "core/base/result.h"
#include "core/config/schema/experiment.h"
#include "core/model/folder/model_config.h"
#include "core/tokenizer/tokenizer.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace dskd::preflight
{

struct NamedTokenizer {
    const tokenizer::Tokenizer& tokenizer;
    std::filesystem::path folder;
};

// Distances by token id need one vocabulary and, of conversations, one chat template. `same`: both have them. The
// failure names both sides and the methods that can do without.
Result<void> checkVocabularies(const config::Experiment& experiment, const NamedTokenizer& student,
                               const NamedTokenizer& teacher, bool same);

// A row in the embedding for every token that ends texts, and positions enough for data.max_length. `field` is
// "student" or "teacher".
Result<void> checkModel(const std::string& field, const model::ModelConfig& model,
                        const tokenizer::Tokenizer& tokenizer, const config::DataConfig& data);

// What a person should know of a tokenizer, as sentences: that nothing ends its texts, so that answers are learned
// without an end.
[[nodiscard]] std::vector<std::string> endRemarks(const std::string& field, const tokenizer::Tokenizer& tokenizer);

// That a model was trained on texts that begin with a token which this prompt (promptFor) does not begin with: the
// tokenizer adds one to a whole text, and samples are encoded without. Nothing: that is not so.
[[nodiscard]] std::optional<std::string> beginRemark(const std::string& field, const tokenizer::Tokenizer& tokenizer,
                                                     const std::string& prompt);

// Updates in one pass over `samples` samples; updates of the whole training, at least 1.
[[nodiscard]] std::int64_t stepsPerEpoch(const config::TrainConfig& train, std::int64_t samples);
[[nodiscard]] std::int64_t totalSteps(const config::TrainConfig& train, std::int64_t stepsPerEpoch);

// The warm-up ends within the steps that train.epochs make of the data. (Of train.steps config::validate says it.)
Result<void> checkWarmup(const config::Experiment& experiment, std::int64_t totalSteps);

// How MinED compares spellings: as the published code does where the method follows it.
[[nodiscard]] align::SpellingRule spellingRule(const config::MethodConfig& method);

// The adapter of `reference`, named as such or as the model's folder, fits `model`: kind, layers, shapes. Good without
// one.
Result<void> checkAdapter(const config::ModelRef& reference, const model::ModelConfig& model);

// lora.targets names layers of the student.
Result<void> checkFineTuning(const config::Experiment& experiment, const model::ModelConfig& student);

// The model and tokenizer folders and the data files that the experiment makes use of are there, and the models are of
// a known family; the file that answers go to can be written. Reads no more than their config.json. Failures name the
// fields: NotFound, BadModel, BadData, or Usage of the answers' file.
Result<void> checkFiles(const config::Experiment& experiment);

// Whether the answers can be written to evaluate.output, where it is set: its folder is there and may be written, and
// it is a new file, or an empty one or one with answers that evaluate.overwrite allows to replace and that is not
// evaluate.data.
Result<void> checkOutput(const config::EvaluateConfig& evaluate);

// The folder that a model's tokenizer is read from: the model's own, or of an adapter without one its base model's. Of
// an adapter that cannot be used, which findTokenizerFolder refuses with the reason, the adapter's.
[[nodiscard]] std::filesystem::path tokenizerFolder(const config::ModelRef& model);
Result<std::filesystem::path> findTokenizerFolder(const config::ModelRef& model);

// The tokenizer of a model with data.template applied, limited to the tokens that have a row in the model's embedding
// (core/tokenizer/limited_tokenizer.h). Fails as readModelConfig does, then as loadPromptTokenizer.
Result<std::unique_ptr<tokenizer::Tokenizer>> loadTokenizer(const config::ModelRef& model,
                                                            const config::DataConfig& data);

} // namespace dskd::preflight

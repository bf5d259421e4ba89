#pragma once

// What the checks share. Used inside this room only.

#include "core/align/vocabulary.h"
#include "core/dataset/record.h"
#include "core/model/folder/model_config.h"
#include "core/preflight/preflight.h"
#include "core/tokenizer/tokenizer.h"

#include <memory>
#include <optional>

namespace dskd::preflight
{

// Facts that later checks build on; empty where an earlier check could not find them.
struct Context {
    const config::Experiment& experiment;
    const Options& options;
    const std::atomic<bool>& cancelled;
    const std::function<void(Finding)>& report;

    std::optional<model::ModelConfig> studentModel;
    std::optional<model::ModelConfig> teacherModel;
    std::unique_ptr<tokenizer::Tokenizer> studentTokenizer;
    std::unique_ptr<tokenizer::Tokenizer> teacherTokenizer;
    bool sameVocabulary = true;
    std::optional<dataset::RecordFile> train;
    std::int64_t rows = 0;          // response tokens of all training samples, estimated from the sample
    std::int64_t longest = 0;       // tokens of the longest sample looked at, cut to data.max_length
    std::int64_t stepsPerEpoch = 0; // 0: not known
    std::optional<model::ModelConfig> probeTeacher = {};
};

void checkFields(Context& context);
void checkUnused(Context& context);   // fields that were set and that this experiment makes no use of
void checkFidelity(Context& context); // what the published code has not
void checkModels(Context& context);
void checkProbeTeacher(Context& context);
void checkTokenizers(Context& context);
void checkData(Context& context);
void checkSpecialTokens(Context& context); // bos, eos and pad of both sides, and what the template makes of them
void checkEnds(Context& context);          // problems of how texts begin and end
void checkCoverage(Context& context);
void checkSteps(Context& context);
void checkMachine(Context& context); // memory and disk

[[nodiscard]] Finding fromFailure(const std::string& topic, const std::string& headline, const std::string& field,
                                  const Failure& failure);

} // namespace dskd::preflight

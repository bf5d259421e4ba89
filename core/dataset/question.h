#pragma once

// Prompts that somebody types, made into what a model was trained to read.

#include "core/base/result.h"
#include "core/config/schema/experiment.h"
#include "core/dataset/record.h"
#include "core/tokenizer/tokenizer.h"

#include <filesystem>
#include <string>

namespace dskd::dataset
{

// How the lines of a data file ask. With a chat template all become a message of the user.
enum class Asking {
    Instruction,  // "instruction", "question", "query": through the template
    ReadyPrompt,  // "prompt", with an answer beside it: as it is
    Conversation, // "messages"
};

// As the first usable line of the file asks. Fails as readRecords does.
Result<Asking> askingOf(const std::filesystem::path& file, const config::DataConfig& config);

// The record that a line would be which asks this question, with one empty answer; `prompt` is what a model of the
// tokenizer sees. Fails where its chat template cannot write the conversation (a system message that it has no place
// for), or for a NUL character.
Result<Record> questionRecord(const std::string& question, Asking asking, const config::DataConfig& config,
                              const tokenizer::Tokenizer& tokenizer);

} // namespace dskd::dataset

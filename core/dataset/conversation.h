#pragma once

// Prompts that are conversations: which chat template a model has, and what it makes of the records. Teacher and
// student may have different ones; each reads the prompt in its own way, and the answer is the same text for both.

#include "core/base/result.h"
#include "core/config/schema/data_config.h"
#include "core/dataset/record.h"
#include "core/tokenizer/tokenizer.h"

#include <filesystem>
#include <memory>
#include <string>

namespace dskd::dataset
{

// The tokenizer of a folder as data.template wants it: with a chat template a ChatTokenizer, whose eos is the
// template's end of turn. data.template chat recognises the template of the folder; the others are used whatever the
// folder says. Fails as loadTokenizer does, or with a sentence about the template.
Result<std::unique_ptr<tokenizer::Tokenizer>> loadPromptTokenizer(const std::filesystem::path& folder,
                                                                  const config::DataConfig& config);

// What the model of this tokenizer sees of a record: the prompt, or the conversation as its chat template writes it.
// A conversation whose answer holds reasoning is rendered for one (ChatTemplate::render).
[[nodiscard]] std::string promptFor(const Record& record, const tokenizer::Tokenizer& tokenizer);

// Moves the records that the tokenizer's chat template refuses (an order of roles, a system message) to the broken
// lines. Fails when none is left. Nothing happens without a chat template.
Result<void> keepRenderable(RecordFile& file, const tokenizer::Tokenizer& tokenizer);

// Sets each record's prompt, for people to read. REQUIRES: keepRenderable.
void renderPrompts(RecordFile& file, const tokenizer::Tokenizer& tokenizer);

// Whether both read a conversation in the same way.
[[nodiscard]] bool sameTemplate(const tokenizer::Tokenizer& a, const tokenizer::Tokenizer& b);

} // namespace dskd::dataset

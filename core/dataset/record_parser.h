#pragma once

#include "core/base/result.h"
#include "core/config/schema/data_config.h"
#include "core/dataset/record.h"

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace dskd::dataset
{

// The form whose fields the object has; Auto when it has those of none.
//   Chat              messages
//   Dolly             instruction, with a prompt, topic, category or context field, or with a list of answers
//   Alpaca            instruction, otherwise
//   PromptCompletion  prompt, question or query
[[nodiscard]] config::DataFormat detectFormat(const nlohmann::json& object);

// Reads an object as `format` (not Auto). The answer stands in the first of output, response, completion and answer
// that is there. What becomes of the prompt:
//   Dolly, Alpaca     the template is applied to instruction and input (or context); a ready "prompt" is ignored
//   PromptCompletion  "prompt" is used as it is; "question" and "query" go through the template as instructions
//   Chat              the turns before the last assistant turn, as "User:\n...\n\nAssistant:\n"
// A Custom template is applied to ready prompts and chats too. With a chat template there is no prompt but
// record.turns: the messages before the last assistant turn, or one message of the user (instruction and input,
// "prompt", "question" or "query") behind those that "system" and "history" (pairs of question and answer) hold;
// data.system_prompt comes first where a record has no system message. The failure's `what` is the reason, as a
// sentence.
Result<Record> parseRecord(const nlohmann::json& object, config::DataFormat format, const config::DataConfig& config);

// The fields of an object that parseRecord read, of those that belong to the prompt, which hold text that is not in it:
// "system" and "history" without a chat template, "context" beside an input.
[[nodiscard]] std::vector<std::string_view> unusedFields(const nlohmann::json& object, config::DataFormat format,
                                                         const config::DataConfig& config);
// Why such a field is not used, as a sentence without its beginning.
[[nodiscard]] std::string whyUnused(std::string_view field);

} // namespace dskd::dataset

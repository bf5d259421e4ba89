#pragma once

#include "core/base/result.h"
#include "core/config/schema/data_config.h"

#include <string>
#include <string_view>

namespace dskd::dataset
{

// The prompt that a model sees for an instruction; `input` may be empty.
//   Alpaca  the text of Stanford Alpaca, with or without the "### Input:" block; ends with "### Response:\n"
//   Plain   instruction, blank line, input (when there is one), line end
//   Custom  config.customTemplate with every {instruction} and {input} replaced, once: braces in the values stay
// REQUIRES: no chat template (conversation.h), which is another one for each model.
[[nodiscard]] std::string renderPrompt(std::string_view instruction, std::string_view input,
                                       const config::DataConfig& config);

// What a user says to a chat model: the instruction, then after a blank line the input, when there is one.
[[nodiscard]] std::string userMessage(std::string_view instruction, std::string_view input);

// Fails when a custom template is asked for that has no place for the instruction.
Result<void> checkTemplate(const config::DataConfig& config);

} // namespace dskd::dataset

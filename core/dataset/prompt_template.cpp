#include "core/dataset/prompt_template.h"

#include <cassert>

namespace dskd::dataset
{
namespace
{
constexpr std::string_view kInstructionMark = "{instruction}";
constexpr std::string_view kInputMark = "{input}";

std::string alpaca(std::string_view instruction, std::string_view input)
{
    std::string prompt = input.empty() ? "Below is an instruction that describes a task. "
                                       : "Below is an instruction that describes a task, paired with an input that "
                                         "provides further context. ";
    prompt += "Write a response that appropriately completes the request.\n\n### Instruction:\n";
    prompt += instruction;
    if (!input.empty()) {
        prompt += "\n\n### Input:\n";
        prompt += input;
    }
    return prompt + "\n\n### Response:\n";
}

std::string custom(std::string_view pattern, std::string_view instruction, std::string_view input)
{
    std::string prompt;
    for (std::size_t at = 0; at < pattern.size();) {
        if (pattern.substr(at).starts_with(kInstructionMark)) {
            prompt += instruction;
            at += kInstructionMark.size();
        } else if (pattern.substr(at).starts_with(kInputMark)) {
            prompt += input;
            at += kInputMark.size();
        } else {
            prompt += pattern[at++];
        }
    }
    return prompt;
}
} // namespace

std::string renderPrompt(std::string_view instruction, std::string_view input, const config::DataConfig& config)
{
    switch (config.promptTemplate) {
    case config::Template::Alpaca: return alpaca(instruction, input);
    case config::Template::Plain: return userMessage(instruction, input) + "\n";
    case config::Template::Custom: return custom(config.customTemplate, instruction, input);
    case config::Template::Chat:
    case config::Template::ChatMl:
    case config::Template::Llama2:
    case config::Template::Llama3:
    case config::Template::Gemma:
    case config::Template::Zephyr: break;
    }
    assert(!"a chat template is rendered by its model's tokenizer");
    return {};
}

std::string userMessage(std::string_view instruction, std::string_view input)
{
    std::string message(instruction);
    if (!input.empty()) {
        message += "\n\n";
        message += input;
    }
    return message;
}

Result<void> checkTemplate(const config::DataConfig& config)
{
    if (config.promptTemplate == config::Template::Custom &&
        config.customTemplate.find(kInstructionMark) == std::string::npos) {
        return Failure{"The custom prompt template does not contain {instruction}, so every prompt would be the same.",
                       "Write the template with {instruction} and, where the data has one, {input}."};
    }
    return {};
}

} // namespace dskd::dataset

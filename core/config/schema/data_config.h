#pragma once

// What a student is trained on: the files, how a record becomes a sample, and whose answers it holds.

#include <cstdint>
#include <string>

namespace dskd::config
{

// Which answers are trained on: the data's, or those that the teacher gives to its prompts (SeqKD).
enum class AnswerSource { Gold, Teacher };
enum class DataFormat { Auto, Dolly, Alpaca, PromptCompletion, Chat };
// Chat: the template that each model's tokenizer_config.json names.
enum class Template { Alpaca, Plain, Custom, Chat, ChatMl, Llama2, Llama3, Gemma, Zephyr };
enum class Side { Left, Right };
enum class LossOn { Response, All };

struct DataConfig {
    std::string train;
    std::string validation; // may be empty: no validation
    DataFormat format = DataFormat::Auto;
    Template promptTemplate = Template::Alpaca;
    std::string customTemplate;         // with {instruction} and {input}; used when promptTemplate is Custom
    std::int64_t maxPromptLength = 256; // tokens
    std::int64_t maxLength = 512;       // tokens of prompt + response + eos
    Side truncatePrompt = Side::Left;   // the side that is cut from a prompt that is too long
    LossOn lossOn = LossOn::Response;   // All: plain language modelling, prompt tokens are trained on too
    std::string systemPrompt;           // the system message of chat templates; empty: their own default or nothing
    AnswerSource answers = AnswerSource::Gold; // Teacher: generated once, before training, kept in the run folder
    std::int64_t limit = 0;                    // first N records of the training file; 0: all
    std::int64_t validationLimit = 0;
};

} // namespace dskd::config

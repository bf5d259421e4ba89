#include "core/dataset/question.h"

#include "core/dataset/conversation.h"
#include "core/dataset/json_line.h"
#include "core/dataset/record_parser.h"
#include "core/tokenizer/chat/chat_template.h"

#include <fstream>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

namespace dskd::dataset
{
namespace
{

// Whether the line has a prompt that no template is put around.
bool holdsReadyPrompt(const std::filesystem::path& file, std::int64_t number)
{
    std::ifstream stream(file, std::ios::binary);
    std::string line;
    for (std::int64_t i = 0; i < number && std::getline(stream, line); ++i) {
    }
    constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
    const std::string_view text = line;
    const auto object = parseJsonLine(text.starts_with(kByteOrderMark) ? text.substr(kByteOrderMark.size()) : text);
    if (!object || !object->is_object()) {
        return false;
    }
    const auto prompt = object->find("prompt");
    return prompt != object->end() && !prompt->is_null();
}

nlohmann::json lineThatAsks(const std::string& question, Asking asking)
{
    constexpr const char* kAnswer = "-"; // a line must have one
    nlohmann::json line = nlohmann::json::object();
    switch (asking) {
    case Asking::Instruction:
        line["instruction"] = question;
        line["output"] = kAnswer;
        break;
    case Asking::ReadyPrompt:
        line["prompt"] = question;
        line["completion"] = kAnswer;
        break;
    case Asking::Conversation:
        line["messages"] = nlohmann::json::array(
            {{{"role", "user"}, {"content", question}}, {{"role", "assistant"}, {"content", kAnswer}}});
        break;
    }
    return line;
}

} // namespace

Result<Asking> askingOf(const std::filesystem::path& file, const config::DataConfig& config)
{
    const Result<RecordFile> first = readRecords(file, config, 1);
    if (!first) {
        return first.failure();
    }
    switch (first->format) {
    case config::DataFormat::Chat: return Asking::Conversation;
    case config::DataFormat::PromptCompletion:
        return holdsReadyPrompt(file, first->records.front().line) ? Asking::ReadyPrompt : Asking::Instruction;
    case config::DataFormat::Dolly:
    case config::DataFormat::Alpaca:
    case config::DataFormat::Auto: break;
    }
    return Asking::Instruction;
}

Result<Record> questionRecord(const std::string& question, Asking asking, const config::DataConfig& config,
                              const tokenizer::Tokenizer& tokenizer)
{
    const nlohmann::json line = lineThatAsks(question, asking);
    Result<Record> record = parseRecord(line, detectFormat(line), config);
    if (!record) {
        return Failure{"The prompt cannot be asked. " + record.failure().what, {}};
    }
    if (const tokenizer::ChatTemplate* chat = tokenizer.chatTemplate()) {
        if (const Result<void> fits = chat->check(record->turns); !fits) {
            return Failure{"The " + std::string(tokenizer::name(chat->family)) +
                               " chat template cannot write this prompt: " + fits.failure().what,
                           fits.failure().hint};
        }
    }
    record->responses = {""};
    record->prompt = promptFor(*record, tokenizer);
    return record;
}

} // namespace dskd::dataset

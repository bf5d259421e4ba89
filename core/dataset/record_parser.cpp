#include "core/dataset/record_parser.h"

#include "core/config/methods/method_traits.h"
#include "core/dataset/prompt_template.h"

#include <initializer_list>
#include <nlohmann/json.hpp>

namespace dskd::dataset
{
namespace
{
using nlohmann::json;

constexpr std::initializer_list<const char*> kAnswerFields = {"output", "response", "completion", "answer"};

std::string inQuotes(std::string_view field)
{
    std::string text(1, '"');
    text.append(field).push_back('"');
    return text;
}

std::string kindOf(const json& value)
{
    switch (value.type()) {
    case json::value_t::null: return "null";
    case json::value_t::object: return "an object";
    case json::value_t::array: return "a list";
    case json::value_t::string: return "a text";
    case json::value_t::boolean: return "true or false";
    default: return "a number";
    }
}

// The first of the fields that the object has and that is not null.
const char* firstPresent(const json& object, std::initializer_list<const char*> fields)
{
    for (const char* field : fields) {
        const auto it = object.find(field);
        if (it != object.end() && !it->is_null()) {
            return field;
        }
    }
    return nullptr;
}

Result<std::string> textOf(const json& value, const std::string& field)
{
    if (!value.is_string()) {
        return Failure{"The field " + inQuotes(field) + " is " + kindOf(value) + ", not a text.", {}};
    }
    const auto& text = value.get_ref<const std::string&>();
    if (text.find('\0') != std::string::npos) {
        return Failure{"The field " + inQuotes(field) + " contains a NUL character.", {}};
    }
    return text;
}

bool isBlank(std::string_view text)
{
    return text.find_first_not_of(" \t\r\n\f\v") == std::string_view::npos;
}

constexpr const char* kSystem = "system";
constexpr const char* kHistory = "history";
constexpr const char* kInput = "input";
constexpr const char* kContext = "context";

// Whether the object has the field and something is in it.
bool holdsText(const json& object, const char* field)
{
    const auto it = object.find(field);
    if (it == object.end() || it->is_null()) {
        return false;
    }
    return it->is_string() ? !isBlank(it->get_ref<const std::string&>()) : !it->is_structured() || !it->empty();
}

// What the instruction is about: "context" (Dolly's own name for it) where "input" is blank.
Result<std::string> inputOf(const json& object)
{
    const char* field = firstPresent(object, {kInput, kContext});
    if (field == nullptr) {
        return std::string();
    }
    if (!holdsText(object, kInput) && holdsText(object, kContext)) {
        field = kContext;
    }
    return textOf(object.at(field), field);
}

// One answer or a list of them; blank ones are left out, and at least one must remain.
Result<std::vector<std::string>> answersOf(const json& object)
{
    const char* field = firstPresent(object, kAnswerFields);
    if (field == nullptr) {
        return Failure{
            "The answer is missing: there is no field \"output\", \"response\", \"completion\" or \"answer\".", {}};
    }
    const json& value = object.at(field);
    const bool isList = value.is_array();
    std::vector<std::string> answers;
    for (std::size_t i = 0; i < (isList ? value.size() : 1); ++i) {
        const std::string name = isList ? std::string(field) + "[" + std::to_string(i) + "]" : std::string(field);
        Result<std::string> text = textOf(isList ? value[i] : value, name);
        if (!text) {
            return text.failure();
        }
        if (!isBlank(*text)) {
            answers.push_back(*std::move(text));
        }
    }
    if (answers.empty()) {
        return Failure{"The field " + inQuotes(field) + " holds no answer: it is empty.", {}};
    }
    return answers;
}

// A prompt that is already finished; only a custom template is put around it.
std::string readyPrompt(std::string text, const config::DataConfig& config)
{
    return config.promptTemplate == config::Template::Custom ? renderPrompt(text, {}, config) : text;
}

// The messages that "system" and "history" put before a question: the latter is a list of pairs of question and answer,
// as LLaMA-Factory has it.
Result<std::vector<tokenizer::ChatTurn>> turnsBefore(const json& object)
{
    std::vector<tokenizer::ChatTurn> turns;
    if (holdsText(object, kSystem)) {
        Result<std::string> system = textOf(object.at(kSystem), kSystem);
        if (!system) {
            return system.failure();
        }
        turns.push_back({"system", *std::move(system)});
    }
    if (!holdsText(object, kHistory)) {
        return turns;
    }
    const json& history = object.at(kHistory);
    for (std::size_t i = 0; history.is_array() && i < history.size(); ++i) {
        const json& pair = history[i];
        if (!pair.is_array() || pair.size() != 2) {
            return Failure{"The field \"history[" + std::to_string(i) + "]\" is not a pair of question and answer.",
                           {}};
        }
        for (std::size_t side = 0; side < 2; ++side) {
            Result<std::string> text =
                textOf(pair[side], std::string(kHistory) + "[" + std::to_string(i) + "][" + std::to_string(side) + "]");
            if (!text) {
                return text.failure();
            }
            turns.push_back({side == 0 ? "user" : "assistant", *std::move(text)});
        }
    }
    if (!history.is_array()) {
        return Failure{"The field " + inQuotes(kHistory) + " is " + kindOf(history) + ", not a list.", {}};
    }
    return turns;
}

// Makes the record a conversation that begins with the configured system message, unless it has one of its own.
void setTurns(Record& record, std::vector<tokenizer::ChatTurn> turns, const config::DataConfig& config)
{
    const bool hasSystem = !turns.empty() && turns.front().role == "system";
    if (!config.systemPrompt.empty() && !hasSystem) {
        turns.insert(turns.begin(), tokenizer::ChatTurn{"system", config.systemPrompt});
    }
    record.turns = std::move(turns);
}

Result<Record> parseInstruction(const json& object, const config::DataConfig& config)
{
    if (firstPresent(object, {"instruction"}) == nullptr) {
        return Failure{"The field \"instruction\" is missing.", {}};
    }
    const Result<std::string> instruction = textOf(object.at("instruction"), "instruction");
    const Result<std::string> input = inputOf(object);
    Result<std::vector<std::string>> answers = answersOf(object);
    if (!instruction) {
        return instruction.failure();
    }
    if (!input) {
        return input.failure();
    }
    if (!answers) {
        return answers.failure();
    }
    Record record;
    if (config::usesChatTemplate(config)) {
        Result<std::vector<tokenizer::ChatTurn>> turns = turnsBefore(object);
        if (!turns) {
            return turns.failure();
        }
        turns->push_back({"user", userMessage(*instruction, *input)});
        setTurns(record, *std::move(turns), config);
    } else {
        record.prompt = renderPrompt(*instruction, *input, config);
    }
    record.responses = *std::move(answers);
    return record;
}

Result<Record> parsePromptCompletion(const json& object, const config::DataConfig& config)
{
    const char* field = firstPresent(object, {"prompt", "question", "query"});
    if (field == nullptr) {
        return Failure{"The field \"prompt\" (or \"question\") is missing.", {}};
    }
    Result<std::string> prompt = textOf(object.at(field), field);
    Result<std::vector<std::string>> answers = answersOf(object);
    if (!prompt) {
        return prompt.failure();
    }
    if (!answers) {
        return answers.failure();
    }
    Record record;
    if (config::usesChatTemplate(config)) {
        Result<std::vector<tokenizer::ChatTurn>> turns = turnsBefore(object);
        if (!turns) {
            return turns.failure();
        }
        turns->push_back({"user", *std::move(prompt)});
        setTurns(record, *std::move(turns), config);
    } else {
        record.prompt = std::string_view(field) == "prompt" ? readyPrompt(*std::move(prompt), config)
                                                            : renderPrompt(*prompt, {}, config);
    }
    record.responses = *std::move(answers);
    if (const auto ended = object.find("ended"); ended != object.end() && ended->is_boolean()) {
        record.ended = ended->get<bool>(); // as "dskd generate" writes it
    }
    return record;
}

// The text of a turn: a string, or a list of {"type": "text", "text": ...} parts.
Result<std::string> contentOf(const json& message, const std::string& where)
{
    const auto content = message.find("content");
    if (content == message.end() || content->is_null()) {
        return Failure{"The field " + inQuotes(where + ".content") + " is missing.", {}};
    }
    if (!content->is_array()) {
        return textOf(*content, where + ".content");
    }
    std::string whole;
    for (const json& part : *content) {
        if (!part.is_object() || !part.contains("text")) {
            return Failure{"The field " + inQuotes(where + ".content") + " has a part that is not text.", {}};
        }
        const Result<std::string> text = textOf(part.at("text"), where + ".content.text");
        if (!text) {
            return text.failure();
        }
        whole += *text;
    }
    return whole;
}

std::string heading(std::string role)
{
    if (!role.empty() && role[0] >= 'a' && role[0] <= 'z') {
        role[0] = static_cast<char>(role[0] - 'a' + 'A');
    }
    return role + ":\n";
}

Result<Record> parseChat(const json& object, const config::DataConfig& config)
{
    const auto messages = object.find("messages");
    if (messages == object.end() || !messages->is_array()) {
        return Failure{messages == object.end() ? "The field \"messages\" is missing."
                                                : "The field \"messages\" is " + kindOf(*messages) + ", not a list.",
                       {}};
    }
    std::vector<tokenizer::ChatTurn> turns;
    std::size_t answerAt = messages->size();
    for (std::size_t i = 0; i < messages->size(); ++i) {
        const json& message = (*messages)[i];
        const std::string where = "messages[" + std::to_string(i) + "]";
        if (!message.is_object() || !message.contains("role")) {
            return Failure{"The field " + inQuotes(where + ".role") + " is missing.", {}};
        }
        Result<std::string> role = textOf(message.at("role"), where + ".role");
        if (!role) {
            return role.failure();
        }
        Result<std::string> content = contentOf(message, where);
        if (!content) {
            return content.failure();
        }
        if (config::usesChatTemplate(config) && *role != "system" && *role != "user" && *role != "assistant") {
            return Failure{"The role of " + inQuotes(where) +
                               " is none of system, user and assistant, which chat templates are used for here.",
                           {}};
        }
        if (*role == "assistant") {
            answerAt = i;
        }
        turns.push_back({*std::move(role), *std::move(content)});
    }
    if (answerAt == messages->size()) {
        return Failure{"No message has the role \"assistant\", so there is no answer to learn.", {}};
    }
    if (isBlank(turns[answerAt].content)) {
        return Failure{"The last message of the assistant is empty.", {}};
    }
    Record record;
    record.responses.push_back(std::move(turns[answerAt].content));
    turns.resize(answerAt);
    if (config::usesChatTemplate(config)) {
        setTurns(record, std::move(turns), config);
        return record;
    }
    std::string transcript;
    for (const tokenizer::ChatTurn& turn : turns) {
        transcript += heading(turn.role) + turn.content + "\n\n";
    }
    record.prompt = readyPrompt(transcript + heading("assistant"), config);
    return record;
}
} // namespace

config::DataFormat detectFormat(const json& object)
{
    if (object.contains("messages")) {
        return config::DataFormat::Chat;
    }
    if (object.contains("instruction")) {
        const char* answer = firstPresent(object, kAnswerFields);
        const bool isDolly = object.contains("prompt") || object.contains("topic") || object.contains("category") ||
                             object.contains("context") || (answer != nullptr && object.at(answer).is_array());
        return isDolly ? config::DataFormat::Dolly : config::DataFormat::Alpaca;
    }
    return firstPresent(object, {"prompt", "question", "query"}) != nullptr ? config::DataFormat::PromptCompletion
                                                                            : config::DataFormat::Auto;
}

Result<Record> parseRecord(const json& object, config::DataFormat format, const config::DataConfig& config)
{
    Result<Record> record = Failure{"The line has the fields of no known form: instruction and output, prompt and "
                                    "completion, question and answer, or messages.",
                                    {}};
    switch (format) {
    case config::DataFormat::Dolly:
    case config::DataFormat::Alpaca: record = parseInstruction(object, config); break;
    case config::DataFormat::PromptCompletion: record = parsePromptCompletion(object, config); break;
    case config::DataFormat::Chat: record = parseChat(object, config); break;
    case config::DataFormat::Auto: break;
    }
    const char* topic = firstPresent(object, {"topic", "category"});
    if (record && topic != nullptr && object.at(topic).is_string()) {
        record->topic = object.at(topic).get<std::string>();
    }
    return record;
}

std::vector<std::string_view> unusedFields(const json& object, config::DataFormat format,
                                           const config::DataConfig& config)
{
    std::vector<std::string_view> fields;
    const bool instructs = format == config::DataFormat::Dolly || format == config::DataFormat::Alpaca;
    if (!instructs && format != config::DataFormat::PromptCompletion) {
        return fields;
    }
    if (!config::usesChatTemplate(config)) {
        for (const char* field : {kSystem, kHistory}) {
            if (holdsText(object, field)) {
                fields.emplace_back(field);
            }
        }
    }
    if (instructs && holdsText(object, kInput) && holdsText(object, kContext) &&
        object.at(kInput) != object.at(kContext)) {
        fields.emplace_back(kContext);
    }
    return fields;
}

std::string whyUnused(std::string_view field)
{
    return field == kContext ? "\"input\" stands in its place."
                             : "only a chat template has a place for it (data.template).";
}

} // namespace dskd::dataset

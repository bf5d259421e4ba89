#include "core/tokenizer/chat/chat_template.h"

#include "core/tokenizer/tokenizer.h"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <utility>

namespace dskd::tokenizer
{
namespace
{

constexpr std::string_view kEndOfThought = "</think>";

// What Python's str.strip and Jinja's trim take for white space: all that Unicode does, and the four separators.
constexpr std::array<std::string_view, 29> kWhiteSpace = {
    " ",        "\t",     "\n",     "\v",     "\f",     "\r",     "\x1c",   "\x1d",   "\x1e",   "\x1f",
    "\xc2\x85", "\u00a0", "\u1680", "\u2000", "\u2001", "\u2002", "\u2003", "\u2004", "\u2005", "\u2006",
    "\u2007",   "\u2008", "\u2009", "\u200a", "\u2028", "\u2029", "\u202f", "\u205f", "\u3000"};

std::string_view stripped(std::string_view text)
{
    const auto strip = [&](auto isAtEdge, auto remove) {
        for (bool again = true; again;) {
            const auto* blank = std::find_if(kWhiteSpace.begin(), kWhiteSpace.end(), isAtEdge);
            again = blank != kWhiteSpace.end();
            if (again) {
                remove(blank->size());
            }
        }
    };
    strip([&](std::string_view blank) { return text.starts_with(blank); },
          [&](std::size_t size) { text.remove_prefix(size); });
    strip([&](std::string_view blank) { return text.ends_with(blank); },
          [&](std::size_t size) { text.remove_suffix(size); });
    return text;
}

// An earlier answer without its reasoning.
std::string_view withoutThought(std::string_view answer)
{
    if (const std::size_t end = answer.rfind(kEndOfThought); end != std::string_view::npos) {
        answer.remove_prefix(end + kEndOfThought.size());
        answer.remove_prefix(std::min(answer.find_first_not_of('\n'), answer.size()));
    }
    return answer;
}

bool beginsWithSystem(std::span<const ChatTurn> turns)
{
    return !turns.empty() && turns.front().role == "system";
}

void append(std::string& text, std::initializer_list<std::string_view> parts)
{
    for (const std::string_view part : parts) {
        text += part;
    }
}

std::string chatMl(const ChatTemplate& chat, std::span<const ChatTurn> turns, bool reasons)
{
    std::string text;
    if (chat.defaultSystem && !beginsWithSystem(turns)) {
        append(text, {"<|im_start|>system\n", *chat.defaultSystem, "<|im_end|>\n"});
    }
    const bool thinks = chat.family == ChatFamily::Qwen3;
    for (const ChatTurn& turn : turns) {
        const bool answers = thinks && turn.role == "assistant";
        append(text, {"<|im_start|>", turn.role, "\n", answers ? withoutThought(turn.content) : turn.content,
                      "<|im_end|>\n"});
    }
    return text + "<|im_start|>assistant\n" + (thinks && !reasons ? "<think>\n\n</think>\n\n" : "");
}

std::string llama2(const ChatTemplate& chat, std::span<const ChatTurn> turns)
{
    std::string before;
    if (beginsWithSystem(turns)) {
        before = "<<SYS>>\n" + turns.front().content + "\n<</SYS>>\n\n";
        turns = turns.subspan(1);
    }
    std::string text;
    for (const ChatTurn& turn : turns) {
        const std::string content = std::exchange(before, {}) + turn.content;
        if (turn.role == "user") {
            append(text, {chat.bos, "[INST] ", stripped(content), " [/INST]"});
        } else {
            append(text, {" ", stripped(content), " ", chat.eos});
        }
    }
    return text;
}

std::string llama3(const ChatTemplate& chat, std::span<const ChatTurn> turns)
{
    std::string text = chat.bos;
    for (const ChatTurn& turn : turns) {
        append(text, {"<|start_header_id|>", turn.role, "<|end_header_id|>\n\n", stripped(turn.content), "<|eot_id|>"});
    }
    return text + "<|start_header_id|>assistant<|end_header_id|>\n\n";
}

std::string gemma(const ChatTemplate& chat, std::span<const ChatTurn> turns)
{
    std::string text = chat.bos;
    for (const ChatTurn& turn : turns) {
        const std::string_view role = turn.role == "assistant" ? std::string_view("model") : turn.role;
        append(text, {"<start_of_turn>", role, "\n", stripped(turn.content), "<end_of_turn>\n"});
    }
    return text + "<start_of_turn>model\n";
}

std::string zephyr(const ChatTemplate& chat, std::span<const ChatTurn> turns)
{
    std::string text;
    for (const ChatTurn& turn : turns) {
        append(text, {"<|", turn.role, "|>\n", turn.content, chat.eos, "\n"});
    }
    return text + "<|assistant|>\n";
}

// The tokens that a family is written with and that must be one token each.
std::vector<std::string_view> controlTokens(ChatFamily family)
{
    switch (family) {
    case ChatFamily::ChatMl:
    case ChatFamily::Qwen3: return {"<|im_start|>", "<|im_end|>"};
    case ChatFamily::Llama3: return {"<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>"};
    case ChatFamily::Gemma: return {"<start_of_turn>", "<end_of_turn>"};
    case ChatFamily::Llama2: // plain text around bos and eos
    case ChatFamily::Zephyr: break;
    }
    return {};
}

bool alternates(ChatFamily family)
{
    return family == ChatFamily::Llama2 || family == ChatFamily::Gemma;
}

Result<void> checkAlternation(ChatFamily family, std::span<const ChatTurn> turns)
{
    const std::size_t skipped = family == ChatFamily::Llama2 && beginsWithSystem(turns) ? 1 : 0;
    turns = turns.subspan(skipped);
    for (std::size_t i = 0; i < turns.size(); ++i) {
        const std::string_view expected = i % 2 == 0 ? "user" : "assistant";
        if (turns[i].role != expected) {
            return Failure{"Message " + std::to_string(i + skipped + 1) + " is the " + turns[i].role + "'s, but the " +
                               std::string(name(family)) + " chat template wants the " + std::string(expected) +
                               "'s there: users and assistants take turns.",
                           {}};
        }
    }
    if (turns.empty()) {
        return Failure{"There is no user's message before the answer, which the " + std::string(name(family)) +
                           " chat template wants.",
                       {}};
    }
    return {};
}

} // namespace

std::string_view name(ChatFamily family)
{
    switch (family) {
    case ChatFamily::ChatMl: return "ChatML";
    case ChatFamily::Qwen3: return "Qwen3";
    case ChatFamily::Llama2: return "Llama-2";
    case ChatFamily::Llama3: return "Llama-3";
    case ChatFamily::Gemma: return "Gemma";
    case ChatFamily::Zephyr: return "Zephyr";
    }
    return "";
}

Result<ChatTemplate> ChatTemplate::make(ChatFamily family, const Tokenizer& tokenizer)
{
    for (const std::string_view token : controlTokens(family)) {
        const Encoding encoding = tokenizer.encode(token);
        if (encoding.ids.size() != 1 || tokenizer.piece(encoding.ids.front()) != token) {
            return Failure{"The " + std::string(name(family)) + " chat template is written with the token " +
                               std::string(token) + ", which this vocabulary reads as " +
                               std::to_string(encoding.ids.size()) + " pieces of text.",
                           "Set data.template to zephyr, alpaca or plain, which need no such token."};
        }
    }
    const auto spelled = [&](std::optional<TokenId> id) {
        return id ? std::string(tokenizer.piece(*id)) : std::string();
    };
    ChatTemplate chat{family, {}, spelled(tokenizer.special().bos), spelled(tokenizer.special().eos)};
    if (chat.endOfTurn().empty() && chat.eos.empty()) {
        return Failure{"The " + std::string(name(family)) +
                           " chat template ends an answer with the end-of-text token, which this tokenizer has none "
                           "of.",
                       "Name it as eos_token in tokenizer_config.json."};
    }
    return chat;
}

Result<void> ChatTemplate::check(std::span<const ChatTurn> turns) const
{
    if (turns.empty()) {
        return Failure{"There is no message before the answer.", {}};
    }
    if (family == ChatFamily::Gemma && beginsWithSystem(turns)) {
        return Failure{"There is a system message, but the Gemma chat template has no place for one.", {}};
    }
    if (alternates(family)) {
        if (const Result<void> ordered = checkAlternation(family, turns); !ordered) {
            return ordered.failure();
        }
    }
    if (turns.back().role == "assistant") {
        return Failure{"The message before the answer is an assistant's, too.", {}};
    }
    const bool answered = std::any_of(turns.begin(), turns.end(), [](const auto& t) { return t.role == "assistant"; });
    if (family == ChatFamily::Qwen3 && answered && turns.back().role != "user") {
        return Failure{"The message before the answer is not the user's, and the Qwen3 chat template then keeps the "
                       "reasoning of earlier answers, which is not supported.",
                       {}};
    }
    return {};
}

std::string ChatTemplate::render(std::span<const ChatTurn> turns, bool reasons) const
{
    switch (family) {
    case ChatFamily::ChatMl:
    case ChatFamily::Qwen3: return chatMl(*this, turns, reasons);
    case ChatFamily::Llama2: return llama2(*this, turns);
    case ChatFamily::Llama3: return llama3(*this, turns);
    case ChatFamily::Gemma: return gemma(*this, turns);
    case ChatFamily::Zephyr: return zephyr(*this, turns);
    }
    return {};
}

std::string_view ChatTemplate::endOfTurn() const
{
    switch (family) {
    case ChatFamily::ChatMl:
    case ChatFamily::Qwen3: return "<|im_end|>";
    case ChatFamily::Llama3: return "<|eot_id|>";
    case ChatFamily::Gemma: return "<end_of_turn>";
    case ChatFamily::Llama2:
    case ChatFamily::Zephyr: break;
    }
    return {};
}

bool holdsReasoning(std::string_view answer)
{
    return answer.find(kEndOfThought) != std::string_view::npos;
}

} // namespace dskd::tokenizer

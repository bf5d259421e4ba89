#pragma once

#include "core/base/result.h"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace dskd::tokenizer
{

class Tokenizer;

// One message of a conversation. Roles: "system", "user", "assistant".
struct ChatTurn {
    std::string role;
    std::string content;
    bool operator==(const ChatTurn&) const = default;
};

// Qwen3 is ChatML that leaves reasoning out of earlier answers and begins an answer with a (perhaps empty) thought.
enum class ChatFamily { ChatMl, Qwen3, Llama2, Llama3, Gemma, Zephyr };

[[nodiscard]] std::string_view name(ChatFamily family); // for people: "ChatML"

// How a model wants a conversation to be written. A value; any thread.
struct ChatTemplate {
    ChatFamily family = ChatFamily::ChatMl;
    std::optional<std::string>
        defaultSystem; // ChatML: written where a conversation does not begin with a system message
    std::string bos;   // what the tokenizer's own tokens are written as; empty: none
    std::string eos;

    // The family's template with the tokenizer's tokens. Fails when a token that it is written with is not one token
    // of the vocabulary; the sentence says which.
    static Result<ChatTemplate> make(ChatFamily family, const Tokenizer& tokenizer);

    // What a template refuses: an assistant's turn right before the answer, an order of roles that it does not know, a
    // system message where it has none.
    [[nodiscard]] Result<void> check(std::span<const ChatTurn> turns) const;

    // The prompt, exactly as transformers' apply_chat_template(turns, add_generation_prompt=True) writes it. Control
    // tokens are spelled out, and encode() without special tokens turns them into their ids. So it does with a control
    // token that a person typed into a message: there is no escape, as there is none in transformers.
    // `reasons`: the answer brings its own reasoning. Qwen3 otherwise begins the answer with an empty thought, as its
    // template does for an answer without one (enable_thinking=False); others do not care.
    // REQUIRES: check(turns).
    [[nodiscard]] std::string render(std::span<const ChatTurn> turns, bool reasons = false) const;

    // The token behind an answer, as it is spelled; empty: the tokenizer's eos.
    [[nodiscard]] std::string_view endOfTurn() const;

    bool operator==(const ChatTemplate&) const = default;
};

// Whether an answer holds reasoning of its own: it closes a thought.
[[nodiscard]] bool holdsReasoning(std::string_view answer);

} // namespace dskd::tokenizer

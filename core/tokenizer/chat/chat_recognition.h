#pragma once

#include "core/base/result.h"
#include "core/tokenizer/chat/chat_template.h"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace dskd::tokenizer
{

// What is known of a template that was recognised.
struct KnownTemplate {
    ChatFamily family = ChatFamily::ChatMl;
    std::optional<std::string> defaultSystem;
    bool operator==(const KnownTemplate&) const = default;
};

// Recognises a Jinja chat template by its form (jinja_form.h): it must be, tools apart, one of the published templates
// of ChatML (Qwen's with their default system message among them), Qwen3, Llama-2, Llama-3, Gemma and Zephyr. A
// template that only looks like one of them is not understood; `what` then says what it seems to be, to go behind the
// name of a file.
[[nodiscard]] Result<KnownTemplate> recogniseTemplate(std::string_view jinja);

// The template of a Hugging Face folder: chat_template.jinja, else chat_template in tokenizer_config.json (of a list
// the one named "default"). Fails naming the file when there is none, or when it is not understood.
[[nodiscard]] Result<KnownTemplate> recogniseFolder(const std::filesystem::path& folder);

} // namespace dskd::tokenizer

#include "core/tokenizer/chat/chat_recognition.h"

#include "core/base/regular_file.h"
#include "core/tokenizer/chat/jinja_form.h"
#include "core/tokenizer/folder_config.h"
#include "core/tokenizer/json_fields.h"

#include <algorithm>
#include <cassert>
#include <nlohmann/json.hpp>
#include <vector>

namespace dskd::tokenizer
{
namespace
{

using nlohmann::json;

// Stands in a known template for the default system message, whatever it is.
constexpr char kHole = '\x01';

// ---- the published templates, written so that they have the same form

const std::string kChatMlTurn = R"({{'<|im_start|>' + message.role + '\n' + message.content + '<|im_end|>\n'}})";
const std::string kChatMlStart = R"({% if add_generation_prompt %}{{'<|im_start|>assistant\n'}}{% endif %})";
const std::string kChatMlDefault = "{{'<|im_start|>system\\n" + std::string(1, kHole) + "<|im_end|>\\n'}}";
const std::string kChatMlFirst =
    R"({% if messages[0].role == 'system' %}{{'<|im_start|>system\n' + messages[0].content + '<|im_end|>\n'}})";
const std::string kUserOrLaterSystem = "(message.role == 'user') or (message.role == 'system' and not loop.first)";

std::string forEachMessage(const std::string& body)
{
    return "{% for message in messages %}" + body + "{% endfor %}";
}

std::vector<std::string> chatMlTemplates()
{
    const std::string roles = forEachMessage("{% if " + kUserOrLaterSystem + " or (message.role == 'assistant') %}" +
                                             kChatMlTurn + "{% endif %}") +
                              kChatMlStart;
    return {
        forEachMessage(kChatMlTurn) + kChatMlStart,
        // Qwen1.5-Chat, Qwen2, SmolLM2
        forEachMessage("{% if loop.first and messages[0].role != 'system' %}" + kChatMlDefault + "{% endif %}" +
                       kChatMlTurn) +
            kChatMlStart,
        // the first Qwen1.5: nothing is closed behind the last message unless an answer is asked for
        forEachMessage(
            R"({{'<|im_start|>' + message.role + '\n' + message.content}})"
            R"({% if (loop.last and add_generation_prompt) or not loop.last %}{{'<|im_end|>\n'}}{% endif %})") +
            R"({% if add_generation_prompt and messages[-1].role != 'assistant' %}{{'<|im_start|>assistant\n'}}{% endif %})",
        // Qwen2.5, with and without a default
        kChatMlFirst + "{% else %}" + kChatMlDefault + "{% endif %}" + roles,
        kChatMlFirst + "{% endif %}" + roles,
    };
}

std::vector<std::string> qwen3Templates()
{
    const std::string lastQuery =
        R"({% set ns = namespace(multi_step_tool=true, last_query_index=messages|length - 1) %})"
        R"({% for message in messages[::-1] %}{% set index = (messages|length - 1) - loop.index0 %})"
        R"({% if ns.multi_step_tool and message.role == 'user' and not(message.content.startswith('<tool_response>') )"
        R"(and message.content.endswith('</tool_response>')) %})"
        R"({% set ns.multi_step_tool = false %}{% set ns.last_query_index = index %}{% endif %}{% endfor %})";
    const std::string split =
        R"({% set content = message.content %}{% set reasoning_content = '' %}{% if '</think>' in message.content %})"
        R"({% set content = message.content.split('</think>')[-1].lstrip('\n') %}{% set reasoning_content = )"
        R"(message.content.split('</think>')[0].rstrip('\n').split('<think>')[-1].lstrip('\n') %}{% endif %})";
    const std::string bare = R"({{'<|im_start|>' + message.role + '\n' + content}})";
    const std::string answer = split +
                               "{% if loop.index0 > ns.last_query_index %}"
                               "{% if loop.last or (not loop.last and reasoning_content) %}"
                               R"({{'<|im_start|>' + message.role + '\n<think>\n' + reasoning_content.strip('\n') + )"
                               R"('\n</think>\n\n' + content.lstrip('\n')}})"
                               "{% else %}" +
                               bare + "{% endif %}{% else %}" + bare + R"({% endif %}{{'<|im_end|>\n'}})";
    return {
        kChatMlFirst + "{% endif %}" + lastQuery +
        forEachMessage("{% if " + kUserOrLaterSystem + " %}" + kChatMlTurn + "{% elif message.role == 'assistant' %}" +
                       answer + "{% endif %}") +
        R"({% if add_generation_prompt %}{{'<|im_start|>assistant\n'}})"
        R"({% if enable_thinking is defined and enable_thinking is false %}{{'<think>\n\n</think>\n\n'}}{% endif %})"
        R"({% endif %})"};
}

const std::string kAlternate = "{% if (message.role == 'user') != (loop.index0 % 2 == 0) %}{{raise_exception("
                               "'Conversation roles must alternate user/assistant/user/assistant/...')}}{% endif %}";

std::vector<std::string> llama2Templates()
{
    const std::string loop =
        "{% if messages[0].role == 'system' %}{% set loop_messages = messages[1:] %}"
        "{% set system_message = messages[0].content %}{% else %}{% set loop_messages = messages %}"
        "{% set system_message = false %}{% endif %}{% for message in loop_messages %}" +
        kAlternate +
        R"({% if loop.first and system_message != false %})"
        R"({% set content = '<<SYS>>\n' + system_message + '\n<</SYS>>\n\n' + message.content %})"
        R"({% else %}{% set content = message.content %}{% endif %})"
        R"({% if message.role == 'user' %}{{bos_token + '[INST] ' + content.strip() + ' [/INST]'}})";
    const std::string late =
        R"({% elif message.role == 'system' %}{{'<<SYS>>\n' + content.strip() + '\n<</SYS>>\n\n'}})";
    const std::string answer =
        "{% elif message.role == 'assistant' %}{{' ' + content.strip() + ' ' + eos_token}}{% endif %}{% endfor %}";
    return {loop + answer, loop + late + answer};
}

std::vector<std::string> llama3Templates()
{
    const std::string turns =
        R"({% set loop_messages = messages %}{% for message in loop_messages %}{% set content = '<|start_header_id|>' + )"
        R"(message.role + '<|end_header_id|>\n\n' + message.content.strip() + '<|eot_id|>' %})"
        R"({% if loop.first %}{% set content = bos_token + content %}{% endif %}{{content}}{% endfor %})";
    const std::string start = R"({{'<|start_header_id|>assistant<|end_header_id|>\n\n'}})";
    return {turns + "{% if add_generation_prompt %}" + start + "{% endif %}", turns + start};
}

std::vector<std::string> gemmaTemplates()
{
    return {"{{bos_token}}{% if messages[0].role == 'system' %}{{raise_exception('System role not supported')}}"
            "{% endif %}" +
            forEachMessage(kAlternate +
                           "{% if (message.role == 'assistant') %}{% set role = 'model' %}{% else %}"
                           "{% set role = message.role %}{% endif %}"
                           R"({{'<start_of_turn>' + role + '\n' + message.content.strip() + '<end_of_turn>\n'}})") +
            R"({% if add_generation_prompt %}{{'<start_of_turn>model\n'}}{% endif %})"};
}

std::vector<std::string> zephyrTemplates()
{
    const auto turn = [](const std::string& role) {
        return "if message.role == '" + role + "' %}{{'<|" + role + R"(|>\n' + message.content + eos_token + '\n'}})";
    };
    return {
        forEachMessage("{% " + turn("user") + "{% el" + turn("system") + "{% el" + turn("assistant") +
                       R"({% endif %}{% if loop.last and add_generation_prompt %}{{'<|assistant|>\n'}}{% endif %})")};
}

struct KnownForm {
    ChatFamily family;
    std::string form; // with a hole perhaps
};

const std::vector<KnownForm>& knownForms()
{
    static const std::vector<KnownForm> kForms = [] {
        std::vector<KnownForm> forms;
        const auto add = [&](ChatFamily family, const std::vector<std::string>& templates) {
            for (const std::string& text : templates) {
                forms.push_back({family, jinjaForm(text)});
            }
        };
        add(ChatFamily::ChatMl, chatMlTemplates());
        add(ChatFamily::Qwen3, qwen3Templates());
        add(ChatFamily::Llama2, llama2Templates());
        add(ChatFamily::Llama3, llama3Templates());
        add(ChatFamily::Gemma, gemmaTemplates());
        add(ChatFamily::Zephyr, zephyrTemplates());
        assert(std::none_of(forms.begin(), forms.end(), [](const KnownForm& known) { return known.form.empty(); }));
        return forms;
    }();
    return kForms;
}

// ---- recognising

// The text of a literal's inside; nothing when it is more than one literal.
std::optional<std::string> literalText(std::string_view inside)
{
    std::string text;
    for (std::size_t i = 0; i < inside.size(); ++i) {
        if (inside[i] == '\'') {
            return std::nullopt;
        }
        if (inside[i] == '\\' && i + 1 < inside.size()) {
            ++i;
            text += inside[i] == 'n' ? '\n' : inside[i];
        } else {
            text += inside[i];
        }
    }
    return text;
}

std::optional<KnownTemplate> matchForm(const KnownForm& known, std::string_view form)
{
    const std::size_t hole = known.form.find(kHole);
    if (hole == std::string::npos) {
        return form == known.form ? std::optional(KnownTemplate{known.family, {}}) : std::nullopt;
    }
    const std::string_view before = std::string_view(known.form).substr(0, hole);
    const std::string_view behind = std::string_view(known.form).substr(hole + 1);
    if (form.size() < before.size() + behind.size() || !form.starts_with(before) || !form.ends_with(behind)) {
        return std::nullopt;
    }
    auto system = literalText(form.substr(before.size(), form.size() - before.size() - behind.size()));
    return system ? std::optional(KnownTemplate{known.family, std::move(*system)}) : std::nullopt;
}

// What a template that is not understood seems to be, and what to set instead.
Failure notUnderstood(std::string_view jinja)
{
    struct Look {
        std::string_view mark;
        std::string_view also; // second mark; may be empty
        std::string_view seems;
        std::string_view instead; // of data.template; empty: none comes near
    };
    constexpr Look kLooks[] = {
        {"<|start_header_id|>", "date_string",
         "that of Llama 3.1 or later, which writes the date of the day into every prompt", "llama3"},
        {"<|start_header_id|>", "", "a variant of Llama 3's", "llama3"},
        {"<|im_start|>", "<think>", "a variant of ChatML for models that reason", "chatml"},
        {"<|im_start|>", "", "a variant of ChatML", "chatml"},
        {"<start_of_turn>", "", "a variant of Gemma's", "gemma"},
        {"<<SYS>>", "", "a variant of Llama 2's", "llama2"},
        {"[INST]", "", "Mistral's", ""},
        {"<|user|>", "<|end|>", "Phi-3's", ""},
        {"<|user|>", "", "a variant of Zephyr's", "zephyr"},
    };
    for (const Look& look : kLooks) {
        if (jinja.find(look.mark) != std::string_view::npos && jinja.find(look.also) != std::string_view::npos) {
            const std::string instead(look.instead);
            return Failure{"a chat template that is not understood; it seems to be " + std::string(look.seems) + ".",
                           instead.empty() ? "Set data.template to alpaca or plain instead of chat."
                                           : "Set data.template to " + instead +
                                                 " for the plain form of it, or to alpaca or plain."};
        }
    }
    return Failure{"a chat template that is not understood; it has the marks of none that is known (ChatML, Llama-2, "
                   "Llama-3, Gemma, Zephyr).",
                   "Set data.template to the one that the model was trained with, or to alpaca or plain."};
}

struct FoundTemplate {
    std::filesystem::path file;
    std::string jinja;
};

Result<FoundTemplate> findTemplate(const std::filesystem::path& folder)
{
    const std::filesystem::path own = folder / "chat_template.jinja";
    std::error_code error;
    if (std::filesystem::is_regular_file(own, error)) {
        auto text = readTextFile(own);
        return text ? Result<FoundTemplate>(FoundTemplate{own, *std::move(text)}) : text.failure();
    }
    const std::filesystem::path file = folder / "tokenizer_config.json";
    const auto config = readJsonFile(file);
    if (!config) {
        return config.failure();
    }
    if (auto text = textField(*config, "chat_template")) {
        return FoundTemplate{file, *std::move(text)};
    }
    for (const json& entry : listField(*config, "chat_template")) {
        auto text = textField(entry, "template");
        if (text && textField(entry, "name") == "default") {
            return FoundTemplate{file, *std::move(text)};
        }
    }
    return Failure{"data.template is chat, but " + folder.string() +
                       " names no chat template: it has no chat_template.jinja, and no chat_template in "
                       "tokenizer_config.json.",
                   "Set data.template to the one that the model was trained with (chatml, llama2, llama3, gemma, "
                   "zephyr), or to alpaca or plain."};
}

} // namespace

Result<KnownTemplate> recogniseTemplate(std::string_view jinja)
{
    std::string form = jinjaForm(jinja);
    static const std::string kAsksDefault =
        jinjaForm("{% if not add_generation_prompt is defined %}{% set add_generation_prompt = false %}{% endif %}");
    if (form.starts_with(kAsksDefault)) { // says what holds anyway
        form.erase(0, kAsksDefault.size());
    }
    for (const KnownForm& known : knownForms()) {
        if (auto match = matchForm(known, form)) {
            return *std::move(match);
        }
    }
    return notUnderstood(jinja);
}

Result<KnownTemplate> recogniseFolder(const std::filesystem::path& folder)
{
    const auto found = findTemplate(folder);
    if (!found) {
        return found.failure();
    }
    auto known = recogniseTemplate(found->jinja);
    if (!known) {
        return Failure{"data.template is chat, but " + found->file.string() + " has " + known.failure().what,
                       known.failure().hint};
    }
    return known;
}

} // namespace dskd::tokenizer

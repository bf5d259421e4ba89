// Chat templates: which are recognised, and that they write what transformers' Jinja does
// (tests/reference/chat_template_golden.py).

#include "core/tokenizer/chat/chat_template.h"

#include "core/base/regular_file.h"
#include "core/tokenizer/chat/chat_recognition.h"
#include "core/tokenizer/chat/chat_tokenizer.h"
#include "core/tokenizer/chat/jinja_form.h"
#include "tests/support/fake_tokenizer.h"
#include "tests/support/temporary_folder.h"
#include "tests/unit/core/tokenizer/golden_cases.h"

#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace dskd::tokenizer
{
namespace
{

using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;

json goldenCases()
{
    return json::parse(readTextFile(goldenFolder() / "chat_cases.json").value());
}

std::vector<ChatTurn> turnsOf(const json& messages)
{
    std::vector<ChatTurn> turns;
    for (const json& message : messages) {
        turns.push_back({message.at("role"), message.at("content")});
    }
    return turns;
}

// A published template by its name in the golden file.
std::string published(const std::string& name)
{
    const json golden = goldenCases();
    for (const json& entry : golden["templates"]) {
        if (entry["name"] == name) {
            return entry["template"];
        }
    }
    throw std::out_of_range(name);
}

std::string replaced(std::string text, const std::string& from, const std::string& to)
{
    const std::size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

TEST(ChatTemplates, AreRecognisedAndWriteWhatTransformersDoes)
{
    const json golden = goldenCases();
    int written = 0;
    int refused = 0;
    for (const json& entry : golden["templates"]) {
        const std::string name = entry["name"];
        const auto known = recogniseTemplate(entry["template"].get<std::string>());
        ASSERT_TRUE(known) << name << ": " << jinjaForm(entry["template"].get<std::string>());
        EXPECT_EQ(tokenizer::name(known->family), entry["family"].get<std::string>()) << name;
        EXPECT_EQ(known->defaultSystem.has_value(), !entry["default_system"].is_null()) << name;
        const ChatTemplate chat{known->family, known->defaultSystem, entry["bos"], entry["eos"]};
        if (known->defaultSystem) {
            EXPECT_EQ(*known->defaultSystem, entry["default_system"].get<std::string>()) << name;
        }
        for (const auto& [conversation, prompt] : entry["prompts"].items()) {
            const auto turns = turnsOf(golden["conversations"][conversation]);
            const bool fits = chat.check(turns).ok();
            EXPECT_EQ(fits, !prompt.is_null()) << name << ", " << conversation;
            if (fits && !prompt.is_null()) {
                EXPECT_EQ(chat.render(turns), prompt.get<std::string>()) << name << ", " << conversation;
            }
            (fits ? written : refused) += 1;
        }
    }
    EXPECT_EQ(written, 96);
    EXPECT_EQ(refused, 3); // Gemma has no system message
}

TEST(ChatTemplates, LeaveRoomForTheReasoningOfAnAnswer)
{
    const ChatTemplate qwen3{ChatFamily::Qwen3, {}, "", "<|im_end|>"};
    const std::vector<ChatTurn> turns = {{"user", "Hi"}};
    EXPECT_TRUE(qwen3.render(turns, false).ends_with("<|im_start|>assistant\n<think>\n\n</think>\n\n"));
    EXPECT_TRUE(qwen3.render(turns, true).ends_with("<|im_start|>assistant\n"));
    EXPECT_TRUE(holdsReasoning("<think>\nso\n</think>\n\n4"));
    EXPECT_FALSE(holdsReasoning("<think> is a mark"));
}

TEST(ChatTemplates, RefuseAnOrderOfRolesThatTheyCannotWrite)
{
    const ChatTemplate llama2{ChatFamily::Llama2, {}, "<s>", "</s>"};
    const ChatTemplate chatMl{ChatFamily::ChatMl, {}, "", ""};
    const std::vector<ChatTurn> twice = {{"user", "a"}, {"user", "b"}};
    EXPECT_THAT(llama2.check(twice).failure().what, AllOf(HasSubstr("Message 2"), HasSubstr("take turns")));
    EXPECT_TRUE(chatMl.check(twice));
    EXPECT_THAT(chatMl.check({}).failure().what, HasSubstr("no message before the answer"));
    const std::vector<ChatTurn> answered = {{"user", "a"}, {"assistant", "b"}};
    EXPECT_THAT(chatMl.check(answered).failure().what, HasSubstr("an assistant's, too"));
    const std::vector<ChatTurn> lonely = {{"system", "a"}};
    EXPECT_TRUE(chatMl.check(lonely));
    EXPECT_FALSE(llama2.check(lonely));
    const ChatTemplate qwen3{ChatFamily::Qwen3, {}, "", ""};
    const std::vector<ChatTurn> late = {{"user", "a"}, {"assistant", "b"}, {"system", "c"}};
    EXPECT_THAT(qwen3.check(late).failure().what, HasSubstr("keeps the reasoning"));
    EXPECT_TRUE(chatMl.check(late));
}

TEST(JinjaForm, IsTheSameForTwoSpellingsOfOneTemplate)
{
    EXPECT_EQ(jinjaForm("{%- if a['b'] == \"c\" -%} {{ x | trim }}{{ '\\n' }} {%- endif %}{# note #}"),
              jinjaForm("{% if a.b=='c' %}{{x.strip()+\"\\n\"}}{% endif %}"));
    EXPECT_EQ(jinjaForm("{% if loop.index0 == 0 %}\n    {{ x }}\n{% endif %}\n"),
              "{%if loop.first%}{{'    '+x+'\\n'}}{%endif%}");
    EXPECT_EQ(jinjaForm("  {% set x = 'a' + 'b' %}\n"), "{%set x='ab'%}");
}

TEST(JinjaForm, KeepsTheBlanksThatWouldBeWritten)
{
    EXPECT_EQ(jinjaForm("{{ a }} {{ b }}"), "{{a+' '+b}}");
    EXPECT_EQ(jinjaForm("{{ a }}\n{{ b }}"), "{{a+'\\n'+b}}");
    EXPECT_EQ(jinjaForm("{{ a }}\n{% if b %}\n {{- c }}{% endif %}"), "{{a+'\\n'}}{%if b%}{{c}}{%endif%}");
    EXPECT_EQ(jinjaForm("{% if b %}  {% endif %}"), "{%if b%}{{'  '}}{%endif%}");
    EXPECT_NE(jinjaForm("{{ 'a b' }}"), jinjaForm("{{ 'ab' }}"));
    std::string deep;
    for (int i = 0; i < 20'000; ++i) {
        deep += "{% if a %}";
    }
    EXPECT_EQ(jinjaForm(deep), "") << "what nobody writes is not read, and takes no stack";
}

TEST(JinjaForm, LeavesOutWhatIsForToolsAlone)
{
    EXPECT_EQ(jinjaForm("{% if tools %}{{ t }}{% for x in y %}{{ x }}{% endfor %}{% else %}{{ a }}{% endif %}"),
              "{{a}}");
    EXPECT_EQ(jinjaForm("{% if m %}{{ a }}{% elif message.role == 'tool' %}{{ b }}{% endif %}"),
              "{%if m%}{{a}}{%endif%}");
    EXPECT_EQ(jinjaForm("{% if tools %}{{ t }}{% elif m %}{{ a }}{% endif %}"), "{%if m%}{{a}}{%endif%}");
    EXPECT_EQ(jinjaForm("{% if message.tool_calls %}{{ t }}{% endif %}"), "");
}

TEST(JinjaForm, IsEmptyForWhatIsNoTemplate)
{
    for (const char* broken : {"{% if a %}", "{{ 'open }}", "{{ a", "{% endif %}", "{% for a in b %}{% endif %}", "{%",
                               "{#", "{% else %}x"}) {
        EXPECT_EQ(jinjaForm(broken), "") << broken;
        EXPECT_FALSE(recogniseTemplate(broken)) << broken;
    }
}

TEST(ChatRecognition, RefusesATemplateThatSaysAWordMoreOrLess)
{
    const std::string chatMl = published("chatml");
    EXPECT_TRUE(recogniseTemplate(chatMl));
    EXPECT_FALSE(recogniseTemplate(chatMl + "x"));
    EXPECT_TRUE(recogniseTemplate(chatMl + "\n\n")); // one line end is not kept, one is trimmed behind the tag
    EXPECT_FALSE(recogniseTemplate(chatMl + "\n\n\n"));
    EXPECT_FALSE(recogniseTemplate(replaced(chatMl, "message['content']", "message['content'] | trim")));
    EXPECT_FALSE(recogniseTemplate(replaced(chatMl, "assistant\\n", "assistant")));
    EXPECT_FALSE(recogniseTemplate(replaced(published("llama3"), " | trim", "")));
    EXPECT_FALSE(recogniseTemplate(replaced(published("zephyr"), "eos_token }}\n", "eos_token }}")));
    EXPECT_FALSE(recogniseTemplate(replaced(published("llama2"), "' [/INST]'", "'[/INST]'")));
    EXPECT_FALSE(recogniseTemplate(replaced(published("gemma"), "'model'", "'assistant'")));
    // A default that is put together is none that is known.
    EXPECT_FALSE(recogniseTemplate(
        replaced(published("qwen1.5-chat"), "You are a helpful assistant.", "Today is ' + date + '.")));
}

TEST(ChatRecognition, SaysWhatATemplateSeemsToBeAndWhatToSetInstead)
{
    struct Case {
        const char* jinja;
        const char* seems;
        const char* instead;
    };
    const Case cases[] = {
        {"{{ '<|start_header_id|>system<|end_header_id|>\\n\\nToday Date: ' + date_string }}", "Llama 3.1", "llama3"},
        {"{{ '<|start_header_id|>' }}", "a variant of Llama 3's", "llama3"},
        {"{{ '<|im_start|>' + x }}{{ '<think>' }}", "models that reason", "chatml"},
        {"{{ '<|im_start|>' + x }}", "a variant of ChatML", "chatml"},
        {"{{ '<start_of_turn>' }}", "Gemma's", "gemma"},
        {"{{ '[INST] <<SYS>>' }}", "Llama 2's", "llama2"},
        {"{{ '[INST] ' }}", "Mistral's", "alpaca or plain instead"},
        {"{{ '<|user|>' + x + '<|end|>' }}", "Phi-3's", "alpaca or plain instead"},
        {"{{ '<|user|>' + x }}", "Zephyr's", "zephyr"},
        {"{{ 'Human: ' + x }}", "none that is known", "the model was trained with"},
    };
    for (const Case& c : cases) {
        const auto known = recogniseTemplate(c.jinja);
        ASSERT_FALSE(known) << c.jinja;
        EXPECT_THAT(known.failure().what, AllOf(HasSubstr("not understood"), HasSubstr(c.seems)));
        EXPECT_THAT(known.failure().hint, AllOf(HasSubstr("data.template"), HasSubstr(c.instead)));
    }
}

class ChatFolder : public testing::Test
{
protected:
    void write(const std::string& name, const std::string& content) const { std::ofstream(m_folder / name) << content; }
    test::TemporaryFolder m_folder;
};

TEST_F(ChatFolder, NamesItsTemplateInOneOfThreePlaces)
{
    EXPECT_THAT(recogniseFolder(m_folder.path()).failure().text(),
                AllOf(HasSubstr(m_folder.path().string()), HasSubstr("names no chat template"), HasSubstr("chatml")));
    write("tokenizer_config.json", json{{"chat_template", published("zephyr")}}.dump());
    EXPECT_EQ(recogniseFolder(m_folder.path())->family, ChatFamily::Zephyr);
    write("tokenizer_config.json",
          json{{"chat_template",
                {{{"name", "tool_use"}, {"template", "x"}}, {{"name", "default"}, {"template", published("llama2")}}}}}
              .dump());
    EXPECT_EQ(recogniseFolder(m_folder.path())->family, ChatFamily::Llama2);
    write("chat_template.jinja", published("gemma")); // stands above the other
    EXPECT_EQ(recogniseFolder(m_folder.path())->family, ChatFamily::Gemma);
    write("chat_template.jinja", "{{ '[INST]' }}");
    EXPECT_THAT(
        recogniseFolder(m_folder.path()).failure().what,
        AllOf(HasSubstr("chat_template.jinja has a chat template that is not understood"), HasSubstr("Mistral")));
}

TEST(ChatTokenizer, EndsItsAnswersByTheEndOfATurn)
{
    const auto make = [] {
        return std::make_unique<test::FakeTokenizer>(
            std::vector<std::string>{"</s>", "<|im_start|>", "<|im_end|>", "a", "\n"}, "</s>");
    };
    const auto chat = ChatTemplate::make(ChatFamily::ChatMl, *make()).value();
    EXPECT_EQ(chat.eos, "</s>");
    const ChatTokenizer tokenizer(make(), chat);
    EXPECT_EQ(tokenizer.special().eos, 2);
    EXPECT_EQ(*tokenizer.chatTemplate(), chat);
    EXPECT_EQ(make()->chatTemplate(), nullptr);
    // It is no text, even where the vocabulary calls it an ordinary token.
    const std::vector<TokenId> answer = {3, 2};
    EXPECT_FALSE(make()->isSpecial(2));
    EXPECT_TRUE(tokenizer.isSpecial(2));
    EXPECT_EQ(tokenizer.bytes(2), "");
    EXPECT_EQ(tokenizer.decode(answer, true), "a");
    const auto zephyr = ChatTemplate::make(ChatFamily::Zephyr, *make()).value();
    EXPECT_EQ(ChatTokenizer(make(), zephyr).special().eos, 0) << "Zephyr ends its turns by the eos";
}

TEST(ChatTokenizer, NeedsTheTokensOfItsTemplate)
{
    const test::FakeTokenizer letters({"<", "|", "i", "m", "_", "s", "t", "a", "r", ">", "</s>"}, "</s>");
    const auto chat = ChatTemplate::make(ChatFamily::ChatMl, letters);
    ASSERT_FALSE(chat);
    EXPECT_THAT(chat.failure().text(),
                AllOf(HasSubstr("<|im_start|>"), HasSubstr("12 pieces"), HasSubstr("data.template")));
    EXPECT_TRUE(ChatTemplate::make(ChatFamily::Zephyr, letters));
    EXPECT_THAT(ChatTemplate::make(ChatFamily::Zephyr, test::FakeTokenizer({"a"}, "</s>")).failure().text(),
                HasSubstr("eos_token"));
}

} // namespace
} // namespace dskd::tokenizer

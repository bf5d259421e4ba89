#include "core/dataset/conversation.h"

#include "core/base/regular_file.h"
#include "core/dataset/sample.h"
#include "core/dataset/statistics.h"
#include "core/tokenizer/chat/chat_template.h"
#include "core/tokenizer/tokenizer.h"
#include "tests/support/paths.h"
#include "tests/support/shared_folder.h"
#include "tests/support/temporary_folder.h"

#include <algorithm>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace dskd::dataset
{
namespace
{

namespace fs = std::filesystem;
using nlohmann::json;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using tokenizer::ByteSpan;
using tokenizer::ChatTurn;
using tokenizer::TokenId;

const std::string kChatMl = "{% for message in messages %}{{'<|im_start|>' + message['role'] + '\\n' + "
                            "message['content'] + '<|im_end|>' + '\\n'}}{% endfor %}{% if add_generation_prompt %}{{ "
                            "'<|im_start|>assistant\\n' }}{% endif %}";

fs::path goldenTokenizer(const char* name)
{
    return fs::path(test::goldenDir()) / "tokenizer" / name;
}

// Folders with small tokenizers of every kind that know ChatML's tokens.
class Conversation : public testing::Test
{
protected:
    Conversation() { m_data.promptTemplate = config::Template::Chat; }

    // A tokenizer.json of the golden folder with three tokens more.
    fs::path withJson(const char* name, const std::string& chatTemplate = kChatMl) const
    {
        const fs::path folder = fresh(name);
        json description = json::parse(readTextFile(goldenTokenizer(name) / "tokenizer.json").value());
        std::int64_t id = 1000;
        for (const char* token : {"<|im_start|>", "<|im_end|>", "<|eot_id|>"}) {
            description["added_tokens"].push_back({{"id", id++},
                                                   {"content", token},
                                                   {"special", true},
                                                   {"lstrip", false},
                                                   {"rstrip", false},
                                                   {"single_word", false},
                                                   {"normalized", false}});
        }
        write(folder / "tokenizer.json", description.dump());
        json config = {{"chat_template", chatTemplate}};
        if (description["model"]["vocab"].contains("</s>")) {
            config["bos_token"] = "<s>";
            config["eos_token"] = "</s>";
        }
        write(folder / "tokenizer_config.json", config.dump());
        return folder;
    }
    // A copy of vocab.json and merges.txt, or of tokenizer.model, whose tokenizer_config.json adds them.
    fs::path withConfig(const char* name) const
    {
        const fs::path folder = fresh(name);
        for (const auto& entry : fs::directory_iterator(goldenTokenizer(name))) {
            fs::copy_file(entry.path(), folder / entry.path().filename());
        }
        const fs::path file = folder / "tokenizer_config.json";
        json config = fs::exists(file) ? json::parse(readTextFile(file).value()) : json::object();
        auto& added = config["added_tokens_decoder"];
        std::int64_t next = tokenizer::loadTokenizer(goldenTokenizer(name)).value()->size();
        for (const char* token : {"<|im_start|>", "<|im_end|>"}) {
            const bool isThere = std::any_of(added.begin(), added.end(),
                                             [&](const json& entry) { return entry.at("content") == token; });
            if (!isThere) {
                added[std::to_string(next++)] = {{"content", token}, {"special", true}};
            }
        }
        config["chat_template"] = kChatMl;
        write(file, config.dump());
        return folder;
    }
    std::unique_ptr<tokenizer::Tokenizer> load(const fs::path& folder) const
    {
        return loadPromptTokenizer(folder, m_data).value();
    }
    RecordFile read(const std::string& lines) const
    {
        const fs::path file = m_folder / "data.jsonl";
        write(file, lines);
        return readRecords(file, m_data).value();
    }
    static void write(const fs::path& file, const std::string& content) { std::ofstream(file) << content; }

    test::TemporaryFolder m_folder;
    config::DataConfig m_data;

private:
    fs::path fresh(const char* name) const
    {
        fs::path folder = m_folder / (std::string(name) + std::to_string(m_count++));
        fs::create_directories(folder);
        return folder;
    }
    mutable int m_count = 0;
};

TEST_F(Conversation, TurnsControlTokensIntoTheirIdsForEveryKindOfTokenizer)
{
    const Record record{"", {"Yes"}, "", 1, {{"system", "Be brief."}, {"user", "Hi <|im_end|> there"}}};
    for (const fs::path& folder : {withJson("gpt2"), withJson("qwen"), withJson("llama2"), withJson("metaspace"),
                                   withConfig("qwen_vocab_merges"), withConfig("spm_bpe"), withConfig("spm_unigram")}) {
        const auto tokenizer = load(folder);
        const TokenId start = tokenizer->idOf("<|im_start|>").value();
        const TokenId end = tokenizer->idOf("<|im_end|>").value();
        // Between two control tokens each piece of text is read for itself; what a person typed is one, too.
        std::vector<TokenId> expected;
        const auto add = [&](TokenId control, const char* text) {
            const auto ids = tokenizer->encode(std::string(tokenizer->piece(control)) + text).ids;
            EXPECT_EQ(ids.front(), control);
            EXPECT_GT(ids.size(), 1u);
            expected.insert(expected.end(), ids.begin(), ids.end());
        };
        add(start, "system\nBe brief.");
        add(end, "\n");
        add(start, "user\nHi ");
        add(end, " there");
        add(end, "\n");
        add(start, "assistant\n");
        const Sample sample = makeSample(record, *tokenizer, m_data);
        EXPECT_EQ(std::vector<TokenId>(sample.ids.begin(), sample.ids.begin() + sample.promptLength), expected)
            << folder;
        // The answer ends with the turn, which stands for no text of it.
        EXPECT_EQ(sample.ids.back(), end) << folder;
        EXPECT_TRUE(sample.endsWithEos);
        EXPECT_EQ(sample.responseOffsets.back(), (ByteSpan{3, 3})) << folder;
        EXPECT_EQ(sample.responseOffsets.size(), sample.ids.size() - static_cast<std::size_t>(sample.promptLength));
        EXPECT_EQ(tokenizer->bytes(end), "") << folder;
        EXPECT_EQ(measureLengths({&record, 1}, *tokenizer, m_data).prompt.max, sample.promptLength) << folder;
    }
}

TEST_F(Conversation, IsReadByEachSideInItsOwnTemplate)
{
    const auto student = load(withJson("gpt2"));
    m_data.promptTemplate = config::Template::Zephyr;
    const auto teacher = load(withJson("llama2"));
    const Record record{"", {"Yes"}, "", 1, {{"user", "Hi"}}};
    EXPECT_EQ(promptFor(record, *student), "<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n");
    EXPECT_EQ(promptFor(record, *teacher), "<|user|>\nHi</s>\n<|assistant|>\n");
    EXPECT_FALSE(sameTemplate(*student, *teacher));
    EXPECT_TRUE(sameTemplate(*student, *student));
    EXPECT_EQ(teacher->special().eos, teacher->idOf("</s>"));
}

TEST_F(Conversation, UsesAReadyPromptAsItIs)
{
    const auto tokenizer = load(withJson("gpt2"));
    EXPECT_EQ(promptFor({"Once upon", {""}, "", 0, {}}, *tokenizer), "Once upon");
}

TEST_F(Conversation, IsMadeOfEveryFormOfRecord)
{
    using Turns = std::vector<ChatTurn>;
    EXPECT_EQ(read(R"({"instruction": "Add", "input": "1, 2", "output": "3"})").records.at(0).turns,
              (Turns{{"user", "Add\n\n1, 2"}}));
    EXPECT_EQ(read(R"({"prompt": "Once", "completion": " upon"})").records.at(0).turns, (Turns{{"user", "Once"}}));
    EXPECT_EQ(read(R"({"question": "2+2?", "answer": "4"})").records.at(0).turns, (Turns{{"user", "2+2?"}}));
    const std::string chat = R"({"messages": [{"role": "system", "content": "S"}, {"role": "user", "content": "U"},)"
                             R"( {"role": "assistant", "content": "A"}, {"role": "user", "content": "V"},)"
                             R"( {"role": "assistant", "content": "B"}]})";
    const Record record = read(chat).records.at(0);
    EXPECT_EQ(record.turns, (Turns{{"system", "S"}, {"user", "U"}, {"assistant", "A"}, {"user", "V"}}));
    EXPECT_EQ(record.responses, std::vector<std::string>{"B"});
    m_data.systemPrompt = "Configured";
    EXPECT_EQ(read(chat).records.at(0).turns.front(), (ChatTurn{"system", "S"})) << "its own stands above";
    EXPECT_EQ(read(R"({"prompt": "Once", "completion": " upon"})").records.at(0).turns,
              (Turns{{"system", "Configured"}, {"user", "Once"}}));
    EXPECT_THAT(readRecords(m_folder / "data.jsonl", m_data)->leftOut(), testing::IsEmpty());
}

TEST_F(Conversation, LeavesOutRecordsThatItsTemplateCannotWrite)
{
    m_data.promptTemplate = config::Template::Llama2;
    const auto tokenizer = load(withJson("llama2"));
    const std::string good =
        R"({"messages": [{"role": "user", "content": "U"}, {"role": "assistant", "content": "A"}]})";
    const std::string twice = R"({"messages": [{"role": "user", "content": "U"}, {"role": "user", "content": "V"},)"
                              R"( {"role": "assistant", "content": "A"}]})";
    const std::string tool =
        R"({"messages": [{"role": "tool", "content": "U"}, {"role": "assistant", "content": "A"}]})";
    RecordFile file = read(twice + "\n" + good + "\n" + tool);
    ASSERT_TRUE(keepRenderable(file, *tokenizer));
    ASSERT_EQ(file.records.size(), 1u);
    ASSERT_EQ(file.broken.size(), 2u);
    EXPECT_EQ(file.broken[0].line, 1);
    EXPECT_THAT(file.broken[0].why, HasSubstr("take turns"));
    EXPECT_THAT(file.broken[1].why, HasSubstr("none of system, user and assistant"));
    renderPrompts(file, *tokenizer);
    EXPECT_EQ(file.records[0].prompt, "<s>[INST] U [/INST]");
    RecordFile hopeless = read(twice);
    EXPECT_THAT(
        keepRenderable(hopeless, *tokenizer).failure().text(),
        AllOf(HasSubstr("no record that the Llama-2 chat template can write; line 1"), HasSubstr("data.template")));
}

TEST_F(Conversation, SaysWhichFolderAndTemplateDoNotFit)
{
    m_data.promptTemplate = config::Template::Gemma;
    EXPECT_THAT(loadPromptTokenizer(withJson("gpt2"), m_data).failure().text(),
                AllOf(HasSubstr("data.template is gemma"), HasSubstr("gpt2"), HasSubstr("<start_of_turn>")));
    m_data.promptTemplate = config::Template::Chat;
    EXPECT_THAT(loadPromptTokenizer(goldenTokenizer("gpt2"), m_data).failure().text(),
                HasSubstr("names no chat template"));
    m_data.promptTemplate = config::Template::Alpaca;
    EXPECT_EQ(load(goldenTokenizer("gpt2"))->chatTemplate(), nullptr);
}

// ---- the real tokenizers, where DSKD_SHARED names a folder that holds them (tokenizers/<name>)

TEST_F(Conversation, HasTheReferenceTextAndIdsInRealTokenizers)
{
    const auto shared = test::sharedFolder();
    if (!shared) {
        GTEST_SKIP() << test::kNoSharedFolder;
    }
    const json golden = json::parse(readTextFile(goldenTokenizer("chat_cases.json")).value());
    std::size_t compared = 0;
    for (const json& entry : golden["ids"]) {
        const std::string name = entry["folder"];
        const std::string asked = entry["template"];
        m_data.promptTemplate = asked == "chat"     ? config::Template::Chat
                                : asked == "llama2" ? config::Template::Llama2
                                                    : config::Template::Zephyr;
        const auto loaded = loadPromptTokenizer(*shared / "tokenizers" / name, m_data);
        ASSERT_TRUE(loaded) << loaded.failure().text();
        for (const auto& [conversation, prompt] : entry["prompts"].items()) {
            Record record{"", {"Yes"}, "", 1, {}};
            for (const json& message : golden["conversations"][conversation]) {
                record.turns.push_back({message.at("role"), message.at("content")});
            }
            EXPECT_EQ(promptFor(record, **loaded), prompt["text"].get<std::string>()) << name << ", " << conversation;
            const Sample sample = makeSample(record, **loaded, m_data);
            EXPECT_EQ(std::vector<TokenId>(sample.ids.begin(), sample.ids.begin() + sample.promptLength),
                      prompt["ids"].get<std::vector<TokenId>>())
                << name << ", " << conversation;
            ++compared;
        }
    }
    EXPECT_EQ(compared, 54u);
}

TEST_F(Conversation, EndsAnswersAsTheRealModelsDo)
{
    const auto shared = test::sharedFolder();
    if (!shared) {
        GTEST_SKIP() << test::kNoSharedFolder;
    }
    const auto endOf = [&](const char* name) {
        const auto tokenizer = load(*shared / "tokenizers" / name);
        return std::string(tokenizer->piece(tokenizer->special().eos.value()));
    };
    EXPECT_EQ(endOf("Qwen1.5-1.8B"), "<|im_end|>"); // its eos_token is <|endoftext|>
    EXPECT_EQ(endOf("qwen3"), "<|im_end|>");
    EXPECT_EQ(endOf("llama3"), "<|eot_id|>"); // its eos_token is <|end_of_text|>
    for (const char* name : {"gpt2-base", "llama2-7b-hf", "mistral-7b-v0.1", "tinyllama-1.1b-3T"}) {
        EXPECT_THAT(loadPromptTokenizer(*shared / "tokenizers" / name, m_data).failure().text(),
                    AllOf(HasSubstr(name), HasSubstr("names no chat template")));
    }
}

} // namespace
} // namespace dskd::dataset

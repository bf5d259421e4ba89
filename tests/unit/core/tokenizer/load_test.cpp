// What loadTokenizer says about folders, and that damaged ones give a sentence instead of a crash.

#include "core/base/regular_file.h"
#include "tests/support/temporary_folder.h"
#include "tests/unit/core/tokenizer/golden_cases.h"

#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sys/stat.h>

namespace dskd::tokenizer
{
namespace
{

namespace fs = std::filesystem;
using nlohmann::json;
using testing::HasSubstr;

class LoadTokenizer : public testing::Test
{
protected:
    void write(const char* name, std::string_view content) const
    {
        std::ofstream(m_folder / name, std::ios::binary) << content;
    }
    [[nodiscard]] std::string failure() const
    {
        const auto tokenizer = loadTokenizer(m_folder);
        return tokenizer ? "no failure" : tokenizer.failure().text();
    }
    [[nodiscard]] static json golden(const char* name)
    {
        return json::parse(readTextFile(goldenFolder() / name / "tokenizer.json").value());
    }

    test::TemporaryFolder m_temporary;
    fs::path m_folder = m_temporary.path();
};

TEST_F(LoadTokenizer, NamesTheFilesItLookedFor)
{
    EXPECT_THAT(failure(), HasSubstr("tokenizer.json"));
    EXPECT_THAT(failure(), HasSubstr(m_folder.string()));
    EXPECT_THAT(loadTokenizer(m_folder / "nowhere").failure().what, HasSubstr("does not exist"));
}

TEST_F(LoadTokenizer, SaysWhatStandsInThePlaceOfAFile)
{
    for (const char* name : {"tokenizer.json", "tokenizer.model", "vocab.json", "merges.txt"}) {
        const fs::path file = m_folder / name;
        ASSERT_EQ(::mkfifo(file.c_str(), 0600), 0);
        EXPECT_EQ(failure(),
                  file.string() + " is a named pipe, not a file. Copy the tokenizer's files beside the model.");
        fs::remove(file);
        fs::create_directory(file);
        EXPECT_THAT(failure(), HasSubstr(file.string() + " is a folder, not a file."));
        fs::remove(file);
        fs::create_symlink("/dev/null", file);
        EXPECT_THAT(failure(), HasSubstr(file.string() + " is a device, not a file."));
        fs::remove(file);
    }
    EXPECT_THAT(failure(), HasSubstr("holds no tokenizer"));
}

TEST_F(LoadTokenizer, NamesPointersOfGitLfs)
{
    const std::string pointer =
        "version https://git-lfs.github.com/spec/v1\noid sha256:" + std::string(64, 'a') + "\nsize 123456\n";
    const auto named = [&](const char* name) {
        return testing::AllOf(HasSubstr((m_folder / name).string() + " is a Git LFS pointer"),
                              HasSubstr("git lfs pull"));
    };
    for (const char* name : {"merges.txt", "vocab.json", "tokenizer.model", "tokenizer.json"}) {
        write("vocab.json", R"({"a": 0, "b": 1})");
        write("merges.txt", "");
        write(name, pointer); // read before those of the earlier rounds
        EXPECT_THAT(failure(), named(name));
    }
    write("tokenizer.json", golden("llama2").dump());
    write("tokenizer_config.json", pointer);
    EXPECT_THAT(failure(), named("tokenizer_config.json"));
}

TEST_F(LoadTokenizer, SurvivesATokenizerJsonCutOffAnywhere)
{
    const std::string whole = readTextFile(goldenFolder() / "llama2" / "tokenizer.json").value();
    for (std::size_t size = 0; size < whole.size(); size += 97) {
        write("tokenizer.json", std::string_view(whole).substr(0, size));
        EXPECT_THAT(failure(), HasSubstr("tokenizer.json")) << size;
    }
}

TEST_F(LoadTokenizer, SurvivesFieldsOfTheWrongType)
{
    const json whole = golden("llama2");
    for (const char* field : {"model", "added_tokens", "normalizer", "pre_tokenizer", "post_processor", "decoder"}) {
        for (const json& value : {json(3), json("x"), json::array({1, json::array()}), json{{"type", "Odd"}}}) {
            json damaged = whole;
            damaged[field] = value;
            write("tokenizer.json", damaged.dump());
            (void)loadTokenizer(m_folder); // either is fine; a crash is not
        }
    }
    for (const char* field : {"vocab", "merges", "unk_token", "byte_fallback"}) {
        for (const json& value : {json(), json(3), json::array({json::array({"a"})}), json{{"a", -1}}}) {
            json damaged = whole;
            damaged["model"][field] = value;
            write("tokenizer.json", damaged.dump());
            (void)loadTokenizer(m_folder);
        }
    }
    for (const json& processor : {json{{"type", "TemplateProcessing"}, {"single", {1, "x", {{"SpecialToken", 3}}}}},
                                  json{{"type", "TemplateProcessing"}, {"special_tokens", 7}}}) {
        json damaged = whole;
        damaged["post_processor"] = processor;
        write("tokenizer.json", damaged.dump());
        (void)loadTokenizer(m_folder);
    }
    for (const char* type : {"Replace", "Split", "Strip", "Metaspace", "Sequence", "Prepend"}) {
        for (const char* field : {"normalizer", "pre_tokenizer", "decoder"}) {
            json damaged = whole;
            damaged[field] = {{"type", type}, {"pattern", 4}, {"content", json::array()}, {"decoders", 1}};
            write("tokenizer.json", damaged.dump());
            (void)loadTokenizer(m_folder);
        }
    }
    write("tokenizer.json", "[1, 2]");
    EXPECT_THAT(failure(), HasSubstr("\"model\" is missing"));
}

TEST_F(LoadTokenizer, RefusesAFileThatNestsWithoutEnd)
{
    std::string sequences;
    for (int depth = 0; depth < 100'000; ++depth) {
        sequences += R"({"type":"Sequence","decoders":[)";
    }
    write("tokenizer.json", R"({"decoder":)" + sequences);
    EXPECT_THAT(failure(), HasSubstr("nests lists and objects more than 64 deep"));
}

TEST_F(LoadTokenizer, RefusesAReplaceWithoutAPattern)
{
    for (const char* kind : {"normalizer", "decoder"}) {
        json damaged = golden("llama2");
        for (const json& pattern : {json(), json{{"String", ""}}}) {
            damaged[kind] = {{"type", "Replace"}, {"pattern", pattern}, {"content", "x"}};
            write("tokenizer.json", damaged.dump());
            EXPECT_THAT(failure(), HasSubstr("The " + std::string(kind) + " \"Replace\" has no pattern."));
        }
    }
}

TEST_F(LoadTokenizer, RefusesANumberThatNoDoubleHolds)
{
    write("tokenizer.json", R"({"model": {"type": "BPE", "vocab": {"a": 1e999}, "merges": []}})");
    EXPECT_THAT(failure(), HasSubstr("has a number that is too large"));
}

TEST_F(LoadTokenizer, RefusesTwoTokensOfOneIdAndAPostProcessorBeyondTheVocabulary) // found by tests/fuzz
{
    json damaged = golden("llama3");
    damaged["model"]["vocab"]["T"] = damaged["model"]["vocab"]["h"];
    write("tokenizer.json", damaged.dump());
    EXPECT_THAT(failure(), testing::AllOf(HasSubstr("\"T\" and \"h\""), HasSubstr("the same id")));
    damaged = golden("llama3");
    json& special = damaged["post_processor"];
    const auto at = special.contains("processors") ? "/processors/1/special_tokens" : "/special_tokens";
    special[json::json_pointer(at)]["<|begin_of_text|>"]["ids"] = {99999};
    write("tokenizer.json", damaged.dump());
    EXPECT_THAT(failure(), HasSubstr("puts token 99999 around texts"));
}

TEST_F(LoadTokenizer, SaysWhichMergeNamesAnUnknownToken)
{
    json damaged = golden("gpt2");
    damaged["model"]["merges"][4] = json::array({"zz", "zz"});
    write("tokenizer.json", damaged.dump());
    EXPECT_THAT(failure(), HasSubstr("Merge number 5 names the token \"zz\""));
}

TEST_F(LoadTokenizer, SaysWhatIsNotUnderstood)
{
    json other = golden("gpt2");
    other["model"]["type"] = "WordPiece";
    write("tokenizer.json", other.dump());
    EXPECT_THAT(failure(), HasSubstr("\"WordPiece\""));
    other = golden("gpt2");
    other["pre_tokenizer"] = {{"type", "BertPreTokenizer"}};
    write("tokenizer.json", other.dump());
    EXPECT_THAT(failure(), HasSubstr("\"BertPreTokenizer\""));
    other = golden("gpt2");
    other["model"]["vocab"]["zzz"] = 4000000000;
    write("tokenizer.json", other.dump());
    EXPECT_THAT(failure(), HasSubstr("4000000000"));
}

TEST_F(LoadTokenizer, RefusesADamagedSentencePieceModel)
{
    const std::string whole = readTextFile(goldenFolder() / "spm_bpe" / "tokenizer.model").value();
    for (const std::size_t size : {std::size_t{0}, std::size_t{1}, whole.size() / 2, whole.size() - 1}) {
        write("tokenizer.model", std::string_view(whole).substr(0, size));
        EXPECT_THAT(failure(), HasSubstr("tokenizer.model")) << size;
    }
    write("tokenizer.model", "this is text");
    EXPECT_THAT(failure(), HasSubstr("no SentencePiece model"));
}

// The library's index of pieces throws at one of length zero, and at one that begins with a zero byte.
TEST_F(LoadTokenizer, RefusesASentencePieceModelWhosePiecesCannotBeIndexed)
{
    const auto piece = [](const std::string& text, char type) { // of the protocol buffer: text, score 0, type
        const std::string body =
            std::string("\x0a") + static_cast<char>(text.size()) + text + std::string("\x15\0\0\0\0\x18", 6) + type;
        return std::string("\x0a") + static_cast<char>(body.size()) + body;
    };
    const std::string unknown = piece("<unk>", '\x02');
    write("tokenizer.model", unknown + piece("a", '\x01'));
    EXPECT_EQ(failure(), "no failure");
    write("tokenizer.model", unknown + piece(std::string("\0b", 2), '\x01'));
    EXPECT_THAT(failure(), HasSubstr("no SentencePiece model"));
}

TEST_F(LoadTokenizer, NeedsBothVocabularyAndMerges)
{
    write("vocab.json", R"({"a": 0, "b": 1})");
    EXPECT_THAT(failure(), HasSubstr("holds no tokenizer"));
    write("merges.txt", "#version: 0.2\na b\n");
    EXPECT_THAT(failure(), HasSubstr("\"ab\""));
    write("merges.txt", "#version: 0.2\na b c\n");
    EXPECT_THAT(failure(), HasSubstr("is no pair of tokens"));
    write("merges.txt", "#version: 0.2\n");
    EXPECT_EQ(failure(), "no failure");
}

TEST_F(LoadTokenizer, SaysWhatIsWrongWithBytesAndNumbers)
{
    write("vocab.json", R"({"a": 0, "b": 1, "ab": 2})");
    write("merges.txt", "#version: 0.2\na b\n\xE9\xFF x\n");
    EXPECT_THAT(failure(), HasSubstr("merges.txt is not UTF-8"));
    write("vocab.json", R"({"a": 0, "b": 1e999})");
    EXPECT_THAT(failure(), HasSubstr("vocab.json has a number that is too large"));
    write("tokenizer.json", R"({"model": {"dropout": -1e999}})");
    EXPECT_THAT(failure(), HasSubstr("tokenizer.json has a number that is too large"));
}

TEST_F(LoadTokenizer, RunsOfSpacesThatAreAddedTokensStandForSpaces)
{
    const auto gemma = mustLoad(goldenFolder() / "gemma");
    const auto run = gemma->idOf("\u2581\u2581");
    ASSERT_TRUE(run);
    EXPECT_EQ(gemma->bytes(*run), "  ");
    EXPECT_EQ(gemma->bytes(*gemma->idOf("\n\n")), "\n\n");
}

TEST_F(LoadTokenizer, ReadsSpecialTokensFromTheFolder)
{
    write("tokenizer.json", golden("llama3").dump());
    const TokenId endOfText = 0;
    auto tokenizer = mustLoad(m_folder);
    EXPECT_EQ(tokenizer->special().eos, endOfText) << "a bare folder has <|endoftext|>";
    EXPECT_EQ(tokenizer->special().pad, std::nullopt);

    write("config.json", R"({"bos_token_id": 7, "eos_token_id": [9, 8]})");
    write("generation_config.json", R"({"pad_token_id": 5})");
    tokenizer = mustLoad(m_folder);
    EXPECT_EQ(tokenizer->special().bos, 7);
    EXPECT_EQ(tokenizer->special().eos, 9);
    EXPECT_EQ(tokenizer->special().pad, 5);

    write("tokenizer_config.json", R"({"bos_token": null, "eos_token": {"content": "<|eot_id|>"}})");
    tokenizer = mustLoad(m_folder);
    EXPECT_EQ(tokenizer->special().bos, std::nullopt) << "null is a decision";
    EXPECT_THAT(tokenizerFiles(m_folder), testing::Contains(m_folder / "generation_config.json"));
    EXPECT_EQ(tokenizer->special().eos, tokenizer->idOf("<|eot_id|>"));
}

TEST_F(LoadTokenizer, PrefersTokenizerJson)
{
    fs::copy(goldenFolder() / "spm_bpe" / "tokenizer.model", m_folder);
    EXPECT_EQ(mustLoad(m_folder)->kind(), "SentencePiece");
    write("tokenizer.json", golden("llama2").dump());
    EXPECT_EQ(mustLoad(m_folder)->kind(), "SentencePiece BPE");
    EXPECT_THAT(tokenizerFiles(m_folder),
                testing::ElementsAre(m_folder / "tokenizer.json", m_folder / "tokenizer.model"));
}

} // namespace
} // namespace dskd::tokenizer

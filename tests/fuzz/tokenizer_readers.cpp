// Tokenizers and chat templates. What loads also encodes a text and decodes it.

#include "tests/fuzz/readers.h"

#include "core/base/regular_file.h"
#include "core/tokenizer/chat/chat_recognition.h"
#include "core/tokenizer/tokenizer.h"
#include "tests/fuzz/input_folder.h"
#include "tests/fuzz/target.h"
#include "tests/support/paths.h"

#include <array>
#include <nlohmann/json.hpp>

namespace dskd::fuzz
{
namespace
{

constexpr std::array<std::string_view, 9> kFiles = {
    "tokenizer.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "added_tokens.json",
    "config.json",
    "vocab.json",
    "merges.txt",
    "generation_config.json",
    "chat_template.jinja",
};
constexpr std::array<std::string_view, 5> kMergesFiles = {"vocab.json", "merges.txt", "tokenizer_config.json",
                                                          "config.json", "added_tokens.json"};
constexpr std::array<std::string_view, 3> kSentencePieceFiles = {"tokenizer.model", "tokenizer_config.json",
                                                                 "added_tokens.json"};

void useTokenizer(const std::filesystem::path& folder)
{
    const auto loaded = tokenizer::loadTokenizer(folder);
    if (!readOrRefused(loaded)) {
        return;
    }
    constexpr std::string_view kText = "The 12 caf\xc3\xa9s,  it's \n\t1234567 <s> \xe4\xbd\xa0\xe5\xa5\xbd\xff</s>";
    const tokenizer::Encoding encoding = (*loaded)->encode(kText, true);
    require(encoding.ids.size() == encoding.offsets.size(), "every token has a place");
    for (std::size_t i = 0; i < encoding.ids.size(); ++i) {
        const tokenizer::ByteSpan span = encoding.offsets[i];
        require(span.begin <= span.end && span.end <= kText.size(), "a token lies within the text");
        require(encoding.ids[i] >= 0 && encoding.ids[i] < (*loaded)->size(), "a token is one of the vocabulary");
        (void)(*loaded)->bytes(encoding.ids[i]);
    }
    (void)(*loaded)->decode(encoding.ids, false);
    (void)(*loaded)->decode(encoding.ids, true);
}

// The folders of tests/golden/tokenizer that hold `file`, each as one input.
std::vector<std::string> goldenFolders(const std::string& file, std::span<const std::string_view> names)
{
    std::vector<std::string> inputs;
    for (const auto& folder : std::filesystem::directory_iterator(test::goldenDir() + "/tokenizer")) {
        if (std::filesystem::exists(folder.path() / file)) {
            inputs.push_back(packed(folder.path(), names));
        }
    }
    return inputs;
}

} // namespace

void readTokenizerFolder(std::string_view files)
{
    useTokenizer(unpacked(files, kFiles));
}

std::vector<std::string> tokenizerSeeds()
{
    return goldenFolders("tokenizer.json", kFiles);
}

void readVocabAndMerges(std::string_view files)
{
    useTokenizer(unpacked(files, kMergesFiles));
}

std::vector<std::string> mergesSeeds()
{
    return goldenFolders("merges.txt", kMergesFiles);
}

void readSentencePiece(std::string_view files)
{
    useTokenizer(unpacked(files, kSentencePieceFiles));
}

std::vector<std::string> sentencePieceSeeds()
{
    return goldenFolders("tokenizer.model", kSentencePieceFiles);
}

void readChatTemplate(std::string_view jinja)
{
    readOrRefused(tokenizer::recogniseTemplate(jinja));
}

std::vector<std::string> chatTemplateSeeds()
{
    const auto cases = nlohmann::json::parse(readTextFile(test::goldenDir() + "/tokenizer/chat_cases.json").value());
    std::vector<std::string> templates;
    for (const auto& one : cases.at("templates")) {
        templates.push_back(one.at("template").get<std::string>());
    }
    return templates;
}

} // namespace dskd::fuzz

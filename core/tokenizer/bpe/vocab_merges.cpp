#include "core/tokenizer/bpe/vocab_merges.h"

#include "core/base/file_kind.h"
#include "core/base/regular_file.h"
#include "core/base/utf8.h"
#include "core/tokenizer/folder_config.h"
#include "core/tokenizer/json_fields.h"

namespace dskd::tokenizer
{
namespace
{

using nlohmann::json;

constexpr const char* kQwen2Pattern =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";

constexpr const char* kEndOfText = "<|endoftext|>"; // of GPT-2 and Qwen alike

bool isQwen(const json& tokenizerConfig, const json& config)
{
    return textField(tokenizerConfig, "tokenizer_class").value_or("").starts_with("Qwen2") ||
           textField(config, "model_type").value_or("").starts_with("qwen2");
}

json parseMergeLines(std::string_view text)
{
    json merges = json::array();
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        std::string_view line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        if (line.ends_with('\r')) {
            line.remove_suffix(1);
        }
        if (!line.empty() && !line.starts_with("#version")) {
            merges.push_back(std::string(line));
        }
    }
    return merges;
}

// <|endoftext|>, which the classes of both families always have. The others come from the side files.
json addedTokens(const json& vocabulary)
{
    json tokens = json::array();
    if (const auto id = integerField(vocabulary, kEndOfText)) {
        tokens.push_back({{"id", *id}, {"content", kEndOfText}, {"special", true}, {"normalized", false}});
    }
    return tokens;
}

json preTokenizer(bool qwen, bool prefixSpace)
{
    const json byteLevel = {{"type", "ByteLevel"}, {"add_prefix_space", prefixSpace}, {"use_regex", !qwen}};
    if (!qwen) {
        return byteLevel;
    }
    const json split = {{"type", "Split"}, {"pattern", {{"Regex", kQwen2Pattern}}}, {"behavior", "Isolated"}};
    return {{"type", "Sequence"}, {"pretokenizers", json::array({split, byteLevel})}};
}

} // namespace

Result<json> tokenizerJsonFromVocabAndMerges(const std::filesystem::path& folder)
{
    auto vocabulary = readJsonFile(folder / "vocab.json");
    if (!vocabulary) {
        return vocabulary.failure();
    }
    const auto merges = readTextFile(folder / "merges.txt");
    if (!merges) {
        return merges.failure();
    }
    if (auto kind = wrongFileKind((folder / "merges.txt").string(), *merges)) {
        return std::move(*kind);
    }
    if (!isValidUtf8(*merges)) {
        return Failure{(folder / "merges.txt").string() + " is not UTF-8.",
                       "The file may be damaged; copy or download it again."};
    }
    const auto tokenizerConfig = readJsonFile(folder / "tokenizer_config.json");
    if (!tokenizerConfig) {
        return tokenizerConfig.failure();
    }
    const auto config = readJsonFile(folder / "config.json");
    if (!config) {
        return config.failure();
    }
    const bool qwen = isQwen(*tokenizerConfig, *config);
    const json added = addedTokens(*vocabulary);
    return json{{"added_tokens", added},
                {"normalizer", qwen ? json{{"type", "NFC"}} : json()},
                {"pre_tokenizer", preTokenizer(qwen, flagField(*tokenizerConfig, "add_prefix_space", false))},
                {"decoder", {{"type", "ByteLevel"}}},
                {"model", {{"type", "BPE"}, {"vocab", std::move(*vocabulary)}, {"merges", parseMergeLines(*merges)}}}};
}

} // namespace dskd::tokenizer

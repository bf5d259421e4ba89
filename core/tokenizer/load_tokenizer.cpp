#include "core/base/regular_file.h"
#include "core/tokenizer/bpe/bpe_tokenizer.h"
#include "core/tokenizer/bpe/tokenizer_json.h"
#include "core/tokenizer/bpe/vocab_merges.h"
#include "core/tokenizer/folder_config.h"
#include "core/tokenizer/sentencepiece_tokenizer.h"
#include "core/tokenizer/side_files.h"
#include "core/tokenizer/tokenizer.h"

#include <nlohmann/json.hpp>

namespace dskd::tokenizer
{
namespace
{

namespace fs = std::filesystem;
using nlohmann::json;

constexpr const char* kEndOfText = "<|endoftext|>";

bool isFile(const fs::path& path)
{
    std::error_code error;
    return fs::is_regular_file(path, error);
}

// Whether the file is there. Fails where something else has its name: a pipe, a folder.
Result<bool> isThere(const fs::path& path)
{
    const auto regular = requireRegularOrNone(path);
    return regular ? Result<bool>(isFile(path))
                   : Result<bool>(Failure{regular.failure().what, "Copy the tokenizer's files beside the model."});
}

// `source` names the file that a failure is about.
Result<std::unique_ptr<Tokenizer>> fromJson(json description, const fs::path& source)
{
    const fs::path folder = source.parent_path();
    if (auto applied = applyPrefixSpace(folder, description); !applied) {
        return applied.failure();
    }
    auto parts = parseTokenizerJson(description);
    if (!parts) {
        return Failure{source.string() + ": " + parts.failure().what, parts.failure().hint};
    }
    AddedTokenList added = addedTokenList(parts->model.vocabulary());
    for (const AddedToken& token : parts->addedTokens) {
        added.add(token);
    }
    if (auto read = addSideTokens(folder, added, Placeholders::Refused); !read) {
        return read.failure();
    }
    parts->addedTokens = added.tokens();
    // A bare GPT-2 folder says nothing about its special tokens.
    SpecialTokens otherwise = parts->special;
    otherwise.bos = otherwise.eos = added.idOf(kEndOfText);
    const auto special =
        readSpecialTokens(folder, otherwise, [&](std::string_view content) { return added.idOf(content); });
    if (!special) {
        return special.failure();
    }
    parts->special = *special;
    return BpeTokenizer::make(std::move(*parts));
}

} // namespace

Result<std::unique_ptr<Tokenizer>> loadTokenizer(const fs::path& folder)
{
    const fs::path described = folder / "tokenizer.json";
    const auto hasDescription = isThere(described);
    if (!hasDescription) {
        return hasDescription.failure();
    }
    if (*hasDescription) {
        auto description = readJsonFile(described);
        return description ? fromJson(std::move(*description), described) : description.failure();
    }
    const auto hasModel = isThere(folder / "tokenizer.model");
    if (!hasModel) {
        return hasModel.failure();
    }
    if (*hasModel) {
        return SentencePieceTokenizer::load(folder);
    }
    const fs::path file = folder / "vocab.json";
    const auto hasVocabulary = isThere(file);
    const auto hasMerges = isThere(folder / "merges.txt");
    if (!hasVocabulary || !hasMerges) {
        return hasVocabulary ? hasMerges.failure() : hasVocabulary.failure();
    }
    if (*hasVocabulary && *hasMerges) {
        auto description = tokenizerJsonFromVocabAndMerges(folder);
        return description ? fromJson(std::move(*description), file) : description.failure();
    }
    std::error_code error;
    if (!fs::is_directory(folder, error)) {
        return Failure{"The model folder " + folder.string() + " does not exist.", "Check the path."};
    }
    return Failure{"The folder " + folder.string() +
                       " holds no tokenizer: neither tokenizer.json, nor tokenizer.model, nor vocab.json with "
                       "merges.txt is there.",
                   "Copy the tokenizer's files beside the model."};
}

std::vector<fs::path> tokenizerFiles(const fs::path& folder)
{
    std::vector<fs::path> files;
    for (const char* name :
         {"tokenizer.json", "tokenizer.model", "vocab.json", "merges.txt", "tokenizer_config.json",
          "special_tokens_map.json", "added_tokens.json", "chat_template.jinja", "generation_config.json"}) {
        if (isFile(folder / name)) {
            files.push_back(folder / name);
        }
    }
    return files;
}

} // namespace dskd::tokenizer

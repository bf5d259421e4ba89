#include "core/tokenizer/side_files.h"

#include "core/tokenizer/folder_config.h"
#include "core/tokenizer/json_fields.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <set>

namespace dskd::tokenizer
{
namespace
{

using nlohmann::json;

constexpr const char* kConfig = "tokenizer_config.json";
constexpr const char* kMap = "special_tokens_map.json";
constexpr const char* kAdded = "added_tokens.json";

// In the order in which they are added.
constexpr std::string_view kEndToken = "eos_token";
constexpr std::array<std::string_view, 7> kNames = {"bos_token", kEndToken,   "unk_token", "sep_token",
                                                    "pad_token", "cls_token", "mask_token"};

struct SideToken {
    AddedToken token;
    std::string source;        // the file and the field
    std::optional<TokenId> id; // that the file gives it
    bool needsId = false;      // refused where no file gives it one
};

struct SideFiles { // NOLINT(bugprone-exception-escape): of the moves of json, which throw nothing
    json config;
    json map;
    json added;
    bool numbered = false; // the configuration has added_tokens_decoder
};

Result<SideFiles> readSideFiles(const std::filesystem::path& folder)
{
    SideFiles files;
    for (const auto& [target, name] : {std::pair(&files.config, kConfig), {&files.map, kMap}, {&files.added, kAdded}}) {
        auto read = readJsonFile(folder / name);
        if (!read) {
            return read.failure();
        }
        *target = std::move(*read);
    }
    if (flagField(files.config, "split_special_tokens", false)) {
        return Failure{(folder / kConfig).string() + " sets split_special_tokens, which is not supported.",
                       "Set it to false."};
    }
    files.numbered = files.config.is_object() && files.config.contains("added_tokens_decoder");
    if (files.numbered) {
        files.map = json::object();
        files.added = json::object();
    }
    return files;
}

AddedToken readFlags(const json& entry, bool special)
{
    AddedToken token;
    token.content = tokenContent(entry);
    token.special = special || flagField(entry, "special", false);
    token.leftStrip = flagField(entry, "lstrip", false);
    token.rightStrip = flagField(entry, "rstrip", false);
    token.singleWord = flagField(entry, "single_word", false);
    token.normalized = flagField(entry, "normalized", !token.special);
    return token;
}

// Tokens that a field names, without those of `kNames`: "image_token": "<img>" and the like. transformers numbers them
// in the order of the file, which is not kept here.
std::vector<SideToken> tokensOfOtherNames(const json& file, const std::string& source)
{
    std::vector<SideToken> tokens;
    const auto append = [&](const std::string& name, const json& value) {
        if (!tokenContent(value).empty()) {
            tokens.push_back({readFlags(value, true), source + ", " + name, std::nullopt, true});
        }
    };
    for (const auto& [name, value] : file.items()) {
        const bool known = std::find(kNames.begin(), kNames.end(), name) != kNames.end();
        if (name.ends_with("_token") && !known) {
            append(name, value);
        }
    }
    if (const json* more = findField(file, "extra_special_tokens"); more != nullptr && more->is_object()) {
        for (const auto& [name, value] : more->items()) {
            append(name, value);
        }
    }
    return tokens;
}

// A token of `kNames`: special_tokens_map.json is read over the configuration.
std::optional<SideToken> namedToken(const SideFiles& files, std::string_view name)
{
    for (const auto& [file, source] : {std::pair(&files.map, kMap), {&files.config, kConfig}}) {
        const json* value = findField(*file, name);
        if (value != nullptr && !tokenContent(*value).empty()) {
            return SideToken{readFlags(*value, true), std::string(source) + ", " + std::string(name), std::nullopt,
                             name == kEndToken};
        }
    }
    return std::nullopt;
}

std::vector<SideToken> unnamedTokens(const SideFiles& files)
{
    std::vector<SideToken> tokens;
    for (const auto& [file, source] : {std::pair(&files.config, kConfig), {&files.map, kMap}}) {
        const bool current = !listField(*file, "extra_special_tokens").empty();
        const char* field = current ? "extra_special_tokens" : "additional_special_tokens";
        for (const json& entry : listField(*file, field)) {
            if (!tokenContent(entry).empty()) {
                tokens.push_back({readFlags(entry, true), std::string(source) + ", " + field, std::nullopt});
            }
        }
    }
    return tokens;
}

// The tokens with ids of added_tokens_decoder or added_tokens.json, by id.
Result<std::vector<SideToken>> numberedTokens(const std::filesystem::path& folder, const SideFiles& files,
                                              const std::set<std::string>& special)
{
    const char* file = files.numbered ? kConfig : kAdded;
    const std::string source = files.numbered ? std::string(kConfig) + ", added_tokens_decoder" : kAdded;
    const json& entries = files.numbered ? files.config["added_tokens_decoder"] : files.added;
    if (!entries.is_object()) {
        return Failure{(folder / source).string() + " is no object of tokens.", {}};
    }
    std::map<TokenId, SideToken> byId;
    for (const auto& [key, value] : entries.items()) {
        std::int64_t id = -1;
        SideToken token{{}, source, std::nullopt};
        if (files.numbered) {
            const char* end = key.data() + key.size();
            const auto [stop, error] = std::from_chars(key.data(), end, id);
            id = error == std::errc() && stop == end ? id : -1;
            token.token = readFlags(value, false);
        } else {
            id = value.is_number_integer() ? value.get<std::int64_t>() : -1;
            token.token = readFlags(json(key), special.contains(key));
        }
        if (id < 0 || id > kMaxTokenId || token.token.content.empty()) {
            return Failure{(folder / source).string() + ": the entry \"" + key + "\" has no id or no content.", {}};
        }
        token.id = static_cast<TokenId>(id);
        if (!byId.emplace(*token.id, token).second) {
            return Failure{(folder / file).string() + " gives two tokens the id " + std::to_string(id) + ".", {}};
        }
    }
    std::vector<SideToken> tokens;
    tokens.reserve(byId.size());
    for (auto& [id, token] : byId) {
        tokens.push_back(std::move(token));
    }
    return tokens;
}

// In the order in which they are added, with those of `list` whose flags change.
Result<std::vector<SideToken>> tokensToAdd(const std::filesystem::path& folder, const SideFiles& files,
                                           const AddedTokenList& list)
{
    std::vector<SideToken> named; // with a name first
    std::set<std::string> names;
    std::set<std::string> special;
    for (const std::string_view name : kNames) {
        if (auto token = namedToken(files, name)) {
            names.insert(token->token.content);
            special.insert(token->token.content);
            named.push_back(std::move(*token));
        }
    }
    for (const auto& [file, source] : {std::pair(&files.config, kConfig), {&files.map, kMap}}) {
        for (SideToken& token : tokensOfOtherNames(*file, source)) {
            names.insert(token.token.content);
            named.push_back(std::move(token));
        }
    }
    for (SideToken& token : unnamedTokens(files)) {
        special.insert(token.token.content);
        named.push_back(std::move(token));
    }
    auto numbered = numberedTokens(folder, files, special);
    if (!numbered) {
        return numbered.failure();
    }
    std::map<std::string_view, const AddedToken*> known;
    for (const AddedToken& token : list.tokens()) {
        known[token.content] = &token;
    }
    std::vector<SideToken> result;
    std::set<std::string> chosen;
    for (SideToken& token : *numbered) {
        const auto same = known.find(token.token.content);
        // What tokenizer.json says goes before added_tokens.json, not before added_tokens_decoder.
        if (!files.numbered && same != known.end() && same->second->id == *token.id) {
            continue;
        }
        token.token.special |= names.contains(token.token.content);
        chosen.insert(token.token.content);
        result.push_back(std::move(token));
    }
    for (const AddedToken& token : list.tokens()) {
        if (!files.numbered && !token.special && names.contains(token.content) && chosen.insert(token.content).second) {
            result.push_back({token, "tokenizer.json", token.id});
            result.back().token.special = true;
        }
    }
    for (SideToken& token : named) {
        if (!known.contains(token.token.content) && chosen.insert(token.token.content).second) {
            result.push_back(std::move(token));
        }
    }
    return result;
}

} // namespace

Result<void> addSideTokens(const std::filesystem::path& folder, AddedTokenList& list, Placeholders placeholders)
{
    const auto files = readSideFiles(folder);
    if (!files) {
        return files.failure();
    }
    const auto tokens = tokensToAdd(folder, *files, list);
    if (!tokens) {
        return tokens.failure();
    }
    for (const SideToken& token : *tokens) {
        const auto known = list.idOf(token.token.content);
        if (!known && !token.id && token.needsId) {
            return Failure{(folder / token.source).string() + ": no file gives the token \"" + token.token.content +
                               "\" an id.",
                           "Add it to added_tokens_decoder with the id that the model was trained with, or name "
                           "another token."};
        }
        if (!known && token.id && *token.id < list.numPieces() && placeholders == Placeholders::Renamed) {
            list.rename(token.token, *token.id);
            continue;
        }
        if (!known && token.id && *token.id != list.nextId()) {
            return Failure{(folder / token.source).string() + ": the token \"" + token.token.content +
                               "\" has the id " + std::to_string(*token.id) + ", but transformers gives it " +
                               std::to_string(list.nextId()) + ", the next free one.",
                           "Add the tokens that are missing before it, or set the id."};
        }
        list.add(token.token);
    }
    return {};
}

Result<void> applyPrefixSpace(const std::filesystem::path& folder, json& tokenizer)
{
    constexpr std::array kClasses = {"GPT2Tokenizer", "GPTNeoXTokenizer", "Qwen2Tokenizer", "CodeGenTokenizer",
                                     "CohereTokenizer"};
    const auto config = readJsonFile(folder / kConfig);
    if (!config) {
        return config.failure();
    }
    std::string name = textField(*config, "tokenizer_class").value_or("");
    if (name.ends_with("Fast")) {
        name.resize(name.size() - 4);
    }
    if (std::find(kClasses.begin(), kClasses.end(), name) == kClasses.end() || !tokenizer.is_object() ||
        !tokenizer.contains("pre_tokenizer")) {
        return {};
    }
    const bool prefixSpace = flagField(*config, "add_prefix_space", false);
    json& outer = tokenizer["pre_tokenizer"];
    const bool inner = outer.is_object() && outer.contains("pretokenizers") && outer["pretokenizers"].is_array() &&
                       !outer["pretokenizers"].empty();
    json& last = inner ? outer["pretokenizers"].back() : outer;
    if (textField(last, "type") == "ByteLevel") {
        last["add_prefix_space"] = prefixSpace;
    }
    return {};
}

} // namespace dskd::tokenizer

#include "core/tokenizer/bpe/tokenizer_json.h"

#include "core/tokenizer/added_token_list.h"
#include "core/tokenizer/json_fields.h"

namespace dskd::tokenizer
{
namespace
{

using nlohmann::json;

Result<TokenId> tokenId(const json& value, const std::string& piece)
{
    if (!value.is_number_integer() || value.get<std::int64_t>() < 0 || value.get<std::int64_t>() > kMaxTokenId) {
        return Failure{"The token \"" + piece + "\" has the id " + value.dump() + ", which is no row of a vocabulary.",
                       {}};
    }
    return static_cast<TokenId>(value.get<std::int64_t>());
}

Result<Vocabulary> parseVocabulary(const json& model)
{
    const json* entries = findField(model, "vocab");
    if (entries == nullptr || !entries->is_object()) {
        return Failure{"The model has no vocabulary (\"vocab\" is missing or no object).", {}};
    }
    std::vector<std::string_view> pieces;
    for (const auto& [piece, value] : entries->get_ref<const json::object_t&>()) {
        const auto id = tokenId(value, piece);
        if (!id) {
            return id.failure();
        }
        const auto index = static_cast<std::size_t>(*id);
        if (index >= pieces.size()) {
            pieces.resize(index + 1);
        }
        if (!pieces[index].empty()) {
            return Failure{"The vocabulary gives \"" + std::string(pieces[index]) + "\" and \"" + piece +
                               "\" the same id, " + std::to_string(index) + ".",
                           "Download or export the tokenizer again."};
        }
        pieces[index] = piece;
    }
    return Vocabulary(pieces);
}

// The two sides of a merge, written "a b" or ["a", "b"].
std::optional<std::pair<std::string_view, std::string_view>> mergeSides(const json& merge)
{
    if (merge.is_array() && merge.size() == 2 && merge[0].is_string() && merge[1].is_string()) {
        return std::pair<std::string_view, std::string_view>(merge[0].get_ref<const std::string&>(),
                                                             merge[1].get_ref<const std::string&>());
    }
    if (!merge.is_string()) {
        return std::nullopt;
    }
    const std::string_view line = merge.get_ref<const std::string&>();
    const std::size_t space = line.find(' ');
    if (space == std::string_view::npos || line.find(' ', space + 1) != std::string_view::npos) {
        return std::nullopt;
    }
    return std::pair(line.substr(0, space), line.substr(space + 1));
}

Result<MergeTable> parseMerges(const json& model, const Vocabulary& vocabulary)
{
    const json* merges = findField(model, "merges");
    if (merges == nullptr || !merges->is_array()) {
        return Failure{"The model has no merges (\"merges\" is missing or no list).", {}};
    }
    MergeTable table(merges->size());
    std::uint32_t rank = 0;
    for (const json& merge : *merges) {
        const auto sides = mergeSides(merge);
        if (!sides) {
            return Failure{"Merge number " + std::to_string(rank + 1) + ", " + merge.dump() + ", is no pair of tokens.",
                           {}};
        }
        const std::string joined = std::string(sides->first) + std::string(sides->second);
        const std::string_view pieces[] = {sides->first, sides->second, joined};
        TokenId ids[3];
        for (std::size_t i = 0; i < 3; ++i) {
            ids[i] = vocabulary.idOf(pieces[i]);
            if (ids[i] == Vocabulary::kMissing) {
                return Failure{"Merge number " + std::to_string(rank + 1) + " names the token \"" +
                                   std::string(pieces[i]) + "\", which the vocabulary does not have.",
                               {}};
            }
        }
        table.insert(ids[0], ids[1], rank++, ids[2]);
    }
    return table;
}

Result<BpeModel> parseModel(const json& tokenizer, bool byteLevel)
{
    const json* model = findField(tokenizer, "model");
    if (model == nullptr) {
        return Failure{"The field \"model\" is missing.", {}};
    }
    const std::string type = textField(*model, "type").value_or("BPE"); // old files do not say
    if (type != "BPE") {
        return Failure{"The model type \"" + type + "\" is not supported, only BPE is.",
                       type == "Unigram" ? "Put the SentencePiece file tokenizer.model into the folder and take "
                                           "tokenizer.json out."
                                         : ""};
    }
    for (const char* field : {"continuing_subword_prefix", "end_of_word_suffix"}) {
        if (!textField(*model, field).value_or("").empty()) {
            return Failure{std::string("The model's field \"") + field + "\" is not supported.", {}};
        }
    }
    if (const json* dropout = findField(*model, "dropout"); dropout != nullptr && *dropout != 0) {
        return Failure{"The model has a dropout of " + dropout->dump() + ", which would make its tokens random.",
                       "Set \"dropout\" to null."};
    }
    auto vocabulary = parseVocabulary(*model);
    if (!vocabulary) {
        return vocabulary.failure();
    }
    auto merges = parseMerges(*model, *vocabulary);
    if (!merges) {
        return merges.failure();
    }
    BpeModel::Options options;
    options.byteLevel = byteLevel;
    options.byteFallback = flagField(*model, "byte_fallback", false);
    options.fuseUnknown = flagField(*model, "fuse_unk", false);
    options.ignoreMerges = flagField(*model, "ignore_merges", false);
    if (const auto unknown = textField(*model, "unk_token")) {
        options.unknown = vocabulary->idOf(*unknown);
        if (*options.unknown == Vocabulary::kMissing) {
            return Failure{"The unknown token \"" + *unknown + "\" is not in the vocabulary.", {}};
        }
    }
    return BpeModel(std::move(*vocabulary), std::move(*merges), options);
}

Result<std::vector<AddedToken>> parseAddedTokens(const json& tokenizer, const Vocabulary& vocabulary)
{
    AddedTokenList list = addedTokenList(vocabulary);
    for (const json& entry : listField(tokenizer, "added_tokens")) {
        AddedToken token;
        token.content = textField(entry, "content").value_or("");
        const json* value = findField(entry, "id");
        const auto id = tokenId(value != nullptr ? *value : json(), token.content);
        if (!id) {
            return id.failure();
        }
        token.special = flagField(entry, "special", false);
        token.leftStrip = flagField(entry, "lstrip", false);
        token.rightStrip = flagField(entry, "rstrip", false);
        token.singleWord = flagField(entry, "single_word", false);
        token.normalized = flagField(entry, "normalized", !token.special);
        list.add(std::move(token));
    }
    return list.tokens();
}

Result<void> appendTemplate(const json& processor, BpeParts& parts)
{
    bool before = true;
    const json none;
    const auto inside = [&](const json& object, const std::string& name) -> const json& {
        const json* field = findField(object, name);
        return field != nullptr ? *field : none;
    };
    for (const json& item : listField(processor, "single")) {
        if (findField(item, "Sequence") != nullptr) {
            before = false;
            continue;
        }
        const std::string name = textField(inside(item, "SpecialToken"), "id").value_or("");
        for (const json& value : listField(inside(inside(processor, "special_tokens"), name), "ids")) {
            const auto id = tokenId(value, name);
            if (!id) {
                return id.failure();
            }
            (before ? parts.idsBefore : parts.idsAfter).push_back(*id);
        }
    }
    return {};
}

// What is put around a text. ByteLevel only trims offsets, which we do not do: spans cover the text.
Result<void> parsePostProcessor(const json& processor, BpeParts& parts)
{
    const std::string type = textField(processor, "type").value_or("");
    if (processor.is_null() || type == "ByteLevel") {
        return {};
    }
    if (type == "TemplateProcessing") {
        return appendTemplate(processor, parts);
    }
    if (type == "Sequence") {
        for (const json& inner : listField(processor, "processors")) {
            if (auto parsed = parsePostProcessor(inner, parts); !parsed) {
                return parsed;
            }
        }
        return {};
    }
    return Failure{"The post-processor \"" + type + "\" is not understood.",
                   "Known are TemplateProcessing, ByteLevel and Sequence."};
}

} // namespace

Result<BpeParts> parseTokenizerJson(const json& tokenizer)
{
    const auto fieldOrNull = [&](const char* name) {
        const json* field = findField(tokenizer, name);
        return field != nullptr ? *field : json();
    };
    auto normalizer = parseNormalizer(fieldOrNull("normalizer"));
    if (!normalizer) {
        return normalizer.failure();
    }
    auto preTokenizer = parsePreTokenizer(fieldOrNull("pre_tokenizer"));
    if (!preTokenizer) {
        return preTokenizer.failure();
    }
    auto model = parseModel(tokenizer, preTokenizer->byteLevel());
    if (!model) {
        return model.failure();
    }
    auto decoder = parseDecoder(fieldOrNull("decoder"));
    if (!decoder) {
        return decoder.failure();
    }
    auto addedTokens = parseAddedTokens(tokenizer, model->vocabulary());
    if (!addedTokens) {
        return addedTokens.failure();
    }
    BpeParts parts{std::move(*normalizer),
                   std::move(*preTokenizer),
                   std::move(*model),
                   std::move(*decoder),
                   std::move(*addedTokens),
                   {},
                   {},
                   {}};
    if (auto parsed = parsePostProcessor(fieldOrNull("post_processor"), parts); !parsed) {
        return parsed.failure();
    }
    parts.special.unk = parts.model.options().unknown;
    return parts;
}

} // namespace dskd::tokenizer

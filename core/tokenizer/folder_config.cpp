#include "core/tokenizer/folder_config.h"

#include "core/base/file_kind.h"
#include "core/base/regular_file.h"
#include "core/tokenizer/json_fields.h"

#include <array>

namespace dskd::tokenizer
{
namespace
{

using nlohmann::json;

// The id written under `name`, the first one where there are several.
std::optional<TokenId> writtenId(const json& config, std::string_view name)
{
    const json* field = findField(config, name);
    if (field != nullptr && field->is_array() && !field->empty()) {
        field = &field->front();
    }
    if (field == nullptr || !field->is_number_integer()) {
        return std::nullopt;
    }
    const auto id = field->get<std::int64_t>();
    return id >= 0 && id < std::numeric_limits<TokenId>::max() ? std::optional(static_cast<TokenId>(id)) : std::nullopt;
}

// How deeply lists and objects are nested. Readers of the parsed value recurse, so there must be a limit.
constexpr int kMaxDepth = 64;

bool nestsTooDeeply(std::string_view text)
{
    int depth = 0;
    bool insideString = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (insideString) {
            i += c == '\\' ? 1 : 0;
            insideString = c != '"';
        } else if (c == '"') {
            insideString = true;
        } else if (c == '[' || c == '{') {
            if (++depth > kMaxDepth) {
                return true;
            }
        } else if (c == ']' || c == '}') {
            --depth;
        }
    }
    return false;
}

} // namespace

Result<json> readJsonFile(const std::filesystem::path& path)
{
    std::error_code error;
    if (!std::filesystem::exists(path, error)) {
        return json(json::object());
    }
    const auto file = readTextFile(path);
    if (!file) {
        return file.failure();
    }
    if (nestsTooDeeply(*file)) {
        return Failure{path.string() + " nests lists and objects more than " + std::to_string(kMaxDepth) + " deep.",
                       {}};
    }
    try {
        return json::parse(*file);
    } catch (const json::out_of_range&) {
        return Failure{path.string() + " has a number that is too large.", {}};
    } catch (const json::parse_error& problem) {
        if (auto kind = wrongFileKind(path.string(), *file)) {
            return std::move(*kind);
        }
        return Failure{path.string() + " is no valid JSON: the error is at byte " + std::to_string(problem.byte) + ".",
                       "The file may be cut off; copy or download it again."};
    }
}

std::string tokenContent(const json& value)
{
    return value.is_string() ? value.get<std::string>() : textField(value, "content").value_or("");
}

Result<SpecialTokens> readSpecialTokens(const std::filesystem::path& folder, SpecialTokens otherwise,
                                        const std::function<std::optional<TokenId>(std::string_view)>& idOf)
{
    std::array<json, 2> named;    // name tokens by their text
    std::array<json, 2> numbered; // name tokens by their id
    const std::pair<json*, const char*> files[] = {{&named[0], "tokenizer_config.json"},
                                                   {&named[1], "special_tokens_map.json"},
                                                   {&numbered[0], "config.json"},
                                                   {&numbered[1], "generation_config.json"}};
    for (const auto& [target, name] : files) {
        auto read = readJsonFile(folder / name);
        if (!read) {
            return read.failure();
        }
        *target = std::move(*read);
    }
    if (!named[0].is_object() || !named[0].contains("added_tokens_decoder")) {
        std::swap(named[0], named[1]);
    }
    const auto resolve = [&](const std::string& name, std::optional<TokenId> unsaid) -> std::optional<TokenId> {
        bool setToNull = false;
        for (const json& file : named) {
            if (const json* field = findField(file, name + "_token")) {
                if (const auto id = idOf(tokenContent(*field))) {
                    return id;
                }
            } else if (file.is_object() && file.contains(name + "_token")) {
                setToNull = true;
            }
        }
        if (setToNull && name != "eos") {
            return std::nullopt;
        }
        for (const json& file : numbered) {
            if (const auto id = writtenId(file, name + "_token_id")) {
                return id;
            }
        }
        return unsaid;
    };
    return SpecialTokens{resolve("bos", otherwise.bos), resolve("eos", otherwise.eos), resolve("unk", otherwise.unk),
                         resolve("pad", otherwise.pad)};
}

} // namespace dskd::tokenizer

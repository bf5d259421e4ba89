#include "core/model/folder/answer_end.h"

#include "core/base/atomic_file.h"
#include "core/base/regular_file.h"
#include "core/model/folder/json_edit.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <system_error>
#include <vector>

namespace dskd::model
{
namespace
{

namespace fs = std::filesystem;
using nlohmann::ordered_json;

constexpr const char* kEosIds = "eos_token_id";

// A file of the folder, as text to change and as values to read.
struct JsonFile {
    std::string text;
    ordered_json object;
};

// Nothing where there is no such file.
Result<std::optional<JsonFile>> readObject(const fs::path& file)
{
    std::error_code error;
    if (!fs::exists(file, error)) {
        return std::optional<JsonFile>();
    }
    auto text = readTextFile(file);
    if (!text) {
        return text.failure();
    }
    auto object = ordered_json::parse(*text, nullptr, false);
    if (!object.is_object()) {
        return Failure{file.string() + " is not a JSON object.", "Put the original file of the model back."};
    }
    return std::optional(JsonFile{std::move(*text), std::move(object)});
}

// One id or a list of them; some configurations write -1 for "none".
std::vector<std::int64_t> idsOf(const ordered_json& object)
{
    std::vector<std::int64_t> ids;
    const ordered_json value = object.value(kEosIds, ordered_json());
    for (const ordered_json& id : value.is_array() ? value : ordered_json::array({value})) {
        if (id.is_number_integer() && id.get<std::int64_t>() >= 0) {
            ids.push_back(id.get<std::int64_t>());
        }
    }
    return ids;
}

// The value of eos_token_id with `id` in it; nothing where it is there already.
std::optional<std::string> idsWith(std::int64_t id, std::vector<std::int64_t> ids)
{
    if (std::find(ids.begin(), ids.end(), id) != ids.end()) {
        return std::nullopt;
    }
    ids.insert(ids.begin(), id);
    return (ids.size() == 1 ? ordered_json(id) : ordered_json(ids)).dump();
}

} // namespace

Result<void> nameAnswerEnd(const fs::path& folder, std::int64_t id)
{
    const fs::path configFile = folder / "config.json";
    const fs::path generationFile = folder / "generation_config.json";
    const auto config = readObject(configFile);
    if (!config) {
        return config.failure();
    }
    const auto generation = readObject(generationFile);
    if (!generation) {
        return generation.failure();
    }
    const std::vector<std::int64_t> before = *config ? idsOf((*config)->object) : std::vector<std::int64_t>();
    if (*generation) {
        const std::vector<std::int64_t> own = idsOf((*generation)->object);
        if (const auto ids = idsWith(id, own.empty() ? before : own)) {
            std::string text = withField((*generation)->text, kEosIds, *ids);
            if ((*generation)->object.contains("_from_model_config")) { // or transformers may derive it anew
                text = withField(text, "_from_model_config", "false");
            }
            if (auto written = writeFileAtomically(generationFile, text); !written) {
                return written;
            }
        }
    } else if (*config) {
        ordered_json made = ordered_json::object();
        const ordered_json& object = (*config)->object;
        made["bos_token_id"] = object.value("bos_token_id", ordered_json());
        made[kEosIds] = ordered_json::parse(idsWith(id, before).value_or(ordered_json(before).dump()));
        made["pad_token_id"] = object.value("pad_token_id", ordered_json());
        for (const char* unset : {"bos_token_id", "pad_token_id"}) {
            if (made[unset].is_null()) {
                made.erase(unset);
            }
        }
        if (auto written = writeFileAtomically(generationFile, made.dump(2) + "\n"); !written) {
            return written;
        }
    }
    if (const auto ids = *config ? idsWith(id, before) : std::nullopt) {
        return writeFileAtomically(configFile, withField((*config)->text, kEosIds, *ids));
    }
    return {};
}

} // namespace dskd::model

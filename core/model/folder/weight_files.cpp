#include "core/model/folder/weight_files.h"

#include "core/base/regular_file.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string_view>
#include <system_error>

namespace dskd::model
{
namespace
{

// Single quotes for a POSIX shell around text for a Python string literal.
std::string pythonLiteral(const std::string& text)
{
    std::string literal = "\"";
    for (const char c : text) {
        if (c == '\'') {
            literal += "\\x27";
            continue;
        }
        if (c == '"' || c == '\\') {
            literal += '\\';
        }
        literal += c;
    }
    return literal + "\"";
}

Failure pickledWeights(const std::filesystem::path& folder, const std::string& found)
{
    const std::string path = pythonLiteral(folder.string());
    return {folder.string() + " holds pickled weights only (" + found +
                "), which are not read: loading a stranger's pickle runs a stranger's code.",
            "If you trust them, convert them once: python -c 'from transformers import AutoModelForCausalLM; "
            "AutoModelForCausalLM.from_pretrained(" +
                path + ").save_pretrained(" + path + ", safe_serialization=True)'"};
}

// A shard lies beside its index: a plain file name, nothing that leads elsewhere.
bool isPlainFileName(const std::string& name)
{
    constexpr std::string_view kExtension = ".safetensors";
    return name.size() > kExtension.size() && name.find_first_of(std::string_view("/\\\0", 3)) == std::string::npos &&
           name.compare(name.size() - kExtension.size(), kExtension.size(), kExtension) == 0;
}
} // namespace

Result<void> checkHasWeights(const std::filesystem::path& folder)
{
    std::error_code error;
    if (std::filesystem::exists(folder / kWeightsFile, error) ||
        std::filesystem::exists(folder / kWeightsIndexFile, error)) {
        return {};
    }
    for (const char* pickle : {"pytorch_model.bin", "pytorch_model.bin.index.json"}) {
        if (std::filesystem::exists(folder / pickle, error)) {
            return pickledWeights(folder, pickle);
        }
    }
    return Failure{folder.string() + " holds no weights: neither " + kWeightsFile + " nor " + kWeightsIndexFile +
                       " is there.",
                   "Download or export the model again."};
}

Result<std::map<std::string, std::string>> readWeightsIndex(const std::filesystem::path& folder)
{
    using nlohmann::json;
    const std::filesystem::path file = folder / kWeightsIndexFile;
    const auto text = readTextFile(file);
    if (!text) {
        return text.failure();
    }
    const json index = json::parse(*text, nullptr, false);
    const auto refuse = [&file](const std::string& why) {
        return Failure{file.string() + " " + why + ".", "Download or export the model again."};
    };
    if (!index.is_object() || !index.contains("weight_map") || !index["weight_map"].is_object()) {
        return refuse("is not a safetensors index: it needs an object \"weight_map\" from tensor names to files");
    }
    std::map<std::string, std::string> shards;
    for (const auto& [name, shard] : index["weight_map"].items()) {
        if (!shard.is_string() || !isPlainFileName(shard.get_ref<const std::string&>())) {
            return refuse("places tensor \"" + name + "\" in " +
                          shard.dump(-1, ' ', true, json::error_handler_t::replace) +
                          ", which is not the plain name of a .safetensors file in the same folder");
        }
        std::error_code error;
        const auto& place = shard.get_ref<const std::string&>();
        if (!std::filesystem::exists(folder / place, error)) {
            return Failure{file.string() + " places tensor \"" + name + "\" in " + place +
                               ", which is not in the folder.",
                           "Download the missing file."};
        }
        shards.emplace(name, place);
    }
    return shards;
}

Result<std::vector<std::filesystem::path>> weightFiles(const std::filesystem::path& folder)
{
    if (const auto present = checkHasWeights(folder); !present) {
        return present.failure();
    }
    std::error_code error;
    if (std::filesystem::exists(folder / kWeightsFile, error)) {
        return std::vector{folder / kWeightsFile};
    }
    const auto index = readWeightsIndex(folder);
    if (!index) {
        return index.failure();
    }
    std::vector<std::filesystem::path> files;
    for (const auto& [tensor, shard] : *index) {
        if (std::find(files.begin(), files.end(), folder / shard) == files.end()) {
            files.push_back(folder / shard);
        }
    }
    return files;
}

} // namespace dskd::model

#include "core/model/folder/weight_files.h"

#include <string>
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

} // namespace dskd::model

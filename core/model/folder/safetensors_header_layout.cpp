#include "core/model/folder/safetensors_header.h"

#include <array>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

namespace dskd::model
{
namespace
{
constexpr std::uint64_t kLengthBytes = 8;
constexpr std::uint64_t kMaxHeaderBytes = 100'000'000; // the limit of the reference reader
constexpr const char* kMetadataKey = "__metadata__";

constexpr std::array<std::pair<std::string_view, std::uint64_t>, 15> kElementSizes = {{
    {"BOOL", 1},
    {"U8", 1},
    {"I8", 1},
    {"F8_E5M2", 1},
    {"F8_E4M3", 1},
    {"I16", 2},
    {"U16", 2},
    {"F16", 2},
    {"BF16", 2},
    {"I32", 4},
    {"U32", 4},
    {"F32", 4},
    {"F64", 8},
    {"I64", 8},
    {"U64", 8},
}};
} // namespace

std::optional<std::uint64_t> safetensorsElementSize(std::string_view dtype)
{
    for (const auto& [name, size] : kElementSizes) {
        if (name == dtype) {
            return size;
        }
    }
    return std::nullopt;
}

Result<std::string> layOutSafetensorsHeader(const std::vector<SafetensorsEntry>& entries,
                                            const std::map<std::string, std::string>& metadata)
{
    nlohmann::ordered_json header = nlohmann::ordered_json::object();
    std::set<std::string> names{kMetadataKey};
    if (!metadata.empty()) {
        header[kMetadataKey] = metadata;
    }
    // Appended behind ordered_json's back: its operator[] walks all keys for each new one.
    for (const SafetensorsEntry& entry : entries) {
        if (!names.insert(entry.name).second) {
            return Failure{"Two tensors cannot both be stored under the name \"" + entry.name + "\".", {}};
        }
        header.get_ref<nlohmann::ordered_json::object_t&>().emplace_back(
            entry.name, nlohmann::ordered_json{{"dtype", entry.dtype},
                                               {"shape", entry.shape},
                                               {"data_offsets", {entry.begin, entry.end}}});
    }
    std::string json;
    try {
        json = header.dump();
    } catch (const nlohmann::json::exception&) {
        return Failure{"A tensor name or metadata text is not UTF-8 and cannot be stored as safetensors.", {}};
    }
    json.append((kLengthBytes - json.size() % kLengthBytes) % kLengthBytes, ' ');
    if (json.size() > kMaxHeaderBytes) {
        return Failure{"The names and shapes of the tensors take more than the 100 MB that safetensors allows.", {}};
    }
    std::string bytes(kLengthBytes, '\0');
    for (std::size_t i = 0; i < kLengthBytes; ++i) {
        bytes[i] = static_cast<char>(json.size() >> (8 * i) & 0xff);
    }
    return bytes + json;
}

} // namespace dskd::model

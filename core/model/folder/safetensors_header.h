#pragma once

// The header of a safetensors file: reading it without trusting any byte of it, and laying one out. Knows nothing of
// tensors, so it builds and is fuzzed without LibTorch. Any thread.
//
// A file is: 8 bytes little-endian header length n, n bytes of JSON ({"name": {"dtype", "shape", "data_offsets"}}),
// then the data, to which the offsets are relative.

#include "core/base/result.h"

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dskd::model
{

struct SafetensorsEntry {
    std::string name;
    std::string dtype; // as the file spells it: "F32", "BF16", ...
    std::vector<std::int64_t> shape;
    std::uint64_t begin = 0; // of the data, from the end of the header
    std::uint64_t end = 0;
};

struct SafetensorsHeader {
    std::vector<SafetensorsEntry> entries; // in the order of their data, without gap or overlap, to the end of the file
    std::map<std::string, std::string> metadata;
    std::uint64_t dataStart = 0; // from the beginning of the file
};

// `begin` is the beginning of a file of `fileBytes` bytes, at least to the end of its header where it has a whole one;
// `where` names it in failures. Refuses, naming the tensor: headers over 100 MB or longer
// than the file, anything that is not the expected JSON, names given twice, unknown dtypes, shapes that do not fit
// their bytes, and data that overlaps, leaves gaps, or does not end where the file does.
Result<SafetensorsHeader> parseSafetensorsHeader(std::string_view begin, std::uint64_t fileBytes,
                                                 const std::string& where);
// Reads no more of the file than that.
Result<SafetensorsHeader> readSafetensorsHeader(const std::filesystem::path& file);

// Length and JSON, padded with spaces to a multiple of 8 bytes as the reference writer does. Entries come in this
// order. Fails for a name or metadata that is not UTF-8, a name given twice, or a header over 100 MB.
Result<std::string> layOutSafetensorsHeader(const std::vector<SafetensorsEntry>& entries,
                                            const std::map<std::string, std::string>& metadata);

// Bytes of one element; nothing for an unknown dtype.
[[nodiscard]] std::optional<std::uint64_t> safetensorsElementSize(std::string_view dtype);

} // namespace dskd::model

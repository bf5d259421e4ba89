#pragma once

#include "core/base/failure.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace dskd
{

// A file of another kind than a reader expects, by its first bytes.
struct FileKind {
    std::string_view name;           // "a zip archive", after "is"
    std::string_view cure;           // "Unpack it first."
    std::string_view elsewhere = {}; // the cure where no records are expected; empty: the same
};

enum class FileRole { Records, Other }; // whether records to train on are expected

inline constexpr std::size_t kFileKindBytes = 64; // that recogniseFile looks at

// Archives, compressed files, tables (Parquet, Arrow), HTML pages, Git LFS pointers and text that is not UTF-8, which
// stand in the place of JSON or safetensors when a download or an export went another way. Nothing: none of these.
[[nodiscard]] std::optional<FileKind> recogniseFile(std::string_view firstBytes);

// The same as a sentence about the file that `where` names, with its cure as the hint. For files whose reader could not
// make anything of `bytes`, which may be all of them.
[[nodiscard]] std::optional<Failure> wrongFileKind(const std::string& where, std::string_view bytes,
                                                   FileRole role = FileRole::Other);

} // namespace dskd

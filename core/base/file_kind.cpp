#include "core/base/file_kind.h"

namespace dskd
{
namespace
{
using namespace std::string_view_literals;

struct KindRow {
    std::string_view begin;
    FileKind kind;
};

constexpr std::string_view kUnpack = "Unpack it first.";
constexpr std::string_view kToUtf8 = "Convert it to UTF-8: iconv -f UTF-16 -t UTF-8 OLD > NEW.";
constexpr std::string_view kToJsonl =
    "Write it as JSONL, one record a line: pandas.read_parquet(OLD).to_json(NEW, orient=\"records\", lines=True).";
constexpr std::string_view kNoModel = "It holds data, which does not belong here: put the right file in its place.";
constexpr std::string_view kNoPage = "It may be an error page of the server: download the file itself again.";

// Longer beginnings before those that they begin with.
constexpr KindRow kKinds[] = {
    {"\x1f\x8b"sv, {"compressed with gzip", "Unpack it first: gunzip -k FILE."}},
    {"PK\x03\x04"sv, {"a zip archive", kUnpack}},
    {"\x28\xb5\x2f\xfd"sv, {"compressed with Zstandard", "Unpack it first: unzstd FILE."}},
    {"\xfd\x37zXZ"sv, {"compressed with xz", "Unpack it first: unxz -k FILE."}},
    {"BZh"sv, {"compressed with bzip2", "Unpack it first: bunzip2 -k FILE."}},
    {"7z\xbc\xaf"sv, {"a 7-Zip archive", kUnpack}},
    {"PAR1"sv, {"a Parquet table", kToJsonl, kNoModel}},
    {"ARROW1"sv, {"an Arrow table", kToJsonl, kNoModel}},
    {"version https://git-lfs.github.com/"sv,
     {"a Git LFS pointer, not the file itself", "Fetch it: git lfs pull, in the repository that it came from."}},
    {"<!DOCTYPE"sv, {"an HTML page", kNoPage}},
    {"<!doctype"sv, {"an HTML page", kNoPage}},
    {"<html"sv, {"an HTML page", kNoPage}},
    {"\xff\xfe\0\0"sv, {"text in UTF-32, not UTF-8", "Convert it: iconv -f UTF-32 -t UTF-8 OLD > NEW."}},
    {"\xff\xfe"sv, {"text in UTF-16, not UTF-8", kToUtf8}},
    {"\xfe\xff"sv, {"text in UTF-16, not UTF-8", kToUtf8}},
    // without a byte order mark: JSON begins with a bracket
    {"{\0"sv, {"text in UTF-16, not UTF-8", "Convert it: iconv -f UTF-16LE -t UTF-8 OLD > NEW."}},
    {"\0{"sv, {"text in UTF-16, not UTF-8", "Convert it: iconv -f UTF-16BE -t UTF-8 OLD > NEW."}},
};
} // namespace

std::optional<FileKind> recogniseFile(std::string_view firstBytes)
{
    for (const KindRow& row : kKinds) {
        if (firstBytes.starts_with(row.begin)) {
            return row.kind;
        }
    }
    return std::nullopt;
}

std::optional<Failure> wrongFileKind(const std::string& where, std::string_view bytes, FileRole role)
{
    const std::optional<FileKind> kind = recogniseFile(bytes.substr(0, kFileKindBytes));
    if (!kind) {
        return std::nullopt;
    }
    const bool special = role == FileRole::Other && !kind->elsewhere.empty();
    return Failure{where + " is " + std::string(kind->name) + ".", std::string(special ? kind->elsewhere : kind->cure)};
}

} // namespace dskd

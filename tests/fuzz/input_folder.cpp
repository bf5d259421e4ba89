#include "tests/fuzz/input_folder.h"

#include "core/base/regular_file.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>

namespace dskd::fuzz
{
namespace
{

constexpr std::string_view kBegin = "=== ";

struct NamedText {
    std::string_view name;
    std::string_view text;
};

// Cuts the first file off `input`; what precedes it belongs to none. Its name is empty behind the last one.
NamedText cutFile(std::string_view& input)
{
    const std::size_t begin = input.find(kBegin);
    const std::size_t nameEnd = begin == std::string_view::npos ? begin : input.find('\n', begin);
    if (nameEnd == std::string_view::npos) {
        input = {};
        return {};
    }
    NamedText file{input.substr(begin + kBegin.size(), nameEnd - begin - kBegin.size()), input.substr(nameEnd + 1)};
    const std::size_t next = file.text.find("\n=== ");
    input = next == std::string_view::npos ? std::string_view() : file.text.substr(next + 1);
    file.text = file.text.substr(0, next);
    return file;
}

bool contains(std::span<const std::string_view> names, std::string_view name)
{
    return std::find(names.begin(), names.end(), name) != names.end();
}

std::filesystem::path makeFolder()
{
    const std::filesystem::path memory = "/dev/shm";
    std::error_code error;
    const auto parent = std::filesystem::is_directory(memory, error) ? memory : std::filesystem::temp_directory_path();
    std::string name = (parent / "dskd_fuzz_XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) {
        throw Error("no temporary folder");
    }
    return name;
}

// Removed when the process ends by itself; a crash leaves it, with the files that led to it.
struct Folder {
    std::filesystem::path path = makeFolder();
    Folder() = default;
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    ~Folder()
    {
        std::error_code ignored;
        std::filesystem::remove_all(path, ignored);
    }
};

} // namespace

const std::filesystem::path& unpacked(std::string_view input, std::span<const std::string_view> names)
{
    static const Folder folder;
    for (const auto& entry : std::filesystem::directory_iterator(folder.path)) {
        std::filesystem::remove_all(entry);
    }
    for (NamedText file = cutFile(input); !file.name.empty() || !input.empty(); file = cutFile(input)) {
        if (contains(names, file.name)) {
            std::ofstream(folder.path / file.name, std::ios::binary) << file.text;
        }
    }
    return folder.path;
}

std::string packed(const std::filesystem::path& folder, std::span<const std::string_view> names)
{
    std::string input;
    for (const std::string_view name : names) {
        if (const Result<std::string> text = readTextFile(folder / name)) {
            input += (input.empty() ? "" : "\n") + std::string(kBegin) + std::string(name) + "\n" + *text;
        }
    }
    return input;
}

} // namespace dskd::fuzz

#pragma once

// Files that a person names, opened for reading: only regular ones. A named pipe would keep the program waiting for a
// writer, and a device such as /dev/zero has no end.

#include "core/base/result.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace dskd
{

// "a folder", "a named pipe", "a device" or "a socket"; nothing for a regular file, and where there is none.
[[nodiscard]] std::optional<std::string_view> otherThanFile(const std::filesystem::path& path);

// A regular file, open for reading. Moves with its descriptor. One thread at a time.
class RegularFile
{
public:
    // Fails with the path and what it is instead, or the system's reason; NotFound where there is none. Never waits.
    static Result<RegularFile> open(const std::filesystem::path& path);

    RegularFile(RegularFile&& other) noexcept;
    RegularFile& operator=(RegularFile&& other) noexcept;
    ~RegularFile();

    [[nodiscard]] int descriptor() const { return m_descriptor; }
    [[nodiscard]] std::uint64_t size() const { return m_size; } // in bytes, when it was opened

    // At most `count` bytes from `begin` on: fewer at the end of the file.
    [[nodiscard]] Result<std::string> read(std::uint64_t begin, std::uint64_t count) const;

private:
    RegularFile(std::filesystem::path path, int descriptor) : m_path(std::move(path)), m_descriptor(descriptor) {}

    std::filesystem::path m_path;
    int m_descriptor = -1;
    std::uint64_t m_size = 0;
};

// The whole file, for files that fit into memory. Fails as RegularFile::open.
[[nodiscard]] Result<std::string> readTextFile(const std::filesystem::path& path);

} // namespace dskd

#pragma once

// Files that a person names, opened for reading: only regular ones. A named pipe would keep the program waiting for a
// writer, and a device such as /dev/zero has no end.

#include "core/base/descriptor.h"
#include "core/base/result.h"

#include <cstdint>
#include <filesystem>
#include <string>

namespace dskd
{

// "PATH is a named pipe, not a file." A failure too where there is none.
[[nodiscard]] Result<void> requireRegular(const std::filesystem::path& path);
// The same for a place to write to: nothing may be there.
[[nodiscard]] Result<void> requireRegularOrNone(const std::filesystem::path& path);

// A regular file, open for reading. Moves with its descriptor. One thread at a time.
class RegularFile
{
public:
    // Fails with the path and what it is instead, or the system's reason; NotFound where there is none. Never waits.
    static Result<RegularFile> open(const std::filesystem::path& path);

    [[nodiscard]] int descriptor() const { return m_file.number(); }
    [[nodiscard]] std::uint64_t size() const { return m_size; } // in bytes, when it was opened

    // At most `count` bytes from `begin` on: fewer at the end of the file.
    [[nodiscard]] Result<std::string> read(std::uint64_t begin, std::uint64_t count) const;

private:
    RegularFile(std::filesystem::path path, int descriptor) : m_path(std::move(path)), m_file(descriptor) {}

    std::filesystem::path m_path;
    Descriptor m_file;
    std::uint64_t m_size = 0;
};

// The whole file. Fails as RegularFile::open, and for one of more than kLargestText bytes.
inline constexpr std::uint64_t kLargestText = std::uint64_t{1} << 30;
[[nodiscard]] Result<std::string> readTextFile(const std::filesystem::path& path);

} // namespace dskd

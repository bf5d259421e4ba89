#pragma once

#include "core/base/descriptor.h"
#include "core/base/result.h"

#include <filesystem>
#include <string_view>

namespace dskd
{

// A file that appears under its name only when it is complete and on the disk: a reader sees the old one or the new
// one, never half of it. Written beside its place under a name of our own, and removed again unless it is committed;
// what killed processes of this machine left of the same file goes when it is written anew. Failures name the file and
// the system's reason. One thread at a time.
class AtomicFile
{
public:
    // A link is followed: the file that it names is replaced. Refuses a folder, a pipe and a device.
    static Result<AtomicFile> create(const std::filesystem::path& path);

    AtomicFile(AtomicFile&& other) noexcept;
    AtomicFile& operator=(AtomicFile&&) = delete;
    ~AtomicFile();

    Result<void> write(std::string_view bytes);
    Result<void> commit(); // flushes, then renames; nothing may be written after it

private:
    AtomicFile(std::filesystem::path path, std::filesystem::path temporary);

    std::filesystem::path m_path;
    std::filesystem::path m_temporary; // empty: committed, or moved from
    Descriptor m_file;
};

Result<void> writeFileAtomically(const std::filesystem::path& path, std::string_view content);

// How the temporary files and folders for `path` are called: this, the process's number and perhaps "-NUMBER" follow.
// The machine is named because a disk may be shared, and only the processes of this one can be asked for.
[[nodiscard]] std::string temporaryPrefix(const std::filesystem::path& path);

} // namespace dskd

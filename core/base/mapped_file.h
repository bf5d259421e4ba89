#pragma once

#include "core/base/result.h"

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string_view>

namespace dskd
{

// A whole file mapped copy-on-write: pages are read on demand, writes stay private to this process.
// Lives as long as a shared_ptr to it does; tensors made from it hold one. Any thread.
class MappedFile
{
public:
    // Fails with the path and the system's reason. An empty file maps to an empty view.
    static Result<std::shared_ptr<MappedFile>> open(const std::filesystem::path& path);

    ~MappedFile();
    MappedFile(const MappedFile&) = delete;
    MappedFile& operator=(const MappedFile&) = delete;

    [[nodiscard]] std::byte* data() const { return m_data; }
    [[nodiscard]] std::size_t size() const { return m_size; }
    [[nodiscard]] std::string_view text() const { return {reinterpret_cast<const char*>(m_data), m_size}; }

private:
    MappedFile(std::byte* data, std::size_t size) : m_data(data), m_size(size) {}

    std::byte* m_data;
    std::size_t m_size;
};

// The whole file as a string, for small files. Fails with the path and the system's reason; NotFound where there is
// none.
Result<std::string> readTextFile(const std::filesystem::path& path);

// Writes beside `path`, flushes to the disk, then renames: a reader sees the old file or the new one, never half of it.
Result<void> writeFileAtomically(const std::filesystem::path& path, std::string_view content);

} // namespace dskd

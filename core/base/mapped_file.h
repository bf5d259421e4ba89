#pragma once

#include "core/base/result.h"

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace dskd
{

// A whole file mapped copy-on-write: pages are read on demand, writes stay private to this process. For weights alone:
// a page that cannot be read any more ends the program (installBusErrorHandler), so smaller files are read with
// readTextFile. Lives as long as a shared_ptr to it does; tensors made from it hold one. Any thread.
class MappedFile
{
public:
    // Fails as RegularFile::open does. An empty file maps to an empty view.
    static Result<std::shared_ptr<MappedFile>> open(const std::filesystem::path& path);

    ~MappedFile();
    MappedFile(const MappedFile&) = delete;
    MappedFile& operator=(const MappedFile&) = delete;

    [[nodiscard]] std::byte* data() const { return m_data; }
    [[nodiscard]] std::size_t size() const { return m_size; }
    [[nodiscard]] std::string_view text() const { return {reinterpret_cast<const char*>(m_data), m_size}; }

private:
    MappedFile(std::byte* data, std::size_t size, const std::filesystem::path& path);

    std::byte* m_data;
    std::size_t m_size;
};

// A mapped file that is cut short, or whose disk fails, ends a program at the first touch of a lost page, by SIGBUS.
// From this call on, the program then writes `before` and a sentence that names the file on stderr, and ends with
// `exitCode`. Once, at the start of a program, before its threads.
void installBusErrorHandler(std::string before, int exitCode);

} // namespace dskd

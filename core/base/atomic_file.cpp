#include "core/base/atomic_file.h"

#include "core/base/leftovers.h"
#include "core/base/process.h"
#include "core/base/regular_file.h"
#include "core/base/system_failure.h"

#include <cerrno>
#include <fcntl.h>
#include <string>
#include <system_error>
#include <unistd.h>

namespace dskd
{
namespace
{

namespace fs = std::filesystem;

fs::path folderOf(const fs::path& path)
{
    return path.has_parent_path() ? path.parent_path() : fs::path(".");
}

// Makes the new name survive a power cut; not every file system can, and the file is good without.
void flushFolder(const fs::path& folder)
{
    const Descriptor opened(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (opened.isOpen()) {
        ::fsync(opened.number());
    }
}

} // namespace

std::string temporaryPrefix(const fs::path& path)
{
    return "." + path.filename().string() + ".part-" + thisProcess().host + "-";
}

Result<AtomicFile> AtomicFile::create(const fs::path& path)
{
    if (const Result<void> regular = requireRegularOrNone(path); !regular) {
        return regular.failure();
    }
    std::error_code error;
    const bool isLink = fs::is_symlink(path, error);
    const fs::path place = isLink ? fs::weakly_canonical(path, error) : path;
    const std::string prefix = temporaryPrefix(place);
    removeLeftovers(folderOf(place), prefix, Leftovers::Files);
    AtomicFile file(place, folderOf(place) / (prefix + std::to_string(::getpid())));
    if (!file.m_file.isOpen()) {
        return systemFailure(path, "created");
    }
    return file;
}

AtomicFile::AtomicFile(fs::path path, fs::path temporary)
    : m_path(std::move(path)), m_temporary(std::move(temporary)),
      m_file(::open(m_temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644))
{
    if (!m_file.isOpen()) {
        m_temporary.clear();
    }
}

AtomicFile::AtomicFile(AtomicFile&& other) noexcept
    : m_path(std::move(other.m_path)), m_temporary(std::exchange(other.m_temporary, {})),
      m_file(std::move(other.m_file))
{
}

AtomicFile::~AtomicFile()
{
    if (!m_temporary.empty()) {
        m_file.close();
        ::unlink(m_temporary.c_str());
    }
}

Result<void> AtomicFile::write(std::string_view bytes)
{
    while (!bytes.empty()) {
        const ssize_t count = ::write(m_file.number(), bytes.data(), bytes.size());
        if (count < 0 && errno != EINTR) {
            return systemFailure(m_path, "written");
        }
        bytes.remove_prefix(static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
    }
    return {};
}

Result<void> AtomicFile::commit()
{
    if (::fsync(m_file.number()) != 0) { // network disks and quotas report a full disk here
        return systemFailure(m_path, "written");
    }
    if (::rename(m_temporary.c_str(), m_path.c_str()) != 0) {
        return systemFailure(m_path, "replaced");
    }
    m_temporary.clear();
    m_file.close();
    flushFolder(folderOf(m_path));
    return {};
}

Result<void> writeFileAtomically(const fs::path& path, std::string_view content)
{
    Result<AtomicFile> file = AtomicFile::create(path);
    if (!file) {
        return file.failure();
    }
    const Result<void> written = file->write(content);
    return written ? file->commit() : written;
}

} // namespace dskd

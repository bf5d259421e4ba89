#include "core/model/folder/safetensors_header.h"
#include "core/model/safetensors.h"
#include "core/model/safetensors_dtype.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <numeric>
#include <string_view>
#include <unistd.h>

namespace dskd::model
{
namespace
{
// A file that appears under its name only when it is complete and on the disk. Removed unless commit() succeeded.
class AtomicFile
{
public:
    explicit AtomicFile(const std::filesystem::path& path)
        : m_path(path), m_temporary(path.string() + ".part" + std::to_string(::getpid())),
          m_descriptor(::open(m_temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644))
    {
    }
    AtomicFile(const AtomicFile&) = delete;
    AtomicFile& operator=(const AtomicFile&) = delete;
    ~AtomicFile()
    {
        if (m_descriptor >= 0) {
            ::close(m_descriptor);
            ::unlink(m_temporary.c_str());
        }
    }

    // Each returns false with errno set.
    [[nodiscard]] bool created() const { return m_descriptor >= 0; }
    [[nodiscard]] bool write(const char* data, std::size_t size)
    {
        while (size > 0) {
            const ssize_t count = ::write(m_descriptor, data, size);
            if (count < 0 && errno != EINTR) {
                return false;
            }
            if (count > 0) {
                data += count;
                size -= static_cast<std::size_t>(count);
            }
        }
        return true;
    }
    [[nodiscard]] bool commit()
    {
        if (::fsync(m_descriptor) != 0 || ::rename(m_temporary.c_str(), m_path.c_str()) != 0) {
            return false;
        }
        ::close(m_descriptor);
        m_descriptor = -1;
        flushFolder();
        return true;
    }

private:
    // Makes the new name survive a power cut; not every file system can, and the file is good without.
    void flushFolder() const
    {
        const std::filesystem::path folder = m_path.has_parent_path() ? m_path.parent_path() : ".";
        const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (descriptor >= 0) {
            ::fsync(descriptor);
            ::close(descriptor);
        }
    }

    std::filesystem::path m_path;
    std::filesystem::path m_temporary;
    int m_descriptor;
};

at::ScalarType storedType(const at::Tensor& tensor, std::optional<at::ScalarType> dtype)
{
    return dtype && tensor.is_floating_point() ? *dtype : tensor.scalar_type();
}
} // namespace

Result<void> writeSafetensors(const std::filesystem::path& file,
                              const std::vector<std::pair<std::string, at::Tensor>>& tensors,
                              const std::map<std::string, std::string>& metadata, std::optional<at::ScalarType> dtype)
{
    std::vector<std::size_t> order(tensors.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    for (const auto& [name, tensor] : tensors) {
        if (!tensor.defined() || !safetensorsDtypeOf(storedType(tensor, dtype))) {
            return Failure{file.string() + " cannot be written: tensor \"" + name + "\" " +
                               (tensor.defined()
                                    ? std::string("has the element type ") + c10::toString(storedType(tensor, dtype)) +
                                          ", which safetensors does not hold here."
                                    : std::string("is undefined.")),
                           {}};
        }
    }
    const auto elementBytes = [&](std::size_t i) { return c10::elementSize(storedType(tensors[i].second, dtype)); };
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return elementBytes(a) > elementBytes(b); });

    std::vector<SafetensorsEntry> entries;
    std::uint64_t position = 0;
    for (const std::size_t i : order) {
        const auto& [name, tensor] = tensors[i];
        const auto bytes = static_cast<std::uint64_t>(tensor.numel()) * elementBytes(i);
        entries.push_back(
            {name, *safetensorsDtypeOf(storedType(tensor, dtype)), tensor.sizes().vec(), position, position + bytes});
        position += bytes;
    }
    const auto header = layOutSafetensorsHeader(entries, metadata);
    if (!header) {
        return Failure{file.string() + " cannot be written. " + header.failure().what, header.failure().hint};
    }

    const auto systemFailure = [&file](const char* verb) {
        const int code = errno;
        return Failure{file.string() + " cannot be " + verb + ": " + std::strerror(code) + ".",
                       code == ENOSPC ? "Free some space on that disk." : ""};
    };
    AtomicFile output(file);
    if (!output.created()) {
        return systemFailure("created");
    }
    if (!output.write(header->data(), header->size())) {
        return systemFailure("written");
    }
    for (const std::size_t i : order) {
        const at::Tensor tensor = tensors[i].second.detach();
        const at::Tensor stored = tensor.to(at::kCPU, storedType(tensor, dtype)).contiguous();
        if (!output.write(static_cast<const char*>(stored.const_data_ptr()), stored.nbytes())) {
            return systemFailure("written");
        }
    }
    if (!output.commit()) {
        return systemFailure("completed");
    }
    return {};
}

} // namespace dskd::model

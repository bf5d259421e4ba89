#include "core/base/atomic_file.h"
#include "core/model/folder/safetensors_header.h"
#include "core/model/safetensors.h"
#include "core/model/safetensors_dtype.h"

#include <algorithm>
#include <numeric>
#include <string_view>

namespace dskd::model
{
namespace
{
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

    Result<AtomicFile> output = AtomicFile::create(file);
    if (!output) {
        return output.failure();
    }
    if (Result<void> written = output->write(*header); !written) {
        return written;
    }
    for (const std::size_t i : order) {
        const at::Tensor tensor = tensors[i].second.detach();
        const at::Tensor stored = tensor.to(at::kCPU, storedType(tensor, dtype)).contiguous();
        if (Result<void> written = output->write({static_cast<const char*>(stored.const_data_ptr()), stored.nbytes()});
            !written) {
            return written;
        }
    }
    return output->commit();
}

} // namespace dskd::model

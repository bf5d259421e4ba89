#include "core/base/mapped_file.h"
#include "core/model/folder/safetensors_header.h"
#include "core/model/safetensors.h"
#include "core/model/safetensors_dtype.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/ne.h>
#include <cstring>

namespace dskd::model
{
namespace
{
// The tensor at `data`, sharing the mapping where alignment allows.
at::Tensor tensorAt(std::byte* data, const SafetensorsEntry& entry, at::ScalarType type,
                    const std::shared_ptr<MappedFile>& mapping)
{
    const std::uint64_t bytes = entry.end - entry.begin;
    if (bytes == 0) {
        return at::empty(entry.shape, at::TensorOptions(type));
    }
    if (type == at::kBool) { // a byte that is neither 0 nor 1 must not become a bool
        return at::from_blob(data, entry.shape, at::TensorOptions(at::kByte)).ne(0);
    }
    if (reinterpret_cast<std::uintptr_t>(data) % c10::elementSize(type) != 0) {
        at::Tensor copy = at::empty(entry.shape, at::TensorOptions(type));
        std::memcpy(copy.mutable_data_ptr(), data, bytes);
        return copy;
    }
    return at::from_blob(
        data, entry.shape, [mapping](void*) {}, at::TensorOptions(type));
}
} // namespace

Result<TensorMap> readSafetensors(const std::filesystem::path& file)
{
    auto mapping = MappedFile::open(file);
    if (!mapping) {
        return mapping.failure();
    }
    auto header = parseSafetensorsHeader((*mapping)->text(), (*mapping)->size(), file.string());
    if (!header) {
        return header.failure();
    }
    TensorMap tensors;
    for (const SafetensorsEntry& entry : header->entries) {
        const auto type = scalarTypeOf(entry.dtype);
        if (!type) {
            return Failure{file.string() + ": tensor \"" + entry.name + "\" has the element type " + entry.dtype +
                               ", which this program does not compute with.",
                           "Export the model as float32, float16 or bfloat16."};
        }
        std::byte* data = (*mapping)->data() + header->dataStart + entry.begin;
        tensors.emplace(entry.name, tensorAt(data, entry, *type, *mapping));
    }
    return tensors;
}

} // namespace dskd::model

#pragma once

// Scalars in the file format of TensorBoard (records of tensorflow.Event, https://www.tensorflow.org/tensorboard).

#include "core/base/atomic_file.h"
#include "core/base/result.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace dskd::report
{

struct Scalar {
    double time = 0.0; // seconds since 1970
    std::int64_t step = 0;
    std::string_view tag; // what TensorBoard calls the curve; a slash ends the name of a section
    float value = 0.0F;   // NaN and infinities are kept
};

// One event file, which appears when it is whole. Failures name the file.
class EventFile
{
public:
    // `time`: of its first record, which names the format.
    static Result<EventFile> create(const std::filesystem::path& path, double time);

    Result<void> add(const Scalar& scalar);
    Result<void> commit();

private:
    explicit EventFile(AtomicFile file) : m_file(std::move(file)) {}
    Result<void> addRecord(std::string_view event);
    Result<void> flush();

    AtomicFile m_file;
    std::string m_waiting; // records that are not written yet
};

} // namespace dskd::report

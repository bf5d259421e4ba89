#include "core/train/loop/micro_batches.h"

#include "core/config/methods/method_traits.h"

#include <algorithm>
#include <array>
#include <c10/core/CachingDeviceAllocator.h>
#include <c10/util/Exception.h>
#include <new>
#include <string>

namespace dskd::train
{

bool dividesFreely(const config::Experiment& experiment)
{
    const config::MethodConfig& method = experiment.method;
    if (method.objective == config::Objective::PolicyGradient || experiment.onPolicy.ratio > 0.0) {
        return false;
    }
    if (!config::distils(method)) {
        return true;
    }
    // pairs and masked rows are scaled by how many of a micro-batch's rows they are
    const bool scalesByMicroBatch =
        config::pairsRows(method) || (config::comparesInStudentSpace(method) && method.agreementMask);
    return method.fidelity == config::Fidelity::Paper && !config::attends(method) && !config::hasQueries(method) &&
           !scalesByMicroBatch;
}

MicroBatches dividedInto(const MicroBatches& batches, std::int64_t samples)
{
    MicroBatches parts;
    for (const std::vector<std::int64_t>& batch : batches) {
        const auto size = static_cast<std::int64_t>(batch.size());
        for (std::int64_t first = 0; first < size; first += samples) {
            parts.emplace_back(batch.begin() + first, batch.begin() + std::min(first + samples, size));
        }
    }
    return parts;
}

std::int64_t samplesOfLargest(const MicroBatches& batches)
{
    std::size_t largest = 0;
    for (const std::vector<std::int64_t>& batch : batches) {
        largest = std::max(largest, batch.size());
    }
    return static_cast<std::int64_t>(largest);
}

bool isOutOfMemory(const std::exception& error)
{
    if (dynamic_cast<const std::bad_alloc*>(&error) != nullptr ||
        dynamic_cast<const c10::OutOfMemoryError*>(&error) != nullptr) {
        return true;
    }
    const auto* torch = dynamic_cast<const c10::Error*>(&error);
    if (torch == nullptr) {
        return false;
    }
    const std::string what = torch->what_without_backtrace();
    // of the host's allocator; of CUDA's libraries, which have memory of their own
    constexpr std::array kSigns = {"can't allocate memory", "CUBLAS_STATUS_ALLOC_FAILED", "CUDNN_STATUS_ALLOC_FAILED"};
    return std::any_of(kSigns.begin(), kSigns.end(),
                       [&](const char* sign) { return what.find(sign) != std::string::npos; });
}

void releaseUnusedMemory(at::Device device)
{
    if (!device.is_cpu()) {
        c10::getDeviceAllocator(device.type())->emptyCache();
    }
}

} // namespace dskd::train

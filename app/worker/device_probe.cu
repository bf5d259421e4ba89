// Finds the GPUs and shows that code compiled here runs on them: one streaming copy kernel, timed with events.

#include "app/worker/device_probe.h"

#include <cstdio>
#include <cstring>
#include <cuda_runtime.h>

namespace
{
__global__ void copyKernel(const float4* __restrict__ from, float4* __restrict__ to, size_t count)
{
    const size_t stride = static_cast<size_t>(gridDim.x) * blockDim.x;
    for (size_t i = static_cast<size_t>(blockIdx.x) * blockDim.x + threadIdx.x; i < count; i += stride) {
        to[i] = from[i];
    }
}

// Best of several passes over a buffer far larger than any cache; 0 when memory or launch fails.
double measureCopy(int multiprocessors)
{
    constexpr size_t kBytes = size_t{256} << 20;
    constexpr int kPasses = 10;
    void* from = nullptr;
    void* to = nullptr;
    if (cudaMalloc(&from, kBytes) != cudaSuccess) {
        return 0;
    }
    if (cudaMalloc(&to, kBytes) != cudaSuccess) {
        cudaFree(from);
        return 0;
    }
    cudaMemset(from, 1, kBytes);
    cudaEvent_t begin = nullptr;
    cudaEvent_t end = nullptr;
    cudaEventCreate(&begin);
    cudaEventCreate(&end);
    float best = 0;
    for (int pass = 0; pass < kPasses; ++pass) {
        cudaEventRecord(begin);
        copyKernel<<<multiprocessors * 8, 256>>>(static_cast<const float4*>(from), static_cast<float4*>(to),
                                                 kBytes / sizeof(float4));
        cudaEventRecord(end);
        float milliseconds = 0;
        if (cudaEventSynchronize(end) != cudaSuccess || cudaGetLastError() != cudaSuccess ||
            cudaEventElapsedTime(&milliseconds, begin, end) != cudaSuccess) {
            best = 0;
            break;
        }
        if (best == 0 || milliseconds < best) {
            best = milliseconds;
        }
    }
    cudaEventDestroy(begin);
    cudaEventDestroy(end);
    cudaFree(from);
    cudaFree(to);
    return best > 0 ? 2.0 * kBytes / (best * 1e-3) : 0;
}
} // namespace

extern "C" int dskdProbeDevices(DskdDevice* devices, int capacity, int measure, char* error, int errorCapacity)
{
    int count = 0;
    const cudaError_t status = cudaGetDeviceCount(&count);
    if (status != cudaSuccess) {
        std::snprintf(error, errorCapacity, "CUDA does not answer: %s.", cudaGetErrorString(status));
        return -1;
    }
    for (int i = 0; i < count && i < capacity; ++i) {
        DskdDevice& device = devices[i];
        std::memset(&device, 0, sizeof(device));
        cudaDeviceProp properties;
        if (cudaSetDevice(i) != cudaSuccess || cudaGetDeviceProperties(&properties, i) != cudaSuccess) {
            continue;
        }
        std::snprintf(device.name, sizeof(device.name), "%s", properties.name);
        device.major = properties.major;
        device.minor = properties.minor;
        size_t free = 0;
        size_t total = 0;
        if (cudaMemGetInfo(&free, &total) == cudaSuccess) {
            device.freeBytes = free;
            device.totalBytes = total;
        }
        if (measure != 0) {
            device.copyBytesPerSecond = measureCopy(properties.multiProcessorCount);
        }
    }
    return count;
}

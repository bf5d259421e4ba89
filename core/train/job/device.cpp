#include "core/train/job/device.h"

#include "core/base/failure.h"
#include "core/base/usable_threads.h"

#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <cstdlib>

namespace dskd::train
{

at::Device pickDevice(config::Device wanted)
{
    if (wanted == config::Device::Cpu) {
        return at::kCPU;
    }
    if (at::globalContext().hasCUDA()) {
        return {at::kCUDA, 0};
    }
    if (wanted == config::Device::Cuda) {
        throw Error("train.device is \"cuda\", but this process finds no CUDA device.",
                    "Set train.device to \"auto\" or \"cpu\"; `dskd doctor` lists what is missing for a GPU.");
    }
    return at::kCPU;
}

at::ScalarType dtypeOf(config::Precision precision)
{
    return precision == config::Precision::Bf16 ? at::kBFloat16 : at::kFloat;
}

namespace
{

// What the user allows by OMP_NUM_THREADS, else what the machine does.
int allowedThreads()
{
    const char* value = std::getenv("OMP_NUM_THREADS");
    const int number = value == nullptr ? 0 : std::atoi(value);
    return number > 0 ? number : usableThreads();
}

} // namespace

void makeDeterministic(std::int64_t threads)
{
    // Where a GPU has no deterministic kernel (the cumulative sum of AKL) it warns and goes on.
    at::globalContext().setDeterministicAlgorithms(true, /*warn_only=*/true);
    at::globalContext().setDeterministicFillUninitializedMemory(false); // a debugging aid that costs a pass per tensor
    at::globalContext().setBenchmarkCuDNN(false);
    // cuDNN's attention has no deterministic backward pass, and compiles a plan for every new length: 60 ms each.
    at::globalContext().setSDPUseCuDNN(false);
    at::set_num_threads(threads > 0 ? static_cast<int>(threads) : allowedThreads());
}

std::string describeDevice(at::Device device, at::ScalarType dtype)
{
    const std::string precision = dtype == at::kBFloat16 ? "bfloat16 with float32 master weights" : "float32";
    if (device.is_cpu()) {
        return "CPU, " + std::to_string(at::get_num_threads()) + " threads, " + precision;
    }
    return device.str() + ", " + precision;
}

} // namespace dskd::train

#include "app/worker/gpu_library.h"

#include <ATen/Context.h>
#include <cstdlib>
#include <dlfcn.h>

namespace dskd::worker
{

std::string openGpuLibrary()
{
    if (dlopen("libcuda.so.1", RTLD_NOW | RTLD_GLOBAL) == nullptr) {
        return "There is no NVIDIA driver (libcuda.so.1).";
    }
    setenv("CUBLAS_WORKSPACE_CONFIG", ":4096:8", /*overwrite=*/0); // deterministic matrix products
    if (dlopen("libtorch_cuda.so", RTLD_NOW | RTLD_GLOBAL) == nullptr) {
        const char* reason = dlerror();
        return std::string("LibTorch's CUDA library cannot be loaded: ") + (reason != nullptr ? reason : "unknown") +
               ".";
    }
    if (!at::globalContext().hasCUDA()) {
        return "LibTorch's CUDA library was loaded but finds no GPU.";
    }
    return {};
}

} // namespace dskd::worker

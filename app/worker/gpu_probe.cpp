#include "app/worker/gpu_probe.h"

#include "core/base/program_files.h"

#include <algorithm>
#include <dlfcn.h>
#include <filesystem>

namespace dskd::worker
{

namespace
{
constexpr int kMaxGpus = 16;
}

GpuProbe probeGpus(bool measure)
{
    std::error_code ignored;
    const std::filesystem::path own = programFolder();
    std::filesystem::path library = own / "libdskd_cuda.so"; // as built
    if (!std::filesystem::exists(library, ignored)) {
        library = own.parent_path() / "lib" / "dskd" / "libdskd_cuda.so"; // as installed
    }
    if (!std::filesystem::exists(library, ignored)) {
        return {{}, "This build has no CUDA code (libdskd_cuda.so): nvcc was not there when it was compiled."};
    }
    void* opened = dlopen(library.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (opened == nullptr) {
        const char* reason = dlerror();
        return {{}, library.string() + " cannot be opened: " + (reason != nullptr ? reason : "unknown") + "."};
    }
    const auto probe = reinterpret_cast<decltype(&dskdProbeDevices)>(dlsym(opened, "dskdProbeDevices"));
    if (probe == nullptr) {
        return {{}, library.string() + " is not of this version: it has no device probe. Build both again."};
    }
    GpuProbe found;
    found.gpus.resize(kMaxGpus);
    char error[256] = "";
    const int count = probe(found.gpus.data(), kMaxGpus, measure ? 1 : 0, error, sizeof error);
    found.gpus.resize(static_cast<std::size_t>(std::clamp(count, 0, kMaxGpus)));
    if (count < 0) {
        found.reason = error;
    } else if (count == 0) {
        found.reason = "CUDA answers but names no GPU.";
    }
    return found;
}

} // namespace dskd::worker

#include "app/worker/about.h"

#include "core/base/version.h"

#include <ATen/Parallel.h>
#include <ATen/detail/CUDAHooksInterface.h>
#include <nlohmann/json.hpp>
#include <ostream>
#include <torch/version.h>
#include <vector>

namespace dskd::worker
{

std::string torchVersion()
{
    return TORCH_VERSION;
}

namespace
{

nlohmann::json toJson(const DskdDevice& gpu)
{
    nlohmann::json row{{"name", gpu.name},
                       {"compute_capability", std::to_string(gpu.major) + "." + std::to_string(gpu.minor)},
                       {"total_bytes", gpu.totalBytes},
                       {"free_bytes", gpu.freeBytes}};
    if (gpu.copyBytesPerSecond > 0) {
        row["copy_bytes_per_second"] = gpu.copyBytesPerSecond;
    }
    return row;
}

} // namespace

void printVersion(std::ostream& out, bool json, const std::string& cudaReason, const GpuProbe& probe)
{
    std::vector<std::string> devices{"cpu"};
    const int numGpus = cudaReason.empty() ? static_cast<int>(at::detail::getCUDAHooks().deviceCount()) : 0;
    for (int i = 0; i < numGpus; ++i) {
        devices.push_back("cuda:" + std::to_string(i));
    }
    if (json) {
        nlohmann::json gpus = nlohmann::json::array();
        for (const DskdDevice& gpu : probe.gpus) {
            gpus.push_back(toJson(gpu));
        }
        const nlohmann::json about{
            {"version", kVersion},
            {"libtorch", torchVersion()},
            {"threads", at::get_num_threads()},
            {"devices", devices},
            {"cuda",
             {{"available", cudaReason.empty()}, {"reason", cudaReason}, {"probe", probe.reason}, {"gpus", gpus}}}};
        out << about.dump(2) << '\n';
        return;
    }
    out << "dskd-worker " << kVersion << ", LibTorch " << torchVersion() << ", " << at::get_num_threads()
        << " CPU threads\n";
    if (cudaReason.empty()) {
        out << "CUDA: " << numGpus << " GPU" << (numGpus == 1 ? "" : "s") << '\n';
    } else {
        out << "CUDA: none. " << cudaReason << '\n';
    }
    for (const DskdDevice& gpu : probe.gpus) {
        out << "  " << gpu.name << ", compute capability " << gpu.major << '.' << gpu.minor << ", "
            << (gpu.totalBytes >> 20) << " MiB\n";
    }
}

void printHelp(std::ostream& out)
{
    out << "Usage: dskd-worker RUN_FOLDER\n"
           "       dskd-worker --version [--measure] [--json]\n"
           "       dskd-worker --merge ADAPTER TO [--bf16]\n"
           "       dskd-worker --ask < QUESTION\n"
           "       dskd-worker --bench JOB\n"
           "\n"
           "Carries out the job that RUN_FOLDER/config.json describes (train, evaluate, generate) and records it in\n"
           "RUN_FOLDER/run.db. Training goes on from the newest finished checkpoint when there is one. Usually "
           "started\n"
           "by `dskd run`.\n"
           "\n"
           "--measure also times a copy on each GPU with a kernel of ours.\n"
           "--merge writes the model that the LoRA folder ADAPTER names, with the adapter merged in, to the folder "
           "TO.\n"
           "--ask lets models answer a prompt, one after another, and prints a line of JSON for each; usually started "
           "by\n"
           "`dskd ask`.\n"
           "--bench measures what the JSON text JOB asks for and prints JSON, for dskd bench.\n"
           "\n"
           "Signals   SIGTERM, SIGINT  finish the step, write a checkpoint, stop\n"
           "          SIGUSR1          write a checkpoint now\n"
           "Exit code 0 done, 1 failed, 2 usage or configuration, 3 not found, 10 stopped, 11 a loss was not finite,\n"
           "          12 out of memory, 13 a model cannot be used, 14 data cannot be used\n";
}

} // namespace dskd::worker

// Time and memory of one dual-space loss (values and all gradients): the fused operation beside the plain eager version
// that the tests use as oracle, and what share of this machine's matrix product the fused one reaches.
//
//   loss_bench [name=value ...]
//     rows=700 vocabulary=4096 width=96 teacher_width=288 chunk=256 threads=0 device=cpu|cuda dtype=float|bfloat16

#include "app/worker/gpu_library.h"
#include "core/distill/distiller.h"
#include "tests/support/loss_oracle.h"
#include "tests/support/step_rows.h"

#include <ATen/DeviceAccelerator.h>
#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>
#include <c10/core/CachingDeviceAllocator.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>
#include <string>
#include <sys/resource.h>
#include <torch/version.h>
#include <vector>

namespace
{

using namespace dskd;

struct Measured {
    double milliseconds = 0.0;  // median
    double cpu = 0.0;           // user + sys of all threads, milliseconds, median
    double peakMegabytes = 0.0; // above what was there before; 0 on the CPU
};
constexpr std::size_t kTimes = 15;

double cpuMilliseconds()
{
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const auto milliseconds = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_usec) * 1e-3;
    };
    return milliseconds(usage.ru_utime) + milliseconds(usage.ru_stime);
}

double median(std::vector<double> values)
{
    std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2), values.end());
    return values[values.size() / 2];
}

// The kind of memory statistics that counts bytes of all pools.
constexpr auto kAllPools = static_cast<std::size_t>(c10::CachingAllocator::StatType::AGGREGATE);

// Each of the works once, then again, so that what else the machine does meets all alike.
std::vector<Measured> measure(at::Device device, const std::vector<std::function<void()>>& works)
{
    const auto finish = [&] {
        if (!device.is_cpu()) {
            at::accelerator::synchronizeDevice(0);
        }
    };
    std::vector<Measured> measured(works.size());
    const auto bytes = [&] {
        return c10::getDeviceAllocator(device.type())->getDeviceStats(0).allocated_bytes[kAllPools];
    };
    std::vector<std::vector<double>> times(works.size());
    std::vector<std::vector<double>> cpu(works.size());
    for (std::size_t i = 0; i < works.size(); ++i) {
        works[i]();
        if (!device.is_cpu()) {
            c10::getDeviceAllocator(device.type())->resetPeakStats(0);
            const auto before = bytes().current;
            works[i]();
            measured[i].peakMegabytes = static_cast<double>(bytes().peak - before) / 1e6;
        }
    }
    for (std::size_t time = 0; time < kTimes; ++time) {
        for (std::size_t i = 0; i < works.size(); ++i) {
            finish();
            const auto start = std::chrono::steady_clock::now();
            const double cpuStart = cpuMilliseconds();
            works[i]();
            finish();
            cpu[i].push_back(cpuMilliseconds() - cpuStart);
            times[i].push_back(
                std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count());
        }
    }
    for (std::size_t i = 0; i < works.size(); ++i) {
        measured[i].milliseconds = median(times[i]);
        measured[i].cpu = median(cpu[i]);
    }
    return measured;
}

// Tera floating-point operations per second of a large square matrix product.
double matrixCeiling(at::Device device, at::ScalarType dtype)
{
    const std::int64_t side = device.is_cpu() ? 1536 : 8192;
    const at::Tensor a = at::randn({side, side}, at::TensorOptions(device).dtype(at::kFloat)).to(dtype);
    const at::Tensor b = at::randn({side, side}, at::TensorOptions(device).dtype(at::kFloat)).to(dtype);
    at::Tensor product = at::empty_like(a);
    const double milliseconds = measure(device, {[&] { at::mm_out(product, a, b); }}).front().milliseconds;
    return 2.0 * static_cast<double>(side * side * side) / milliseconds * 1e-9;
}

} // namespace

int main(int argc, char** argv)
{
    std::map<std::string, std::string> given{{"rows", "700"},          {"vocabulary", "4096"}, {"width", "96"},
                                             {"teacher_width", "288"}, {"chunk", "256"},       {"threads", "0"},
                                             {"device", "cpu"},        {"dtype", "float"}};
    for (const std::string& word : std::vector<std::string>(argv + 1, argv + argc)) {
        const auto split = word.find('=');
        if (split == std::string::npos || !given.contains(word.substr(0, split))) {
            std::fprintf(stderr, "loss_bench: \"%s\" is none of its arguments; see the top of its source.\n",
                         word.c_str());
            return 2;
        }
        given[word.substr(0, split)] = word.substr(split + 1);
    }
    if ((given["device"] != "cpu" && given["device"] != "cuda") ||
        (given["dtype"] != "float" && given["dtype"] != "bfloat16")) {
        std::fprintf(stderr, "loss_bench: device is cpu or cuda, dtype is float or bfloat16.\n");
        return 2;
    }
    const auto number = [&](const char* name) { return std::strtoll(given[name].c_str(), nullptr, 10); };
    const std::string noGpu = given["device"] == "cuda" ? worker::openGpuLibrary() : std::string();
    if (!noGpu.empty()) {
        std::fprintf(stderr, "loss_bench: %s\n", noGpu.c_str());
        return 1;
    }
    const at::Device device(given["device"]);
    const at::ScalarType dtype = given["dtype"] == "bfloat16" ? at::kBFloat16 : at::kFloat;
    if (number("threads") > 0) {
        at::set_num_threads(static_cast<int>(number("threads")));
    }

    const std::int64_t rowCount = number("rows");
    const std::int64_t vocabulary = number("vocabulary");
    const support::RowsShape shape{number("width"), number("teacher_width"), vocabulary, vocabulary, {rowCount},
                                   {rowCount}};
    batch::StepRows rows = support::randomRows(shape);
    for (batch::SideRows* side : {&rows.student, &rows.teacher}) {
        side->hidden = side->hidden.to(device, dtype);
        side->head = (side->head * 0.1).to(device, dtype);
        side->embedding = side->embedding.to(device, dtype);
        side->labels = side->labels.to(device);
        side->inputIds = side->inputIds.to(device);
    }
    rows.student.hidden.requires_grad_(true);
    rows.student.head.requires_grad_(true);

    const double ceiling = matrixCeiling(device, dtype);
    // Student space: two products for the logits, two for hidden states' gradients, one for the head's; teacher space:
    // two for the logits, one for the gradient.
    const double work = 2.0 * static_cast<double>(rowCount * vocabulary) *
                        static_cast<double>(5 * shape.studentWidth + 3 * shape.teacherWidth);
    std::printf(
        "rows %lld, vocabulary %lld, widths %lld and %lld, chunks of %lld, %s, %s, %d CPU threads, LibTorch %s\n",
        static_cast<long long>(rowCount), static_cast<long long>(vocabulary),
        static_cast<long long>(shape.studentWidth), static_cast<long long>(shape.teacherWidth), number("chunk"),
        given["device"].c_str(), given["dtype"].c_str(), at::get_num_threads(), TORCH_VERSION);
    std::printf("median of 15, in turns; a large matrix product of this type runs at %.2f TFLOP/s here, the loss's "
                "products are "
                "%.3f TFLOP\n",
                ceiling, work * 1e-12);
    for (const Distance distance : kAllDistances) {
        config::MethodConfig method;
        method.distance = distance;
        const distill::Distiller distiller(method, {shape.studentWidth, shape.teacherWidth}, number("chunk"), 1, device,
                                           dtype);
        const oracle::Projectors projectors(distiller.projectors().begin(), distiller.projectors().end());
        const auto measured =
            measure(device, {[&] { distiller.compute(rows).loss.backward(); },
                             [&] { oracle::distillationLoss(method, rows, projectors).loss.backward(); },
                             [&] {
                                 const c10::NoGradGuard noGrad;
                                 (void)distiller.compute(rows);
                             }});
        const Measured& fused = measured[0];
        const Measured& eager = measured[1];
        const Measured& values = measured[2];
        const auto gradient = [&](const std::function<at::Tensor()>& loss) {
            rows.student.hidden.mutable_grad() = at::Tensor();
            loss().backward();
            return rows.student.hidden.grad().to(at::kDouble);
        };
        const at::Tensor ours = gradient([&] { return distiller.compute(rows).loss; });
        const at::Tensor theirs = gradient([&] { return oracle::distillationLoss(method, rows, projectors).loss; });
        const double difference = (ours - theirs).norm().item<double>() / theirs.norm().item<double>();
        std::printf("%-5s fused %8.2f ms   eager %8.2f ms   ratio %5.2f   user+sys %8.2f and %8.2f, ratio %5.2f   "
                    "values only %8.2f ms   %2.0f %% of the product   gradients %.0e apart",
                    std::string(name(distance)).c_str(), fused.milliseconds, eager.milliseconds,
                    eager.milliseconds / fused.milliseconds, fused.cpu, eager.cpu, eager.cpu / fused.cpu,
                    values.milliseconds, 100.0 * work / (fused.milliseconds * 1e9) / ceiling, difference);
        if (!device.is_cpu()) {
            std::printf("   peak %.0f MB, eager %.0f MB (%.0fx)", fused.peakMegabytes, eager.peakMegabytes,
                        eager.peakMegabytes / fused.peakMegabytes);
        }
        std::printf("\n");
        std::fflush(stdout);
    }
    return 0;
}

// Time of one dual-space loss (values and all gradients) on the CPU in float32: the fused operation beside the plain
// eager version that the tests use as oracle.
//
//   loss_bench [rows] [vocabulary] [student width] [teacher width] [chunk rows] [threads]

#include "core/distill/distiller.h"
#include "tests/support/loss_oracle.h"
#include "tests/support/step_rows.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>

namespace
{

double bestMilliseconds(const std::function<void()>& work)
{
    work();
    double best = 1e30;
    for (int i = 0; i < 15; ++i) {
        const auto start = std::chrono::steady_clock::now();
        work();
        const std::chrono::duration<double, std::milli> elapsed = std::chrono::steady_clock::now() - start;
        best = std::min(best, elapsed.count());
    }
    return best;
}

} // namespace

int main(int argc, char** argv)
{
    using namespace dskd;
    const auto argument = [&](int index, std::int64_t fallback) {
        return argc > index ? std::strtoll(argv[index], nullptr, 10) : fallback;
    };
    const std::int64_t rowCount = argument(1, 700);
    const std::int64_t vocabulary = argument(2, 4096);
    const support::RowsShape shape{argument(3, 96), argument(4, 288), vocabulary, vocabulary, {rowCount}, {rowCount}};
    const std::int64_t chunkRows = argument(5, 256);
    at::set_num_threads(static_cast<int>(argument(6, at::get_num_threads())));

    distill::StepRows rows = support::randomRows(shape);
    for (distill::SideRows* side : {&rows.student, &rows.teacher}) {
        side->hidden = side->hidden.to(at::kFloat);
        side->head = (side->head * 0.1).to(at::kFloat);
    }
    rows.student.hidden.requires_grad_(true);
    rows.student.head.requires_grad_(true);
    std::printf("rows %lld, vocabulary %lld, widths %lld and %lld, chunks of %lld, %d threads; best of 15, ms\n",
                static_cast<long long>(rowCount), static_cast<long long>(vocabulary),
                static_cast<long long>(shape.studentWidth), static_cast<long long>(shape.teacherWidth),
                static_cast<long long>(chunkRows), at::get_num_threads());
    for (const Distance distance : kAllDistances) {
        config::MethodConfig method;
        method.distance = distance;
        const distill::Distiller distiller(method, {shape.studentWidth, shape.teacherWidth}, chunkRows, 1);
        const oracle::Projectors projectors(distiller.projectors().begin(), distiller.projectors().end());
        const double fused = bestMilliseconds([&] { distiller.compute(rows).loss.backward(); });
        const double values = bestMilliseconds([&] {
            const c10::NoGradGuard noGrad;
            (void)distiller.compute(rows);
        });
        const double eager =
            bestMilliseconds([&] { oracle::distillationLoss(method, rows, projectors).loss.backward(); });
        std::printf("%-5s fused %7.2f   eager %7.2f   ratio %.2f   fused, values only %7.2f\n",
                    std::string(name(distance)).c_str(), fused, eager, eager / fused, values);
    }
    return 0;
}

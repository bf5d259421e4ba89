// Makes a workspace of many finished runs (finished_runs.h), all in one group. For measuring lists, comparisons,
// reports and the window.
//   many_runs WORKSPACE [RUNS] [STEPS]       default 2000 runs of 60 steps: 306 metric rows a run

#include "tests/bench/finished_runs.h"

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <map>
#include <string>

namespace
{

using namespace dskd;

constexpr int kValidationEvery = 20;

std::map<std::string, double> valuesOf(int step, int steps, const bench::Noise& noise)
{
    const double loss = bench::fallingLoss(step, steps, noise);
    std::map<std::string, double> values = {{"loss", loss},
                                            {"nll_loss", 0.9 * loss},
                                            {"kd_loss", 0.4 * loss},
                                            {"lr", 5e-4 * (steps - step) / steps},
                                            {"grad_norm", 0.8 + 0.2 * std::abs(noise())}};
    if (step % kValidationEvery == 0) {
        values["validation.loss"] = loss + 0.1;
        values["validation.rouge_l"] = 0.3 - 0.02 * loss;
    }
    return values;
}

} // namespace

int main(int argc, char** argv)
{
    if (argc < 2) {
        std::fprintf(stderr, "many_runs WORKSPACE [RUNS] [STEPS]\n");
        return 2;
    }
    const int runs = argc > 2 ? std::atoi(argv[2]) : 2000;
    const int steps = argc > 3 ? std::atoi(argv[3]) : 60;
    try {
        auto workspace = store::WorkspaceDb::create(argv[1]).value();
        bench::makeFinishedRuns(workspace, "many", runs, steps,
                                [steps](int step, const bench::Noise& noise, std::map<std::string, double>& values) {
                                    values = valuesOf(step, steps, noise);
                                });
    } catch (const std::exception& error) {
        std::fprintf(stderr, "many_runs: %s\n", error.what());
        return 1;
    }
    std::printf("%d runs in %s\n", runs, argv[1]);
    return 0;
}

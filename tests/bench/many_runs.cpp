// Makes a workspace of many finished runs, as a long project leaves one: run folders with config.json, launch.json,
// worker.log, a checkpoint's mark and a run.db, all in one group, ten seeds of an experiment. For measuring lists,
// comparisons, reports and the window.
//   many_runs WORKSPACE [RUNS] [STEPS]       default 2000 runs of 60 steps: 306 metric rows a run

#include "core/base/atomic_file.h"
#include "core/base/run_layout.h"
#include "core/config/schema/experiment.h"
#include "core/jobs/evidence.h"
#include "core/jobs/run_folder.h"
#include "core/store/run_writer.h"

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <random>

namespace
{

using namespace dskd;

constexpr int kSeeds = 10; // of one experiment
constexpr int kValidationEvery = 20;

config::Experiment experimentOf(int number)
{
    config::Experiment experiment;
    experiment.name = "run-" + std::to_string(number);
    experiment.group = "many";
    experiment.seed = static_cast<std::uint64_t>(number % kSeeds);
    experiment.student.model = "/models/student";
    experiment.teacher.model = "/models/teacher";
    experiment.data.train = "/data/train.jsonl";
    experiment.data.validation = "/data/validation.jsonl";
    experiment.train.lr = 1e-6 * (1 + number / kSeeds);
    return experiment;
}

void train(const RunLayout& run, int number, int steps)
{
    jobs::writeLaunch(run, {thisProcess(), unixTime(), 0}).value();
    auto writer = store::RunWriter::open(run).value();
    writer->beginAttempt(std::nullopt).value();
    writer->setPlan({steps, steps}).value();
    std::mt19937_64 random(static_cast<std::uint64_t>(number));
    std::normal_distribution<double> noise;
    for (int step = 1; step <= steps; ++step) {
        const double loss = 2.8 + 2.2 * std::exp(-5.0 * step / steps) + 0.05 * noise(random);
        std::map<std::string, double> values = {{"loss", loss},
                                                {"nll_loss", 0.9 * loss},
                                                {"kd_loss", 0.4 * loss},
                                                {"lr", 5e-4 * (steps - step) / steps},
                                                {"grad_norm", 0.8 + 0.2 * std::abs(noise(random))}};
        if (step % kValidationEvery == 0) {
            values["validation.loss"] = loss + 0.1;
            values["validation.rouge_l"] = 0.3 - 0.02 * loss;
        }
        writer->addMetrics(step, step * 900, values);
    }
    writer->heartbeat(steps, "saving").value();
    writer->addEvent(steps, "done", "Finished.");
    writer->endAttempt(0, "Finished.").value();
    const CheckpointLayout checkpoint{run.checkpoint(steps)};
    std::filesystem::create_directories(checkpoint.root);
    writeFileAtomically(checkpoint.done(), "").value();
    writeFileAtomically(run.log(), "done\n").value();
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
        for (int number = 0; number < runs; ++number) {
            const std::string id = jobs::createRun(workspace, experimentOf(number)).value();
            train(workspace.layout().run(id), number, steps);
        }
    } catch (const std::exception& error) {
        std::fprintf(stderr, "many_runs: %s\n", error.what());
        return 1;
    }
    std::printf("%d runs in %s\n", runs, argv[1]);
    return 0;
}

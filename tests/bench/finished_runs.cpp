#include "tests/bench/finished_runs.h"

#include "core/base/atomic_file.h"
#include "core/base/process.h"
#include "core/base/run_layout.h"
#include "core/config/schema/experiment.h"
#include "core/jobs/evidence.h"
#include "core/jobs/run_folder.h"
#include "core/store/run_writer.h"

#include <cmath>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <random>

namespace dskd::bench
{
namespace
{

constexpr int kSeeds = 10; // of one experiment
constexpr int kFlushEvery = 1000;

config::Experiment experimentOf(const std::string& group, int number)
{
    config::Experiment experiment;
    experiment.name = "run-" + std::to_string(number);
    experiment.group = group;
    experiment.seed = static_cast<std::uint64_t>(number % kSeeds);
    experiment.student.model = "/models/student";
    experiment.teacher.model = "/models/teacher";
    experiment.data.train = "/data/train.jsonl";
    experiment.data.validation = "/data/validation.jsonl";
    experiment.train.lr = 1e-6 * (1 + number / kSeeds);
    return experiment;
}

void train(const RunLayout& run, int number, int steps, const ValuesOfStep& valuesOfStep)
{
    jobs::writeLaunch(run, {thisProcess(), unixTime(), 0}).value();
    auto writer = store::RunWriter::open(run).value();
    writer->beginAttempt(std::nullopt).value();
    writer->setPlan({steps, steps}).value();
    std::mt19937_64 random(static_cast<std::uint64_t>(number));
    std::normal_distribution<double> normal;
    const Noise noise = [&] { return normal(random); };
    std::map<std::string, double> values;
    for (int step = 1; step <= steps; ++step) {
        valuesOfStep(step, noise, values);
        writer->addMetrics(step, std::int64_t{900} * step, values);
        if (step % kFlushEvery == 0) {
            (void)writer->flush().value();
        }
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

double fallingLoss(int step, int steps, const Noise& noise)
{
    return 2.8 + 2.2 * std::exp(-5.0 * step / steps) + 0.05 * noise();
}

void makeFinishedRuns(store::WorkspaceDb& workspace, const std::string& group, int runs, int steps,
                      const ValuesOfStep& valuesOfStep)
{
    for (int number = 0; number < runs; ++number) {
        const std::string id = jobs::createRun(workspace, experimentOf(group, number)).value();
        train(workspace.layout().run(id), number, steps, valuesOfStep);
    }
}

} // namespace dskd::bench

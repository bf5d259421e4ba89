#include "tests/support/sample_workspace.h"

#include "core/base/atomic_file.h"
#include "core/config/schema/experiment.h"
#include "core/config/schema/experiment_json.h"
#include "core/jobs/run_folder.h"
#include "core/store/database.h"
#include "core/store/run_writer.h"

#include <cmath>
#include <limits>
#include <random>

namespace dskd::test
{
namespace
{

struct Kind {
    const char* name;
    config::Objective objective;
    config::Space space;
    config::Alignment alignment;
    double floor; // the loss it ends near
};

constexpr Kind kKinds[] = {
    {"sft", config::Objective::Sft, config::Space::Dual, config::Alignment::None, 3.02},
    {"diff", config::Objective::Kd, config::Space::Different, config::Alignment::None, 2.94},
    {"student", config::Objective::Kd, config::Space::Student, config::Alignment::None, 2.88},
    {"dual", config::Objective::Kd, config::Space::Dual, config::Alignment::None, 2.81},
    {"cma", config::Objective::Kd, config::Space::Dual, config::Alignment::Cma, 2.91},
};

const std::vector<std::string> kTokens = {"▁Know", "ledge",  "▁dist", "ill", "ation", "▁is", "▁the", "▁art",
                                          "▁of",   "▁small", "▁mod",  "els", ".",     "\n",  "</s>"};

void addAttention(store::RunWriter& writer, std::int64_t step, int steps, const std::string& hostile)
{
    store::HeatMapRow map;
    map.step = step;
    map.name = "cma.t2s";
    map.columnTokens = kTokens;
    map.rowTokens = {"Know", "ledge", " distillation", " is", " the", " art", " of", " small", " models", ".", "\n"};
    map.rowTokens[2] += hostile;
    const double sharpness = 0.4 + 2.5 * static_cast<double>(step) / steps;
    for (std::size_t r = 0; r < map.rowTokens.size(); ++r) {
        double sum = 0.0;
        std::vector<double> row;
        for (std::size_t c = 0; c < kTokens.size(); ++c) {
            const double distance = static_cast<double>(c) - static_cast<double>(r) * 1.4;
            row.push_back(std::exp(-sharpness * distance * distance / 2));
            sum += row.back();
        }
        for (const double value : row) {
            map.values.push_back(static_cast<float>(value / sum));
        }
    }
    writer.addHeatMap(map);
}

// Eight probe samples, and points that draw nearer to each other; the distances of `kind` are told apart by its floor.
void addSpaces(store::RunWriter& writer, const Kind& kind, std::uint64_t seed, int step, int steps,
               const std::string& hostile)
{
    using store::ModelSide;
    const double left = std::exp(-2.0 * step / steps); // of the way
    for (int sample = 0; sample < 8; ++sample) {
        const double cosine = 0.3 * left + 0.04 * kind.floor + 0.01 * sample + 0.001 * static_cast<double>(seed);
        writer.addStructure({0, step, sample, 10, 100 * cosine, 20 * cosine, cosine, 2 * cosine, 10});
    }
    std::vector<store::SpacePointRow> points;
    for (const ModelSide space : {ModelSide::Student, ModelSide::Teacher}) {
        if (step == 0) {
            writer.addSpaceAxes({0, 0, space, {0.0, 0.0}, {1.0, 0.0}, {0.0, 1.0}, {0.6, 0.3}});
        }
        for (const ModelSide side : {ModelSide::Student, ModelSide::Teacher}) {
            if (side != space && kind.objective == config::Objective::Sft) {
                continue; // nothing is projected
            }
            for (int row = 0; row < 12; ++row) {
                const double apart = side == space ? 0.0 : 3.0 * left;
                points.push_back({0, step, space, side, row % 2, row / 2,
                                  kTokens[static_cast<std::size_t>(row) % 4] + hostile, std::sin(row * 1.7) + apart,
                                  std::cos(row * 0.9)});
            }
        }
    }
    writer.addSpacePoints(std::move(points));
}

void fillRun(const RunLayout& run, const Kind& kind, std::uint64_t seed, const std::string& hostile, int steps)
{
    auto writer = store::RunWriter::open(run).value();
    writer->beginAttempt(std::nullopt).value();
    writer->setPlan({steps, steps}).value();
    writer->setInfo("device", "cpu").value();
    std::mt19937_64 random(seed * 7919 + static_cast<std::uint64_t>(kind.floor * 1000));
    std::normal_distribution<double> noise;
    const bool distils = kind.objective == config::Objective::Kd;
    addSpaces(*writer, kind, seed, 0, steps, hostile);
    for (int step = 1; step <= steps; ++step) {
        const double progress = static_cast<double>(step) / steps;
        const double loss = kind.floor + 2.2 * std::exp(-5 * progress) + 0.09 * noise(random);
        std::map<std::string, double> values = {{"loss", loss},
                                                {"nll_loss", loss * (distils ? 0.93 : 1.0)},
                                                {"lr", 5e-4 * 0.5 * (1 + std::cos(progress * 3.14159265))},
                                                {"grad_norm", 0.8 + 0.25 * std::abs(noise(random))}};
        if (distils) {
            values["kd_loss"] = 1.1 * std::exp(-3 * progress) + 0.35 + 0.04 * noise(random);
            values["t2s_kd_loss"] = 0.8 * std::exp(-3 * progress) + 0.2 + 0.03 * noise(random);
            values["t2s_acc"] = std::min(1.0, 0.97 - 0.7 * std::exp(-8 * progress) + 0.01 * noise(random));
        }
        if (kind.space == config::Space::Different && seed == 20 && step == steps / 2) {
            values["grad_norm"] = std::numeric_limits<double>::quiet_NaN();
        }
        if (step % 50 == 0) {
            addSpaces(*writer, kind, seed, step, steps, hostile);
            values["validation.loss"] = kind.floor + 0.15 + 1.4 * std::exp(-4 * progress) + 0.012 * noise(random);
            values["validation.rouge_l"] =
                0.26 - 0.05 * (kind.floor - 2.8) - 0.2 * std::exp(-4 * progress) + 0.004 * noise(random);
            if (kind.alignment == config::Alignment::None && distils) {
                values["structure.cosine_mean"] = 0.3 * std::exp(-2 * progress) + 0.04 * kind.floor;
                values["structure.product_mean"] = 0.5 * std::exp(-2 * progress) + 0.05 * kind.floor;
            }
            if (kind.alignment == config::Alignment::Cma) {
                addAttention(*writer, step, steps, hostile);
            }
        }
        writer->addMetrics(step, step * 900, values);
    }
    for (const char* prompt : {"Name three colours of the rainbow.", "Who wrote Faust?"}) {
        store::AnswerRow answer;
        answer.step = steps;
        answer.prompt = std::string("### Instruction:\n") + prompt + hostile;
        answer.reference = "Red, orange and yellow are three of them.";
        answer.answer = std::string("The answer of ") + kind.name + " is: red, blue." + hostile;
        answer.rougeL = 0.21 + 0.01 * static_cast<double>(seed);
        writer->addAnswer(answer);
    }
    writer->addEvent(steps, "done", "Finished.");
    writer->heartbeat(steps, "training").value();
    writer->endAttempt(0, "Finished.").value();
}

} // namespace

std::vector<std::string> fillSampleWorkspace(store::WorkspaceDb& workspace, const std::string& hostile, int steps)
{
    std::vector<std::string> ids;
    for (const std::uint64_t seed : {10ULL, 20ULL, 30ULL}) {
        for (const Kind& kind : kKinds) {
            if (kind.alignment == config::Alignment::Cma && seed == 30) {
                continue;
            }
            config::Experiment experiment;
            experiment.name = kind.name;
            experiment.group = "demo";
            experiment.seed = seed;
            experiment.student.model = "/models/student";
            experiment.teacher.model = kind.objective == config::Objective::Kd ? "/models/teacher" : "";
            experiment.data.train = "/data/train.jsonl";
            experiment.data.validation = "/data/validation.jsonl";
            experiment.method.objective = kind.objective;
            experiment.method.space = kind.space;
            experiment.method.alignment = kind.alignment;
            ids.push_back(jobs::createRun(workspace, experiment).value());
            if (!hostile.empty()) { // as a version made it that accepted such names
                experiment.name += hostile;
                workspace.rename(ids.back(), experiment.name).value();
                writeFileAtomically(workspace.layout().run(ids.back()).config(), config::toText(experiment)).value();
            }
            fillRun(workspace.layout().run(ids.back()), kind, seed, hostile, steps);
        }
    }
    return ids;
}

void setSampleTimes(store::WorkspaceDb& workspace)
{
    constexpr double kFirst = 1'772'445'600; // 2 March 2026, 10:00 UTC
    constexpr double kApart = 120;
    const store::Database rows(workspace.layout().database(), store::Database::Access::ReadWrite);
    double began = kFirst;
    for (const store::RunRow& row : workspace.runs()) {
        const std::string start = std::to_string(began);
        rows.prepare("UPDATE runs SET created = ? WHERE id = ?").bind(1, began).bind(2, row.id).run();
        const store::Database run(workspace.layout().run(row.id).database(), store::Database::Access::ReadWrite);
        run.execute("UPDATE metrics SET time = " + start + " + step * 0.2; UPDATE attempts SET started = " + start +
                    ", ended = " + start + " + 61, seconds = 61; UPDATE events SET time = " + start +
                    " + 60; UPDATE heartbeat SET time = " + start + " + 60;");
        began += kApart;
    }
}

} // namespace dskd::test

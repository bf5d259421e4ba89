#include "app/demo/demo_runs.h"

#include "core/config/schema/experiment_json.h"
#include "core/jobs/experiments.h"
#include "core/jobs/run_folder.h"
#include "core/jobs/status.h"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <utility>

namespace dskd::demo
{
namespace
{

// "train.steps=40" of the manifest.
void applySetting(const std::string& text, config::Experiment& experiment)
{
    const auto equals = text.find('=');
    if (equals == std::string::npos) {
        throw Error("\"quick\" of the demo's manifest holds \"" + text + "\", which has no \"=\".",
                    "Write it as FIELD=VALUE, for example train.lr=1e-3.", FailureKind::Usage);
    }
    orThrow(config::setField(experiment, text.substr(0, equals), text.substr(equals + 1)), FailureKind::Usage);
}

// The run of this very experiment and seed that was made before, if any; the newest of several.
std::optional<std::string> existingRun(const std::vector<store::RunRow>& runs, const config::Experiment& experiment)
{
    const std::string hash = jobs::configHash(experiment);
    std::optional<std::string> found;
    for (const store::RunRow& run : runs) {
        if (run.group == experiment.group && run.seed == experiment.seed && run.configHash == hash) {
            found = run.id;
        }
    }
    return found;
}

} // namespace

DemoPlan planDemo(const DemoFiles& files, const DemoChoices& choices)
{
    DemoManifest manifest = orThrow(readDemoManifest(files.experiments), FailureKind::Usage);
    if (!choices.seeds.empty()) {
        manifest.seeds = choices.seeds;
        manifest.otherSeeds = manifest.seeds;
    } else if (choices.quick) {
        manifest.seeds.resize(1);
        manifest.otherSeeds.resize(1);
    }
    DemoPlan plan;
    plan.title = manifest.title;
    const auto add = [&](const std::string& name, std::uint64_t seed) {
        config::Experiment experiment = config::loadExperiment(files.experiments / (name + ".json")).value();
        if (choices.quick) {
            for (const std::string& setting : manifest.quick) {
                applySetting(setting, experiment);
            }
        }
        experiment.name = experiment.name.empty() ? name : experiment.name;
        experiment.group = choices.quick ? "demo quick" : "demo";
        experiment.seed = seed;
        plan.experiments.push_back(std::move(experiment));
    };
    // Seed by seed, so that a first complete comparison is there early.
    const auto contains = [](const std::vector<std::uint64_t>& list, std::uint64_t seed) {
        return std::find(list.begin(), list.end(), seed) != list.end();
    };
    std::vector<std::uint64_t> seeds = manifest.seeds;
    for (const std::uint64_t seed : manifest.otherSeeds) {
        if (!contains(seeds, seed)) {
            seeds.push_back(seed);
        }
    }
    for (const std::uint64_t seed : seeds) {
        for (const auto& [names, of] :
             {std::pair(&manifest.trio, &manifest.seeds), std::pair(&manifest.others, &manifest.otherSeeds)}) {
            for (const std::string& name : *names) {
                if (contains(*of, seed)) {
                    add(name, seed);
                }
            }
        }
    }
    return plan;
}

DemoRuns queueDemo(store::WorkspaceDb& workspace, const DemoPlan& plan, bool again)
{
    const auto before = workspace.runs();
    DemoRuns planned;
    for (const config::Experiment& experiment : plan.experiments) {
        auto known = again ? std::nullopt : existingRun(before, experiment);
        if (!known) {
            known = jobs::createRun(workspace, experiment).value();
        }
        planned.ids.push_back(*known);
        if (jobs::readStatus(workspace.layout().run(*known)).status == jobs::Status::Done) {
            continue;
        }
        (void)workspace.enqueue(*known).value();
        ++planned.queued;
    }
    jobs::placeRuns(workspace);
    return planned;
}

} // namespace dskd::demo

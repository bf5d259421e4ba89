#include "app/cli/commands/demo.h"

#include "app/cli/commands/compare.h"
#include "app/cli/commands/run.h"
#include "app/cli/demo_files.h"
#include "app/cli/grid.h"
#include "app/cli/terminal/follow.h"
#include "app/report/report.h"
#include "core/base/process.h"
#include "core/jobs/compare.h"
#include "core/jobs/run_folder.h"
#include "core/text/numbers.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>

namespace dskd::cli
{

namespace fs = std::filesystem;

namespace
{

struct Plan {
    std::vector<config::Experiment> experiments; // in the order they should run
    std::string title;
};

Result<Plan> makePlan(const DemoFiles& files, const DemoOptions& options)
{
    auto manifest = readDemoManifest(files.experiments);
    if (!manifest) {
        return manifest.failure();
    }
    if (!options.seeds.empty()) {
        auto seeds = parseSeeds(options.seeds);
        if (!seeds) {
            return seeds.failure();
        }
        manifest->seeds = *seeds;
        manifest->otherSeeds = *seeds;
    } else if (options.quick) {
        manifest->seeds.resize(1);
        manifest->otherSeeds.resize(1);
    }
    Plan plan;
    plan.title = manifest->title;
    const auto add = [&](const std::string& name, std::uint64_t seed) -> Result<void> {
        auto experiment = readExperiment((files.experiments / (name + ".json")).string(),
                                         options.quick ? manifest->quick : std::vector<std::string>{});
        if (!experiment) {
            return experiment.failure();
        }
        experiment->name = experiment->name.empty() ? name : experiment->name;
        experiment->group = options.quick ? "demo quick" : "demo";
        experiment->seed = seed;
        plan.experiments.push_back(std::move(*experiment));
        return {};
    };
    // Seed by seed, so that a first complete comparison is there early.
    std::vector<std::uint64_t> seeds = manifest->seeds;
    for (const std::uint64_t seed : manifest->otherSeeds) {
        if (std::find(seeds.begin(), seeds.end(), seed) == seeds.end()) {
            seeds.push_back(seed);
        }
    }
    const auto wants = [](const std::vector<std::uint64_t>& list, std::uint64_t seed) {
        return std::find(list.begin(), list.end(), seed) != list.end();
    };
    for (const std::uint64_t seed : seeds) {
        for (const auto& [names, of] :
             {std::pair(&manifest->trio, &manifest->seeds), std::pair(&manifest->others, &manifest->otherSeeds)}) {
            for (const std::string& name : *names) {
                if (!wants(*of, seed)) {
                    continue;
                }
                if (const auto added = add(name, seed); !added) {
                    return added.failure();
                }
            }
        }
    }
    return plan;
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

// Runs of the plan in its order, queued where they are not finished. `fresh` counts those.
Result<std::vector<std::string>> queuePlan(store::WorkspaceDb& workspace, const Plan& plan, bool again, int& fresh)
{
    const auto before = workspace.runs();
    std::vector<std::string> ids;
    for (const config::Experiment& experiment : plan.experiments) {
        auto known = again ? std::nullopt : existingRun(before, experiment);
        if (!known) {
            auto created = jobs::createRun(workspace, experiment);
            if (!created) {
                return created.failure();
            }
            known = *created;
        }
        ids.push_back(*known);
        if (jobs::readStatus(workspace.layout().run(*known)).status == jobs::Status::Done) {
            continue;
        }
        ++fresh;
        if (const auto queued = workspace.enqueue(*known); !queued) {
            return queued.failure();
        }
    }
    return ids;
}

fs::path demoWorkspace(const std::string& given)
{
    if (!given.empty()) {
        return given;
    }
    const char* variable = std::getenv("DSKD_WORKSPACE");
    return variable != nullptr && *variable != '\0' ? fs::path(variable) : fs::path("demo-workspace");
}

} // namespace

int runDemo(const DemoOptions& options, Console& console)
{
    const auto files = findDemo();
    if (!files) {
        return explain(console, files.failure(), ExitCode::NotFound, options.json);
    }
    const auto plan = makePlan(*files, options);
    if (!plan) {
        return explain(console, plan.failure(), ExitCode::Usage, options.json);
    }
    std::error_code error;
    auto workspace =
        store::WorkspaceDb::create(fs::absolute(demoWorkspace(options.workspace), error).lexically_normal());
    if (!workspace) {
        return explain(console, workspace.failure(), ExitCode::Failed, options.json);
    }
    int fresh = 0;
    const auto ids = queuePlan(*workspace, *plan, options.again, fresh);
    if (!ids) {
        return explain(console, ids.failure(), ExitCode::Failed, options.json);
    }
    if (options.prepare) {
        const std::string root = workspace->layout().root.string();
        if (options.json) {
            printJson(console.out, {{"workspace", root}, {"runs", *ids}, {"queued", fresh}});
        } else {
            console.out << fresh << " of " << ids->size() << " demo runs are queued in " << root << ".\n";
        }
        return toInt(ExitCode::Done);
    }
    const double started = unixTime();
    std::vector<std::string> failed;
    if (fresh == 0) {
        console.err << "All " << ids->size()
                    << " demo runs are finished already: writing the report anew (--again runs "
                    << "them once more).\n";
    } else {
        console.err << fresh << " of " << ids->size() << " demo runs to do in " << workspace->layout().root.string()
                    << ".\n";
        const auto ended = followQueue(console, *workspace);
        if (!ended) {
            return explain(console, ended.failure(), ExitCode::Failed, options.json);
        }
        if (ended->detached) {
            if (options.json) {
                printJson(console.out, {{"workspace", workspace->layout().root.string()},
                                        {"runs", *ids},
                                        {"finished", ended->summary.finished},
                                        {"failed", ended->summary.failed},
                                        {"detached", true}});
            }
            return toInt(ExitCode::Detached);
        }
        failed = ended->summary.failed;
    }
    const fs::path report = workspace->layout().root / "report.html";
    const auto written = report::writeReport(*workspace, *ids, plan->title, report);
    if (!written) {
        return explain(console, written.failure(), ExitCode::Failed, options.json);
    }
    if (options.json) {
        printJson(console.out, {{"workspace", workspace->layout().root.string()},
                                {"report", report.string()},
                                {"runs", *ids},
                                {"started", fresh},
                                {"failed", failed},
                                {"seconds", unixTime() - started}});
        return toInt(failed.empty() ? ExitCode::Done : ExitCode::Failed);
    }
    const auto comparison = jobs::compareRuns(*workspace, *ids);
    if (!comparison) {
        return explain(console, comparison.failure(), ExitCode::Failed, options.json);
    }
    console.out << '\n';
    printComparison(*comparison, {}, console);
    console.out << '\n';
    if (fresh > 0) {
        console.out << "Took " << text::duration(unixTime() - started) << ". ";
    }
    console.out << "Report: " << report.string() << '\n';
    return toInt(failed.empty() ? ExitCode::Done : ExitCode::Failed);
}

} // namespace dskd::cli

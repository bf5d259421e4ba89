#include "app/cli/export_command.h"

#include "app/cli/worker_probe.h"
#include "app/report/report.h"
#include "core/base/checkpoint_folders.h"
#include "core/jobs/launch.h"
#include "core/jobs/run_folder.h"
#include "core/text/numbers.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <nlohmann/json.hpp>

namespace dskd::cli
{

namespace fs = std::filesystem;

namespace
{

// The parts of a checkpoint that only training needs.
bool isTrainingState(const CheckpointLayout& checkpoint, const fs::path& file)
{
    return file == checkpoint.projectors() || file == checkpoint.optimizer() || file == checkpoint.trainerState() ||
           file == checkpoint.done();
}

constexpr const char* kAdapterConfig = "adapter_config.json"; // names of PEFT
constexpr const char* kAdapterWeights = "adapter_model.safetensors";

bool isAdapterFile(const fs::path& file)
{
    return file.filename() == kAdapterConfig || file.filename() == kAdapterWeights;
}

bool isModelFile(const CheckpointLayout& checkpoint, const fs::path& file)
{
    return file == checkpoint.weights() || file == checkpoint.modelConfig();
}

// Files of `from` that `wanted` says yes to.
template <typename Wanted>
Result<void> copyFiles(const fs::path& from, const fs::path& to, const Wanted& wanted)
{
    std::error_code error;
    fs::create_directories(to, error);
    if (error) {
        return Failure{"Cannot make the folder " + to.string() + ": " + error.message() + ".", {}};
    }
    for (const auto& entry : fs::directory_iterator(from)) {
        if (!entry.is_regular_file() || !wanted(entry.path())) {
            continue;
        }
        const fs::path target = to / entry.path().filename();
        fs::copy_file(entry.path(), target, fs::copy_options::overwrite_existing, error);
        if (error) {
            return Failure{"Cannot write " + target.string() + ": " + error.message() + ".", {}};
        }
    }
    return {};
}

std::vector<std::string> fileNames(const fs::path& folder)
{
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(folder)) {
        if (entry.is_regular_file()) {
            names.push_back(entry.path().filename().string());
        }
    }
    std::sort(names.begin(), names.end());
    return names;
}

// Weights with an adapter merged in are computed, which the worker can.
Result<void> mergeInto(const fs::path& to, const CheckpointLayout& checkpoint, config::Precision precision)
{
    const auto worker = jobs::findWorker();
    if (!worker) {
        return worker.failure();
    }
    std::vector<std::string> arguments{"--merge", checkpoint.root.string(), to.string()};
    if (precision == config::Precision::Bf16) {
        arguments.emplace_back("--bf16");
    }
    const auto merged = outputOf(*worker, arguments, std::chrono::hours(1));
    if (!merged) {
        return Failure{"The adapter could not be merged: " + merged.failure().what, merged.failure().hint};
    }
    return {};
}

Result<void> copyAdapter(const CheckpointLayout& checkpoint, const fs::path& to, const std::string& run)
{
    const bool alone = fs::exists(checkpoint.root / kAdapterConfig);
    const fs::path folder = alone ? checkpoint.root : checkpoint.adapter();
    if (!fs::exists(folder / kAdapterConfig)) {
        return Failure{run + " trained the model's own weights, so it has no adapter.", "Export it without --adapter."};
    }
    if (const auto copied = copyFiles(folder, to, isAdapterFile); !copied) {
        return copied;
    }
    return copyFiles(checkpoint.root, to, [&](const fs::path& file) { // the tokenizer
        return !isTrainingState(checkpoint, file) && !isModelFile(checkpoint, file) && !isAdapterFile(file);
    });
}

Result<void> copyModel(const CheckpointLayout& checkpoint, const fs::path& to, const RunLayout& run)
{
    if (const auto copied =
            copyFiles(checkpoint.root, to,
                      [&](const fs::path& file) { return !isTrainingState(checkpoint, file) && !isAdapterFile(file); });
        !copied) {
        return copied;
    }
    if (!fs::exists(checkpoint.root / kAdapterConfig)) {
        return {};
    }
    const auto experiment = jobs::runConfig(run);
    return experiment ? mergeInto(to, checkpoint, experiment->train.precision) : experiment.failure();
}

std::string listed(const std::vector<std::int64_t>& steps)
{
    std::string text;
    for (const std::int64_t step : steps) {
        text += (text.empty() ? "" : ", ") + std::to_string(step);
    }
    return text;
}

} // namespace

int runExport(const ExportOptions& options, Console& console)
{
    auto workspace = openWorkspace(options);
    if (!workspace) {
        return explain(console, workspace.failure(), ExitCode::NotFound, options.json);
    }
    const auto id = workspace->findRun(options.run);
    if (!id) {
        return explain(console, id.failure(), ExitCode::NotFound, options.json);
    }
    const RunLayout run = workspace->layout().run(*id);
    const auto steps = finishedCheckpoints(run);
    if (steps.empty()) {
        return explain(console,
                       {*id + " has no finished checkpoint yet.", "\"dskd stop\" makes a running one write it."},
                       ExitCode::NotFound, options.json);
    }
    const std::int64_t step = options.step.value_or(steps.back());
    if (std::find(steps.begin(), steps.end(), step) == steps.end()) {
        return explain(
            console,
            {*id + " has no checkpoint of step " + std::to_string(step) + ".", "It has: " + listed(steps) + "."},
            ExitCode::NotFound, options.json);
    }
    std::error_code error;
    const fs::path to = fs::absolute(options.to, error).lexically_normal();
    if (fs::exists(to, error) && !options.force && (!fs::is_directory(to, error) || !fs::is_empty(to, error))) {
        return explain(console, {to.string() + " exists already.", "--force overwrites the files in it."},
                       ExitCode::Failed, options.json);
    }
    const CheckpointLayout checkpoint{run.checkpoint(step)};
    const auto copied = options.adapter ? copyAdapter(checkpoint, to, *id) : copyModel(checkpoint, to, run);
    if (!copied) {
        return explain(console, copied.failure(), ExitCode::Failed, options.json);
    }
    const std::vector<std::string> names = fileNames(to);
    if (options.json) {
        printJson(console.out, {{"run", *id}, {"step", step}, {"folder", to.string()}, {"files", names}});
    } else {
        console.out << "Step " << step << " of " << *id << " is in " << to.string() << " now:";
        for (const std::string& name : names) {
            console.out << ' ' << name;
        }
        console.out << '\n';
    }
    return toInt(ExitCode::Done);
}

int runDelete(const DeleteOptions& options, Console& console)
{
    auto workspace = openWorkspace(options);
    if (!workspace) {
        return explain(console, workspace.failure(), ExitCode::NotFound, options.json);
    }
    nlohmann::json rows = nlohmann::json::array();
    for (const std::string& word : options.runs) {
        // A run in the trash is only found by its whole id, so that a short name cannot purge the wrong one.
        const auto trashed = workspace->runs(true);
        const bool inTrash =
            std::any_of(trashed.begin(), trashed.end(), [&](const store::RunRow& run) { return run.id == word; });
        const auto id = inTrash ? Result<std::string>(word) : workspace->findRun(word);
        if (!id) {
            return explain(console, id.failure(), ExitCode::NotFound, options.json);
        }
        if (!inTrash) {
            if (const auto moved = jobs::moveToTrash(*workspace, *id); !moved) {
                return explain(console, moved.failure(), ExitCode::Failed, options.json);
            }
        }
        std::uint64_t freed = 0;
        if (options.purge) {
            const auto purged = jobs::purge(*workspace, *id);
            if (!purged) {
                return explain(console, purged.failure(), ExitCode::Failed, options.json);
            }
            freed = *purged;
        }
        rows.push_back({{"run", *id}, {"purged", options.purge}, {"freed_bytes", freed}});
        if (!options.json) {
            console.out << *id
                        << (options.purge ? " is deleted for good; " + text::bytes(freed) + " freed.\n"
                                          : " is in the trash. \"dskd restore " + *id + "\" brings it back.\n");
        }
    }
    if (options.json) {
        printJson(console.out, rows);
    }
    return toInt(ExitCode::Done);
}

int runRestore(const RestoreOptions& options, Console& console)
{
    auto workspace = openWorkspace(options);
    if (!workspace) {
        return explain(console, workspace.failure(), ExitCode::NotFound, options.json);
    }
    for (const std::string& id : options.runs) {
        if (const auto restored = jobs::restoreFromTrash(*workspace, id); !restored) {
            return explain(console, restored.failure(), ExitCode::NotFound, options.json);
        }
        if (!options.json) {
            console.out << id << " is back.\n";
        }
    }
    if (options.json) {
        printJson(console.out, {{"restored", options.runs}});
    }
    return toInt(ExitCode::Done);
}

int runReport(const ReportOptions& options, Console& console)
{
    auto workspace = openWorkspace(options);
    if (!workspace) {
        return explain(console, workspace.failure(), ExitCode::NotFound, options.json);
    }
    std::vector<std::string> ids;
    if (options.runs.empty()) {
        for (const store::RunRow& run : workspace->runs()) {
            if (run.job == "train") {
                ids.push_back(run.id);
            }
        }
    } else {
        const auto found = findRuns(*workspace, options.runs);
        if (!found) {
            return explain(console, found.failure(), ExitCode::NotFound, options.json);
        }
        ids = *found;
    }
    if (ids.empty()) {
        return explain(console, {"There are no runs to report on.", "\"dskd run CONFIG\" starts one."},
                       ExitCode::NotFound, options.json);
    }
    const fs::path to = options.to.empty() ? workspace->layout().root / "report.html" : fs::path(options.to);
    const auto written = report::writeReport(*workspace, ids, options.title, to);
    if (!written) {
        return explain(console, written.failure(), ExitCode::Failed, options.json);
    }
    if (options.json) {
        printJson(console.out, {{"report", to.string()}, {"runs", ids}});
    } else {
        console.out << to.string() << '\n';
    }
    return toInt(ExitCode::Done);
}

} // namespace dskd::cli

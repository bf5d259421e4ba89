// `dskd doctor`: what there is, what is missing, and how to get it.

#include "app/cli/command_line.h"
#include "app/cli/commands/commands.h"
#include "app/cli/machine.h"
#include "app/demo/demo_files.h"
#include "core/base/version.h"
#include "core/cache/kept_teachers.h"
#include "core/jobs/launch.h"
#include "core/jobs/worker_probe.h"
#include "core/jobs/workspace_repair.h"
#include "core/text/escape.h"
#include "core/text/numbers.h"

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <sqlite3.h>

namespace dskd::cli
{

namespace
{

enum class State { Good, Note, Missing };

struct Finding {
    std::string topic; // "worker"
    State state = State::Good;
    std::string sentence;
    std::string remedy; // how to get what is missing
};

constexpr std::uint64_t kLittleDisk = 2'000'000'000;
constexpr const char* kUnlistedRuns = "runs"; // the topic

std::string_view stateName(State state)
{
    return state == State::Good ? "ok" : state == State::Note ? "note" : "missing";
}

std::string textOr(const nlohmann::json& object, const char* key, const std::string& otherwise)
{
    const auto value = object.find(key);
    return value != object.end() && value->is_string() ? value->get<std::string>() : otherwise;
}

void addMachine(std::vector<Finding>& findings, const Machine& machine)
{
    findings.push_back(
        {"dskd", State::Good, std::string("dskd ") + kVersion + ", SQLite " + sqlite3_libversion() + ".", {}});
    findings.push_back({"system", State::Good, machine.system + ", Linux " + machine.kernel + ".", {}});
    findings.push_back(
        {"cpu", State::Good, machine.cpu + ", " + std::to_string(machine.threads) + " threads usable.", {}});
    findings.push_back({"memory",
                        State::Good,
                        text::bytes(machine.memory) + ", " + text::bytes(machine.memoryAvailable) + " available.",
                        {}});
    if (machine.gpuDriver) {
        findings.push_back({"gpu driver", State::Good, "NVIDIA driver " + *machine.gpuDriver + ".", {}});
    } else {
        findings.push_back({"gpu driver", State::Note, "No NVIDIA driver: training runs on the CPU.",
                            "On a machine with an NVIDIA GPU, install its driver."});
    }
}

// What libdskd_cuda.so, the code that nvcc compiled, finds and does on each GPU.
void addGpus(std::vector<Finding>& findings, const nlohmann::json& cuda)
{
    const auto gpus = cuda.find("gpus");
    if (gpus == cuda.end() || !gpus->is_array() || gpus->empty()) {
        if (const std::string reason = textOr(cuda, "probe", ""); !reason.empty()) {
            findings.push_back({"cuda code", State::Note, reason, {}});
        }
        return;
    }
    for (const nlohmann::json& gpu : *gpus) {
        const double copy = gpu.value("copy_bytes_per_second", 0.0);
        findings.push_back(
            {"gpu", copy > 0 ? State::Good : State::Note,
             textOr(gpu, "name", "?") + ", compute capability " + textOr(gpu, "compute_capability", "?") + ", " +
                 text::bytes(gpu.value("free_bytes", std::uint64_t{0})) + " of " +
                 text::bytes(gpu.value("total_bytes", std::uint64_t{0})) + " free" +
                 (copy > 0 ? ", copies " + text::bytes(static_cast<std::uint64_t>(copy)) + "/s." : "."),
             copy > 0 ? ""
                      : "A kernel compiled here does not run on it; build on this machine, or for its architecture."});
    }
}

void addWorker(std::vector<Finding>& findings, nlohmann::json& answer)
{
    const auto worker = jobs::findWorker();
    if (!worker) {
        findings.push_back({"worker", State::Missing, worker.failure().what, worker.failure().hint});
        return;
    }
    const auto asked = jobs::askWorker(*worker);
    if (!asked) {
        findings.push_back({"worker", State::Missing, asked.failure().what, asked.failure().hint});
        return;
    }
    answer = *asked;
    const std::string version = textOr(answer, "version", "?");
    const std::string libtorch = textOr(answer, "libtorch", "?");
    const bool same = version == kVersion;
    findings.push_back({"worker", same ? State::Good : State::Note,
                        worker->string() + ", version " + version + ", LibTorch " + libtorch + ".",
                        same ? "" : "It is not of the version of dskd; build both from the same sources."});
    const auto cuda = answer.find("cuda");
    if (cuda != answer.end() && cuda->is_object()) {
        const bool available = cuda->value("available", false);
        findings.push_back({"cuda",
                            available ? State::Good : State::Note,
                            available ? "The worker can use the GPU."
                                      : "The worker uses the CPU: " + textOr(*cuda, "reason", "no GPU was found"),
                            {}});
        addGpus(findings, *cuda);
    }
}

// What the workspace keeps of teachers, and whether the disk has room for more.
void addTeacherCache(std::vector<Finding>& findings, const WorkspaceLayout& workspace)
{
    std::uint64_t bytes = 0;
    const std::vector<cache::KeptTeacher> all = cache::keptTeachers(workspace);
    for (const cache::KeptTeacher& kept : all) {
        bytes += kept.bytes;
    }
    const auto space = diskSpace(workspace.root);
    const bool full = space && space->free < cache::RowStore::kFreeToLeave;
    const std::string rule =
        "Runs keep no more where less than " + text::bytes(cache::RowStore::kFreeToLeave) + " of the disk are free.";
    findings.push_back(
        {"cache", full ? State::Note : State::Good,
         text::bytes(bytes) + " are kept of " + text::counted(static_cast<std::int64_t>(all.size()), "teacher") + ". " +
             rule,
         full ? "Every run computes what its teacher gives. \"dskd cache clear\" frees what is kept." : ""});
}

// Run folders that no list shows, because workspace.db has no entry of them.
void addUnlistedRuns(std::vector<Finding>& findings, store::WorkspaceDb& workspace)
{
    const std::vector<std::string> runs = jobs::runFoldersWithoutEntry(workspace);
    if (runs.empty()) {
        return;
    }
    constexpr std::size_t kMostNamed = 10;
    std::string names;
    for (std::size_t i = 0; i < std::min(runs.size(), kMostNamed); ++i) {
        names += (i > 0 ? ", " : "") + runs[i];
    }
    if (runs.size() > kMostNamed) {
        names += " and " + std::to_string(runs.size() - kMostNamed) + " more";
    }
    findings.push_back({kUnlistedRuns, State::Note,
                        text::counted(static_cast<std::int64_t>(runs.size()), "run folder has", "run folders have") +
                            " no entry in workspace.db and so no place in any list: " + names + ".",
                        "`dskd doctor --repair -w " + workspace.layout().root.string() + "` takes them up."});
}

void addPlaces(std::vector<Finding>& findings, const CommonOptions& options)
{
    const auto files = demo::findDemo();
    findings.push_back(files ? Finding{"demo", State::Good, "Demo files in " + files->resources.string() + ".", {}}
                             : Finding{"demo", State::Note, files.failure().what, files.failure().hint});
    const auto workspace = locateWorkspace(options.workspace);
    if (!workspace) {
        findings.push_back({"workspace", State::Note, workspace.failure().what, workspace.failure().hint});
    } else if (auto opened = store::WorkspaceDb::open(*workspace); !opened) {
        findings.push_back({"workspace", State::Missing, opened.failure().what, opened.failure().hint});
    } else {
        findings.push_back({"workspace", State::Good, workspace->string() + ".", {}});
        addTeacherCache(findings, {*workspace});
        addUnlistedRuns(findings, *opened);
    }
    const std::filesystem::path place = workspace ? *workspace : std::filesystem::path(".");
    if (const auto space = diskSpace(place)) {
        const bool little = space->free < kLittleDisk;
        findings.push_back({"disk", little ? State::Note : State::Good,
                            text::bytes(space->free) + " of " + text::bytes(space->total) + " free.",
                            little ? "Checkpoints may need more; \"dskd delete RUN --purge\" frees some." : ""});
    }
}

struct DoctorOptions : CommonOptions {
    bool repair = false; // the workspace, instead of looking at the machine
};

// The workspace; where workspace.db or its content was lost and -w names the folder, a new one.
store::WorkspaceDb workspaceToRepair(const DoctorOptions& options, Console& console)
{
    std::error_code error;
    const WorkspaceLayout named{options.workspace};
    const bool lost =
        !std::filesystem::exists(named.database(), error) || std::filesystem::is_empty(named.database(), error);
    if (!options.workspace.empty() && lost && std::filesystem::is_directory(named.runs(), error)) {
        return store::WorkspaceDb::create(options.workspace).value();
    }
    return openWorkspace(options, console);
}

ExitCode repair(const DoctorOptions& options, Console& console)
{
    store::WorkspaceDb workspace = workspaceToRepair(options, console);
    const jobs::Repair repair = jobs::repairWorkspace(workspace);
    if (options.json) {
        printJson(console.out, {{"repaired", repair.done}, {"left", repair.left}});
        return ExitCode::Done;
    }
    for (const std::string& sentence : repair.done) {
        console.out << console.paint("repaired ", Tone::Good) << text::terminalLine(sentence) << '\n';
    }
    for (const std::string& sentence : repair.left) {
        console.out << console.paint("left     ", Tone::Warn) << text::terminalLine(sentence) << '\n';
    }
    if (repair.done.empty() && repair.left.empty()) {
        console.out << "The workspace is in order.\n";
    }
    return ExitCode::Done;
}

// Failed when something that training needs is missing.
ExitCode runDoctor(const DoctorOptions& options, Console& console)
{
    if (options.repair) {
        return repair(options, console);
    }
    std::vector<Finding> findings;
    const Machine machine = readMachine();
    nlohmann::json worker;
    addMachine(findings, machine);
    addWorker(findings, worker);
    addPlaces(findings, options);

    bool complete = true;
    bool unlisted = false;
    nlohmann::json rows = nlohmann::json::array();
    for (const Finding& finding : findings) {
        complete = complete && finding.state != State::Missing;
        unlisted = unlisted || finding.topic == kUnlistedRuns;
        rows.push_back({{"topic", finding.topic},
                        {"state", stateName(finding.state)},
                        {"sentence", finding.sentence},
                        {"remedy", finding.remedy}});
        if (options.json) {
            continue;
        }
        const Tone tone = finding.state == State::Good   ? Tone::Good
                          : finding.state == State::Note ? Tone::Warn
                                                         : Tone::Bad;
        std::string topic = finding.topic;
        topic.resize(12, ' ');
        std::string state(stateName(finding.state));
        state.resize(9, ' ');
        console.out << console.paint(state, tone) << topic << text::terminalLine(finding.sentence) << '\n';
        if (!finding.remedy.empty()) {
            console.out << std::string(21, ' ') << text::terminalLine(finding.remedy) << '\n';
        }
    }
    if (options.json) {
        printJson(console.out,
                  {{"complete", complete},
                   {"version", kVersion},
                   {"threads", machine.threads},
                   {"memory_bytes", machine.memory},
                   {"gpu_driver", machine.gpuDriver ? nlohmann::json(*machine.gpuDriver) : nlohmann::json()},
                   {"worker", worker},
                   {"findings", rows}});
    } else {
        console.out << (!complete  ? "Something that training needs is missing.\n"
                        : unlisted ? "Training can begin, but workspace.db and the run folders do not agree.\n"
                                   : "Everything that training needs is here.\n");
    }
    return complete ? ExitCode::Done : ExitCode::Failed;
}

} // namespace

void addDoctor(CommandLine& line)
{
    line.add<DoctorOptions>(
        "doctor", "Say what this machine has, what is missing, and how to get it; or repair a workspace",
        "dskd doctor --repair -w ~/dskd",
        [](CLI::App& command, DoctorOptions& o) {
            command.add_flag("--repair", o.repair,
                             "Bring workspace.db and the run folders together: take up folders without an entry "
                             "(copied runs, a lost workspace.db), finish what was killed half-way");
        },
        runDoctor);
}

} // namespace dskd::cli

#include "core/preflight/run_inputs.h"

#include "core/base/atomic_file.h"
#include "core/base/hash.h"
#include "core/base/process.h"
#include "core/base/regular_file.h"
#include "core/config/methods/method_traits.h"
#include "core/model/folder/adapter_config.h"
#include "core/model/folder/weight_files.h"
#include "core/preflight/rules.h"
#include "core/tokenizer/tokenizer.h"

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <utility>

namespace dskd::preflight
{

namespace
{

namespace fs = std::filesystem;
using nlohmann::json;

constexpr std::uint64_t kWhole = std::uint64_t{64} << 20; // larger files are sampled
constexpr std::uint64_t kEnds = std::uint64_t{1} << 20;
constexpr std::uint64_t kBlocks = 256;
constexpr std::uint64_t kBlock = std::uint64_t{4} << 10;

// Adds `count` bytes from `begin` on; false when they cannot be read.
bool addBytes(std::ifstream& file, std::uint64_t begin, std::uint64_t count, Fnv1a& hash)
{
    std::string buffer(static_cast<std::size_t>(std::min<std::uint64_t>(count, kEnds)), '\0');
    file.seekg(static_cast<std::streamoff>(begin));
    for (std::uint64_t left = count; left > 0;) {
        const auto part = static_cast<std::size_t>(std::min<std::uint64_t>(left, buffer.size()));
        if (!file.read(buffer.data(), static_cast<std::streamsize>(part))) {
            return false;
        }
        hash.add(std::string_view(buffer).substr(0, part));
        left -= part;
    }
    return true;
}

// A file that is there, by the field that names it or its folder.
struct NamedFile {
    std::string role;
    fs::path path;
    bool operator==(const NamedFile&) const = default;
};

class InputList
{
public:
    void add(const std::string& role, const fs::path& path)
    {
        std::error_code error;
        const NamedFile file{role, path};
        if (!path.empty() && fs::is_regular_file(path, error) && !std::count(m_files.begin(), m_files.end(), file)) {
            m_files.push_back(file);
        }
    }
    void addModel(const std::string& side, const config::ModelRef& model, bool withWeights)
    {
        addModel(side + ".model", side, model, withWeights);
    }
    void addModel(const std::string& role, const std::string& side, const config::ModelRef& model, bool withWeights)
    {
        const auto resolved = model::resolveModelFolder(model.model);
        const fs::path base = resolved ? resolved->base : fs::path(model.model);
        add(role, base / "config.json");
        if (const auto weights = model::weightFiles(base); withWeights && weights) {
            for (const fs::path& file : *weights) {
                add(role, file);
            }
        }
        if (resolved) {
            addAdapter(role, resolved->adapter);
        }
        addAdapter(side + ".adapter", model.adapter);
        for (const fs::path& file : tokenizer::tokenizerFiles(tokenizerFolder(model))) {
            add(side + ".tokenizer", file);
        }
    }
    [[nodiscard]] const std::vector<NamedFile>& files() const { return m_files; }

private:
    void addAdapter(const std::string& role, const fs::path& folder)
    {
        if (!folder.empty()) {
            add(role, folder / model::kAdapterConfigFile);
            add(role, folder / model::kAdapterWeightsFile);
        }
    }

    std::vector<NamedFile> m_files;
};

json toJson(const InputFile& file)
{
    return {{"role", file.role}, {"path", file.path.string()}, {"size", file.size}, {"hash", file.hash}};
}

std::vector<InputFile> filesFromJson(const json& list)
{
    std::vector<InputFile> files;
    for (const json& file : list) {
        files.push_back({file.at("role").get<std::string>(), file.at("path").get<std::string>(),
                         file.at("size").get<std::uint64_t>(), file.at("hash").get<std::string>()});
    }
    return files;
}

json toJson(const std::vector<InputFile>& files)
{
    json list = json::array();
    for (const InputFile& file : files) {
        list.push_back(toJson(file));
    }
    return list;
}

RunInputs fromJson(const json& object)
{
    RunInputs inputs;
    inputs.files = filesFromJson(object.at("files"));
    inputs.first = filesFromJson(object.value("first", json::array()));
    for (const json& change : object.at("accepted")) {
        inputs.accepted.push_back({change.at("time").get<double>(), change.at("step").get<std::int64_t>(),
                                   change.at("changes").get<std::vector<std::string>>()});
    }
    return inputs;
}

} // namespace

std::optional<InputFile> readInputFile(const std::string& role, const fs::path& path)
{
    std::error_code error;
    if (!fs::is_regular_file(path, error)) {
        return std::nullopt;
    }
    const std::uint64_t size = fs::file_size(path, error);
    std::ifstream file(path, std::ios::binary);
    if (error || !file) {
        return std::nullopt;
    }
    Fnv1a hash;
    bool read = true;
    if (size <= kWhole) {
        read = addBytes(file, 0, size, hash);
    } else {
        read = addBytes(file, 0, kEnds, hash);
        const std::uint64_t distance = (size - 2 * kEnds) / kBlocks;
        for (std::uint64_t block = 0; block < kBlocks && read; ++block) {
            read = addBytes(file, kEnds + block * distance, kBlock, hash);
        }
        read = read && addBytes(file, size - kEnds, kEnds, hash);
    }
    if (!read) {
        return std::nullopt;
    }
    return InputFile{role, path, size, (size <= kWhole ? "whole:" : "sampled:") + hexadecimal(hash.value())};
}

std::vector<InputFile> inputFiles(const config::Experiment& experiment)
{
    InputList list;
    list.add("data.train", experiment.data.train);
    list.add("data.validation", experiment.data.validation);
    list.addModel("student", experiment.student, experiment.student.init == config::StudentInit::Weights);
    if (config::needsTeacher(experiment)) {
        list.addModel("teacher", experiment.teacher, true);
    }
    if (config::needsProbeTeacher(experiment)) { // distances to two teachers are not one curve
        constexpr const char* kField = "log.probe_teacher";
        list.addModel(kField, kField, {.model = experiment.log.probeTeacher, .tokenizer = {}, .adapter = {}}, true);
    }
    std::vector<InputFile> files;
    for (const NamedFile& named : list.files()) {
        if (auto file = readInputFile(named.role, named.path)) {
            files.push_back(*std::move(file));
        }
    }
    return files;
}

std::vector<fs::path> modelFiles(const config::ModelRef& model)
{
    InputList list;
    list.addModel("model", model, /*withWeights=*/true);
    std::vector<fs::path> paths;
    for (const NamedFile& file : list.files()) {
        paths.push_back(file.path);
    }
    return paths;
}

std::vector<std::string> inputChanges(const std::vector<InputFile>& before, const std::vector<InputFile>& now)
{
    const auto partner = [](const InputFile& file, const std::vector<InputFile>& others) {
        return std::find_if(others.begin(), others.end(),
                            [&](const InputFile& other) { return other.role == file.role && other.path == file.path; });
    };
    std::vector<std::string> changes;
    const auto add = [&](const InputFile& file, const std::string& how) {
        changes.push_back(file.role + ": " + file.path.string() + " " + how + ".");
    };
    for (const InputFile& file : before) {
        const auto found = partner(file, now);
        if (found == now.end()) {
            add(file, "is not there any more");
        } else if (found->size != file.size) {
            add(file, "has changed (" + std::to_string(file.size) + " to " + std::to_string(found->size) + " bytes)");
        } else if (found->hash != file.hash) {
            add(file, "has changed (as many bytes, but others)");
        }
    }
    for (const InputFile& file : now) {
        if (partner(file, before) == before.end()) {
            add(file, "was not there");
        }
    }
    return changes;
}

std::vector<std::string> inputChanges(const RunInputs& kept, const std::vector<InputFile>& now)
{
    std::vector<std::string> changes = inputChanges(kept.files, now);
    const bool asAtFirst = !changes.empty() && !kept.first.empty() && inputChanges(kept.first, now).empty();
    return asAtFirst ? std::vector<std::string>() : changes;
}

void acceptInputs(RunInputs& kept, std::vector<InputFile> now, std::int64_t step,
                  const std::vector<std::string>& changes)
{
    if (kept.first.empty()) {
        kept.first = kept.files;
    }
    kept.files = std::move(now);
    kept.accepted.push_back({unixTime(), step, changes});
}

Result<std::optional<RunInputs>> readInputs(const RunLayout& run)
{
    std::error_code error;
    if (!fs::exists(run.inputs(), error)) {
        return std::optional<RunInputs>();
    }
    const auto text = readTextFile(run.inputs());
    if (!text) {
        return text.failure();
    }
    try {
        return std::optional(fromJson(json::parse(*text)));
    } catch (const json::exception&) {
        return Failure{run.inputs().string() + " is damaged, so it is not known whether the run's inputs have changed.",
                       "If they have not, delete this file and resume again."};
    }
}

Result<void> writeInputs(const RunLayout& run, const RunInputs& inputs)
{
    json accepted = json::array();
    for (const AcceptedChange& change : inputs.accepted) {
        accepted.push_back({{"time", change.time}, {"step", change.step}, {"changes", change.changes}});
    }
    const json object = {{"files", toJson(inputs.files)}, {"accepted", accepted}, {"first", toJson(inputs.first)}};
    return writeFileAtomically(run.inputs(), object.dump(2, ' ', false, json::error_handler_t::replace) + "\n");
}

Failure refusedChanges(const RunLayout& run, const std::vector<std::string>& changes)
{
    std::string list;
    for (const std::string& change : changes) {
        list += " " + change;
    }
    const std::string id = (run.root / "").parent_path().filename().string(); // with or without a slash at the end
    return {"The inputs of " + id + " are not those that it began with." + list,
            "Put them back, or start a new run. \"dskd resume " + id +
                " --accept-changes\" goes on all the same, and the run records it.",
            changes.front().starts_with("data.") ? FailureKind::BadData : FailureKind::BadModel};
}

} // namespace dskd::preflight

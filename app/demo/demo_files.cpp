#include "app/demo/demo_files.h"

#include "core/base/atomic_file.h"
#include "core/base/leftovers.h"
#include "core/base/program_files.h"
#include "core/base/regular_file.h"
#include "core/config/schema/experiment_json.h"
#include "core/export/staged_folder.h"

#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

namespace dskd::demo
{

namespace fs = std::filesystem;

namespace
{

constexpr int kManifestVersion = 1;
constexpr const char* kExample = "example.json";

bool complete(const DemoFiles& files)
{
    std::error_code error;
    return fs::is_directory(files.resources, error) && fs::is_regular_file(files.experiments / "demo.json", error);
}

// Has `place` every file of `original`, with the same bytes?
bool holdsAllOf(const fs::path& original, const fs::path& place)
{
    std::error_code error;
    if (!fs::is_directory(original, error)) {
        const auto expected = readTextFile(original);
        const auto found = readTextFile(place);
        return expected && found && *expected == *found;
    }
    for (const auto& entry : fs::directory_iterator(original, error)) {
        if (!holdsAllOf(entry.path(), place / entry.path().filename())) {
            return false;
        }
    }
    return !error;
}

// A file or folder with what is in it. File by file, because fs::copy reports a full disk as "Input/output error".
Result<void> copyAll(const fs::path& from, const fs::path& to)
{
    std::error_code error;
    if (!fs::is_directory(from, error)) {
        const Result<std::string> content = readTextFile(from);
        return content ? writeFileAtomically(to, *content) : Result<void>(content.failure());
    }
    if (!fs::create_directory(to, error) && error) {
        return Failure{to.string() + " cannot be made: " + error.message() + ".", {}};
    }
    for (fs::directory_iterator entry(from, error), end; !error && entry != end; entry.increment(error)) {
        if (Result<void> copied = copyAll(entry->path(), to / entry->path().filename()); !copied) {
            return copied;
        }
    }
    return error ? Result<void>(Failure{from.string() + " cannot be read: " + error.message() + ".", {}})
                 : Result<void>();
}

// Copies one part, which appears when it is whole.
Result<void> copyPart(const fs::path& from, const fs::path& to)
{
    if (fs::is_regular_file(from)) {
        return copyAll(from, to);
    }
    Result<exporting::StagedFolder> staged = exporting::StagedFolder::forTarget(to);
    if (!staged) {
        return staged.failure();
    }
    const Result<void> copied = copyAll(from, staged->path());
    return copied ? staged->finish() : copied;
}

template <typename T>
std::vector<T> listOf(const nlohmann::json& object, const char* key)
{
    return object.contains(key) ? object.at(key).get<std::vector<T>>() : std::vector<T>{};
}

} // namespace

Result<DemoFiles> findDemo()
{
    const char* variable = std::getenv("DSKD_DEMO");
    const fs::path root = variable != nullptr && *variable != '\0' ? fs::path(variable) : programFiles();
    std::error_code error;
    // Without the links of a build tree: runs keep these paths, and a build folder goes.
    DemoFiles files{fs::weakly_canonical(root / "resources" / "demo", error),
                    fs::weakly_canonical(root / "experiments" / "demo", error)};
    if (!complete(files)) {
        return Failure{"The demo's files (resources/demo, experiments/demo/demo.json) are not in " + root.string() +
                           ".",
                       "DSKD_DEMO names the folder that holds them, for example a clone of the repository.",
                       FailureKind::NotFound};
    }
    return files;
}

Result<DemoManifest> readDemoManifest(const fs::path& experiments)
{
    const fs::path file = experiments / "demo.json";
    std::ifstream stream(file);
    const auto json = nlohmann::json::parse(stream, nullptr, false);
    if (json.is_discarded() || !json.is_object()) {
        return Failure{file.string() + " is not a JSON object.", {}};
    }
    try {
        if (json.value("version", 0) != kManifestVersion) {
            return Failure{file.string() + ": \"version\" must be " + std::to_string(kManifestVersion) + ".", {}};
        }
        DemoManifest manifest;
        manifest.title = json.value("title", std::string("Demo"));
        manifest.trio = listOf<std::string>(json, "trio");
        manifest.others = listOf<std::string>(json, "others");
        manifest.seeds = listOf<std::uint64_t>(json, "seeds");
        manifest.otherSeeds = listOf<std::uint64_t>(json, "other_seeds");
        manifest.quick = listOf<std::string>(json, "quick");
        if (manifest.trio.empty() || manifest.seeds.empty()) {
            return Failure{file.string() + ": \"trio\" and \"seeds\" must not be empty.", {}};
        }
        if (manifest.otherSeeds.empty()) {
            manifest.otherSeeds = {manifest.seeds.front()};
        }
        return manifest;
    } catch (const nlohmann::json::exception& problem) {
        return Failure{file.string() + ": " + problem.what(), {}};
    }
}

std::vector<std::string> exampleParts(const DemoFiles& demo)
{
    const config::Experiment example = config::loadExperiment(demo.resources / kExample).value();
    const fs::path folder = fs::absolute(demo.resources).lexically_normal();
    std::set<std::string> names;
    for (const fs::path path :
         {example.student.model, example.teacher.model, example.data.train, example.data.validation}) {
        names.insert(path.lexically_normal().lexically_relative(folder).begin()->string());
    }
    std::vector<std::string> parts(names.begin(), names.end());
    parts.emplace_back(kExample);
    return parts;
}

void requireFree(const DemoFiles& demo, const std::vector<std::string>& parts, const fs::path& folder)
{
    for (const std::string& part : parts) {
        std::error_code error;
        if (fs::exists(fs::symlink_status(folder / part, error)) && !holdsAllOf(demo.resources / part, folder / part)) {
            throw Error((folder / part).string() + " exists already, and the example would be mixed with it.",
                        "Move it away, or make the example in another folder.");
        }
    }
}

void copyExample(const DemoFiles& demo, const std::vector<std::string>& parts, const fs::path& folder)
{
    requireFree(demo, parts, folder);
    for (const std::string& part : parts) {
        const fs::path from = demo.resources / part;
        const fs::path to = folder / part;
        exporting::StagedFolder::removeLeftovers(to);
        removeLeftovers(folder, temporaryPrefix(to), Leftovers::Files);
        std::error_code error;
        if (fs::exists(to, error)) {
            continue;
        }
        if (const Result<void> copied = copyPart(from, to); !copied) {
            throw Error(part + " of the example cannot be copied to " + folder.string() + ": " + copied.failure().what,
                        copied.failure().hint);
        }
    }
}

} // namespace dskd::demo

#include "app/cli/demo_files.h"

#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>

namespace dskd::cli
{

namespace fs = std::filesystem;

namespace
{

constexpr int kManifestVersion = 1;

DemoFiles below(const fs::path& root)
{
    return {root / "resources" / "demo", root / "experiments" / "demo"};
}

bool complete(const DemoFiles& files)
{
    std::error_code error;
    return fs::is_directory(files.resources, error) && fs::is_regular_file(files.experiments / "demo.json", error);
}

template <typename T>
std::vector<T> listOf(const nlohmann::json& object, const char* key)
{
    return object.contains(key) ? object.at(key).get<std::vector<T>>() : std::vector<T>{};
}

} // namespace

Result<DemoFiles> findDemo()
{
    std::vector<fs::path> roots;
    if (const char* variable = std::getenv("DSKD_DEMO"); variable != nullptr && *variable != '\0') {
        roots.emplace_back(variable);
    } else {
        std::error_code error;
        const fs::path program = fs::read_symlink("/proc/self/exe", error);
        if (!error) {
            roots.push_back(program.parent_path().parent_path() / "share" / "dskd");
        }
        roots.emplace_back(DSKD_SOURCE_TREE);
    }
    std::string tried;
    for (const fs::path& root : roots) {
        const DemoFiles files = below(root);
        if (complete(files)) {
            return files;
        }
        tried += (tried.empty() ? "" : " and ") + root.string();
    }
    return Failure{"The demo's files (resources/demo, experiments/demo/demo.json) are not in " + tried + ".",
                   "DSKD_DEMO names the folder that holds them, for example a clone of the repository.",
                   FailureKind::NotFound};
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

} // namespace dskd::cli

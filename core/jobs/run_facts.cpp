#include "core/jobs/run_facts.h"

#include "core/base/hash.h"
#include "core/config/schema/experiment_json.h"
#include "core/preflight/run_inputs.h"

#include <algorithm>

namespace dskd::jobs
{
namespace
{

constexpr std::string_view kDataHash = "data.hash";
constexpr std::string_view kCodeVersion = "code.version";
constexpr std::string_view kDevice = "device";

constexpr RunFact kFacts[] = {
    {kDataHash, "data hash", "Of the content of training and validation data, as the run last accepted them."},
    {kCodeVersion, "code version", "Of the worker, and of the LibTorch that it computed with."},
    {kDevice, "device", "What the run was computed on, and in which precision."},
};

// Empty where the run keeps no hashes: it is no training run, has not begun, or is of an older version.
std::string dataHash(const RunLayout& run)
{
    const auto inputs = preflight::readInputs(run);
    if (!inputs || !*inputs) {
        return {};
    }
    Fnv1a hash;
    bool any = false;
    for (const preflight::InputFile& file : (*inputs)->files) {
        if (file.role.starts_with("data.")) {
            hash.add(file.role + "\n" + file.hash + "\n");
            any = true;
        }
    }
    return any ? hexadecimal(hash.value()) : std::string();
}

std::string valueOf(const std::map<std::string, std::string>& info, const std::string& key)
{
    const auto found = info.find(key);
    return found == info.end() ? std::string() : found->second;
}

} // namespace

std::span<const RunFact> runFacts()
{
    return kFacts;
}

std::map<std::string, std::string> readFacts(const RunLayout& run, store::RunReader& reader)
{
    const std::map<std::string, std::string> info = reader.info();
    const std::string libtorch = valueOf(info, "libtorch");
    std::string version = valueOf(info, "version");
    version += version.empty() || libtorch.empty() ? "" : ", LibTorch " + libtorch;
    std::string device = valueOf(info, "device");
    if (device.ends_with('.')) {
        device.pop_back(); // it is written as a sentence
    }
    std::map<std::string, std::string> facts{{std::string(kDataHash), dataHash(run)},
                                             {std::string(kCodeVersion), std::move(version)},
                                             {std::string(kDevice), std::move(device)}};
    std::erase_if(facts, [](const auto& fact) { return fact.second.empty(); });
    return facts;
}

std::string fieldTitle(const std::string& fieldOrFact)
{
    const auto fact =
        std::find_if(std::begin(kFacts), std::end(kFacts), [&](const RunFact& row) { return row.id == fieldOrFact; });
    return fact == std::end(kFacts) ? config::shortField(fieldOrFact) : std::string(fact->title);
}

} // namespace dskd::jobs

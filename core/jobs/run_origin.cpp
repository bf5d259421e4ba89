#include "core/jobs/run_origin.h"

#include "core/base/regular_file.h"

#include <nlohmann/json.hpp>
#include <system_error>
#include <utility>

namespace dskd::jobs
{
namespace
{

using nlohmann::ordered_json; // a plan keeps its order, and so its text

constexpr int kVersion = 1;

} // namespace

std::string toText(const KeptOrigin& origin)
{
    ordered_json document;
    document["version"] = kVersion;
    document["id"] = origin.experiment;
    document["created"] = origin.created;
    document["name"] = origin.name;
    document["revision"] = origin.revision;
    document["plan"] = ordered_json::parse(origin.plan, nullptr, /*allow_exceptions=*/false);
    return document.dump(2, ' ', /*ensure_ascii=*/false, ordered_json::error_handler_t::replace) + "\n";
}

Result<std::optional<KeptOrigin>> readOrigin(const RunLayout& run)
{
    const std::filesystem::path file = run.origin();
    std::error_code error;
    if (!std::filesystem::exists(file, error)) {
        return std::optional<KeptOrigin>();
    }
    const Result<std::string> text = readTextFile(file);
    if (!text) {
        return text.failure();
    }
    const auto unreadable = [&](const std::string& why) {
        return Failure{file.string() + " does not say of which experiment the run is: " + why, {}};
    };
    try {
        const auto document = ordered_json::parse(*text);
        if (document.at("version").get<int>() != kVersion) {
            return unreadable("it is of a version that this program does not know.");
        }
        KeptOrigin origin;
        origin.experiment = document.at("id").get<std::int64_t>();
        origin.created = document.at("created").get<double>();
        origin.name = document.at("name").get<std::string>();
        origin.revision = document.at("revision").get<std::int64_t>();
        origin.plan = document.at("plan").dump(2);
        return std::optional<KeptOrigin>(std::move(origin));
    } catch (const nlohmann::json::exception& wrong) {
        return unreadable(std::string(wrong.what()) + ".");
    }
}

} // namespace dskd::jobs

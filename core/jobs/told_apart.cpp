#include "core/jobs/told_apart.h"

#include "core/config/schema/experiment_json.h"

#include <cassert>
#include <cstddef>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

namespace dskd::jobs
{
namespace
{

// Where two paths end alike they are written whole.
std::string valueIn(const std::set<std::string>& all, const std::string& json)
{
    std::set<std::string> shortened;
    for (const std::string& one : all) {
        shortened.insert(shortValue(one));
    }
    if (shortened.size() == all.size()) {
        return shortValue(json);
    }
    const auto value = nlohmann::json::parse(json, nullptr, false);
    return value.is_string() ? value.get<std::string>() : json;
}

} // namespace

std::string shortValue(const std::string& json)
{
    const auto value = nlohmann::json::parse(json, nullptr, false);
    if (!value.is_string()) {
        return json;
    }
    const auto text = value.get<std::string>();
    const std::filesystem::path path(text);
    return path.is_absolute() && path.has_filename() ? path.filename().string() : text;
}

std::vector<std::string> toldApart(const std::vector<std::string>& titles,
                                   const std::vector<config::Experiment>& experiments)
{
    assert(titles.size() == experiments.size());
    std::map<std::string, std::vector<std::size_t>> alike;
    for (std::size_t i = 0; i < titles.size(); ++i) {
        alike[titles[i]].push_back(i);
    }
    std::vector<std::string> apart(titles.size());
    for (const auto& [title, places] : alike) {
        if (places.size() < 2) {
            continue;
        }
        for (const config::FieldInfo& info : config::fieldReference()) {
            if (info.path == "name" || info.path == "group") {
                continue; // of the run, not of what it does
            }
            std::set<std::string> values;
            for (const std::size_t place : places) {
                values.insert(config::fieldValue(experiments[place], info.path).dump());
            }
            for (const std::size_t place : places) {
                if (values.size() > 1) {
                    const std::string value = config::fieldValue(experiments[place], info.path).dump();
                    apart[place] += (apart[place].empty() ? "" : ", ") + config::shortField(info.path) + "=" +
                                    valueIn(values, value);
                }
            }
        }
    }
    return apart;
}

} // namespace dskd::jobs

// The JSON that the page's script draws from.

#include "app/report/render.h"
#include "core/jobs/run_name.h"
#include "core/metrics/metric_table.h"
#include "core/text/escape.h"
#include "core/text/numbers.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <set>
#include <string_view>

namespace dskd::report
{

namespace
{

using nlohmann::json;

// Seven significant digits are what a float holds; JSON has no NaN, so the page gets its name.
json compact(double value)
{
    if (!std::isfinite(value)) {
        return text::number(value);
    }
    char buffer[32];
    std::snprintf(buffer, sizeof buffer, "%.7g", value);
    return std::strtod(buffer, nullptr);
}

json curveJson(const Curve& curve)
{
    json steps = json::array();
    json values = json::array();
    json deviations = json::array();
    bool deviates = false;
    for (const CurvePoint& point : curve.points) {
        steps.push_back(point.step);
        values.push_back(compact(point.value));
        deviations.push_back(compact(point.deviation));
        deviates = deviates || point.deviation > 0;
    }
    json result = {{"n", curve.recorded}, {"x", std::move(steps)}, {"y", std::move(values)}};
    if (deviates) {
        result["d"] = std::move(deviations);
    }
    return result;
}

std::string base64(const std::vector<unsigned char>& bytes)
{
    static constexpr char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string result;
    result.reserve(bytes.size() * 4 / 3 + 4);
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        const auto left = static_cast<unsigned>(bytes.size() - i);
        const unsigned group = (static_cast<unsigned>(bytes[i]) << 16U) |
                               (left > 1 ? static_cast<unsigned>(bytes[i + 1]) << 8U : 0U) |
                               (left > 2 ? static_cast<unsigned>(bytes[i + 2]) : 0U);
        result += kDigits[(group >> 18U) & 63U];
        result += kDigits[(group >> 12U) & 63U];
        result += left > 1 ? kDigits[(group >> 6U) & 63U] : '=';
        result += left > 2 ? kDigits[group & 63U] : '=';
    }
    return result;
}

// Values as 16-bit little-endian numbers: 0 is `low`, 65534 is `high`, 65535 is "not finite".
json heatMapJson(const store::HeatMapRow& map)
{
    float low = 0.0F;
    float high = 0.0F;
    for (const float value : map.values) {
        if (std::isfinite(value)) {
            low = std::min(low, value);
            high = std::max(high, value);
        }
    }
    high = high > low ? high : low + 1.0F;
    std::vector<unsigned char> bytes;
    bytes.reserve(map.values.size() * 2);
    for (const float value : map.values) {
        const auto level =
            std::isfinite(value) ? static_cast<unsigned>(std::lround((value - low) / (high - low) * 65534.0F)) : 65535U;
        bytes.push_back(static_cast<unsigned char>(level & 255U));
        bytes.push_back(static_cast<unsigned char>(level >> 8U));
    }
    json result = {{"name", map.name},      {"sample", map.sample},        {"step", map.step},
                   {"rows", map.rowTokens}, {"columns", map.columnTokens}, {"low", low},
                   {"high", high},          {"data", base64(bytes)}};
    if (map.wholeRows && map.wholeColumns) {
        result["whole"] = {*map.wholeRows, *map.wholeColumns};
    }
    return result;
}

// The metrics that have a curve, in the sections of the page.
json sectionsJson(const ReportData& data)
{
    std::set<std::string> names;
    for (const ReportRun& run : data.runs) {
        for (const auto& [name, curve] : run.curves) {
            names.insert(name);
        }
    }
    json sections = json::array();
    for (const std::string& name : metrics::inTableOrder({names.begin(), names.end()})) {
        const metrics::Group group = metrics::groupOf(name);
        const std::string_view title = metrics::titleOf(group);
        if (sections.empty() || sections.back()["title"] != title) {
            sections.push_back({{"title", title}, {"metrics", json::array()}});
        }
        sections.back()["metrics"].push_back({{"name", name},
                                              {"title", metrics::titleOf(name)},
                                              {"unit", metrics::unitText(metrics::unitOf(name))},
                                              {"factor", metrics::shownFactor(name)}, // of what people read
                                              {"sentence", metrics::descriptionOf(name)},
                                              {"measured", group == metrics::Group::Validation}});
    }
    return sections;
}

std::string runLabel(const ReportRun& run)
{
    const std::string& name = run.row.shownName();
    return jobs::endsInSeed(name, run.row.seed) ? name : name + ", seed " + std::to_string(run.row.seed);
}

} // namespace

std::string pageData(const ReportData& data)
{
    json groups = json::array();
    for (const ReportGroup& group : data.groups) {
        json curves = json::object();
        for (const auto& [name, curve] : group.curves) {
            curves[name] = curveJson(curve);
        }
        groups.push_back({{"label", text::terminalLine(group.label)},
                          {"runs", group.runs},
                          {"seeds", group.seeds},
                          {"curves", std::move(curves)}});
    }
    json runs = json::array();
    for (const ReportRun& run : data.runs) {
        json curves = json::object();
        if (data.groups[run.group].runs.size() > 1) { // a single seed is its group's curve
            for (const auto& [name, curve] : run.curves) {
                curves[name] = curveJson(curve);
            }
        }
        json maps = json::array();
        for (const store::HeatMapRow& map : run.heatMaps) {
            maps.push_back(heatMapJson(map));
        }
        runs.push_back({{"label", text::terminalLine(runLabel(run))},
                        {"group", run.group},
                        {"status", std::string(jobs::name(run.status.status))},
                        {"curves", std::move(curves)},
                        {"maps", std::move(maps)},
                        {"thinned", run.heatMapsThinned}});
    }
    const std::string plain = json{{"groups", groups}, {"runs", runs}, {"sections", sectionsJson(data)}}.dump(
        -1, ' ', false, json::error_handler_t::replace);
    std::string safe;
    safe.reserve(plain.size());
    for (const char c : plain) {
        if (c == '<') {
            safe += "\\u003c";
        } else {
            safe += c;
        }
    }
    return safe;
}

} // namespace dskd::report

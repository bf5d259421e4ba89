#include "core/jobs/sample_counts.h"

#include "core/config/schema/experiment_json.h"
#include "core/preflight/preflight.h"

#include <filesystem>
#include <nlohmann/json.hpp>
#include <system_error>

namespace dskd::jobs
{
namespace
{

constexpr std::size_t kMostKept = 1000; // a window may be open for weeks

std::string stampOf(const std::string& file)
{
    std::error_code error; // of a file that is gone both values are the same every time, and it has no count
    const auto size = std::filesystem::file_size(file, error);
    const auto changed = std::filesystem::last_write_time(file, error).time_since_epoch().count();
    return std::to_string(size) + " " + std::to_string(changed);
}

} // namespace

std::optional<std::int64_t> SampleCounts::of(const config::DataConfig& data)
{
    config::Experiment holder;
    holder.data = data;
    const std::string key = config::toJson(holder).at("data").dump(); // with the path
    const std::string stamp = stampOf(data.train);                    // before reading: a change meanwhile is seen then
    if (const auto known = m_counts.find(key); known != m_counts.end() && known->second.stamp == stamp) {
        return known->second.samples;
    }
    const auto samples = preflight::trainingSamples(data);
    if (!samples) {
        m_counts.erase(key);
        return std::nullopt;
    }
    if (m_counts.size() >= kMostKept) {
        m_counts.clear();
    }
    m_counts[key] = {stamp, *samples};
    return *samples;
}

} // namespace dskd::jobs

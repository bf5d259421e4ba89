#include "ui/feed/run_colors.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

namespace dskd::ui
{

RunColors::RunColors(const std::string& json)
{
    const auto parsed = nlohmann::json::parse(json, nullptr, false);
    if (!parsed.is_object()) {
        return;
    }
    for (const auto& [run, index] : parsed.items()) {
        if (index.is_number_unsigned() && index.get<std::uint64_t>() < 1000000) {
            m_indexes[run] = index.get<int>();
        }
    }
}

std::string RunColors::toJson() const
{
    return nlohmann::json(m_indexes).dump();
}

bool RunColors::assign(const std::vector<store::RunRow>& runs, const std::vector<store::RunRow>& trash)
{
    std::vector<const store::RunRow*> all;
    for (const auto* list : {&runs, &trash}) {
        for (const store::RunRow& run : *list) {
            all.push_back(&run);
        }
    }
    std::stable_sort(all.begin(), all.end(), [](const auto* a, const auto* b) { return a->created < b->created; });

    std::map<std::string, int> indexes;
    std::map<std::pair<std::string, std::string>, int> byExperiment; // group and configuration
    int next = 0;
    for (const store::RunRow* run : all) {
        if (const auto found = m_indexes.find(run->id); found != m_indexes.end()) {
            indexes.insert(*found);
            byExperiment.insert({{run->group, run->configHash}, found->second});
            next = std::max(next, found->second + 1);
        }
    }
    for (const store::RunRow* run : all) {
        if (!indexes.contains(run->id)) {
            const auto [place, isNew] = byExperiment.insert({{run->group, run->configHash}, next});
            next += isNew ? 1 : 0;
            indexes[run->id] = place->second;
        }
    }
    const bool changed = indexes != m_indexes;
    m_indexes = std::move(indexes);
    return changed;
}

int RunColors::of(const std::string& runId) const
{
    const auto found = m_indexes.find(runId);
    return found == m_indexes.end() ? 0 : found->second;
}

} // namespace dskd::ui

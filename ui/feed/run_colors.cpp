#include "ui/feed/run_colors.h"

#include "ui/look/run_shade.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

namespace dskd::ui
{
namespace
{

// What the runs of one configuration in one group have been given.
struct Seeds {
    std::optional<int> hue;
    std::map<std::uint64_t, int> indexes; // by seed

    [[nodiscard]] bool taken(int index) const
    {
        return std::any_of(indexes.begin(), indexes.end(), [&](const auto& given) { return given.second == index; });
    }
    // Of this hue the first shade that no seed has; none is left of them: `otherwise`.
    [[nodiscard]] int freeIndex(int ofHue, int otherwise) const
    {
        for (int shade = 0; shade < kShades; ++shade) {
            if (!taken(colorIndex(ofHue, shade))) {
                return colorIndex(ofHue, shade);
            }
        }
        return otherwise;
    }
};

} // namespace

RunColors::RunColors(const std::string& json)
{
    const auto parsed = nlohmann::json::parse(json, nullptr, false);
    if (!parsed.is_object()) {
        return;
    }
    for (const auto& [run, index] : parsed.items()) {
        if (index.is_number_unsigned() && index.get<std::uint64_t>() < static_cast<std::uint64_t>(kHues) * kShades) {
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
    std::map<std::pair<std::string, std::string>, Seeds> byExperiment; // group and configuration
    const auto seedsOf = [&](const store::RunRow& run) -> Seeds& { return byExperiment[{run.group, run.configHash}]; };
    int next = 0;
    // Those that are known first. Two seeds of one colour are of before there were shades.
    for (const store::RunRow* run : all) {
        if (const auto found = m_indexes.find(run->id); found != m_indexes.end()) {
            Seeds& seeds = seedsOf(*run);
            seeds.hue = seeds.hue.value_or(hueOf(found->second));
            indexes.insert(*found);
            if (!seeds.taken(found->second)) {
                seeds.indexes.emplace(run->seed, found->second);
            }
            next = std::max(next, hueOf(found->second) + 1);
        }
    }
    for (const store::RunRow* run : all) {
        Seeds& seeds = seedsOf(*run);
        const auto known = indexes.find(run->id);
        if (known != indexes.end() && seeds.indexes.contains(run->seed)) {
            continue;
        }
        if (!seeds.hue) {
            seeds.hue = next++;
        }
        const int count = static_cast<int>(seeds.indexes.size());
        const int index = known != indexes.end() ? seeds.freeIndex(hueOf(known->second), known->second)
                                                 : seeds.freeIndex(*seeds.hue, colorIndex(*seeds.hue, count));
        indexes[run->id] = seeds.indexes.emplace(run->seed, index).first->second;
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

#include "ui/feed/run_colors.h"

#include "ui/look/run_shade.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <utility>

namespace dskd::ui
{
namespace
{

// What the runs of one configuration in one group have been given.
struct Siblings {
    std::optional<int> hue;
    std::set<int> taken; // indexes
    int runs = 0;        // that have one

    // Of this hue the first shade that no run has; none is left of them: `otherwise`.
    [[nodiscard]] int freeIndex(int ofHue, int otherwise) const
    {
        for (int shade = 0; shade < kShades; ++shade) {
            if (!taken.contains(colorIndex(ofHue, shade))) {
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
    std::map<std::pair<std::string, std::string>, Siblings> byExperiment; // group and configuration
    std::vector<const store::RunRow*> without;                            // a colour of their own
    int next = 0;
    // Those that are known first. Two runs of one colour are of before each had its own.
    for (const store::RunRow* run : all) {
        const auto found = m_indexes.find(run->id);
        if (found == m_indexes.end()) {
            without.push_back(run);
            continue;
        }
        Siblings& siblings = byExperiment[{run->group, run->configHash}];
        siblings.hue = siblings.hue.value_or(hueOf(found->second));
        indexes.insert(*found);
        next = std::max(next, hueOf(found->second) + 1);
        if (siblings.taken.insert(found->second).second) {
            ++siblings.runs;
        } else {
            without.push_back(run);
        }
    }
    for (const store::RunRow* run : without) {
        Siblings& siblings = byExperiment[{run->group, run->configHash}];
        if (!siblings.hue) {
            siblings.hue = next++;
        }
        const auto known = indexes.find(run->id);
        const int index = known != indexes.end()
                              ? siblings.freeIndex(hueOf(known->second), known->second)
                              : siblings.freeIndex(*siblings.hue, colorIndex(*siblings.hue, siblings.runs));
        indexes[run->id] = index;
        siblings.taken.insert(index);
        ++siblings.runs;
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

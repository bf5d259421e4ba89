#include "ui/pages/alignment/attention_store.h"

#include "core/store/run_reader.h"

#include <algorithm>

namespace dskd::ui
{

Result<MapCatalogue> readCatalogue(const std::filesystem::path& runFolder)
{
    auto reader = store::RunReader::open({runFolder});
    if (!reader) {
        return reader.failure();
    }
    MapCatalogue catalogue;
    for (const store::HeatMapRow& row : reader->heatMaps()) {
        catalogue.byName[row.name][row.sample][row.step] = row.id;
    }
    return catalogue;
}

Result<std::optional<store::HeatMapRow>> readMap(const std::filesystem::path& runFolder, std::int64_t id)
{
    auto reader = store::RunReader::open({runFolder});
    if (!reader) {
        return reader.failure();
    }
    return reader->heatMap(id);
}

std::optional<store::HeatMapRow> difference(const store::HeatMapRow& a, const store::HeatMapRow& b)
{
    if (a.rowTokens != b.rowTokens || a.columnTokens != b.columnTokens || a.values.size() != b.values.size()) {
        return std::nullopt;
    }
    store::HeatMapRow result = a;
    for (std::size_t i = 0; i < result.values.size(); ++i) {
        result.values[i] -= b.values[i];
    }
    return result;
}

const std::map<std::int64_t, StepIndex>* mapLike(const MapCatalogue& run, const std::string& name)
{
    if (const auto same = run.byName.find(name); same != run.byName.end()) {
        return &same->second;
    }
    const std::string way = name.substr(std::min(name.size(), name.rfind('.')));
    const auto like = std::find_if(run.byName.begin(), run.byName.end(),
                                   [&](const auto& map) { return !way.empty() && map.first.ends_with(way); });
    return like == run.byName.end() ? nullptr : &like->second;
}

} // namespace dskd::ui

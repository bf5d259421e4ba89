#include "ui/pages/alignment/attention_store.h"

#include "core/store/run_reader.h"

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

bool rowsAreTeacher(const std::string& mapName)
{
    return mapName.ends_with("s2t");
}

} // namespace dskd::ui

#include "ui/pages/pairs/pairs_scan.h"

#include "core/pairs/known_inputs.h"
#include "core/store/workspace_db.h"

#include <system_error>

namespace dskd::ui
{

Result<KnownPairs> readKnownPairs(const std::filesystem::path& workspace, const std::string& data,
                                  const std::atomic<bool>& cancelled)
{
    auto database = store::WorkspaceDb::open(workspace);
    if (!database) {
        return database.failure();
    }
    KnownPairs known;
    known.sentences = pairs::refreshInputs(*database, {}, &cancelled);
    store::InputTable table(*database);
    for (store::ModelRow& model : table.models()) {
        if (model.student) {
            known.students.push_back(model);
        }
        if (model.teacher) {
            known.teachers.push_back(std::move(model));
        }
    }
    known.data = table.datasets();
    auto chosen = pairs::chooseDataset(*database, data);
    if (!chosen && !data.empty()) {
        chosen = pairs::chooseDataset(*database);
    }
    if (chosen) {
        known.chosen = *std::move(chosen);
    }
    return known;
}

Result<void> comparePairs(const std::filesystem::path& workspace, const KnownPairs& known, std::int64_t samples,
                          const std::function<void(const pairs::PairCell&)>& onCell, const std::atomic<bool>& cancelled)
{
    if (!known.chosen || known.teachers.empty() || known.students.empty()) {
        return {};
    }
    auto database = store::WorkspaceDb::open(workspace);
    if (!database) {
        return database.failure();
    }
    pairs::PairOptions options;
    options.samples = samples;
    const auto cells =
        pairs::analysePairs(*database, known.teachers, known.students, *known.chosen, options, onCell, &cancelled);
    return cells ? Result<void>() : Result<void>(cells.failure());
}

Result<AddedInputs> addInputs(const std::filesystem::path& workspace, const std::vector<std::filesystem::path>& paths)
{
    auto database = store::WorkspaceDb::open(workspace);
    if (!database) {
        return database.failure();
    }
    AddedInputs added;
    for (const std::filesystem::path& path : paths) {
        std::error_code error;
        if (std::filesystem::is_directory(path, error)) {
            if (const auto model = pairs::addModel(*database, path); !model) {
                added.problems.push_back(model.failure().text());
            }
        } else if (const auto data = pairs::addDataset(*database, path); data) {
            added.data = data->path;
        } else {
            added.problems.push_back(data.failure().text());
        }
    }
    return added;
}

} // namespace dskd::ui

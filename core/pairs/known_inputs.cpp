#include "core/pairs/known_inputs.h"

#include "core/base/hash.h"
#include "core/base/process.h"
#include "core/config/schema/choices.h"
#include "core/dataset/record.h"
#include "core/model/folder/adapter_config.h"
#include "core/model/folder/model_config.h"
#include "core/model/folder/weight_files.h"
#include "core/pairs/moved_inputs.h"
#include "core/preflight/rules.h"
#include "core/preflight/run_inputs.h"
#include "core/tokenizer/chat/chat_recognition.h"
#include "core/tokenizer/tokenizer.h"

#include <algorithm>
#include <system_error>
#include <utility>

namespace dskd::pairs
{
namespace
{

namespace fs = std::filesystem;

config::ModelRef reference(const fs::path& folder, const fs::path& tokenizer)
{
    config::ModelRef model;
    model.model = folder.string();
    model.tokenizer = tokenizer.string();
    return model;
}

fs::path normalised(const fs::path& path)
{
    fs::path whole = fs::absolute(path).lexically_normal();
    return whole.has_filename() ? whole : whole.parent_path(); // without a slash at the end
}

std::map<std::string, std::string> specialTokens(const tokenizer::Tokenizer& tokenizer)
{
    const tokenizer::SpecialTokens& special = tokenizer.special();
    const std::pair<const char*, std::optional<tokenizer::TokenId>> all[] = {
        {"bos", special.bos}, {"eos", special.eos}, {"unk", special.unk}, {"pad", special.pad}};
    std::map<std::string, std::string> spelled;
    for (const auto& [role, id] : all) {
        if (id) {
            spelled[role] = std::string(tokenizer.piece(*id));
        }
    }
    return spelled;
}

// The Failure of `failure` with the kind that readers of folders leave to their callers.
Failure withKind(Failure failure, FailureKind otherwise)
{
    failure.kind = failure.kind == FailureKind::Failed ? otherwise : failure.kind;
    return failure;
}

store::ModelRow missingModel(const fs::path& folder, const std::string& tokenizer)
{
    store::ModelRow row;
    row.path = folder.string();
    row.tokenizer = tokenizer;
    row.name = folder.filename().string();
    return row;
}

} // namespace

std::string stampOf(const std::vector<fs::path>& files)
{
    Fnv1a stamp;
    for (const fs::path& file : files) {
        std::error_code error;
        const auto size = fs::file_size(file, error);
        const auto changed = fs::last_write_time(file, error).time_since_epoch().count();
        stamp.add(file.string() + '\n' + std::to_string(size) + ' ' + std::to_string(changed) + '\n');
    }
    return files.empty() ? std::string() : hexadecimal(stamp.value());
}

std::string modelHash(const fs::path& folder, const fs::path& tokenizer)
{
    std::vector<std::string> lines;
    for (const fs::path& path : preflight::modelFiles(reference(folder, tokenizer))) {
        if (const auto file = preflight::readInputFile({}, path)) {
            lines.push_back(path.filename().string() + ' ' + std::to_string(file->size) + ' ' + file->hash + '\n');
        }
    }
    std::sort(lines.begin(), lines.end());
    lines.erase(std::unique(lines.begin(), lines.end()), lines.end()); // config.json is of model and tokenizer
    Fnv1a hash;
    for (const std::string& line : lines) {
        hash.add(line);
    }
    return lines.empty() ? std::string() : hexadecimal(hash.value());
}

std::string modelStamp(const fs::path& folder, const fs::path& tokenizer)
{
    return stampOf(preflight::modelFiles(reference(folder, tokenizer)));
}

std::string datasetHash(const fs::path& file)
{
    const auto read = preflight::readInputFile({}, file);
    return read ? read->hash : std::string();
}

Result<store::ModelRow> readModel(const fs::path& folder, const fs::path& tokenizer)
{
    const fs::path path = normalised(folder);
    std::error_code error;
    if (!fs::is_directory(path, error)) {
        return Failure{path.string() + (fs::exists(path, error) ? " is not a folder." : " is not there."),
                       "Name the folder of a model: with config.json, its tokenizer and, for training, its weights.",
                       FailureKind::NotFound};
    }
    store::ModelRow row = missingModel(path, tokenizer.empty() ? std::string() : normalised(tokenizer).string());
    const auto model = model::readModelConfig(path);
    if (!model) {
        return withKind(model.failure(), FailureKind::BadModel);
    }
    row.family = model::familyName(model->family);
    row.parameters = model::parameterCount(*model);
    row.headRows = model->vocabularyRows;
    const auto resolved = model::resolveModelFolder(path);
    const bool adapts = resolved && !resolved->adapter.empty();
    const bool weights = resolved && model::weightFiles(resolved->base).ok();
    row.kind = adapts ? kAdapter : weights ? kWithWeights : kWithoutWeights;

    const config::ModelRef named = reference(path, row.tokenizer);
    const auto loaded = preflight::loadTokenizer(named, {});
    if (!loaded) {
        return withKind(loaded.failure(), FailureKind::BadModel);
    }
    row.vocabulary = (*loaded)->size();
    row.specialTokens = specialTokens(**loaded);
    if (const auto chat = tokenizer::recogniseFolder(preflight::tokenizerFolder(named))) {
        row.chatTemplate = std::string(tokenizer::name(chat->family));
    }
    row.stamp = modelStamp(path, row.tokenizer); // before the hash: a change meanwhile is seen the next time
    row.hash = modelHash(path, row.tokenizer);
    row.seen = unixTime();
    return row;
}

Result<store::DatasetRow> readDataset(const fs::path& file)
{
    store::DatasetRow row;
    row.path = normalised(file).string();
    row.name = normalised(file).filename().string();
    std::error_code error;
    if (!fs::exists(row.path, error)) {
        return Failure{row.path + " is not there.", "Name a JSONL file.", FailureKind::NotFound};
    }
    row.stamp = stampOf({row.path});
    const auto records = dataset::readRecords(row.path, {});
    if (!records) {
        return withKind(records.failure(), FailureKind::BadData);
    }
    row.kind = std::string(config::name(records->format));
    row.records = static_cast<std::int64_t>(records->records.size());
    row.broken = static_cast<std::int64_t>(records->broken.size());
    row.bytes = static_cast<std::int64_t>(fs::file_size(row.path, error));
    row.hash = datasetHash(row.path);
    row.seen = unixTime();
    return row;
}

Result<store::ModelRow> addModel(store::WorkspaceDb& workspace, const fs::path& folder, const fs::path& tokenizer,
                                 Side side)
{
    auto row = readModel(folder, tokenizer);
    if (!row) {
        return row;
    }
    store::InputTable table(workspace);
    for (const store::ModelRow& known : table.models()) {
        if (known.path == row->path && known.tokenizer == row->tokenizer) {
            row->teacher = known.teacher;
            row->student = known.student;
        }
    }
    row->teacher |= side != Side::Student;
    row->student |= side != Side::Teacher;
    const auto id = table.keep(*row);
    if (!id) {
        return id.failure();
    }
    row->id = *id;
    return row;
}

Result<store::DatasetRow> addDataset(store::WorkspaceDb& workspace, const fs::path& file)
{
    auto row = readDataset(file);
    if (!row) {
        return row;
    }
    const auto id = store::InputTable(workspace).keep(*row);
    if (!id) {
        return id.failure();
    }
    row->id = *id;
    return row;
}

} // namespace dskd::pairs

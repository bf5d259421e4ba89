#include "core/pairs/input_kind.h"

#include "core/model/folder/adapter_config.h"
#include "core/model/folder/model_config.h"
#include "core/pairs/known_inputs.h"

#include <cstdint>
#include <system_error>

namespace dskd::pairs
{
namespace
{

namespace fs = std::filesystem;

bool holdsModel(const fs::path& folder)
{
    std::error_code error;
    return fs::exists(folder / "config.json", error) || fs::exists(folder / model::kAdapterConfigFile, error);
}

} // namespace

std::string ModelKind::key(const Row& row)
{
    return (row.teacher ? "teacher " : "student ") + row.path + '\n' + row.tokenizer;
}

bool ModelKind::isThere(const Row& row)
{
    std::error_code error;
    return fs::is_directory(row.path, error);
}

std::string ModelKind::stamp(const Row& row)
{
    return modelStamp(row.path, row.tokenizer);
}

Result<store::ModelRow> ModelKind::read(const Row& row)
{
    return readModel(row.path, row.tokenizer);
}

bool ModelKind::holds(const fs::path& folder, const Row& row)
{
    if (!holdsModel(folder)) {
        return false;
    }
    const auto model = model::readModelConfig(folder);
    return model && model::familyName(model->family) == row.family && model::parameterCount(*model) == row.parameters &&
           modelHash(folder, row.tokenizer) == row.hash;
}

void ModelKind::keepIdentity(Row& now, const Row& row)
{
    now.id = row.id;
    now.path = row.path;
    now.tokenizer = row.tokenizer;
    now.teacher = row.teacher;
    now.student = row.student;
}

bool ModelKind::addUses(Row& known, const Row& row)
{
    const bool news = (row.teacher && !known.teacher) || (row.student && !known.student);
    known.teacher |= row.teacher;
    known.student |= row.student;
    return news;
}

bool DatasetKind::isThere(const Row& row)
{
    std::error_code error;
    return fs::exists(row.path, error);
}

std::string DatasetKind::stamp(const Row& row)
{
    return stampOf({row.path});
}

Result<store::DatasetRow> DatasetKind::read(const Row& row)
{
    return readDataset(row.path);
}

bool DatasetKind::holds(const fs::path& file, const Row& row)
{
    std::error_code error;
    return static_cast<std::int64_t>(fs::file_size(file, error)) == row.bytes && !error &&
           datasetHash(file) == row.hash;
}

void DatasetKind::keepIdentity(Row& now, const Row& row)
{
    now.id = row.id;
    now.path = row.path;
}

} // namespace dskd::pairs

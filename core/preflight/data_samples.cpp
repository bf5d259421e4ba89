#include "core/preflight/data_samples.h"

#include "core/config/methods/method_traits.h"
#include "core/dataset/record.h"

#include <utility>

namespace dskd::preflight
{
namespace
{

std::string withoutEnd(std::string text) // its blanks and line ends
{
    text.erase(text.find_last_not_of(" \t\r\n") + 1); // of none npos + 1, which is 0
    return text;
}

} // namespace

Result<DataSamples> probeCandidates(const config::DataConfig& data, const std::atomic<bool>* cancelled)
{
    const bool validates = !data.validation.empty();
    DataSamples found;
    found.file = validates ? data.validation : data.train;
    if (found.file.empty()) {
        return Failure{"The experiment names no data.", "Set data.validation or data.train.", FailureKind::Usage};
    }
    config::DataConfig plain = data;
    if (!config::usesChatTemplate(data)) { // the words of a template are the same in every prompt
        plain.promptTemplate = config::Template::Plain;
        plain.customTemplate.clear();
    }
    auto records = dataset::readRecords(found.file, plain, validates ? data.validationLimit : data.limit, cancelled);
    if (!records) {
        return records.failure();
    }
    found.leftOut = records->leftOut();
    found.samples.reserve(records->records.size());
    for (dataset::Record& record : records->records) {
        std::string& question = record.turns.empty() ? record.prompt : record.turns.back().content;
        found.samples.push_back({record.line, withoutEnd(std::move(question)), std::move(record.responses.front())});
    }
    return found;
}

} // namespace dskd::preflight

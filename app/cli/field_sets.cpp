#include "app/cli/field_sets.h"

#include "core/base/result.h"
#include "core/config/methods/method_table.h"
#include "core/config/schema/experiment_json.h"
#include "core/jobs/run_folder.h"
#include "core/preflight/rules.h"

#include <cctype>

namespace dskd::cli
{

namespace
{

bool isWordPart(char c)
{
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-' || c == '/';
}

// Where it stands alone, and not within a path or a longer name.
void insertOption(std::string& text, const FieldOption& named)
{
    for (auto at = text.find(named.field); at != std::string::npos; at = text.find(named.field, at)) {
        const auto end = at + named.field.size();
        const bool begins = at == 0 || (!isWordPart(text[at - 1]) && text[at - 1] != '.');
        const bool goesOn =
            end < text.size() &&
            (isWordPart(text[end]) || (text[end] == '.' && end + 1 < text.size() && isWordPart(text[end + 1])));
        if (!begins || goesOn) {
            at = end;
            continue;
        }
        const std::string both = named.option + " (" + named.field + ")";
        text.replace(at, named.field.size(), both);
        at += both.size();
    }
}

} // namespace

FieldSets parseSets(const std::vector<std::string>& texts)
{
    FieldSets sets;
    for (const std::string& text : texts) {
        const auto equals = text.find('=');
        if (equals == std::string::npos || equals == 0) {
            throw Error("--set \"" + text + "\" has no \"=\".", "Write it as FIELD=VALUE, for example train.lr=1e-3.",
                        FailureKind::Usage);
        }
        const std::string field = text.substr(0, equals);
        const std::string value = text.substr(equals + 1);
        if (field != config::kMethodByName) {
            sets.fields.emplace_back(field, value);
        } else if (sets.method) {
            throw Error("--set names two methods, " + *sets.method + " and " + value + ".",
                        "Name one, and change single fields of it with further --set.", FailureKind::Usage);
        } else {
            sets.method = value;
        }
    }
    return sets;
}

void apply(const FieldSets& sets, config::Experiment& experiment)
{
    if (sets.method) {
        orThrow(config::setField(experiment, config::kMethodByName, *sets.method), FailureKind::Usage);
    }
    for (const auto& [field, value] : sets.fields) {
        orThrow(config::setField(experiment, field, value), FailureKind::Usage);
    }
}

config::Experiment readExperiment(const std::string& file, const std::vector<std::string>& sets)
{
    config::Experiment experiment = config::loadExperiment(file).value();
    apply(parseSets(sets), experiment);
    return experiment;
}

void requireRunnable(const config::Experiment& experiment)
{
    orThrow(jobs::checkExperiment(experiment), FailureKind::Usage);
    preflight::checkFiles(experiment).value();
}

Failure namingOptions(Failure failure, const std::vector<FieldOption>& options)
{
    for (const FieldOption& named : options) {
        insertOption(failure.what, named);
        insertOption(failure.hint, named);
    }
    return failure;
}

} // namespace dskd::cli

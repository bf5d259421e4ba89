#include "app/cli/commands/config.h"

#include "app/cli/commands/run.h"
#include "core/config/schema/experiment_json.h"

#include <nlohmann/json.hpp>

namespace dskd::cli
{

namespace
{

int printFile(const ConfigOptions& options, Console& console)
{
    const auto experiment = readExperiment(options.file, options.sets);
    if (!experiment) {
        return explain(console, experiment.failure(), ExitCode::Usage, options.json);
    }
    const auto problems = config::validate(*experiment);
    for (const config::Problem& problem : problems) {
        console.err << problem.what << '\n';
    }
    printJson(console.out, config::toJson(*experiment));
    return toInt(problems.empty() ? ExitCode::Done : ExitCode::Usage);
}

} // namespace

int runConfig(const ConfigOptions& options, Console& console)
{
    if (!options.file.empty()) {
        return printFile(options, console);
    }
    nlohmann::json rows = nlohmann::json::array();
    for (const config::FieldInfo& field : config::fieldReference()) {
        if (field.path.find(options.filter) == std::string::npos) {
            continue;
        }
        rows.push_back({{"field", field.path},
                        {"type", field.type},
                        {"default", nlohmann::json::parse(field.defaultText, nullptr, false)},
                        {"allowed", field.allowed},
                        {"choices", field.choices},
                        {"explanation", field.explanation}});
        if (!options.json) {
            console.out << console.paint(field.path, Tone::Strong) << " = " << field.defaultText
                        << console.paint("  (" + (field.allowed.empty() ? field.type : field.allowed) + ")",
                                         Tone::Muted)
                        << "\n    " << field.explanation << '\n';
        }
    }
    if (rows.empty()) {
        return explain(console, {"No field's name contains \"" + options.filter + "\".", "\"dskd config\" lists all."},
                       ExitCode::NotFound, options.json);
    }
    if (options.json) {
        printJson(console.out, rows);
    }
    return toInt(ExitCode::Done);
}

} // namespace dskd::cli

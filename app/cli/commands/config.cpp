// `dskd config`: every field of a configuration with its default, what is allowed and what it does; or a file completed
// with all defaults, checked.

#include "app/cli/choice_lines.h"
#include "app/cli/command_line.h"
#include "app/cli/commands/commands.h"
#include "app/cli/commands/words.h"
#include "app/cli/field_sets.h"
#include "core/config/schema/experiment_json.h"
#include "core/text/escape.h"

#include <nlohmann/json.hpp>

namespace dskd::cli
{

namespace
{

struct ConfigOptions : CommonOptions {
    std::string file; // empty: the field reference
    std::vector<std::string> sets;
    std::string filter; // only fields whose path contains this
};

// Throws NotFound when the filter leaves none.
std::vector<config::FieldInfo> fieldsNamed(const std::string& filter)
{
    std::vector<config::FieldInfo> fields = config::fieldReference();
    std::erase_if(fields, [&](const config::FieldInfo& field) { return field.path.find(filter) == std::string::npos; });
    if (fields.empty()) {
        throw Error("No field's name contains \"" + filter + "\".", "\"dskd config\" lists all.",
                    FailureKind::NotFound);
    }
    return fields;
}

// The values of some fields. They are no configuration that could be run, so they do not look like one.
void printValues(const config::Experiment& experiment, const ConfigOptions& options, Console& console)
{
    nlohmann::json values = nlohmann::json::object();
    for (const config::FieldInfo& field : fieldsNamed(options.filter)) {
        values[field.path] = config::fieldValue(experiment, field.path);
        if (!options.json) {
            console.out << console.paint(field.path, Tone::Strong) << " = "
                        << text::terminalLine(
                               values[field.path].dump(-1, ' ', false, nlohmann::json::error_handler_t::replace))
                        << '\n';
        }
    }
    if (options.json) {
        printJson(console.out, values);
    }
}

ExitCode printFile(const ConfigOptions& options, Console& console)
{
    const config::Experiment experiment = readExperiment(options.file, options.sets);
    const auto problems = config::validate(experiment);
    for (const config::Problem& problem : problems) {
        console.err << text::terminal(problem.what) << '\n';
    }
    if (options.filter.empty()) {
        printJson(console.out, config::toJson(experiment));
    } else {
        printValues(experiment, options, console);
    }
    return problems.empty() ? ExitCode::Done : ExitCode::Usage;
}

ExitCode runConfig(const ConfigOptions& options, Console& console)
{
    if (!options.file.empty()) {
        return printFile(options, console);
    }
    if (!options.sets.empty()) {
        throw Error("--set changes a configuration, and none was named.",
                    "Name its file: dskd config FILE --set FIELD=VALUE.", FailureKind::Usage);
    }
    nlohmann::json rows = nlohmann::json::array();
    for (const config::FieldInfo& field : fieldsNamed(options.filter)) {
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
                        << "\n    " << field.explanation << '\n'
                        << choiceLines(field.path);
        }
    }
    if (options.json) {
        printJson(console.out, rows);
    }
    return ExitCode::Done;
}

} // namespace

void addConfig(CommandLine& line)
{
    line.add<ConfigOptions>(
        "config", "Show every configuration field with its default, or a file completed and checked",
        "dskd config my.json --set train.lr=1e-3 > full.json",
        [](CLI::App& command, ConfigOptions& o) {
            command.add_option("file", o.file, "Configuration to complete and check")->type_name("CONFIG");
            setOption(command, o.sets);
            command.add_option("--filter", o.filter, "Only fields whose name contains this; of a file, their values")
                ->type_name("TEXT");
        },
        runConfig);
}

} // namespace dskd::cli

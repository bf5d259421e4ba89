// `dskd methods`: every method by name, and what the choices mean that methods are composed of.

#include "app/cli/choice_lines.h"
#include "app/cli/command_line.h"
#include "app/cli/commands/commands.h"
#include "core/config/methods/fidelity_differences.h"
#include "core/config/methods/method_table.h"
#include "core/config/schema/choices.h"
#include "core/config/schema/experiment_json.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

namespace dskd::cli
{
namespace
{

using config::NamedMethod;

struct MethodsOptions : CommonOptions {
    std::string method; // an id: print its fields, ready for a configuration
};

// All that choosing a method sets, as `--set` takes it.
std::vector<std::string_view> fieldNames(const NamedMethod& method)
{
    std::vector<std::string_view> names;
    for (const config::FieldValue& field : config::baseFields()) {
        const bool isOfTheMethod = std::any_of(method.fields.begin(), method.fields.end(),
                                               [&](const auto& own) { return own.first == field.first; });
        if (field.first != "method.distance" || isOfTheMethod) { // else the distance stays the experiment's own
            names.push_back(field.first);
        }
    }
    for (const config::FieldValue& field : method.settings) {
        names.push_back(field.first);
    }
    return names;
}

nlohmann::json fieldsOf(const NamedMethod& method)
{
    config::Experiment experiment;
    config::applyMethod(experiment, method);
    nlohmann::json fields;
    for (const std::string_view name : fieldNames(method)) {
        fields[std::string(name)] = config::fieldValue(experiment, name);
    }
    return fields;
}

nlohmann::json methodJson(const NamedMethod& method)
{
    return {{"id", method.id},
            {"kind", config::title(method.kind)},
            {"title", method.title},
            {"sentence", method.sentence},
            {"source", method.source},
            {"vocabularies", method.vocabularies == config::Vocabularies::Same ? "same" : "any"},
            {"fields", fieldsOf(method)}};
}

std::string defaultOf(std::string_view field)
{
    const nlohmann::json value = config::fieldValue(config::Experiment(), field);
    return value.is_string() ? value.get<std::string>() : value.dump();
}

nlohmann::json choicesJson()
{
    nlohmann::json fields;
    for (const config::ChoiceMeaning& choice : config::choiceMeanings()) {
        nlohmann::json& field = fields[std::string(choice.field)];
        field["default"] = defaultOf(choice.field);
        field["choices"].push_back({{"value", choice.value}, {"sentence", choice.sentence}});
    }
    return fields;
}

nlohmann::json fidelityJson()
{
    nlohmann::json differences = nlohmann::json::array();
    for (const config::FidelityDifference& difference : config::fidelityDifferences()) {
        differences.push_back({{"fidelity", config::name(difference.fidelity)},
                               {"concerns", difference.concerns},
                               {"sentence", difference.sentence}});
    }
    nlohmann::json faults = nlohmann::json::array();
    for (const config::PublishedFault& fault : config::faultsNotReproduced()) {
        faults.push_back({{"concerns", fault.concerns}, {"sentence", fault.sentence}});
    }
    return {{"differences", differences}, {"not_reproduced", faults}};
}

void print(const NamedMethod& method, Console& console)
{
    console.out << console.paint(std::string(method.id), Tone::Strong) << "  " << method.title
                << console.paint(method.vocabularies == config::Vocabularies::Same ? "  (one tokenizer)"
                                                                                   : "  (any tokenizers)",
                                 Tone::Muted)
                << "\n    " << method.sentence << ' '
                << console.paint("[" + std::string(method.source) + "]", Tone::Muted) << '\n';
}

void printChoices(Console& console)
{
    std::string_view field;
    for (const config::ChoiceMeaning& choice : config::choiceMeanings()) {
        if (choice.field != field) {
            field = choice.field;
            console.out << '\n'
                        << console.paint(std::string(field), Tone::Strong) << " = " << defaultOf(field) << '\n'
                        << choiceLines(field);
        }
    }
}

void printFidelities(Console& console)
{
    std::string_view fidelity;
    for (const config::FidelityDifference& difference : config::fidelityDifferences()) {
        if (config::name(difference.fidelity) != fidelity) {
            fidelity = config::name(difference.fidelity);
            console.out << '\n'
                        << console.paint("method.fidelity " + std::string(fidelity), Tone::Strong)
                        << " differs from paper in\n";
        }
        console.out << "    " << difference.concerns << ": " << difference.sentence << '\n';
    }
    console.out << '\n' << console.paint("Faults of the published code", Tone::Strong) << " that none repeats\n";
    for (const config::PublishedFault& fault : config::faultsNotReproduced()) {
        console.out << "    " << fault.concerns << ": " << fault.sentence << '\n';
    }
}

ExitCode printOne(const MethodsOptions& options, Console& console)
{
    const NamedMethod& method = *orThrow(config::findMethod(options.method), FailureKind::NotFound);
    if (options.json) {
        printJson(console.out, methodJson(method));
        return ExitCode::Done;
    }
    print(method, console);
    console.out << "\n    --set method=" << method.id << " is all of:\n";
    const nlohmann::json fields = fieldsOf(method);
    for (const std::string_view name : fieldNames(method)) {
        const nlohmann::json& value = fields.at(std::string(name));
        console.out << "    --set " << name << '=' << (value.is_string() ? value.get<std::string>() : value.dump())
                    << '\n';
    }
    return ExitCode::Done;
}

ExitCode runMethods(const MethodsOptions& options, Console& console)
{
    if (!options.method.empty()) {
        return printOne(options, console);
    }
    if (options.json) {
        nlohmann::json methods = nlohmann::json::array();
        for (const NamedMethod& method : config::namedMethods()) {
            methods.push_back(methodJson(method));
        }
        printJson(console.out, {{"methods", methods}, {"choices", choicesJson()}, {"fidelity", fidelityJson()}});
        return ExitCode::Done;
    }
    std::optional<config::MethodKind> kind;
    for (const NamedMethod& method : config::namedMethods()) {
        if (method.kind != kind) {
            console.out << (kind ? "\n" : "") << console.paint(std::string(config::title(method.kind)), Tone::Muted)
                        << '\n';
            kind = method.kind;
        }
        print(method, console);
    }
    printChoices(console);
    printFidelities(console);
    return ExitCode::Done;
}

} // namespace

void addMethods(CommandLine& line)
{
    line.add<MethodsOptions>(
        "methods", "List every distillation method, and what its choices mean", "dskd methods dskd-v2",
        [](CLI::App& command, MethodsOptions& o) {
            command.add_option("method", o.method, "Print the fields of this one")->type_name("METHOD");
        },
        runMethods);
}

} // namespace dskd::cli

#include "app/cli/usage_error.h"

#include "core/base/nearest_name.h"

#include <algorithm>
#include <utility>

namespace dskd::cli
{

namespace
{

std::string didYouMean(const std::string& word, const std::vector<std::string>& known)
{
    const std::string near = nearestName(word, known);
    return near.empty() ? std::string() : " Did you mean \"" + near + "\"?";
}

// "--to DIR", and of an argument without a name of its own "RUN".
std::string shown(const CLI::Option& option)
{
    const std::string& type = option.get_type_name();
    if (option.get_positional()) {
        return type.empty() ? option.get_name() : type;
    }
    return option.get_name() + (type.empty() ? "" : " " + type);
}

// `words` are those that no option or argument takes.
std::string unexpected(const CLI::App& command, const std::string& typed, const std::vector<std::string>& words)
{
    const auto option =
        std::find_if(words.begin(), words.end(), [](const std::string& word) { return word.starts_with('-'); });
    if (option == words.end()) {
        return words.empty() ? std::string() : "\"" + typed + "\" does not take \"" + words.front() + "\".";
    }
    const std::string name = option->substr(0, option->find('='));
    std::vector<std::string> known;
    for (const CLI::Option* own : command.get_options()) {
        for (const std::string& longName : own->get_lnames()) {
            known.push_back("--" + longName);
        }
    }
    return "\"" + typed + "\" has no option " + name + "." + didYouMean(name, known);
}

// The first thing that is required and was not given.
std::string missing(const CLI::App& command, const std::string& typed, const std::vector<std::string>& words)
{
    std::vector<std::string> names;
    for (const CLI::App* inner : command.get_subcommands([](const CLI::App*) { return true; })) {
        names.push_back(inner->get_name());
    }
    if (!names.empty()) {
        std::string list;
        for (const std::string& name : names) {
            list += (list.empty() ? "" : ", ") + name;
        }
        const auto at = std::find(words.begin(), words.end(), command.get_name());
        const bool given = at != words.end() && at + 1 != words.end() && !(at + 1)->starts_with('-');
        return given ? "There is no \"" + typed + " " + *(at + 1) + "\"." + didYouMean(*(at + 1), names)
                     : "\"" + typed + "\" needs one of: " + list + ".";
    }
    for (const CLI::Option* option : command.get_options()) {
        if (option->get_required() && option->count() == 0) {
            return "\"" + typed + "\" needs " + shown(*option) + ": " + option->get_description() + ".";
        }
    }
    return {};
}

// The option that CLI11's sentence begins with, or has behind ": " ("Could not convert: --step = x"); null: none.
const CLI::Option* optionIn(const CLI::App& command, const std::string& sentence)
{
    for (const CLI::App* app = &command; app != nullptr; app = app->get_parent()) {
        for (const CLI::Option* option : app->get_options()) {
            const std::string name = option->get_name();
            if (sentence.starts_with(name + ":") || sentence.find(": " + name + " = ") != std::string::npos) {
                return option;
            }
        }
    }
    return nullptr;
}

// An option without its value, or twice.
std::string miscounted(const CLI::Option& option, const std::vector<std::string>& words)
{
    const std::string name = option.get_name();
    const auto times = std::count_if(words.begin(), words.end(), [&](const std::string& word) {
        return word == name || word.starts_with(name + "=");
    });
    return times > 1 ? name + " was given " + std::to_string(times) + " times and is understood once."
                     : name + " needs a value: " + shown(option) + ", " + option.get_description() + ".";
}

// A value of the wrong kind.
std::string unfit(const CLI::Option& option, const std::string& sentence)
{
    const std::string& type = option.get_type_name();
    const std::string kind = type == "N" ? "a whole number" : type == "X" ? "a number" : type;
    const std::size_t value = sentence.rfind(" = ");
    return option.get_name() + " takes " + kind +
           (value == std::string::npos ? std::string(".") : ", not \"" + sentence.substr(value + 3) + "\".");
}

// Empty: nothing better than CLI11's sentence is known.
std::string sentenceFor(const CLI::App& line, const CLI::App& command, const std::string& typed,
                        const CLI::ParseError& problem, const std::vector<std::string>& words)
{
    if (dynamic_cast<const CLI::ExtrasError*>(&problem) != nullptr) {
        return unexpected(command, typed, line.remaining(true));
    }
    if (dynamic_cast<const CLI::RequiredError*>(&problem) != nullptr) {
        return missing(command, typed, words);
    }
    const std::string sentence = problem.what();
    const CLI::Option* option = optionIn(command, sentence);
    if (option != nullptr && dynamic_cast<const CLI::ArgumentMismatch*>(&problem) != nullptr) {
        return miscounted(*option, words);
    }
    if (option != nullptr && dynamic_cast<const CLI::ConversionError*>(&problem) != nullptr) {
        return unfit(*option, sentence);
    }
    return {};
}

// The line itself and the commands that were given, outermost first, and their words: "dskd queue add".
std::pair<std::vector<const CLI::App*>, std::string> commandsIn(const CLI::App& line)
{
    std::pair<std::vector<const CLI::App*>, std::string> found{{&line}, "dskd"};
    for (auto inner = line.get_subcommands(); !inner.empty(); inner = inner.front()->get_subcommands()) {
        found.first.push_back(inner.front());
        found.second += " " + inner.front()->get_name();
    }
    return found;
}

} // namespace

Failure usageFailure(const CLI::App& line, const CLI::ParseError& problem, const std::vector<std::string>& words)
{
    const auto [commands, typed] = commandsIn(line);
    std::string what = sentenceFor(line, *commands.back(), typed, problem, words);
    if (what.empty()) {
        what = typed + ": " + problem.what() + ".";
    }
    return {what, "\"" + typed + " --help\" shows what it takes.", FailureKind::Usage};
}

void refuseEmptyValues(const CLI::App& line)
{
    const auto [commands, typed] = commandsIn(line);
    for (const CLI::App* command : commands) {
        for (const CLI::Option* option : command->get_options()) {
            const auto& values = option->results();
            if (option->get_type_name() != "TEXT" && std::find(values.begin(), values.end(), "") != values.end()) {
                throw Error(shown(*option) + " is empty: " + option->get_description() + ".",
                            "\"" + typed + " --help\" shows what it takes.", FailureKind::Usage);
            }
        }
    }
}

} // namespace dskd::cli

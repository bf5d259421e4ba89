#include "app/cli/grid.h"

#include "app/cli/commands/run.h"
#include "core/config/methods/method_table.h"
#include "core/config/schema/experiment_json.h"

#include <algorithm>
#include <charconv>

namespace dskd::cli
{

namespace
{

std::vector<std::string> split(const std::string& text)
{
    std::vector<std::string> parts;
    for (std::size_t begin = 0; begin <= text.size();) {
        const std::size_t end = std::min(text.find(',', begin), text.size());
        parts.push_back(text.substr(begin, end - begin));
        begin = end + 1;
    }
    return parts;
}

std::string lastPart(const std::string& path)
{
    return path.substr(path.rfind('.') + 1);
}

// What names call an axis: the last part of its field, or the whole when another axis ends the same way.
std::string axisName(const Axis& axis, const std::vector<Axis>& axes)
{
    const std::string name = lastPart(axis.field);
    const auto alike =
        std::count_if(axes.begin(), axes.end(), [&](const Axis& other) { return lastPart(other.field) == name; });
    return alike > 1 ? axis.field : name;
}

} // namespace

Result<Axis> parseAxis(const std::string& text)
{
    const auto equals = text.find('=');
    if (equals == std::string::npos || equals == 0 || equals + 1 == text.size()) {
        return Failure{"--grid \"" + text + "\" is not of the form FIELD=VALUE,VALUE,….",
                       "For example: --grid space=diff,student,dual"};
    }
    const std::string name = text.substr(0, equals);
    auto field = name == config::kMethodByName ? Result<std::string>(name) : config::resolveField(name);
    if (!field) {
        return field.failure();
    }
    Axis axis{std::move(*field), split(text.substr(equals + 1))};
    for (std::size_t i = 0; i < axis.values.size(); ++i) {
        if (axis.values[i].empty()) {
            return Failure{"--grid \"" + text + "\" has an empty value.", "Remove the extra comma."};
        }
        for (std::size_t j = 0; j < i; ++j) {
            if (axis.values[i] == axis.values[j]) {
                return Failure{"--grid \"" + text + "\" names " + axis.values[i] + " twice.", {}};
            }
        }
    }
    return axis;
}

Result<std::vector<std::uint64_t>> parseSeeds(const std::string& text)
{
    std::vector<std::uint64_t> seeds;
    for (const std::string& part : split(text)) {
        std::uint64_t seed = 0;
        const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), seed);
        if (error != std::errc() || end != part.data() + part.size()) {
            return Failure{"--seeds \"" + text + "\": \"" + part + "\" is not a whole number of 0 or more.",
                           "For example: --seeds 10,20,30"};
        }
        seeds.push_back(seed);
    }
    return seeds;
}

Result<std::vector<config::Experiment>> expandGrid(const config::Experiment& base, const std::vector<Axis>& given,
                                                   const std::vector<std::uint64_t>& seeds,
                                                   const std::vector<std::string>& sets)
{
    const bool namesMethod = std::any_of(sets.begin(), sets.end(), [](const std::string& set) {
        return set.starts_with(std::string(config::kMethodByName) + "=");
    });
    for (auto axis = given.begin(); axis != given.end(); ++axis) {
        if (std::any_of(given.begin(), axis, [&](const Axis& before) { return before.field == axis->field; })) {
            return Failure{"Two --grid vary " + axis->field + ".", "Give all its values in one --grid."};
        }
        if (axis->field == "seed" && !seeds.empty()) {
            return Failure{"--grid seed and --seeds both vary the seed.", "Give the seeds in --seeds alone."};
        }
        if (axis->field == config::kMethodByName && namesMethod) {
            return Failure{"--grid and --set both name the method.", "Leave out the --set."};
        }
    }
    // A whole method first, then what is set beside it: it must undo neither that nor another axis, whose value would
    // stand in the name all the same.
    std::vector<Axis> axes = given;
    std::stable_partition(axes.begin(), axes.end(),
                          [](const Axis& axis) { return axis.field == config::kMethodByName; });
    std::vector<config::Experiment> cells{base};
    if (!axes.empty()) {
        cells.front().name.clear();
    }
    for (const Axis& axis : axes) {
        const std::string name = axisName(axis, axes);
        std::vector<config::Experiment> wider;
        for (const config::Experiment& cell : cells) {
            for (const std::string& value : axis.values) {
                config::Experiment next = cell;
                if (const auto set = config::setField(next, axis.field, value); !set) {
                    return set.failure();
                }
                if (axis.field == config::kMethodByName) {
                    if (const auto again = applySets(next, sets); !again) {
                        return again.failure();
                    }
                    next.name = cell.name; // these two are the sweep's
                    next.group = cell.group;
                }
                next.name += (next.name.empty() ? "" : " ") + name + "=" + value;
                wider.push_back(std::move(next));
            }
        }
        cells = std::move(wider);
    }
    std::vector<config::Experiment> result;
    for (const config::Experiment& cell : cells) {
        if (const auto problems = config::validate(cell); !problems.empty()) {
            return Failure{"The combination \"" + cell.name + "\" cannot run: " + problems.front().what,
                           "Leave it out of the grid, or change the base configuration."};
        }
        if (seeds.empty()) {
            result.push_back(cell);
        }
        for (const std::uint64_t seed : seeds) {
            result.push_back(cell);
            result.back().seed = seed;
        }
    }
    return result;
}

} // namespace dskd::cli

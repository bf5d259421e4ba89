#include "app/cli/grid.h"

#include "core/base/result.h"
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

[[noreturn]] void refuse(const std::string& what, const std::string& hint = {})
{
    throw Error(what, hint, FailureKind::Usage);
}

// Two ways of naming one thing, of which one would win in silence.
void checkAxes(const Grid& grid, const FieldSets& sets)
{
    for (auto axis = grid.axes.begin(); axis != grid.axes.end(); ++axis) {
        if (std::any_of(grid.axes.begin(), axis, [&](const Axis& before) { return before.field == axis->field; })) {
            refuse("Two --grid vary " + axis->field + ".", "Give all its values in one --grid.");
        }
        if (axis->field == "seed" && !grid.seeds.empty()) {
            refuse("--grid seed and --seeds both vary the seed.", "Give the seeds in --seeds alone.");
        }
        if (axis->field == config::kMethodByName && sets.method) {
            refuse("--grid and --set both name the method.", "Leave out the --set.");
        }
        if (axis->field == "name" || axis->field == "group") {
            refuse("--grid cannot vary the " + axis->field + ": a sweep names its runs by their values, in one group.",
                   "Vary another field.");
        }
    }
}

struct Cell {
    config::Experiment experiment;
    std::string values; // "method=gkd distance=srkl"
};

// The file with its method and the other --set: one cell, or one for every value of an axis of methods.
std::vector<Cell> startingCells(const config::Experiment& file, const FieldSets& sets, const std::vector<Axis>& axes)
{
    const auto methods =
        std::find_if(axes.begin(), axes.end(), [](const Axis& axis) { return axis.field == config::kMethodByName; });
    if (methods == axes.end()) {
        Cell cell{file, {}};
        apply(sets, cell.experiment);
        return {cell};
    }
    std::vector<Cell> cells;
    for (const std::string& method : methods->values) {
        Cell& cell = cells.emplace_back(Cell{file, axisName(*methods, axes) + "=" + method});
        apply({method, sets.fields}, cell.experiment);
    }
    return cells;
}

// Every cell with every value of the axis.
std::vector<Cell> widened(const std::vector<Cell>& cells, const Axis& axis, const std::string& name)
{
    std::vector<Cell> wider;
    for (const Cell& cell : cells) {
        for (const std::string& value : axis.values) {
            Cell& next = wider.emplace_back(cell);
            orThrow(config::setField(next.experiment, axis.field, value), FailureKind::Usage);
            next.values += (next.values.empty() ? "" : " ") + name + "=" + value;
        }
    }
    return wider;
}

} // namespace

Axis parseAxis(const std::string& text)
{
    const auto equals = text.find('=');
    if (equals == std::string::npos || equals == 0 || equals + 1 == text.size()) {
        refuse("--grid \"" + text + "\" is not of the form FIELD=VALUE,VALUE,….",
               "For example: --grid space=diff,student,dual");
    }
    const std::string name = text.substr(0, equals);
    Axis axis{name == config::kMethodByName ? name : orThrow(config::resolveField(name), FailureKind::Usage),
              split(text.substr(equals + 1))};
    for (std::size_t i = 0; i < axis.values.size(); ++i) {
        if (axis.values[i].empty()) {
            refuse("--grid \"" + text + "\" has an empty value.", "Remove the extra comma.");
        }
        for (std::size_t j = 0; j < i; ++j) {
            if (axis.values[i] == axis.values[j]) {
                refuse("--grid \"" + text + "\" names " + axis.values[i] + " twice.");
            }
        }
    }
    return axis;
}

std::vector<std::uint64_t> parseSeeds(const std::string& text)
{
    std::vector<std::uint64_t> seeds;
    for (const std::string& part : split(text)) {
        std::uint64_t seed = 0;
        const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), seed);
        if (error != std::errc() || end != part.data() + part.size()) {
            refuse("--seeds \"" + text + "\": \"" + part + "\" is not a whole number of 0 or more.",
                   "For example: --seeds 10,20,30");
        }
        seeds.push_back(seed);
    }
    return seeds;
}

std::vector<config::Experiment> expandGrid(const config::Experiment& file, const FieldSets& sets, const Grid& grid)
{
    checkAxes(grid, sets);
    std::vector<Cell> cells = startingCells(file, sets, grid.axes);
    for (const Axis& axis : grid.axes) {
        if (axis.field != config::kMethodByName) {
            cells = widened(cells, axis, axisName(axis, grid.axes));
        }
    }
    std::vector<config::Experiment> experiments;
    for (auto& [experiment, values] : cells) {
        const std::string otherGroup = experiment.name.empty() ? grid.otherGroup : experiment.name;
        experiment.group = !grid.group.empty() ? grid.group : !experiment.group.empty() ? experiment.group : otherGroup;
        experiment.name = grid.axes.empty() ? experiment.name : values;
        if (const auto problems = config::validate(experiment); !problems.empty()) {
            refuse("The combination \"" + experiment.name + "\" cannot run: " + problems.front().what,
                   "Leave it out of the grid, or change the base configuration.");
        }
        if (grid.seeds.empty()) {
            experiments.push_back(experiment);
        }
        for (const std::uint64_t seed : grid.seeds) {
            experiments.push_back(experiment);
            experiments.back().seed = seed;
        }
    }
    return experiments;
}

} // namespace dskd::cli

// `dskd spaces`: how student and teacher lie to each other on the probe samples of some runs, at one step.

#include "app/cli/command_line.h"
#include "app/cli/commands/commands.h"
#include "app/cli/commands/words.h"
#include "app/cli/terminal/comparison.h"
#include "core/jobs/compare.h"
#include "core/jobs/space_csv.h"
#include "core/metrics/box_figures.h"
#include "core/metrics/metric_table.h"
#include "core/store/run_reader.h"
#include "core/text/numbers.h"

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <utility>
#include <vector>

namespace dskd::cli
{

namespace
{

using store::StructureRow;

struct SpacesOptions : CommonOptions {
    std::vector<std::string> runs;
    std::optional<std::int64_t> step; // none: the newest of each run
    bool csv = false;
    bool points = false; // of the pictures, with csv
};

struct Spaces {
    store::RunRow run;
    std::int64_t step = 0;
    std::vector<StructureRow> samples;
    std::vector<store::SpaceAxesRow> axes;
    std::vector<store::SpacePointRow> points;

    [[nodiscard]] std::optional<metrics::BoxFigures> box(double StructureRow::*value) const
    {
        std::vector<double> values;
        values.reserve(samples.size());
        for (const StructureRow& sample : samples) {
            values.push_back(sample.*value);
        }
        return metrics::boxFigures(std::move(values));
    }
};

// Throws NotFound where the run has recorded nothing, or not at the step.
Spaces spacesOf(store::WorkspaceDb& workspace, const std::string& id, std::optional<std::int64_t> wanted)
{
    store::RunReader reader = store::RunReader::open(workspace.layout().run(id)).value();
    const store::RunReader::Snapshot snapshot(reader);
    std::set<std::int64_t> steps; // a run without a teacher has points alone
    for (const std::vector<std::int64_t>& some : {reader.structureSteps(), reader.spacePointSteps()}) {
        steps.insert(some.begin(), some.end());
    }
    if (steps.empty()) {
        throw Error(id + " has recorded nothing of its spaces.",
                    "Runs record it every log.probe_every steps for the first log.probe_samples samples of the "
                    "validation data or those that log.probe_lines names.",
                    FailureKind::NotFound);
    }
    if (wanted && !steps.contains(*wanted)) {
        std::string list;
        for (const std::int64_t step : steps) {
            list += (list.empty() ? "" : ", ") + std::to_string(step);
        }
        throw Error(id + " has recorded nothing of its spaces at step " + std::to_string(*wanted) + ".",
                    "It has: " + list + ".", FailureKind::NotFound);
    }
    const std::int64_t step = wanted.value_or(*steps.rbegin());
    return {workspace.run(id).value(), step, reader.structure(step), reader.spaceAxes(), reader.spacePoints(step)};
}

nlohmann::json toJson(const metrics::BoxFigures& box)
{
    return {{"count", box.count},
            {"least", box.least},
            {"lower_whisker", box.lowerWhisker},
            {"lower_quartile", box.lowerQuartile},
            {"median", box.median},
            {"upper_quartile", box.upperQuartile},
            {"upper_whisker", box.upperWhisker},
            {"greatest", box.greatest},
            {"outliers", box.outliers}};
}

// The newest step that one of them is of. A run that ended earlier is marked, or it would be read as of the same step.
std::int64_t newestStep(const std::vector<Spaces>& all)
{
    std::int64_t newest = 0;
    for (const Spaces& spaces : all) {
        newest = std::max(newest, spaces.step);
    }
    return newest;
}

nlohmann::json toJson(const Spaces& spaces, std::int64_t newest)
{
    nlohmann::json samples = nlohmann::json::array();
    for (const StructureRow& sample : spaces.samples) {
        nlohmann::json one = {{"sample", sample.sample}, {"rows", sample.rows}, {"product_rows", sample.productRows}};
        for (const jobs::SampleDistance& shown : jobs::kSampleDistances) {
            one[std::string(shown.metric)] = jsonNumber(sample.*shown.value);
        }
        samples.push_back(std::move(one));
    }
    nlohmann::json boxes = nlohmann::json::object();
    for (const jobs::SampleDistance& shown : jobs::kSampleDistances) {
        if (const auto box = spaces.box(shown.value)) {
            boxes[std::string(shown.metric)] = toJson(*box);
        }
    }
    nlohmann::json axes = nlohmann::json::array();
    for (const store::SpaceAxesRow& row : spaces.axes) {
        axes.push_back(
            {{"space", store::name(row.space)}, {"fitted_at_step", row.step}, {"explained_variance", row.explained}});
    }
    nlohmann::json points = nlohmann::json::array();
    for (const store::SpacePointRow& point : spaces.points) {
        points.push_back({{"space", store::name(point.space)},
                          {"side", store::name(point.side)},
                          {"sample", point.sample},
                          {"row", point.row},
                          {"token", point.token},
                          {"x", jsonNumber(point.x)},
                          {"y", jsonNumber(point.y)}});
    }
    return {{"run", spaces.run.id}, {"name", spaces.run.name}, {"seed", spaces.run.seed},
            {"step", spaces.step},  {"samples", samples},      {"boxes", boxes},
            {"axes", axes},         {"points", points},        {"earlier", spaces.step < newest}};
}

// Whose rows they are, for the lines of CSV.
jobs::PointSource sourceOf(const Spaces& spaces)
{
    return {spaces.run.id, spaces.run.shownName(), spaces.run.seed};
}

std::string distancesCsv(const std::vector<Spaces>& all)
{
    std::string out = jobs::sampleColumns();
    for (const Spaces& spaces : all) {
        for (const StructureRow& sample : spaces.samples) {
            out += jobs::sampleLine(sourceOf(spaces), sample);
        }
    }
    return out;
}

std::string pointsCsv(const std::vector<Spaces>& all)
{
    std::string out(jobs::kSpacePointColumns);
    for (const Spaces& spaces : all) {
        for (const store::SpacePointRow& point : spaces.points) {
            out += jobs::spacePointLine(sourceOf(spaces), point);
        }
    }
    return out;
}

void printTables(const std::vector<Spaces>& all, Console& console)
{
    const std::int64_t newest = newestStep(all);
    for (const jobs::SampleDistance& shown : jobs::kSampleDistances) {
        text::Table table;
        table.columns = {{"run", text::Align::Left, true}, {"seed", text::Align::Right},
                         {"step", text::Align::Right},     {"samples", text::Align::Right},
                         {"least", text::Align::Right},    {"lower quartile", text::Align::Right},
                         {"median", text::Align::Right},   {"upper quartile", text::Align::Right},
                         {"greatest", text::Align::Right}};
        for (const Spaces& spaces : all) {
            const auto box = spaces.box(shown.value);
            const auto figure = [&](double metrics::BoxFigures::*of) {
                return text::number(box ? std::optional((*box).*of) : std::nullopt);
            };
            table.add({spaces.run.shownName(), std::to_string(spaces.run.seed),
                       std::to_string(spaces.step) + (spaces.step < newest ? " *" : ""),
                       std::to_string(box ? box->count : 0), figure(&metrics::BoxFigures::least),
                       figure(&metrics::BoxFigures::lowerQuartile), figure(&metrics::BoxFigures::median),
                       figure(&metrics::BoxFigures::upperQuartile), figure(&metrics::BoxFigures::greatest)});
        }
        console.out << console.paint(metrics::titleOf(shown.metric), Tone::Strong) << ": "
                    << metrics::descriptionOf(shown.metric) << '\n'
                    << text::toTerminal(table, tableStyle(console)) << '\n';
    }
    if (std::any_of(all.begin(), all.end(), [&](const Spaces& spaces) { return spaces.step < newest; })) {
        console.out << "* of an earlier step than " << newest
                    << ", the newest one here: not to be compared as if of the same step (--step chooses one).\n";
    }
}

ExitCode runSpaces(const SpacesOptions& options, Console& console)
{
    store::WorkspaceDb workspace = openWorkspace(options, console);
    std::vector<Spaces> all;
    std::vector<jobs::UnreadRun> leftOut;
    for (const std::string& id : findRuns(workspace, options.runs)) {
        try {
            all.push_back(spacesOf(workspace, id, options.step));
        } catch (const Error& nothing) {
            leftOut.push_back({id, nothing.failure()});
        }
    }
    if (all.empty() && !leftOut.empty()) {
        throw Error(leftOut.front().why);
    }
    printLeftOut(leftOut, console);
    if (options.json) {
        nlohmann::json runs = nlohmann::json::array();
        std::transform(all.begin(), all.end(), std::back_inserter(runs),
                       [newest = newestStep(all)](const Spaces& spaces) { return toJson(spaces, newest); });
        printJson(console.out, {{"runs", std::move(runs)}});
    } else if (options.points) {
        printCsv(console, pointsCsv(all));
    } else if (options.csv) {
        printCsv(console, distancesCsv(all));
    } else {
        printTables(all, console);
    }
    return ExitCode::Done;
}

} // namespace

void addSpaces(CommandLine& line)
{
    line.add<SpacesOptions>(
        "spaces", "Show how student and teacher lie to each other in their representation spaces",
        "dskd spaces group:demo --csv > distances.csv",
        [](CLI::App& command, SpacesOptions& o) {
            runsArgument(command, o.runs)->required();
            command.add_option("--step", o.step, "At this step instead of the newest that each run has")
                ->type_name("N");
            CLI::Option* csv =
                command.add_flag("--csv", o.csv, "The distances of every probe sample, a line each, full precision");
            command.add_flag("--points", o.points, "With --csv: the points of the pictures instead")->needs(csv);
        },
        runSpaces);
}

} // namespace dskd::cli

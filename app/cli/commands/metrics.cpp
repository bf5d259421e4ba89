// `dskd metrics`: every point of a run's metrics, or one line a metric.

#include "app/cli/command_line.h"
#include "app/cli/commands/commands.h"
#include "app/cli/commands/words.h"
#include "core/jobs/point_csv.h"
#include "core/metrics/metric_table.h"
#include "core/store/run_reader.h"
#include "core/text/numbers.h"

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>
#include <utility>

namespace dskd::cli
{

namespace
{

struct MetricsOptions : CommonOptions {
    std::string run;
    std::string name; // empty: all
    bool csv = false; // one line per point, full precision
};

// Without --csv and --json: a table of the series with their number of points, first, last, least and greatest value.
ExitCode runMetrics(const MetricsOptions& options, Console& console)
{
    store::WorkspaceDb workspace = openWorkspace(options, console);
    const std::string id = workspace.findRun(options.run).value();
    const store::RunRow row = workspace.run(id).value();
    const jobs::PointSource source{id, row.shownName(), row.seed};
    store::RunReader reader = store::RunReader::open(workspace.layout().run(id)).value();
    std::vector<std::string> names = reader.metricNames();
    if (!options.name.empty()) {
        std::erase_if(names, [&](const std::string& name) {
            return name != options.name && metrics::titleOf(name) != options.name;
        });
        if (names.empty()) {
            throw Error(id + " has no metric \"" + options.name + "\".",
                        "\"dskd metrics " + id + "\" lists those it has.", FailureKind::NotFound);
        }
    }
    names = metrics::inTableOrder(std::move(names));
    nlohmann::json document = nlohmann::json::object();
    text::Table table;
    table.columns = {{"metric"},
                     {"id"},
                     {"points", text::Align::Right},
                     {"first", text::Align::Right},
                     {"last", text::Align::Right},
                     {"least", text::Align::Right},
                     {"greatest", text::Align::Right}};
    if (options.csv) {
        console.out << jobs::kPointColumns;
    }
    for (const std::string& name : names) {
        const auto points = reader.series(name);
        double least = std::numeric_limits<double>::infinity();
        double greatest = -least;
        nlohmann::json rows = nlohmann::json::array();
        const std::string prefix = jobs::pointPrefix(source, name);
        for (const store::MetricPoint& point : points) {
            if (options.csv) {
                printCsv(console, jobs::pointLine(prefix, point));
            } else if (options.json) {
                rows.push_back({point.step, point.tokens, point.time, jsonNumber(point.value)});
            }
            least = std::min(least, point.value);
            greatest = std::max(greatest, point.value);
        }
        document[name] = std::move(rows);
        if (!points.empty()) {
            const auto shown = [&](double value) { return text::number(value * metrics::shownFactor(name)); };
            table.add({metrics::shownTitle(name), name, std::to_string(points.size()), shown(points.front().value),
                       shown(points.back().value), shown(least), shown(greatest)});
        }
    }
    if (options.json) {
        printJson(console.out, {{"run", id},
                                {"seed", row.seed},
                                {"columns", {"step", "tokens", "time", "value"}},
                                {"series", std::move(document)}});
    } else if (!options.csv) {
        console.out << (table.rows.empty() ? id + " has written no metrics yet.\n"
                                           : text::toTerminal(table, tableStyle(console)));
    }
    return ExitCode::Done;
}

} // namespace

void addMetrics(CommandLine& line)
{
    line.add<MetricsOptions>(
        "metrics", "Show or export the metrics of a run, every point of them",
        "dskd metrics last --name loss --csv > loss.csv",
        [](CLI::App& command, MetricsOptions& o) {
            runArgument(command, o.run);
            command.add_option("--name", o.name, "Only this metric, by its id or title")->type_name("METRIC");
            command.add_flag("--csv", o.csv,
                             "run,name,seed,metric,step,tokens,time,value; every point in full precision");
        },
        runMetrics);
}

} // namespace dskd::cli

#include "core/jobs/matrix.h"

#include "core/config/methods/method_table.h"
#include "core/config/schema/experiment_json.h"
#include "core/jobs/matrix_axes.h"
#include "core/jobs/matrix_input.h"
#include "core/jobs/run_stage.h"
#include "core/metrics/metric_table.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace dskd::jobs
{
namespace
{

using Groups = std::vector<std::optional<OutcomeGroup>>;

// The best and the last value of a metric are metrics of their own.
constexpr std::string_view kEnds[] = {".best", ".last"};

// The metric that `word` means; without an end the best value before the last one.
Result<std::string> metricMeant(const std::string& word, const std::vector<std::string>& known)
{
    if (word.empty()) {
        const std::vector<std::string> headlines = metrics::headlineMetrics(known);
        return headlines.empty() ? std::string(metrics::kValidationLoss) + ".best" : headlines.front();
    }
    const auto isKnown = [&](const std::string& id) {
        return std::find(known.begin(), known.end(), id) != known.end();
    };
    if (isKnown(word)) {
        return word;
    }
    for (const std::string& id : known) {
        if (word == metrics::titleOf(id)) {
            return id;
        }
    }
    for (const std::string_view end : kEnds) {
        for (const std::string& id : known) {
            const std::string metric = id.ends_with(end) ? id.substr(0, id.size() - end.size()) : std::string();
            if (!metric.empty() && (word == metric || word == metrics::titleOf(metric))) {
                return id;
            }
        }
    }
    std::string all;
    for (const std::string& id : known) {
        all += (all.empty() ? "" : ", ") + id + " (" + metrics::titleOf(id) + ")";
    }
    const bool mayCome = metrics::findMetric(word) != nullptr &&
                         std::any_of(std::begin(kEnds), std::end(kEnds), [&](auto end) { return word.ends_with(end); });
    if (mayCome) {
        return word; // runs that have not begun have no values yet
    }
    return Failure{"None of these runs has the metric \"" + word + "\".",
                   all.empty() ? "They have no values yet." : "There is: " + all + ".", FailureKind::NotFound};
}

int& countOf(SeedCounts& seeds, Stage stage)
{
    switch (stage) {
    case Stage::Done: return seeds.done;
    case Stage::Running: return seeds.running;
    case Stage::Queued: return seeds.queued;
    case Stage::Created: return seeds.created;
    case Stage::Stopped: return seeds.stopped;
    case Stage::Failed: break;
    }
    return seeds.failed;
}

void countSeeds(const OutcomeGroup& group, SeedCounts& counts)
{
    std::map<std::uint64_t, std::vector<Status>> seeds;
    for (const RunOutcome& run : group.runs) {
        seeds[run.seed].push_back(run.status);
    }
    for (const auto& [seed, runs] : seeds) {
        ++countOf(counts, furthestStage(runs));
    }
}

CellState stateOf(const SeedCounts& seeds)
{
    return seeds.running > 0   ? CellState::Running
           : seeds.queued > 0  ? CellState::Queued
           : seeds.created > 0 ? CellState::Created
           : seeds.done > 0    ? CellState::Done
           : seeds.failed > 0  ? CellState::Failed
                               : CellState::Stopped;
}

// The runs of one cell; their group, where they are one configuration.
std::optional<OutcomeGroup> fillCell(MatrixCell& cell, std::vector<RunOutcome> outcomes, const std::string& metric)
{
    Comparison own = compareOutcomes(std::move(outcomes));
    const bool one = own.groups.size() == 1;
    for (const OutcomeGroup& group : own.groups) {
        countSeeds(group, cell.seeds);
        for (const RunOutcome& run : group.runs) {
            const auto value = run.values.find(metric);
            cell.runs.push_back({run.runId, run.name, run.seed, run.status,
                                 value == run.values.end() ? std::nullopt : std::optional(value->second),
                                 one && isCounted(group, run)});
        }
    }
    cell.state = stateOf(cell.seeds);
    if (!one) {
        cell.mixed = std::move(own.differingFields);
        return std::nullopt;
    }
    OutcomeGroup& group = own.groups.front();
    if (const auto value = group.values.find(metric); value != group.values.end()) {
        cell.value = value->second;
    }
    return std::move(group);
}

std::string listed(const std::vector<std::string>& names)
{
    std::string text;
    for (const std::string& name : names) {
        text += (text.empty() ? "" : ", ") + name;
    }
    return text;
}

// The baseline of the request by full paths. Refuses a field that is on no axis and a value that does not occur.
Result<std::map<std::string, std::string>> checkedBaseline(const MatrixRequest& request, const Matrix& matrix)
{
    std::map<std::string, std::string> baseline;
    for (const auto& [field, value] : request.baseline) {
        const auto path = matrixField(field);
        if (!path) {
            return path.failure();
        }
        std::vector<std::string> values;
        bool onAxis = false;
        const auto collect = [&](const std::vector<std::string>& fields,
                                 const std::vector<std::vector<std::string>>& all) {
            for (std::size_t f = 0; f < fields.size(); ++f) {
                for (std::size_t i = 0; fields[f] == *path && i < all.size(); ++i) {
                    onAxis = true;
                    if (std::find(values.begin(), values.end(), all[i][f]) == values.end()) {
                        values.push_back(all[i][f]);
                    }
                }
            }
        };
        collect(matrix.rowFields, matrix.rows);
        collect(matrix.columnFields, matrix.columns);
        if (!onAxis) {
            return Failure{
                "The baseline names " + *path + ", which stands neither down nor across.",
                "Rows are by " + listed(matrix.rowFields) +
                    (matrix.columnFields.empty() ? "." : ", columns by " + listed(matrix.columnFields) + "."),
                FailureKind::Usage};
        }
        if (std::find(values.begin(), values.end(), value) == values.end()) {
            return Failure{"No run here has " + *path + " = " + value + ", which the baseline names.",
                           "There is: " + listed(values) + ".", FailureKind::NotFound};
        }
        baseline[*path] = value;
    }
    return baseline;
}

std::vector<std::string> withBaseline(std::vector<std::string> values, const std::vector<std::string>& fields,
                                      const std::map<std::string, std::string>& baseline)
{
    for (std::size_t f = 0; f < fields.size(); ++f) {
        if (const auto given = baseline.find(fields[f]); given != baseline.end()) {
            values[f] = given->second;
        }
    }
    return values;
}

void measure(Matrix& matrix, const MatrixAxis& rows, const MatrixAxis& columns, const Groups& groups)
{
    if (matrix.baseline.empty() || metrics::betterOf(matrix.metric) == metrics::Better::Unknown) {
        return;
    }
    for (std::size_t i = 0; i < matrix.cells.size(); ++i) {
        const auto& down = matrix.rows[i / matrix.columns.size()];
        const auto& across = matrix.columns[i % matrix.columns.size()];
        const auto row = rows.find(withBaseline(down, matrix.rowFields, matrix.baseline));
        const auto column = columns.find(withBaseline(across, matrix.columnFields, matrix.baseline));
        if (!row || !column) {
            continue;
        }
        MatrixCell& cell = matrix.cells[i];
        const std::size_t there = *row * matrix.columns.size() + *column;
        const std::size_t base = matrix.cells[there].sameAs.value_or(there);
        cell.baseline = base;
        const bool comparable = groups[i] && groups[base] &&
                                comparableKey(*groups[i], matrix.metric) == comparableKey(*groups[base], matrix.metric);
        if (base != i && comparable && cell.value && matrix.cells[base].value) {
            cell.delta = cell.value->mean - matrix.cells[base].value->mean;
        }
    }
}

// What stands over the cells that are ranked together.
std::vector<std::string> rankedWith(const Matrix& matrix, std::size_t column)
{
    std::vector<std::string> values =
        matrix.within == BestWithin::Table ? std::vector<std::string>() : matrix.columns[column];
    if (matrix.within == BestWithin::ColumnGroup && !values.empty()) {
        values.pop_back();
    }
    return values;
}

void rankCells(Matrix& matrix, const Groups& groups, const ReadScores& scores, Pairing pairing)
{
    std::map<std::vector<std::string>, std::vector<std::size_t>> together;
    for (std::size_t i = 0; i < matrix.cells.size(); ++i) {
        together[rankedWith(matrix, i % matrix.columns.size())].push_back(i);
    }
    for (const auto& [over, cells] : together) {
        std::vector<const OutcomeGroup*> ranked;
        ranked.reserve(cells.size());
        for (const std::size_t cell : cells) {
            ranked.push_back(groups[cell] ? &*groups[cell] : nullptr);
        }
        const std::vector<Rank> ranks = rankGroups(ranked, matrix.metric, pairing, scores);
        for (std::size_t i = 0; i < cells.size(); ++i) {
            Rank& rank = matrix.cells[cells[i]].rank;
            rank = ranks[i];
            if (rank.best) {
                rank.best = cells[*rank.best];
            }
        }
    }
}

} // namespace

std::string_view name(CellState state)
{
    switch (state) {
    case CellState::Missing: return "missing";
    case CellState::Excluded: return "excluded";
    case CellState::Same: return "same";
    case CellState::Running: return name(Status::Running);
    case CellState::Queued: return name(Status::Queued);
    case CellState::Created: return name(Status::Created);
    case CellState::Done: return name(Status::Done);
    case CellState::Failed: return name(Status::Failed);
    case CellState::Stopped: return name(Status::Stopped);
    }
    return {};
}

bool hasFormerRuns(const MatrixCell& cell)
{
    return std::any_of(cell.runs.begin(), cell.runs.end(),
                       [](const MatrixRun& run) { return run.formerRevision.has_value(); });
}

std::vector<StateCount> unfinished(const SeedCounts& seeds)
{
    std::vector<StateCount> counts{{CellState::Running, seeds.running},
                                   {CellState::Queued, seeds.queued},
                                   {CellState::Created, seeds.created},
                                   {CellState::Stopped, seeds.stopped},
                                   {CellState::Failed, seeds.failed}};
    std::erase_if(counts, [](const StateCount& each) { return each.count == 0; });
    return counts;
}

Result<std::string> matrixField(std::string_view field)
{
    if (field == config::kMethodByName) {
        return std::string(field);
    }
    auto path = config::resolveField(field);
    return path ? std::move(path)
                : Result<std::string>(Failure{path.failure().what, path.failure().hint, FailureKind::Usage});
}

Result<Matrix> makeMatrix(MatrixInput input, const MatrixRequest& request)
{
    Comparison all = compareOutcomes(std::move(input.outcomes));
    auto metric = metricMeant(request.metric, all.metrics);
    if (!metric) {
        return metric.failure();
    }
    auto fields = chooseFields(request, input, all);
    if (!fields) {
        return fields.failure();
    }
    std::vector<const config::Experiment*> occurring;
    for (const OutcomeGroup& group : all.groups) {
        for (const RunOutcome& run : group.runs) {
            occurring.push_back(&run.experiment);
        }
    }
    for (const MissingRun& missing : input.missing) {
        occurring.push_back(&missing.run);
    }
    std::vector<const config::Experiment*> order;
    for (const config::Experiment& planned : input.planned) {
        order.push_back(&planned);
    }
    order.insert(order.end(), occurring.begin(), occurring.end());
    std::vector<std::string> both = fields->rows;
    both.insert(both.end(), fields->columns.begin(), fields->columns.end());
    const MethodWords words = methodWords(both);
    const MatrixAxis rows(std::move(fields->rows), words, occurring, order);
    const MatrixAxis columns(std::move(fields->columns), words, occurring, order);

    Matrix matrix;
    matrix.rowFields = rows.fields();
    matrix.columnFields = columns.fields();
    matrix.rows = rows.shown();
    matrix.columns = columns.shown();
    matrix.metric = *std::move(metric);
    matrix.within = request.within;
    matrix.metrics = std::move(all.metrics);
    matrix.differingFields = std::move(all.differingFields);
    matrix.differingFacts = std::move(all.differingFacts);
    auto baseline = checkedBaseline(request, matrix);
    if (!baseline) {
        return baseline.failure();
    }
    matrix.baseline = *std::move(baseline);

    const auto placeOf = [&](const config::Experiment& experiment) {
        return rows.placeOf(experiment) * matrix.columns.size() + columns.placeOf(experiment);
    };
    matrix.cells.resize(matrix.rows.size() * matrix.columns.size());
    std::vector<std::vector<RunOutcome>> outcomes(matrix.cells.size());
    for (OutcomeGroup& group : all.groups) {
        for (RunOutcome& run : group.runs) {
            const std::size_t place = placeOf(run.experiment);
            outcomes[place].push_back(std::move(run));
        }
    }
    for (MissingRun& missing : input.missing) {
        const std::size_t place = placeOf(missing.run);
        matrix.cells[place].missing.push_back(std::move(missing));
    }
    std::vector<std::optional<config::Experiment>> inCells(matrix.cells.size());
    for (std::size_t i = 0; i < matrix.cells.size(); ++i) {
        if (!outcomes[i].empty()) {
            inCells[i] = outcomes[i].front().experiment;
        } else if (!matrix.cells[i].missing.empty()) {
            inCells[i] = matrix.cells[i].missing.front().run;
        }
    }
    explainEmptyCells(matrix, rows, columns, inCells, input.excluded);
    Groups groups(matrix.cells.size());
    for (std::size_t i = 0; i < matrix.cells.size(); ++i) {
        if (!outcomes[i].empty()) {
            groups[i] = fillCell(matrix.cells[i], std::move(outcomes[i]), matrix.metric);
        }
        for (MatrixRun& run : matrix.cells[i].runs) {
            if (const auto former = input.former.find(run.runId); former != input.former.end()) {
                run.formerRevision = former->second;
            }
        }
    }
    measure(matrix, rows, columns, groups);
    rankCells(matrix, groups, input.scores, request.pairing);
    return matrix;
}

} // namespace dskd::jobs

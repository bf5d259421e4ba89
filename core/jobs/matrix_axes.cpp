#include "core/jobs/matrix_axes.h"

#include "core/config/methods/field_use.h"
#include "core/config/methods/method_table.h"
#include "core/config/schema/experiment_json.h"

#include <algorithm>
#include <cassert>
#include <charconv>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

namespace dskd::jobs
{
namespace
{

using config::Experiment;
using Values = std::vector<std::string>;

Values valuesOf(const Experiment& experiment, const std::vector<std::string>& fields, MethodWords words)
{
    Values values;
    values.reserve(fields.size());
    for (const std::string& field : fields) {
        values.push_back(axisValue(experiment, field, words));
    }
    return values;
}

// Experiments of the runs, and of those that are planned.
std::vector<const Experiment*> shownExperiments(const MatrixInput& input, const Comparison& comparison)
{
    std::vector<const Experiment*> found;
    for (const OutcomeGroup& group : comparison.groups) {
        for (const RunOutcome& run : group.runs) {
            found.push_back(&run.experiment);
        }
    }
    for (const MissingRun& missing : input.missing) {
        found.push_back(&missing.run);
    }
    return found;
}

std::size_t numValues(const std::vector<const Experiment*>& experiments, const std::string& field, MethodWords words)
{
    std::set<std::string> values;
    for (const Experiment* experiment : experiments) {
        values.insert(axisValue(*experiment, field, words));
    }
    return values.size();
}

// A field in which two groups differ that would come into one cell; none: each has a cell of its own.
std::optional<std::string> fieldThatSeparates(const Comparison& comparison, const std::vector<std::string>& fields)
{
    const MethodWords words = methodWords(fields);
    std::map<Values, const Experiment*> cells;
    for (const OutcomeGroup& group : comparison.groups) {
        const Experiment& own = group.runs.front().experiment;
        const auto [cell, isNew] = cells.try_emplace(valuesOf(own, fields, words), &own);
        if (isNew) {
            continue;
        }
        for (const std::string& field : comparison.differingFields) {
            if (axisValue(own, field, words) != axisValue(*cell->second, field, words)) {
                return field;
            }
        }
    }
    return std::nullopt;
}

// Where the request names no fields for the axes.
std::vector<std::string> firstFields(const MatrixInput& input, const Comparison& comparison,
                                     const std::vector<const Experiment*>& experiments)
{
    const auto varies = [&](const std::string& field) { // seeds are what a cell is averaged over
        return field != "seed" && numValues(experiments, field, methodWords(input.axes)) > 1;
    };
    std::vector<std::string> fields;
    std::copy_if(input.axes.begin(), input.axes.end(), std::back_inserter(fields), varies);
    constexpr std::size_t kFew = 2; // fields that a table has room for
    if (const std::string method(config::kMethodByName);
        fields.empty() && comparison.differingFields.size() > kFew && varies(method)) {
        fields.push_back(method);
    }
    return fields;
}

Result<std::vector<std::string>> resolved(const std::vector<std::string>& fields)
{
    std::vector<std::string> paths;
    for (const std::string& field : fields) {
        auto path = matrixField(field);
        if (!path) {
            return path.failure();
        }
        paths.push_back(*std::move(path));
    }
    return paths;
}

std::optional<double> numberIn(const std::string& text)
{
    double value = 0.0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc() && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

// The values of one field in the order in which they are to stand.
Values ordered(const std::string& field, MethodWords words, const std::vector<const Experiment*>& order)
{
    Values values;
    for (const Experiment* experiment : order) {
        if (std::string value = axisValue(*experiment, field, words);
            std::find(values.begin(), values.end(), value) == values.end()) {
            values.push_back(std::move(value));
        }
    }
    if (std::all_of(values.begin(), values.end(),
                    [](const std::string& value) { return value.empty() || numberIn(value); })) {
        std::stable_sort(values.begin(), values.end(),
                         [](const std::string& a, const std::string& b) { return numberIn(a) < numberIn(b); });
    }
    return values;
}

// As much of the end of a path as no other value has.
std::string shownValue(const std::string& value, const Values& all)
{
    if (value.empty()) {
        return std::string(kNoValue);
    }
    if (value.front() != '/') {
        return value;
    }
    for (std::size_t slash = value.rfind('/'); slash != 0 && slash != std::string::npos;
         slash = value.rfind('/', slash - 1)) {
        const std::string end = value.substr(slash + 1);
        const bool shared = std::any_of(all.begin(), all.end(), [&](const std::string& other) {
            return other != value && (other == end || other.ends_with("/" + end));
        });
        if (!end.empty() && !shared) {
            return end;
        }
    }
    return value;
}

} // namespace

MethodWords methodWords(const std::vector<std::string>& fields)
{
    const auto has = [&](std::string_view field) {
        return std::find(fields.begin(), fields.end(), field) != fields.end();
    };
    return has(config::kMethodByName) && has("method.distance") ? MethodWords::WithoutDistance
                                                                : MethodWords::WithDistance;
}

std::string writtenValue(const Experiment& experiment, const std::string& field, MethodWords words)
{
    if (field == config::kMethodByName) {
        Experiment trained = experiment;
        trained.job = config::JobKind::Train;
        return words == MethodWords::WithDistance ? config::methodNameOf(trained).label
                                                  : config::labelWithoutDistance(trained);
    }
    const nlohmann::json value = config::fieldValue(experiment, field);
    return value.is_string() ? value.get<std::string>() : value.dump();
}

std::string axisValue(const Experiment& experiment, const std::string& field, MethodWords words)
{
    const bool hasEffect = field == config::kMethodByName || config::whyUnused(experiment, field).empty();
    return hasEffect ? writtenValue(experiment, field, words) : std::string();
}

Result<AxisFields> chooseFields(const MatrixRequest& request, const MatrixInput& input, const Comparison& comparison)
{
    auto rows = resolved(request.rows);
    auto columns = resolved(request.columns);
    if (!rows || !columns) {
        return (rows ? columns : rows).failure();
    }
    std::vector<std::string> fields = *rows;
    fields.insert(fields.end(), columns->begin(), columns->end());
    for (auto field = fields.begin(); field != fields.end(); ++field) {
        if (std::find(fields.begin(), field, *field) != field) {
            return Failure{*field + " stands twice among rows and columns.", "Name it once.", FailureKind::Usage};
        }
    }
    if (!rows->empty() && !columns->empty()) {
        return AxisFields{*std::move(rows), *std::move(columns)};
    }
    const std::vector<const Experiment*> experiments = shownExperiments(input, comparison);
    const bool open = fields.empty();
    if (open) {
        fields = firstFields(input, comparison, experiments);
    }
    while (const auto more = fieldThatSeparates(comparison, fields)) {
        fields.push_back(*more);
    }
    if (!open) {
        std::vector<std::string>& given = rows->empty() ? *columns : *rows;
        std::vector<std::string>& added = rows->empty() ? *rows : *columns;
        added.assign(fields.begin() + static_cast<std::ptrdiff_t>(given.size()), fields.end());
        return AxisFields{*std::move(rows), *std::move(columns)};
    }
    if (fields.empty()) {
        fields.emplace_back(config::kMethodByName);
    }
    AxisFields chosen;
    if (fields.size() > 1) {
        const MethodWords words = methodWords(fields);
        const auto across = std::min_element(fields.begin(), fields.end(), [&](const auto& a, const auto& b) {
            return numValues(experiments, a, words) < numValues(experiments, b, words);
        });
        chosen.columns.push_back(*across);
        fields.erase(across);
    }
    chosen.rows = std::move(fields);
    return chosen;
}

MatrixAxis::MatrixAxis(std::vector<std::string> fields, MethodWords words,
                       const std::vector<const Experiment*>& occurring, const std::vector<const Experiment*>& order)
    : m_fields(std::move(fields)), m_words(words)
{
    std::vector<Values> all;
    for (const std::string& field : m_fields) {
        all.push_back(ordered(field, m_words, order));
    }
    std::map<std::vector<std::size_t>, Values> places;
    for (const Experiment* experiment : occurring) {
        Values values = valuesOf(*experiment, m_fields, m_words);
        std::vector<std::size_t> place;
        for (std::size_t f = 0; f < values.size(); ++f) {
            const auto found = std::find(all[f].begin(), all[f].end(), values[f]);
            assert(found != all[f].end()); // `order` has all that occurs
            place.push_back(static_cast<std::size_t>(found - all[f].begin()));
        }
        places.try_emplace(std::move(place), std::move(values));
    }
    for (auto& [place, values] : places) {
        Values shown;
        for (std::size_t f = 0; f < values.size(); ++f) {
            shown.push_back(shownValue(values[f], all[f]));
        }
        m_shown.push_back(std::move(shown));
        m_values.push_back(std::move(values));
    }
}

std::size_t MatrixAxis::placeOf(const Experiment& experiment) const
{
    const auto found = std::find(m_values.begin(), m_values.end(), valuesOf(experiment, m_fields, m_words));
    assert(found != m_values.end());
    return static_cast<std::size_t>(found - m_values.begin());
}

std::optional<std::size_t> MatrixAxis::find(const std::vector<std::string>& shown) const
{
    const auto found = std::find(m_shown.begin(), m_shown.end(), shown);
    if (found == m_shown.end()) {
        return std::nullopt;
    }
    return static_cast<std::size_t>(found - m_shown.begin());
}

} // namespace dskd::jobs

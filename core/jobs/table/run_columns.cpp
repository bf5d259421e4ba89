#include "core/jobs/table/run_columns.h"

#include "core/base/nearest_name.h"
#include "core/config/schema/experiment_json.h"
#include "core/jobs/run_folder.h"
#include "core/metrics/metric_table.h"
#include "core/text/numbers.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

namespace dskd::jobs
{
namespace
{

RunValue textValue(const std::string& value)
{
    return value.empty() ? RunValue() : RunValue(value);
}

RunValue moment(double seconds)
{
    return seconds > 0 ? RunValue(seconds) : RunValue();
}

// A double holds whole numbers up to 2^53.
RunValue seedOf(const TableRun& run)
{
    return run.row.seed < (1ULL << 53) ? RunValue(static_cast<double>(run.row.seed))
                                       : RunValue(std::to_string(run.row.seed));
}

RunValue statusOf(const TableRun& run)
{
    std::string words(name(run.status.status));
    std::replace(words.begin(), words.end(), '-', ' ');
    return words;
}

RunValue timeOf(const TableRun& run)
{
    const double end = run.ended > 0 ? run.ended : run.now;
    return run.started > 0 && end >= run.started ? RunValue(end - run.started) : RunValue();
}

RunValue tagsOf(const TableRun& run)
{
    std::string all;
    for (const std::string& tag : run.row.tags) {
        all += (all.empty() ? "" : ", ") + tag;
    }
    return textValue(all);
}

struct OfRun {
    std::string_view id;
    std::string_view sentence;
    ColumnKind kind;
    RunValue (*value)(const TableRun& run);
    ColumnEdit edit = ColumnEdit::None;
};

constexpr OfRun kOfRun[] = {
    {kNameColumn, "What the run is called.", ColumnKind::Text, [](const TableRun& r) { return textValue(r.row.name); },
     ColumnEdit::Name},
    {"id", "The name of its folder.", ColumnKind::Text, [](const TableRun& r) { return textValue(r.row.id); }},
    {kGroupColumn, "The group that it belongs to.", ColumnKind::Text,
     [](const TableRun& r) { return textValue(r.row.group); }, ColumnEdit::Group},
    {"experiment", "The experiment that it is a run of.", ColumnKind::Text,
     [](const TableRun& r) { return textValue(std::string(r.experiment)); }},
    {"method", "The method by its name, or what it is composed of.", ColumnKind::Text,
     [](const TableRun& r) { return textValue(r.row.methodLabel); }},
    {kStatusColumn, "What became of it.", ColumnKind::Text, statusOf},
    {kSeedColumn, "What its random numbers begin with.", ColumnKind::Integer, seedOf},
    {"step", "The last step that it has reported.", ColumnKind::Integer,
     [](const TableRun& r) { return RunValue(static_cast<double>(r.status.step)); }},
    {"created", "When it was made.", ColumnKind::Time, [](const TableRun& r) { return moment(r.row.created); }},
    {"started", "When a worker first began.", ColumnKind::Time, [](const TableRun& r) { return moment(r.started); }},
    {"ended", "When the last worker ended.", ColumnKind::Time, [](const TableRun& r) { return moment(r.ended); }},
    {"time", "From the first start to the end, or until now.", ColumnKind::Duration, timeOf},
    {kTagsColumn, "Words that a person gave it.", ColumnKind::Text, tagsOf, ColumnEdit::Tags},
    {kNoteColumn, "What a person wrote about it.", ColumnKind::Text,
     [](const TableRun& r) { return textValue(r.row.note); }, ColumnEdit::Note},
    {"teacher", "The folder of the teacher.", ColumnKind::Text,
     [](const TableRun& r) { return textValue(r.row.teacher); }},
    {"student", "The folder of the student.", ColumnKind::Text,
     [](const TableRun& r) { return textValue(r.row.student); }},
    {"job", "Training, evaluation or generation.", ColumnKind::Text,
     [](const TableRun& r) { return textValue(r.row.job); }},
};

ColumnKind kindOf(const std::string& fieldType)
{
    return fieldType == "number" ? ColumnKind::Number : fieldType == "integer" ? ColumnKind::Integer : ColumnKind::Text;
}

// Before the id of a metric that is called as a field is.
const std::string kMetricPrefix = "metric.";

RunColumn metricColumn(const std::string& name)
{
    return {name,
            metrics::titleOf(name),
            metrics::descriptionOf(name),
            RunColumn::Source::Metric,
            metrics::unitOf(name) == metrics::Unit::Bytes ? ColumnKind::Bytes : ColumnKind::Number,
            metrics::unitOf(name) == metrics::Unit::Share};
}

metrics::Unit unitOf(const RunColumn& column)
{
    return column.isShare ? metrics::Unit::Share : metrics::Unit::None;
}

RunValue fieldValue(const RunColumn& column, const TableRun& run)
{
    if (run.config == nullptr) {
        return {};
    }
    const auto found = run.config->find(column.id);
    if (found == run.config->end()) {
        return {};
    }
    const std::string& value = found->second;
    double number = 0.0;
    if (column.kind != ColumnKind::Text &&
        std::from_chars(value.data(), value.data() + value.size(), number).ec == std::errc()) {
        return number;
    }
    return textValue(value);
}

using Places = std::vector<const RunColumn*>;

Places where(std::span<const RunColumn> columns, const auto& holds)
{
    Places found;
    for (const RunColumn& column : columns) {
        if (holds(column)) {
            found.push_back(&column);
        }
    }
    return found;
}

} // namespace

ConfigTexts configTexts(const config::Experiment& experiment)
{
    ConfigTexts texts = fieldsWithEffect(experiment);
    for (auto& [path, value] : texts) {
        if (const auto json = nlohmann::json::parse(value, nullptr, false); json.is_string()) {
            value = json.get<std::string>();
        }
    }
    return texts;
}

std::vector<RunColumn> runColumns(const std::set<std::string>& recorded)
{
    std::vector<RunColumn> columns;
    for (const OfRun& row : kOfRun) {
        columns.push_back({std::string(row.id), std::string(row.id), std::string(row.sentence), RunColumn::Source::Run,
                           row.kind, false, row.edit});
    }
    for (const config::FieldInfo& field : config::fieldReference()) {
        const bool ofRun = std::any_of(std::begin(kOfRun), std::end(kOfRun),
                                       [&](const OfRun& row) { return row.id == field.path; }); // "seed"
        if (!ofRun) {
            columns.push_back({field.path, config::shortField(field.path), field.explanation, RunColumn::Source::Field,
                               kindOf(field.type), false});
        }
    }
    std::set<std::string> names = recorded;
    for (const metrics::Metric& row : metrics::allMetrics()) {
        if (!row.name.ends_with('*') && row.name != metrics::kSeconds) { // which comparisons alone have
            names.emplace(row.name);
        }
    }
    for (const std::string& name : metrics::inTableOrder({names.begin(), names.end()})) {
        RunColumn column = metricColumn(name);
        const bool isField =
            std::any_of(columns.begin(), columns.end(), [&](const RunColumn& other) { return other.id == name; });
        column.id = isField ? kMetricPrefix + name : name; // "on_policy.threshold" is both
        columns.push_back(std::move(column));
    }
    return columns;
}

std::vector<std::string> defaultColumns()
{
    std::vector<std::string> ids;
    for (const std::string_view id : {kNameColumn, kSeedColumn, std::string_view("method"), kStatusColumn,
                                      std::string_view("step"), metrics::kValidationLoss, metrics::kRougeL,
                                      metrics::kLoss, std::string_view("time"), kTagsColumn, kNoteColumn}) {
        ids.emplace_back(id);
    }
    return ids;
}

Result<const RunColumn*> findColumn(std::span<const RunColumn> columns, std::string_view wanted)
{
    const std::string word = smallLetters(wanted);
    const std::string tail = "." + word;
    using Source = RunColumn::Source;
    const auto first = [&](Source source, const auto& holds) -> const RunColumn* {
        const Places found = where(columns, [&](const RunColumn& c) { return c.source == source && holds(c); });
        return found.empty() ? nullptr : found.front();
    };
    const auto isExact = [&](const RunColumn& column) {
        return column.id == word || (word == "tag" && column.id == kTagsColumn) || (word == "run" && column.id == "id");
    };
    const auto endsSo = [&](const RunColumn& column) { return column.id.ends_with(tail); };
    for (const Source source : {Source::Run, Source::Field}) {
        if (const RunColumn* column = first(source, isExact)) {
            return column;
        }
    }
    const Places fields = where(columns, [&](const RunColumn& c) { return c.source == Source::Field && endsSo(c); });
    const auto ofTraining =
        std::find_if(fields.begin(), fields.end(), [&](const RunColumn* c) { return c->id == "train" + tail; });
    if (fields.size() == 1 || ofTraining != fields.end()) {
        return fields.size() == 1 ? fields.front() : *ofTraining;
    }
    if (const RunColumn* metric = first(Source::Metric, isExact)) {
        return metric;
    }
    const Places titled = where(columns, [&](const RunColumn& c) { return smallLetters(c.title) == word; });
    if (!titled.empty()) {
        return titled.front();
    }
    Places meant = where(columns, endsSo);
    if (meant.size() == 1) {
        return meant.front();
    }
    if (meant.empty()) {
        std::vector<std::string> known;
        for (const RunColumn& column : columns) {
            known.push_back(column.id);
        }
        const std::string near = nearestName(word, known);
        return Failure{"There is no column \"" + std::string(wanted) + "\".",
                       near.empty() ? "A column is one of a run, a field of the configuration or a metric."
                                    : "Did you mean " + near + "?",
                       FailureKind::Usage};
    }
    std::string list;
    for (const RunColumn* column : meant) {
        list += (list.empty() ? "" : ", ") + column->id;
    }
    return Failure{"\"" + std::string(wanted) + "\" may be " + list + ".", "Write the full name.", FailureKind::Usage};
}

RunValue valueOf(const RunColumn& column, const TableRun& run)
{
    switch (column.source) {
    case RunColumn::Source::Run: {
        const auto row =
            std::find_if(std::begin(kOfRun), std::end(kOfRun), [&](const OfRun& of) { return of.id == column.id; });
        return row == std::end(kOfRun) ? RunValue() : row->value(run);
    }
    case RunColumn::Source::Field: return fieldValue(column, run);
    case RunColumn::Source::Metric: break;
    }
    const bool prefixed = column.id.starts_with(kMetricPrefix);
    const auto found = run.latest.find(prefixed ? column.id.substr(kMetricPrefix.size()) : column.id);
    return found == run.latest.end() ? RunValue() : RunValue(found->second);
}

bool isMissing(const RunValue& value)
{
    const double* number = std::get_if<double>(&value);
    return std::holds_alternative<std::monostate>(value) || (number != nullptr && std::isnan(*number));
}

bool comesBefore(const RunValue& left, const RunValue& right)
{
    if (isMissing(left) || isMissing(right)) {
        return !isMissing(left) && isMissing(right);
    }
    if (left.index() != right.index()) {
        return left.index() < right.index(); // numbers before texts
    }
    if (const double* number = std::get_if<double>(&left)) {
        return *number < std::get<double>(right);
    }
    const auto& a = std::get<std::string>(left);
    const auto& b = std::get<std::string>(right);
    const std::string smallA = smallLetters(a);
    const std::string smallB = smallLetters(b);
    return smallA != smallB ? smallA < smallB : a < b;
}

std::string shownText(const RunColumn& column, const RunValue& value)
{
    if (const std::string* words = std::get_if<std::string>(&value)) {
        const std::filesystem::path path(*words);
        return path.is_absolute() && path.has_filename() ? path.filename().string() : *words;
    }
    const double* number = std::get_if<double>(&value);
    if (number == nullptr) {
        return "-";
    }
    if (column.source == RunColumn::Source::Field && column.kind == ColumnKind::Number) {
        return nlohmann::json(*number).dump(); // as it was configured: 0.0005, 2.0
    }
    switch (column.kind) {
    case ColumnKind::Integer: return text::exact(*number);
    case ColumnKind::Bytes:
        return *number >= 0 ? text::bytes(static_cast<std::uint64_t>(*number)) : text::number(*number);
    case ColumnKind::Time: return text::localTime(*number);
    case ColumnKind::Duration: return text::duration(*number);
    case ColumnKind::Text:
    case ColumnKind::Number: break;
    }
    return text::number(*number * shownFactor(column));
}

std::string shownTitle(const RunColumn& column)
{
    return metrics::shownTitle(column.title, unitOf(column));
}

double shownFactor(const RunColumn& column)
{
    return metrics::shownFactor(unitOf(column));
}

std::string exactText(const RunColumn& column, const RunValue& value)
{
    if (const std::string* words = std::get_if<std::string>(&value)) {
        return *words;
    }
    const double* number = std::get_if<double>(&value);
    if (number == nullptr) {
        return {};
    }
    return column.kind == ColumnKind::Time ? text::localTime(*number) : text::exact(*number);
}

std::string smallLetters(std::string_view text)
{
    std::string small(text);
    std::transform(small.begin(), small.end(), small.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return small;
}

} // namespace dskd::jobs

// What is asked of the table of metrics: a row by its name, titles, orders.

#include "core/metrics/metric_table.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace dskd::metrics
{
namespace
{

// What a comparison makes of the points of a metric, in the order of its columns.
enum class End { Best, Itself, Last };
constexpr std::pair<End, std::string_view> kEnds[] = {{End::Best, ".best"}, {End::Last, ".last"}};

struct Found {
    const Metric* row = nullptr;
    std::string_view name; // without the end
    std::string_view rest; // what the * of a family's row stands for
    End end = End::Itself;
};

Found find(std::string_view name)
{
    Found found;
    found.name = name;
    for (const auto& [end, text] : kEnds) {
        if (name.ends_with(text) && name.size() > text.size()) {
            found.name.remove_suffix(text.size());
            found.end = end;
        }
    }
    for (const Metric& row : allMetrics()) {
        if (row.name == found.name) {
            found.row = &row;
            return found;
        }
    }
    for (const Metric& row : allMetrics()) {
        if (row.name.ends_with('*') && found.name.starts_with(row.name.substr(0, row.name.size() - 1))) {
            found.row = &row;
            found.rest = found.name.substr(row.name.size() - 1);
        }
    }
    return found;
}

std::string written(const Found& found, std::string_view title)
{
    std::string text(found.row == nullptr ? found.name : title);
    if (const std::size_t star = text.find('*'); found.row != nullptr && star != std::string::npos) {
        text.replace(star, 1, found.rest);
    }
    return text + (found.end == End::Best ? " (best)" : found.end == End::Last ? " (last)" : "");
}

} // namespace

const Metric* findMetric(std::string_view name)
{
    return find(name).row;
}

std::string titleOf(std::string_view name)
{
    const Found found = find(name);
    return written(found, found.row == nullptr ? std::string_view() : found.row->title);
}

std::string shortTitleOf(std::string_view name)
{
    const Found found = find(name);
    return found.row == nullptr || found.row->shortTitle.empty() ? titleOf(name)
                                                                 : written(found, found.row->shortTitle);
}

std::string descriptionOf(std::string_view name)
{
    const Metric* row = findMetric(name);
    if (row == nullptr) {
        return {};
    }
    const std::string_view unit = unitText(row->unit);
    return std::string(row->sentence) + (unit.empty() ? "" : " (" + std::string(unit) + ")");
}

Better betterOf(std::string_view name)
{
    const Metric* row = findMetric(name);
    return row == nullptr ? Better::Unknown : row->better;
}

Unit unitOf(std::string_view name)
{
    const Metric* row = findMetric(name);
    return row == nullptr ? Unit::None : row->unit;
}

Group groupOf(std::string_view name)
{
    const Metric* row = findMetric(name);
    return row == nullptr ? Group::Other : row->group;
}

bool isPerToken(std::string_view name)
{
    const Metric* row = findMetric(name);
    return row != nullptr && row->perToken;
}

bool isCost(std::string_view name)
{
    const Metric* row = findMetric(name);
    return row != nullptr && row->isCost;
}

std::string_view unitText(Unit unit)
{
    switch (unit) {
    case Unit::None: return {};
    case Unit::Nats: return "nats";
    case Unit::Share: return "%";
    case Unit::Tokens: return "tokens";
    case Unit::TokensPerSecond: return "tokens per second";
    case Unit::Seconds: return "seconds";
    case Unit::Bytes: return "bytes";
    }
    return {};
}

double shownFactor(Unit unit)
{
    return unit == Unit::Share ? 100.0 : 1.0;
}

double shownFactor(std::string_view name)
{
    return shownFactor(unitOf(name));
}

std::string shownTitle(std::string_view title, Unit unit)
{
    std::string shown(title);
    if (shownFactor(unit) != 1.0) {
        shown.append(", ").append(unitText(unit));
    }
    return shown;
}

std::string shownTitle(std::string_view name)
{
    return shownTitle(titleOf(name), unitOf(name));
}

std::string shownShortTitle(std::string_view name)
{
    return shownTitle(shortTitleOf(name), unitOf(name));
}

std::string_view titleOf(Group group)
{
    switch (group) {
    case Group::Distillation: return "Distillation terms";
    case Group::Structure: return "Representation spaces of teacher and student";
    case Group::KeyQuery: return "Queries against keys";
    case Group::OwnAnswers: return "Answers of the student's own";
    default: return shortTitleOf(group);
    }
}

std::string_view shortTitleOf(Group group)
{
    switch (group) {
    case Group::Loss: return "Loss";
    case Group::Validation: return "Validation";
    case Group::Distillation: return "Distillation";
    case Group::Alignment: return "Alignment";
    case Group::Structure: return "Spaces";
    case Group::KeyQuery: return "Queries and keys";
    case Group::OwnAnswers: return "Own answers";
    case Group::PolicyGradient: return "Policy gradient";
    case Group::Optimisation: return "Optimisation";
    case Group::Machine: return "Machine";
    case Group::Other: return "Other";
    }
    return {};
}

std::vector<std::string> headlineMetrics(const std::vector<std::string>& available)
{
    std::vector<std::tuple<End, int, std::string>> places;
    for (const std::string& name : available) {
        if (const Found found = find(name); found.row != nullptr && found.row->headline > 0) {
            places.emplace_back(found.end, found.row->headline, name);
        }
    }
    std::sort(places.begin(), places.end());
    std::vector<std::string> names;
    names.reserve(places.size());
    for (auto& [end, headline, name] : places) {
        names.push_back(std::move(name));
    }
    return names;
}

std::vector<std::string> inTableOrder(std::vector<std::string> names)
{
    const auto place = [](const std::string& name) {
        const Metric* row = findMetric(name);
        const std::size_t index =
            row == nullptr ? allMetrics().size() : static_cast<std::size_t>(row - allMetrics().data());
        return std::pair(index, std::string_view(name));
    };
    std::sort(names.begin(), names.end(),
              [&](const std::string& a, const std::string& b) { return place(a) < place(b); });
    return names;
}

std::span<const std::string_view> lossTerms()
{
    static const std::vector<std::string_view> terms = [] {
        std::vector<std::string_view> all;
        for (const InLoss part : {InLoss::Term, InLoss::Sum, InLoss::Whole}) {
            for (const Metric& row : allMetrics()) {
                if (row.inLoss == part) {
                    all.push_back(row.name);
                }
            }
        }
        return all;
    }();
    return terms;
}

} // namespace dskd::metrics

#include "core/jobs/table/run_query.h"

#include <algorithm>
#include <charconv>
#include <ctime>
#include <utility>

namespace dskd::jobs
{
namespace
{

// Columns that a word without a column is looked for in.
constexpr std::string_view kWordColumns[] = {kNameColumn, "id",        kGroupColumn, "experiment", kStatusColumn,
                                             "method",    kSeedColumn, kNoteColumn,  kTagsColumn};

bool isNamePart(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
}

Failure usage(std::string what, std::string hint)
{
    return {std::move(what), std::move(hint), FailureKind::Usage};
}

std::optional<double> plainNumber(std::string_view text)
{
    double number = 0.0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc() && end == text.data() + text.size() ? std::optional(number) : std::nullopt;
}

// A number, with the unit behind it that `units` gives a factor; nothing for anything else.
std::optional<double> withUnit(std::string_view text, std::span<const std::pair<std::string_view, double>> units)
{
    for (const auto& [unit, factor] : units) {
        if (text.size() > unit.size() && text.ends_with(unit)) {
            if (const auto number = plainNumber(text.substr(0, text.size() - unit.size()))) {
                return *number * factor;
            }
        }
    }
    return plainNumber(text);
}

constexpr std::pair<std::string_view, double> kDurations[] = {{"s", 1}, {"m", 60}, {"h", 3600}, {"d", 86400}};
constexpr std::pair<std::string_view, double> kCounts[] = {{"%", 0.01},  {"kb", 1e3}, {"mb", 1e6}, {"gb", 1e9},
                                                           {"tb", 1e12}, {"k", 1e3},  {"m", 1e6},  {"g", 1e9}};

// "2026-11-30", "2026-11-30t12:00" of this machine's clock.
std::optional<double> moment(std::string_view text)
{
    const std::string words(text);
    for (const char* format : {"%Y-%m-%dt%H:%M", "%Y-%m-%d"}) {
        std::tm parts{};
        parts.tm_isdst = -1;
        const char* end = strptime(words.c_str(), format, &parts);
        if (end != nullptr && *end == '\0') {
            return static_cast<double>(std::mktime(&parts));
        }
    }
    return std::nullopt;
}

struct Expected {
    std::optional<double> number;
    const char* what; // it should have been
};

Expected numberOf(const RunColumn& column, std::string_view text)
{
    switch (column.kind) {
    case ColumnKind::Time: return {moment(text), "a time such as 2026-11-30 or 2026-11-30T12:00"};
    case ColumnKind::Duration: return {withUnit(text, kDurations), "a time such as 90, 5m or 2h"};
    case ColumnKind::Text:
    case ColumnKind::Integer:
    case ColumnKind::Number:
    case ColumnKind::Bytes: break;
    }
    std::optional<double> number = withUnit(text, kCounts);
    if (number && column.isShare && *number > 1.0 && !text.ends_with('%')) {
        *number /= 100.0;
    }
    return {number, "a number such as 10, 1e-3 or 20k"};
}

bool contains(const std::string& text, const std::string& part)
{
    return smallLetters(text).find(part) != std::string::npos;
}

} // namespace

// A word of the line: "!", a column with an operator, and a text, each of which may be missing.
struct RunQuery::Word {
    bool isNegated = false;
    std::string column;
    std::string sign;
    std::string text;
    std::string written; // as it stands in the line
};

Result<std::vector<RunQuery::Word>> RunQuery::split(std::string_view line)
{
    std::vector<Word> words;
    std::size_t at = 0;
    while (true) {
        at = line.find_first_not_of(" \t\n", at);
        if (at == std::string_view::npos) {
            return words;
        }
        const std::size_t begin = at;
        Word word;
        if (line[at] == '!' && at + 1 < line.size() && line[at + 1] != ' ') {
            word.isNegated = true;
            ++at;
        }
        std::size_t end = at;
        while (end < line.size() && isNamePart(line[end])) {
            ++end;
        }
        for (const std::string_view sign : {"!=", "<=", ">=", "<", ">", "=", ":"}) {
            if (end > at && line.substr(end).starts_with(sign)) {
                word.column = line.substr(at, end - at);
                word.sign = sign;
                at = end + sign.size();
                break;
            }
        }
        if (at < line.size() && line[at] == '"') {
            const std::size_t close = line.find('"', at + 1);
            if (close == std::string_view::npos) {
                return usage("A quotation mark is not closed: " + std::string(line.substr(begin)) + ".",
                             "Write another one behind the text.");
            }
            word.text = line.substr(at + 1, close - at - 1);
            at = close + 1;
        } else {
            const std::size_t space = std::min(line.find_first_of(" \t\n", at), line.size());
            word.text = line.substr(at, space - at);
            at = space;
        }
        word.written = line.substr(begin, at - begin);
        words.push_back(std::move(word));
    }
}

Result<RunQuery::Condition> RunQuery::parseWord(const Word& word, std::span<const RunColumn> columns)
{
    Condition condition;
    condition.isNegated = word.isNegated;
    condition.text = smallLetters(word.text);
    if (word.sign.empty()) {
        for (const std::string_view id : kWordColumns) {
            condition.columns.push_back(**findColumn(columns, id));
        }
        return condition;
    }
    const Result<const RunColumn*> column = findColumn(columns, word.column);
    if (!column) {
        return column.failure();
    }
    constexpr std::pair<std::string_view, Operator> kSigns[] = {
        {":", Operator::Contains}, {"=", Operator::Equal},   {"!=", Operator::Unequal}, {"<", Operator::Less},
        {"<=", Operator::AtMost},  {">", Operator::Greater}, {">=", Operator::AtLeast}};
    condition.columns = {**column};
    condition.comparison = std::find_if(std::begin(kSigns), std::end(kSigns), [&](const auto& row) {
                               return row.first == word.sign;
                           })->second;
    const RunColumn& of = condition.columns.front();
    if (of.id == kStatusColumn) {
        std::replace(condition.text.begin(), condition.text.end(), '-', ' '); // "out-of-memory" is shown with spaces
    }
    if (condition.text.empty()) {
        return usage("Nothing stands behind " + word.written + ".",
                     "Write a value, such as " + word.column + (of.kind == ColumnKind::Text ? ":word." : "=10."));
    }
    if (condition.comparison == Operator::Contains) {
        return condition;
    }
    const bool ordered = condition.comparison != Operator::Equal && condition.comparison != Operator::Unequal;
    if (of.kind == ColumnKind::Text) {
        return ordered ? Result<Condition>(usage(word.written + ": " + of.id + " is a text, which has no order.",
                                                 "Write " + word.column + ":" + word.text + " (contains) or " +
                                                     word.column + "=" + word.text + " (is)."))
                       : Result<Condition>(condition);
    }
    const Expected expected = numberOf(of, condition.text);
    if (!expected.number) {
        return usage(word.written + ": \"" + word.text + "\" is not " + expected.what + ".", {});
    }
    condition.number = expected.number;
    return condition;
}

Result<RunQuery> RunQuery::parse(std::string_view text, std::span<const RunColumn> columns)
{
    const Result<std::vector<Word>> words = split(text);
    if (!words) {
        return words.failure();
    }
    RunQuery query;
    for (const Word& word : *words) {
        Result<Condition> condition = parseWord(word, columns);
        if (!condition) {
            return condition.failure();
        }
        query.m_conditions.push_back(*std::move(condition));
    }
    return query;
}

bool RunQuery::meets(const Condition& condition, const RunColumn& column, const TableRun& run)
{
    const RunValue value = valueOf(column, run);
    if (isMissing(value)) {
        return condition.comparison == Operator::Unequal;
    }
    const auto isText = [&] {
        if (column.id == kTagsColumn) {
            return std::any_of(run.row.tags.begin(), run.row.tags.end(),
                               [&](const std::string& tag) { return smallLetters(tag) == condition.text; });
        }
        return smallLetters(exactText(column, value)) == condition.text ||
               smallLetters(shownText(column, value)) == condition.text;
    };
    if (condition.comparison == Operator::Contains) {
        return contains(exactText(column, value), condition.text) || contains(shownText(column, value), condition.text);
    }
    if (column.kind == ColumnKind::Time &&
        (condition.comparison == Operator::Equal || condition.comparison == Operator::Unequal)) {
        std::string begin = condition.text; // a day is all of its minutes
        std::replace(begin.begin(), begin.end(), 't', ' ');
        return shownText(column, value).starts_with(begin) == (condition.comparison == Operator::Equal);
    }
    const double* number = std::get_if<double>(&value);
    if (number == nullptr || !condition.number) {
        const bool equal = isText();
        return condition.comparison == Operator::Equal     ? equal
               : condition.comparison == Operator::Unequal ? !equal
                                                           : false;
    }
    switch (condition.comparison) {
    case Operator::Equal: return *number == *condition.number;
    case Operator::Unequal: return *number != *condition.number;
    case Operator::Less: return *number < *condition.number;
    case Operator::AtMost: return *number <= *condition.number;
    case Operator::Greater: return *number > *condition.number;
    case Operator::AtLeast: return *number >= *condition.number;
    case Operator::Contains: break;
    }
    return false;
}

bool RunQuery::meets(const Condition& condition, const TableRun& run)
{
    return std::any_of(condition.columns.begin(), condition.columns.end(),
                       [&](const RunColumn& column) { return meets(condition, column, run); }) != condition.isNegated;
}

bool RunQuery::matches(const TableRun& run) const
{
    return std::all_of(m_conditions.begin(), m_conditions.end(),
                       [&](const Condition& condition) { return meets(condition, run); });
}

bool RunQuery::readsConfig() const
{
    return std::any_of(m_conditions.begin(), m_conditions.end(), [](const Condition& condition) {
        return std::any_of(condition.columns.begin(), condition.columns.end(),
                           [](const RunColumn& column) { return column.source == RunColumn::Source::Field; });
    });
}

} // namespace dskd::jobs

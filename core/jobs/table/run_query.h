#pragma once

// Which runs a person wants to see, as one line: "method:dskd lr<1e-3 rouge_l>20 seed=10 tag:paper". Any thread.

#include "core/base/result.h"
#include "core/jobs/table/run_columns.h"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace dskd::jobs
{

// Conditions with spaces between them; a run has to meet all.
//
//   word           name, id, group, experiment, status, method, seed, note or tags contain it
//   column:text    that column contains the text
//   column=value   it is the value, of a time on that day; != it is another one, or there is none
//   column<value   also <=, >, >=; of numbers, times ("2026-11-30", "2026-11-30T12:00"),
//                  durations ("90", "5m", "2h")
//   !condition     it is not met
//   "two words"    a text with spaces or signs: note:"too large", "space=dual"
//
// Columns as findColumn takes them. Letters count the same small and large. Of a metric from 0 to 1 a value above 1 is
// in percent: rouge_l>20 is rouge_l>0.2, and rouge_l>20%. A run without a value meets no condition on it but !=.
class RunQuery
{
public:
    // Fails (Usage) with what is wrong and where; an empty text matches every run.
    static Result<RunQuery> parse(std::string_view text, std::span<const RunColumn> columns);

    [[nodiscard]] bool matches(const TableRun& run) const;
    // Whether it asks for fields of the configuration: without TableRun::config no run meets such a condition.
    [[nodiscard]] bool readsConfig() const;
    [[nodiscard]] bool empty() const { return m_conditions.empty(); }

private:
    enum class Operator { Contains, Equal, Unequal, Less, AtMost, Greater, AtLeast };
    struct Condition {
        bool isNegated = false;
        std::vector<RunColumn> columns; // one, or those that a word is looked for in
        Operator comparison = Operator::Contains;
        std::string text;             // small letters
        std::optional<double> number; // of the text, where the column has numbers
    };
    struct Word; // of the line
    static Result<std::vector<Word>> split(std::string_view line);
    static Result<Condition> parseWord(const Word& word, std::span<const RunColumn> columns);
    [[nodiscard]] static bool meets(const Condition& condition, const TableRun& run);
    [[nodiscard]] static bool meets(const Condition& condition, const RunColumn& column, const TableRun& run);

    std::vector<Condition> m_conditions;
};

} // namespace dskd::jobs

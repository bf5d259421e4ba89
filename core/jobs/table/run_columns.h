#pragma once

// The columns of a table of runs: what is known of every run, every field of its configuration, every metric that it
// recorded. The window's table and `dskd runs` read them here. Any thread.

#include "core/base/result.h"
#include "core/config/schema/experiment.h"
#include "core/jobs/status.h"
#include "core/store/workspace_rows.h"

#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace dskd::jobs
{

// The fields of a configuration that have an effect, their values as plain text.
using ConfigTexts = std::map<std::string, std::string>;
[[nodiscard]] ConfigTexts configTexts(const config::Experiment& experiment);

// One run as a table reads it; refers to what others own. Times are seconds since 1970.
struct TableRun {
    const store::RunRow& row;
    const RunStatus& status;
    const std::map<std::string, double>& latest; // the newest value of every metric
    double started = 0.0;                        // of the first attempt; 0: never
    double ended = 0.0;                          // 0: goes on, or never began
    double now = 0.0;
    std::string_view experiment = {};    // its name
    const ConfigTexts* config = nullptr; // null: not read
};

enum class ColumnKind { Text, Integer, Number, Bytes, Time, Duration };

// What of a run a person may write into its cell; None: nothing.
enum class ColumnEdit { None, Name, Group, Tags, Note };

struct RunColumn {
    enum class Source { Run, Field, Metric };
    std::string id;    // "name", "train.lr", "validation.rouge_l"
    std::string title; // "name", "train.lr", "space", "ROUGE-L"
    std::string sentence;
    Source source = Source::Run;
    ColumnKind kind = ColumnKind::Text;
    bool isShare = false; // from 0 to 1
    ColumnEdit edit = ColumnEdit::None;
};

// Ids of columns that code uses by name.
inline constexpr std::string_view kNameColumn = "name";
inline constexpr std::string_view kSeedColumn = "seed";
inline constexpr std::string_view kStatusColumn = "status";
inline constexpr std::string_view kTagsColumn = "tags";
inline constexpr std::string_view kNoteColumn = "note";
inline constexpr std::string_view kGroupColumn = "group";

// Every column: of the run, of the configuration in its order, of the metrics in the order of their table, among them
// those of `recorded` that have no row there.
[[nodiscard]] std::vector<RunColumn> runColumns(const std::set<std::string>& recorded = {});
// Those that tables begin with.
[[nodiscard]] std::vector<std::string> defaultColumns();

// The column that a person means: by its id ("tags", and "tag"), its title, or the tail of an id that no other has
// ("rouge_l"). A tail that several fields have means the one of `train` ("lr"). Usage, with the nearest or with those
// it may be; the column lives as long as `columns`.
Result<const RunColumn*> findColumn(std::span<const RunColumn> columns, std::string_view text);

// The value of a run; nothing where it has no value.
using RunValue = std::variant<std::monostate, double, std::string>;
[[nodiscard]] RunValue valueOf(const RunColumn& column, const TableRun& run);
// Nothing, or NaN.
[[nodiscard]] bool isMissing(const RunValue& value);
// Smaller numbers and earlier letters first; what is missing last.
[[nodiscard]] bool comesBefore(const RunValue& left, const RunValue& right);

// For reading: four digits, of a path its last part, "-" for nothing.
[[nodiscard]] std::string shownText(const RunColumn& column, const RunValue& value);
[[nodiscard]] std::string shownTitle(const RunColumn& column); // "ROUGE-L, %"
[[nodiscard]] double shownFactor(const RunColumn& column);     // what a number is shown times
// For files: full precision, whole paths, nothing for nothing.
[[nodiscard]] std::string exactText(const RunColumn& column, const RunValue& value);

// `text` with A to Z in small letters: how words are compared.
[[nodiscard]] std::string smallLetters(std::string_view text);

} // namespace dskd::jobs

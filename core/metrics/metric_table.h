#pragma once

// Every value that a run logs, or that is made of logged ones: one row a metric. Tables, charts, the report and the
// command line read titles, units, order and what is better from here. A metric without a row (of another version of
// the program) is shown by its name, and nothing of it is ranked.

#include <limits>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace dskd::metrics
{

// Names that code must know: what a page shows before anyone has chosen, and what watchdogs look at.
inline constexpr std::string_view kLoss = "loss";
inline constexpr std::string_view kValidationLoss = "validation.loss";
inline constexpr std::string_view kRougeL = "validation.rouge_l";
inline constexpr std::string_view kStructureCosine = "structure.cosine_mean";
inline constexpr std::string_view kStructureProduct = "structure.product_mean";
// What the names of the gradient norms of single terms begin with; the term's own name follows.
inline constexpr std::string_view kTermGradientNorm = "grad_norm.";
inline constexpr std::string_view kTokensPerSecond = "tokens_per_second";
inline constexpr std::string_view kMemory = "memory_bytes";
inline constexpr std::string_view kSeconds = "seconds";
inline constexpr std::string_view kGradientNorm = "grad_norm";
inline constexpr std::string_view kT2sAccuracy = "t2s_acc";
inline constexpr std::string_view kS2tAccuracy = "s2t_acc";
inline constexpr std::string_view kTeacherAccuracy = "t_acc";
inline constexpr std::string_view kAlignRatio = "align_ratio";

// Which values are the better ones. Unknown for "loss", which is the mean of different terms for different objectives,
// for the single terms of distillation, and for what describes the training but not the student.
enum class Better { Lower, Higher, Unknown };
enum class Unit { None, Nats, Share, Tokens, TokensPerSecond, Seconds, Bytes };
// The sections of a report and of a run's details, in their order.
enum class Group {
    Loss,
    Validation,
    Distillation,
    Alignment,
    Structure,
    KeyQuery,
    OwnAnswers,
    PolicyGradient,
    Optimisation,
    Machine,
    Other
};
// What the metric is of the loss: one of its terms, a sum of some, or all of it.
enum class InLoss { No, Term, Sum, Whole };

struct Range {
    double least = -std::numeric_limits<double>::infinity();
    double most = std::numeric_limits<double>::infinity();
};

struct Metric {
    std::string_view name;  // as logged; "probe.kq_*" is the row of every name that begins so and has no row of its own
    std::string_view title; // as a heading, in which * stands for the rest of the name
    std::string_view sentence;
    Group group = Group::Other;
    Unit unit = Unit::None;
    Range range = {};
    Better better = Better::Unknown;
    bool perToken = false; // depends on the vocabulary, so it ranks only students that share it
    bool isCost = false;   // of the training: compared whatever the data, and no merit of the student
    InLoss inLoss = InLoss::No;
    int headline = 0; // place among the metrics that tell students apart, counted from 1; 0: none of them
    std::string_view shortTitle = {}; // for narrow columns; empty: the title
    std::string_view recorded = {};   // when a run records it, as a sentence; empty: at every step that has it
};

// In the order of the groups, and in each as they are read.
[[nodiscard]] std::span<const Metric> allMetrics();
// The row of a name, also of "<name>.best" and "<name>.last", which a comparison makes of it. Null: it has none.
[[nodiscard]] const Metric* findMetric(std::string_view name);

[[nodiscard]] std::string titleOf(std::string_view name);       // "validation loss (best)" for "validation.loss.best"
[[nodiscard]] std::string shortTitleOf(std::string_view name);  // "val. loss (best)"
[[nodiscard]] std::string descriptionOf(std::string_view name); // its sentence and unit; empty without a row
[[nodiscard]] Better betterOf(std::string_view name);
[[nodiscard]] Unit unitOf(std::string_view name);
[[nodiscard]] Group groupOf(std::string_view name);
[[nodiscard]] bool isPerToken(std::string_view name);
[[nodiscard]] bool isCost(std::string_view name);
[[nodiscard]] std::string_view titleOf(Group group);
[[nodiscard]] std::string_view shortTitleOf(Group group); // for narrow panels
[[nodiscard]] std::string_view unitText(Unit unit);       // as people read values: "%" of a share; empty without one

// People read shares in per cent, everywhere; JSON, CSV and run.db hold what was recorded, from 0 to 1.
[[nodiscard]] double shownFactor(Unit unit);             // what a value is shown times: 100 of a share, else 1
[[nodiscard]] double shownFactor(std::string_view name); // that of its unit
[[nodiscard]] std::string shownTitle(std::string_view title, Unit unit); // with the sign of a unit that has a factor
[[nodiscard]] std::string shownTitle(std::string_view name);             // "ROUGE-L (best), %"
[[nodiscard]] std::string shownShortTitle(std::string_view name);        // shortTitleOf with the sign

// Of the metrics that a comparison has, the headline ones in their order.
[[nodiscard]] std::vector<std::string> headlineMetrics(const std::vector<std::string>& available);
// The names in the order of the table; those without a row last, by name.
[[nodiscard]] std::vector<std::string> inTableOrder(std::vector<std::string> names);
// The same of what is kept by name.
template <typename T>
[[nodiscard]] std::vector<std::string> inTableOrder(const std::map<std::string, T>& byName)
{
    std::vector<std::string> names;
    names.reserve(byName.size());
    for (const auto& [name, value] : byName) {
        names.push_back(name);
    }
    return inTableOrder(std::move(names));
}
// The metrics that are of the loss, causes before sums: what is not finite first is the cause of the rest.
[[nodiscard]] std::span<const std::string_view> lossTerms();

} // namespace dskd::metrics

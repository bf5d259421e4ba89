#pragma once

// Which of several means is the best, and which only happen to lie beside it: one rule for the comparison and the
// matrix. The tests are those of core/score/significance.h. Pure functions but for what reads the answers; any thread.

#include "core/jobs/answer_scores.h"
#include "core/jobs/compare.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dskd::jobs
{

enum class Mark {
    None,     // not ranked: no finished run, no value, or nothing to rank it against
    Untested, // ranked, but there is too little for a test against the best; of the best: against one of the others
    Best,     // better than every other by a test
    Tie,      // not worse than the best by a test; of the best: one ties with it
    Worse,    // worse than the best by a test
};
[[nodiscard]] std::string_view name(Mark mark); // "untested", "best", …; empty for None

// What the tests pair. Auto: seeds where two groups share kFewestSeeds of them, else answers.
enum class Pairing { Auto, Seeds, Samples };

inline constexpr int kFewestSeeds = 3;
inline constexpr int kFewestSamples = 30;
inline constexpr int kBootstrapDraws = 10000;
inline constexpr double kSignificant = 0.05; // a p below it

// Of a value against the best one that it is ranked with.
struct PairedTest {
    Pairing pairing = Pairing::Seeds; // Seeds: the t-test; Samples: the bootstrap over the ROUGE-L of each answer
    int pairs = 0;
    double p = 1.0;          // two-sided, Holm-corrected for all comparisons with this best
    double difference = 0.0; // mean over the pairs, the best less the other
};
[[nodiscard]] std::string_view name(const PairedTest& test); // "t-test over seeds", "bootstrap over answers"

struct Rank {
    Mark mark = Mark::None;
    std::optional<std::size_t> best; // by its mean, of those that it is ranked with; none of what is not ranked
    std::optional<PairedTest> test;  // against it; none of the best itself, and where no test is possible
};

// Ranks groups against each other in the metric where they compare in it (comparableKey). nullptr is a group that has
// no place in it. `scores` may be empty.
[[nodiscard]] std::vector<Rank> rankGroups(const std::vector<const OutcomeGroup*>& groups, const std::string& metric,
                                           Pairing pairing, const ReadScores& scores);

// How a legend calls its marks.
struct RankWords {
    std::string bold;  // "Bold"
    std::string tie;   // "†"
    std::string where; // "its column": what is ranked together
};
// The legend of the marks: which test on how many pairs, and what could not be tested. Empty where nothing is ranked.
[[nodiscard]] std::string rankNote(const std::vector<const Rank*>& ranks, const RankWords& words);
// The mark of a tie; `asciiOnly`: of a terminal that shows nothing else.
[[nodiscard]] std::string tieMark(bool asciiOnly);

} // namespace dskd::jobs

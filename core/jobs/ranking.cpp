#include "core/jobs/ranking.h"

#include "core/metrics/metric_table.h"
#include "core/score/significance.h"
#include "core/text/numbers.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <set>
#include <utility>

namespace dskd::jobs
{
namespace
{

double mean(const std::vector<double>& values)
{
    return values.empty() ? 0.0
                          : std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

constexpr std::uint64_t kBootstrapSeed = 1; // the same answers give the same p on every machine

bool isOfAnswers(const std::string& metric)
{
    const std::string_view name = metric;
    return name.starts_with(metrics::kRougeL) &&
           (name.size() == metrics::kRougeL.size() || name[metrics::kRougeL.size()] == '.');
}

std::map<std::uint64_t, double> valuesOfSeeds(const OutcomeGroup& group, const std::string& metric)
{
    std::map<std::uint64_t, double> values;
    for (const RunOutcome* run : countedRuns(group)) {
        if (const auto value = run->values.find(metric); value != run->values.end() && std::isfinite(value->second)) {
            values[run->seed] = value->second;
        }
    }
    return values;
}

// Each answer's score, a mean over the counted runs; of answers that all those runs have which recorded any.
SampleScores meanScores(const OutcomeGroup& group, const std::string& metric, const ReadScores& read)
{
    SampleScores sums;
    int runs = 0;
    for (const RunOutcome* run : countedRuns(group)) {
        const SampleScores own = run->values.contains(metric) && read ? read(run->runId, metric) : SampleScores();
        if (own.empty()) {
            continue;
        }
        if (runs++ == 0) {
            sums = own;
            continue;
        }
        std::erase_if(sums, [&](const auto& sum) { return !own.contains(sum.first); });
        for (auto& [sample, sum] : sums) {
            sum += own.at(sample);
        }
    }
    for (auto& [sample, sum] : sums) {
        sum /= runs;
    }
    return sums;
}

// `a` minus `b` of what both have.
template <typename Key>
std::vector<double> differences(const std::map<Key, double>& a, const std::map<Key, double>& b)
{
    std::vector<double> found;
    for (const auto& [key, value] : a) {
        if (const auto other = b.find(key); other != b.end() && std::isfinite(value) && std::isfinite(other->second)) {
            found.push_back(value - other->second);
        }
    }
    return found;
}

// Tests groups against each other. Answers are read once a group, and only where they are needed.
class Tests
{
public:
    Tests(const std::vector<const OutcomeGroup*>& groups, const std::string& metric, Pairing pairing,
          const ReadScores& read)
        : m_groups(groups), m_metric(metric), m_pairing(pairing), m_read(read)
    {
    }

    // Before the correction. None: too few seeds or answers in common.
    std::optional<PairedTest> between(std::size_t a, std::size_t b)
    {
        if (m_pairing != Pairing::Samples) {
            const auto pairs =
                differences(valuesOfSeeds(*m_groups[a], m_metric), valuesOfSeeds(*m_groups[b], m_metric));
            if (pairs.size() >= static_cast<std::size_t>(kFewestSeeds)) {
                return PairedTest{Pairing::Seeds, static_cast<int>(pairs.size()), score::pairedTTest(pairs),
                                  mean(pairs)};
            }
        }
        if (m_pairing != Pairing::Seeds && isOfAnswers(m_metric)) {
            const auto pairs = differences(scores(a), scores(b));
            if (pairs.size() >= static_cast<std::size_t>(kFewestSamples)) {
                return PairedTest{Pairing::Samples, static_cast<int>(pairs.size()),
                                  score::pairedBootstrap(pairs, kBootstrapDraws, kBootstrapSeed), mean(pairs)};
            }
        }
        return std::nullopt;
    }

private:
    const SampleScores& scores(std::size_t group)
    {
        const auto known = m_scores.find(group);
        return known != m_scores.end()
                   ? known->second
                   : m_scores.emplace(group, meanScores(*m_groups[group], m_metric, m_read)).first->second;
    }

    const std::vector<const OutcomeGroup*>& m_groups;
    const std::string& m_metric;
    Pairing m_pairing;
    const ReadScores& m_read;
    std::map<std::size_t, SampleScores> m_scores;
};

// The mean in the metric; none of a group that is not ranked. The values of a run that goes on are not its last ones.
std::optional<double> rankedMean(const OutcomeGroup& group, const std::string& metric)
{
    const auto value = group.values.find(metric);
    const bool counts = group.done > 0 && value != group.values.end() && std::isfinite(value->second.mean);
    return counts ? std::optional(value->second.mean) : std::nullopt;
}

// `compared`: groups that compare, with their means.
void rankAlike(const std::vector<std::pair<std::size_t, double>>& compared, bool lowerIsBetter, Tests& tests,
               std::vector<Rank>& ranks)
{
    if (compared.size() < 2) {
        return;
    }
    const std::size_t best = std::min_element(compared.begin(), compared.end(), [&](const auto& a, const auto& b) {
                                 return lowerIsBetter ? a.second < b.second : a.second > b.second;
                             })->first;
    std::vector<std::size_t> tested;
    std::vector<double> p;
    for (const auto& [group, mean] : compared) {
        ranks[group].best = best;
        if (group == best) {
            continue;
        }
        ranks[group].test = tests.between(best, group);
        if (ranks[group].test) {
            tested.push_back(group);
            p.push_back(ranks[group].test->p);
        }
    }
    const std::vector<double> corrected = score::holm(p);
    bool ties = false;
    for (std::size_t i = 0; i < tested.size(); ++i) {
        Rank& rank = ranks[tested[i]];
        rank.test->p = corrected[i];
        // The best by its mean over all seeds may be the other way round over the shared ones.
        const bool favoursBest = lowerIsBetter ? rank.test->difference < 0.0 : rank.test->difference > 0.0;
        rank.mark = corrected[i] < kSignificant && favoursBest ? Mark::Worse : Mark::Tie;
        ties = ties || rank.mark == Mark::Tie;
    }
    for (const auto& [group, mean] : compared) {
        if (group != best && !ranks[group].test) {
            ranks[group].mark = Mark::Untested;
        }
    }
    const bool allTested = tested.size() + 1 == compared.size();
    ranks[best].mark = ties ? Mark::Tie : allTested ? Mark::Best : Mark::Untested;
}

std::string range(const std::set<int>& numbers)
{
    return numbers.size() == 1 ? std::to_string(*numbers.begin())
                               : std::to_string(*numbers.begin()) + " to " + std::to_string(*numbers.rbegin());
}

// "Two-sided paired t-test over 3 shared seeds, p < 0.05, …"; empty without tests.
std::string testSentence(const std::vector<const Rank*>& ranks)
{
    std::set<int> seeds;
    std::set<int> samples;
    for (const Rank* rank : ranks) {
        if (rank->test) {
            (rank->test->pairing == Pairing::Seeds ? seeds : samples).insert(rank->test->pairs);
        }
    }
    std::string tests;
    if (!seeds.empty()) {
        tests = "paired t-test over " + range(seeds) + " shared seeds";
    }
    if (!samples.empty()) {
        tests += (tests.empty() ? "" : ", else ") + std::string("paired bootstrap over the ROUGE-L of ") +
                 range(samples) + " answers (" + std::to_string(kBootstrapDraws) + " draws)";
    }
    return tests.empty() ? ""
                         : "Two-sided " + tests + ", p < " + text::number(kSignificant, 1) +
                               ", Holm-corrected for the comparisons with the best.";
}

} // namespace

std::string_view name(Mark mark)
{
    switch (mark) {
    case Mark::None: return {};
    case Mark::Untested: return "untested";
    case Mark::Best: return "best";
    case Mark::Tie: return "tie";
    case Mark::Worse: return "worse";
    }
    return {};
}

std::string_view name(const PairedTest& test)
{
    return test.pairing == Pairing::Seeds ? "t-test over seeds" : "bootstrap over answers";
}

std::vector<Rank> rankGroups(const std::vector<const OutcomeGroup*>& groups, const std::string& metric, Pairing pairing,
                             const ReadScores& scores)
{
    std::vector<Rank> ranks(groups.size());
    const metrics::Better better = metrics::betterOf(metric);
    if (better == metrics::Better::Unknown) {
        return ranks;
    }
    std::map<std::string, std::vector<std::pair<std::size_t, double>>> compared;
    for (std::size_t i = 0; i < groups.size(); ++i) {
        const std::optional<double> mean = groups[i] != nullptr ? rankedMean(*groups[i], metric) : std::nullopt;
        if (mean) {
            compared[comparableKey(*groups[i], metric)].emplace_back(i, *mean);
        }
    }
    Tests tests(groups, metric, pairing, scores);
    for (const auto& [key, alike] : compared) {
        rankAlike(alike, better == metrics::Better::Lower, tests, ranks);
    }
    return ranks;
}

std::string rankNote(const std::vector<const Rank*>& ranks, const RankWords& words)
{
    const bool untested =
        std::any_of(ranks.begin(), ranks.end(), [](const Rank* rank) { return rank->mark == Mark::Untested; });
    const std::string needed =
        std::to_string(kFewestSeeds) + " seeds in common, or of ROUGE-L " + std::to_string(kFewestSamples) + " answers";
    const std::string tests = testSentence(ranks);
    if (tests.empty()) {
        return untested ? "Nothing is marked as the best: no test was possible, for which it takes " + needed + "."
                        : "";
    }
    return words.bold + ": better than every other value of " + words.where + ". " + words.tie +
           ": not shown to be worse than the best of " + words.where + ". " + tests +
           (untested ? " Where a test lacks " + needed + ", nothing is marked." : "");
}

std::string tieMark(bool asciiOnly)
{
    return asciiOnly ? "~" : "†";
}

} // namespace dskd::jobs

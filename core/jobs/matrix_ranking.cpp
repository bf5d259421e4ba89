// Which cells of a matrix are best, and which only happen to lie below.

#include "core/jobs/matrix_input.h"
#include "core/metrics/metric_table.h"
#include "core/score/significance.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <string_view>
#include <utility>

namespace dskd::jobs
{
namespace
{

constexpr std::uint64_t kBootstrapSeed = 1; // the same answers give the same p on every machine

bool isOfAnswers(const std::string& metric)
{
    const std::string_view name = metric;
    return name.starts_with(metrics::kRougeL) &&
           (name.size() == metrics::kRougeL.size() || name[metrics::kRougeL.size()] == '.');
}

std::map<std::uint64_t, double> valuesOfSeeds(const MatrixCell& cell)
{
    std::map<std::uint64_t, double> values;
    for (const MatrixRun& run : cell.runs) {
        if (run.counted && run.value && std::isfinite(*run.value)) {
            values[run.seed] = *run.value;
        }
    }
    return values;
}

// Each answer's score, a mean over the counted runs; of answers that all those runs have which recorded any.
SampleScores meanScores(const MatrixCell& cell, const std::string& metric, const ReadScores& read)
{
    SampleScores sums;
    int runs = 0;
    for (const MatrixRun& run : cell.runs) {
        const SampleScores own = run.counted && run.value && read ? read(run.runId, metric) : SampleScores();
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

// Tests cells against each other. Answers are read once a cell, and only where they are needed.
class Tests
{
public:
    Tests(const Matrix& matrix, const ReadScores& read, Pairing pairing)
        : m_matrix(matrix), m_read(read), m_pairing(pairing)
    {
    }

    // Before the correction. None: too few seeds or answers in common.
    std::optional<CellTest> between(std::size_t a, std::size_t b)
    {
        if (m_pairing != Pairing::Samples) {
            const auto pairs = differences(valuesOfSeeds(m_matrix.cells[a]), valuesOfSeeds(m_matrix.cells[b]));
            if (pairs.size() >= static_cast<std::size_t>(kFewestSeeds)) {
                return CellTest{Pairing::Seeds, static_cast<int>(pairs.size()), score::pairedTTest(pairs)};
            }
        }
        if (m_pairing != Pairing::Seeds && isOfAnswers(m_matrix.metric)) {
            const auto pairs = differences(scores(a), scores(b));
            if (pairs.size() >= static_cast<std::size_t>(kFewestSamples)) {
                return CellTest{Pairing::Samples, static_cast<int>(pairs.size()),
                                score::pairedBootstrap(pairs, kBootstrapDraws, kBootstrapSeed)};
            }
        }
        return std::nullopt;
    }

private:
    const SampleScores& scores(std::size_t cell)
    {
        const auto known = m_scores.find(cell);
        return known != m_scores.end()
                   ? known->second
                   : m_scores.emplace(cell, meanScores(m_matrix.cells[cell], m_matrix.metric, m_read)).first->second;
    }

    const Matrix& m_matrix;
    const ReadScores& m_read;
    Pairing m_pairing;
    std::map<std::size_t, SampleScores> m_scores;
};

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

void rank(Matrix& matrix, const std::vector<std::size_t>& cells, bool lowerIsBetter, Tests& tests)
{
    if (cells.size() < 2) {
        return;
    }
    const std::size_t best = *std::min_element(cells.begin(), cells.end(), [&](std::size_t a, std::size_t b) {
        const double one = matrix.cells[a].value->mean;
        const double other = matrix.cells[b].value->mean;
        return lowerIsBetter ? one < other : one > other;
    });
    std::vector<std::size_t> tested;
    std::vector<double> p;
    for (const std::size_t cell : cells) {
        matrix.cells[cell].best = best;
        if (cell == best) {
            continue;
        }
        matrix.cells[cell].test = tests.between(best, cell);
        if (matrix.cells[cell].test) {
            tested.push_back(cell);
            p.push_back(matrix.cells[cell].test->p);
        }
    }
    const std::vector<double> corrected = score::holm(p);
    for (std::size_t i = 0; i < tested.size(); ++i) {
        matrix.cells[tested[i]].test->p = corrected[i];
    }
    bool alone = true;
    for (const std::size_t cell : cells) {
        if (cell == best) {
            continue;
        }
        const bool worse = matrix.cells[cell].test && matrix.cells[cell].test->p < kSignificant;
        matrix.cells[cell].mark = worse ? Mark::Worse : Mark::Tie;
        alone = alone && worse;
    }
    matrix.cells[best].mark = alone ? Mark::Best : Mark::Tie;
}

} // namespace

void rankCells(Matrix& matrix, const std::vector<std::optional<OutcomeGroup>>& groups, const ReadScores& scores,
               Pairing pairing)
{
    const metrics::Better better = metrics::betterOf(matrix.metric);
    if (better == metrics::Better::Unknown) {
        return;
    }
    std::map<std::pair<std::vector<std::string>, std::string>, std::vector<std::size_t>> ranked;
    for (std::size_t i = 0; i < matrix.cells.size(); ++i) {
        const MatrixCell& cell = matrix.cells[i];
        if (groups[i] && cell.done > 0 && cell.value && std::isfinite(cell.value->mean)) {
            ranked[{rankedWith(matrix, i % matrix.columns.size()), comparableKey(*groups[i], matrix.metric)}].push_back(
                i);
        }
    }
    Tests tests(matrix, scores, pairing);
    for (const auto& [key, cells] : ranked) {
        rank(matrix, cells, better == metrics::Better::Lower, tests);
    }
}

} // namespace dskd::jobs

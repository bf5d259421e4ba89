// How tokens of both sides find each other: attention, pairs, lengths.

#include "core/config/methods/method_traits.h"
#include "core/jobs/watch/event_texts.h"
#include "core/jobs/watch/remedies.h"
#include "core/jobs/watch/series.h"
#include "core/jobs/watch/signatures.h"
#include "core/jobs/watch/thresholds.h"
#include "core/metrics/metric_table.h"
#include "core/text/numbers.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <string>
#include <string_view>
#include <vector>

namespace dskd::jobs
{
namespace
{

using store::MetricPoint;

// The share of the column that most attention goes to; entropy of the rows relative to uniform ones, the mean.
struct Spread {
    double column = 0.0;
    double entropy = 0.0;
};

std::optional<Spread> spreadOf(const store::HeatMapRow& map)
{
    const std::size_t rows = map.rowTokens.size();
    const std::size_t columns = map.columnTokens.size();
    if (rows < 4 || columns < 4 || map.values.size() != rows * columns) {
        return std::nullopt;
    }
    std::vector<double> ofColumn(columns, 0.0);
    double entropy = 0.0;
    double total = 0.0;
    for (std::size_t r = 0; r < rows; ++r) {
        for (std::size_t c = 0; c < columns; ++c) {
            const double share = map.values[r * columns + c];
            ofColumn[c] += share;
            total += share;
            entropy -= share > 0.0 ? share * std::log(share) : 0.0;
        }
    }
    if (total <= 0.0 || !std::isfinite(total)) {
        return std::nullopt;
    }
    return Spread{*std::max_element(ofColumn.begin(), ofColumn.end()) / total,
                  entropy / total / std::log(static_cast<double>(columns))};
}

// The number right before `phrase`; 0 where there is none.
std::int64_t numberBefore(std::string_view text, std::string_view phrase)
{
    const std::size_t end = text.find(phrase);
    if (end == std::string_view::npos) {
        return 0;
    }
    const std::size_t before = text.substr(0, end).find_last_not_of("0123456789");
    const std::size_t begin = before == std::string_view::npos ? 0 : before + 1;
    const std::string_view digits = text.substr(begin, end - begin);
    std::int64_t number = 0;
    (void)std::from_chars(digits.data(), digits.data() + digits.size(), number);
    return number;
}

} // namespace

std::optional<Finding> findAttentionCollapse(const RunEvidence& evidence)
{
    if (!config::attends(evidence.experiment.method)) {
        return std::nullopt;
    }
    std::int64_t newest = 0;
    for (const store::HeatMapRow& map : evidence.maps) {
        newest = std::max(newest, map.step);
    }
    std::vector<Spread> spreads;
    for (const store::HeatMapRow& map : evidence.maps) {
        const auto spread = map.step == newest && newest > 0 ? spreadOf(map) : std::nullopt; // not before any training
        if (spread) {
            spreads.push_back(*spread);
        }
    }
    const auto numOf = [&](auto condition) {
        return static_cast<std::size_t>(std::count_if(spreads.begin(), spreads.end(), condition));
    };
    const std::size_t onOne = numOf([](const Spread& spread) { return spread.column > kOneColumn; });
    const std::size_t even = numOf([](const Spread& spread) { return spread.entropy > kEvenEntropy; });
    if (spreads.empty() || (2 * onOne < spreads.size() && 2 * even < spreads.size())) {
        return std::nullopt;
    }
    const bool one = 2 * onOne >= spreads.size();
    const auto worst = std::max_element(spreads.begin(), spreads.end(), [&](const Spread& a, const Spread& b) {
        return one ? a.column < b.column : a.entropy < b.entropy;
    });
    Finding finding;
    finding.headline = one ? "Attention goes to one token" : "Attention is the same for all tokens";
    finding.step = newest;
    finding.seen = "At " + atStep(newest) + ", in " + std::to_string(one ? onOne : even) + " of " +
                   std::to_string(spreads.size()) + " maps, " +
                   (one ? "one token gets more than " + text::percent(kOneColumn) + " of all attention (up to " +
                              text::percent(worst->column) + ")."
                        : "every token attends to all alike (entropy up to " + text::percent(worst->entropy) +
                              " of that of even attention).");
    finding.why =
        "The queries do not look like the keys, so that attention follows the length of a key rather than what "
        "it stands for.";
    finding.hint = "Look at the maps on the page Alignment. Matching queries and keys, or pairing by the text, does "
                   "without learned attention.";
    finding.remedies = Remedies(evidence.experiment)
                           .offer("queries matched to keys", {{"key_query.matching", "gan"}})
                           .align("ETA", config::Alignment::Eta)
                           .lowerProjectorRate()
                           .take();
    return finding;
}

std::optional<Finding> findLowCoverage(const RunEvidence& evidence)
{
    const std::vector<MetricPoint>* ratio = seriesOf(evidence, metrics::kAlignRatio);
    if (ratio == nullptr) {
        return std::nullopt;
    }
    const std::vector<MetricPoint> points = finite(*ratio);
    if (points.size() < kLeastWindow) {
        return std::nullopt;
    }
    const double mean = meanOf(points);
    if (mean >= kLeastCoverage) {
        return std::nullopt;
    }
    Finding finding;
    finding.headline = "Few tokens are aligned";
    finding.metric = metrics::kAlignRatio;
    finding.step = points.front().step;
    finding.seen = "On average " + text::percent(mean) +
                   " of the student's tokens have a partner on the teacher's side (" + std::to_string(points.size()) +
                   " steps).";
    finding.why = "The two tokenizers cut this data differently: numbers, spaces, scripts that one of them spells in "
                  "bytes, or answers that data.max_length cuts on one side only.";
    finding.hint = "The page Pairs and `dskd pairs` show the coverage of other teachers and the worst samples.";
    finding.remedies = Remedies(evidence.experiment).align("CMA", config::Alignment::Cma).take();
    return finding;
}

std::optional<Finding> findLengthMismatch(const RunEvidence& evidence)
{
    Finding finding;
    finding.headline = "Lengths do not match";
    std::int64_t leftOut = 0;
    std::int64_t used = 0;
    const std::string ofTraining = evidence.experiment.data.train + ": "; // warnings on the validation file are none
    for (const store::EventRow& event : evidence.events) {
        const std::string_view message = event.message;
        if (event.kind == store::kFailedEvent && (message.find(kDifferentRows) != std::string_view::npos ||
                                                  message.find(kDifferentSamples) != std::string_view::npos)) {
            finding.step = event.step;
            finding.seen = event.message;
            finding.why = "Teacher and student read the same answer as different numbers of tokens, and the method "
                          "compares token by token.";
            finding.hint = "Pair the tokens by the text that they stand for.";
            finding.remedies = Remedies(evidence.experiment)
                                   .align("ETA", config::Alignment::Eta)
                                   .align("CMA", config::Alignment::Cma)
                                   .take();
            return finding;
        }
        if (leftOut == 0 && event.kind == store::kWarningEvent && message.starts_with(ofTraining) &&
            message.find(kNoResponseLeft) != std::string_view::npos) {
            leftOut = numberBefore(message, kLeftOut); // the first: the validation file may be the same one
        }
        if (event.kind == "data") {
            used = std::max(used, numberBefore(message, kTrainingSamples));
        }
    }
    if (leftOut == 0 || static_cast<double>(leftOut) < kMostLeftOut * static_cast<double>(leftOut + used)) {
        return std::nullopt;
    }
    finding.seen = std::to_string(leftOut) + " samples were left out before the first step" +
                   (used > 0 ? ", " + std::to_string(used) + " are trained on" : "") +
                   ": nothing of their answers is left within data.max_length (" +
                   std::to_string(evidence.experiment.data.maxLength) + " tokens).";
    finding.why = "Prompts fill the length on the side whose tokenizer cuts the text into more tokens.";
    finding.hint = "Allow longer samples, or shorter prompts.";
    finding.remedies =
        Remedies(evidence.experiment)
            .offer("twice the length", {{"data.max_length", std::to_string(2 * evidence.experiment.data.maxLength)}})
            .take();
    return finding;
}

} // namespace dskd::jobs

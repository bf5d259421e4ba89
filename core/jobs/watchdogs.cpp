#include "core/jobs/watchdogs.h"

#include "core/config/methods/method_traits.h"
#include "core/config/schema/choices.h"
#include "core/config/schema/experiment_json.h"
#include "core/metrics/metric_table.h"
#include "core/text/numbers.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <iterator>

namespace dskd::jobs
{
namespace
{

using config::Experiment;
using store::MetricPoint;

// ---- what may be tried

class Remedies
{
public:
    explicit Remedies(const Experiment& experiment) : m_experiment(experiment) {}

    // Nothing where it changes nothing, or where more would be refused than before.
    Remedies& offer(const std::string& label, std::vector<std::pair<std::string, std::string>> fields)
    {
        const Remedy remedy{label, std::move(fields)};
        const auto cured = withRemedy(m_experiment, remedy);
        if (cured && config::toText(*cured) != config::toText(m_experiment) &&
            config::validate(*cured).size() <= config::validate(m_experiment).size()) {
            m_remedies.push_back(remedy);
        }
        return *this;
    }

    Remedies& lowerRate() { return offer("lr ÷ 10", {{"train.lr", text::exact(m_experiment.train.lr / 10.0)}}); }
    Remedies& lowerProjectorRate()
    {
        return offer("projector lr ÷ 10", {{"projector.lr", text::exact(m_experiment.projector.lr / 10.0)}});
    }
    // Over a twentieth of the steps, as usual.
    Remedies& warmUp(std::int64_t totalSteps)
    {
        return m_experiment.train.warmupSteps > 0 || totalSteps < 20
                   ? *this
                   : offer("a warm-up", {{"train.warmup_steps", std::to_string(totalSteps / 20)}});
    }
    Remedies& clip()
    {
        return m_experiment.train.clipNorm > 0.0 ? *this : offer("clipped gradients", {{"train.clip_norm", "1"}});
    }
    Remedies& initialise() { return offer("projectors from the pseudo-inverse", {{"projector.init", "pinv"}}); }
    Remedies& align(const std::string& label, config::Alignment alignment)
    {
        return offer(label, {{"method.alignment", std::string(config::name(alignment))}});
    }

    [[nodiscard]] std::vector<Remedy> take() { return std::move(m_remedies); }

private:
    const Experiment& m_experiment;
    std::vector<Remedy> m_remedies;
};

bool hasProjectors(const Experiment& experiment)
{
    return config::comparesInStudentSpace(experiment.method) || config::comparesInTeacherSpace(experiment.method);
}

// ---- series

// Null: not recorded.
const std::vector<MetricPoint>* seriesOf(const RunEvidence& evidence, std::string_view name)
{
    const auto found = evidence.series.find(std::string(name));
    return found == evidence.series.end() || found->second.empty() ? nullptr : &found->second;
}

std::vector<MetricPoint> finite(const std::vector<MetricPoint>& points)
{
    std::vector<MetricPoint> kept;
    std::copy_if(points.begin(), points.end(), std::back_inserter(kept),
                 [](const MetricPoint& point) { return std::isfinite(point.value); });
    return kept;
}

struct Window {
    std::int64_t lastStep = 0;
    double mean = 0.0;
    double deviation = 0.0; // of the values
};

Window windowOf(std::span<const MetricPoint> points)
{
    const auto count = static_cast<double>(points.size());
    Window window{points.back().step, 0.0, 0.0};
    for (const MetricPoint& point : points) {
        window.mean += point.value / count;
    }
    for (const MetricPoint& point : points) {
        window.deviation += (point.value - window.mean) * (point.value - window.mean) / count;
    }
    window.deviation = std::sqrt(window.deviation);
    return window;
}

std::size_t windowSize(std::size_t points)
{
    return std::max(kLeastWindow, points / 25);
}

// The last one ends with the series; points that do not fill the first are left out.
std::vector<Window> windows(const std::vector<MetricPoint>& points)
{
    const std::size_t size = windowSize(points.size());
    std::vector<Window> all;
    for (std::size_t begin = points.size() % size; begin + size <= points.size(); begin += size) {
        all.push_back(windowOf(std::span(points).subspan(begin, size)));
    }
    return all;
}

double meanOf(const std::vector<MetricPoint>& points)
{
    return windowOf(points).mean;
}

std::string atStep(std::int64_t step)
{
    return "step " + std::to_string(step);
}

std::string inPercent(double share)
{
    return text::number(100.0 * share, 3) + " %";
}

// ---- the signatures

std::optional<Finding> lookForNotFinite(const RunEvidence& evidence)
{
    const MetricPoint* first = nullptr;
    std::string name;
    const auto earlier = [&](const MetricPoint& point) { return first == nullptr || point.step < first->step; };
    const auto take = [&](std::string_view metric) {
        const std::vector<MetricPoint>* points = seriesOf(evidence, metric);
        if (points == nullptr) {
            return;
        }
        const auto bad = std::find_if(points->begin(), points->end(),
                                      [](const MetricPoint& point) { return !std::isfinite(point.value); });
        if (bad != points->end() && earlier(*bad)) {
            first = &*bad;
            name = metric;
        }
    };
    for (const std::string_view term : metrics::lossTerms()) { // causes before sums
        take(term);
    }
    for (const auto& [metric, points] : evidence.series) {
        take(metric);
    }
    if (first == nullptr && !evidence.notFinite) {
        return std::nullopt;
    }
    Finding finding;
    finding.headline = "Not a number";
    if (first != nullptr) {
        finding.metric = name;
        finding.step = first->step;
        finding.seen =
            "The " + metrics::titleOf(name) + " was " + text::number(first->value) + " at " + atStep(first->step) + ".";
    } else { // of a run of before, whose worker wrote no point of it
        finding.step = evidence.notFinite->step;
        finding.seen = evidence.notFinite->message;
    }
    finding.why = "A learning rate that is too high, or projectors that begin with weights that do not fit.";
    finding.hint = "Begin a new run with a lower rate or a warm-up; a resume would compute the same again.";
    Remedies remedies(evidence.experiment);
    remedies.lowerRate().warmUp(evidence.totalSteps).clip();
    if (hasProjectors(evidence.experiment)) {
        remedies.lowerProjectorRate().initialise();
    }
    finding.remedies = remedies.take();
    return finding;
}

// The loss is the same sum of the same terms at every step: no own answers that come and go, no adversary, no policy.
bool isComparable(const Experiment& experiment)
{
    return experiment.method.objective != config::Objective::PolicyGradient && experiment.onPolicy.ratio == 0.0 &&
           experiment.keyQuery.matching == config::KeyQueryMatching::Off;
}

std::optional<Finding> lookForDivergence(const RunEvidence& evidence)
{
    const std::vector<MetricPoint>* loss = seriesOf(evidence, metrics::kLoss);
    if (loss == nullptr || !isComparable(evidence.experiment)) {
        return std::nullopt;
    }
    const std::vector<MetricPoint> points = finite(*loss);
    const std::vector<Window> all = windows(points);
    if (all.size() < 4) {
        return std::nullopt;
    }
    const auto lowest =
        std::min_element(all.begin(), all.end() - 1, [](const Window& a, const Window& b) { return a.mean < b.mean; });
    const double bound =
        lowest->mean + std::max({kRiseOfGain * (all.front().mean - lowest->mean), kRiseOfValue * std::abs(lowest->mean),
                                 kRiseOfDeviation * lowest->deviation});
    if (all.back().mean <= bound) {
        return std::nullopt;
    }
    const auto shows = std::find_if(lowest, all.end(), [&](const Window& window) { return window.mean > bound; });
    Finding finding;
    finding.headline = "The loss rises";
    finding.metric = metrics::kLoss;
    finding.step = shows->lastStep;
    finding.seen = "The loss fell to " + text::number(lowest->mean) + " by " + atStep(lowest->lastStep) +
                   " and rose to " + text::number(all.back().mean) + " by " + atStep(all.back().lastStep) +
                   " (means over " + std::to_string(windowSize(points.size())) + " steps).";
    finding.why =
        "Steps that are too large: the learning rate of the student or of the projectors is too high, there is "
        "no warm-up, or gradients are not clipped.";
    finding.hint = "Begin a new run with a lower rate. The checkpoint before the rise is the better student.";
    Remedies remedies(evidence.experiment);
    remedies.lowerRate().warmUp(evidence.totalSteps).clip();
    if (hasProjectors(evidence.experiment)) {
        remedies.lowerProjectorRate();
    }
    finding.remedies = remedies.take();
    return finding;
}

std::optional<Finding> lookForStagnation(const RunEvidence& evidence)
{
    const Experiment& experiment = evidence.experiment;
    if (!hasProjectors(experiment) || experiment.projector.init != config::ProjectorInit::Random) {
        return std::nullopt;
    }
    const char* name = config::comparesInStudentSpace(experiment.method) ? "t2s_acc" : "s2t_acc";
    const std::vector<MetricPoint>* accuracy = seriesOf(evidence, name);
    if (accuracy == nullptr) {
        return std::nullopt;
    }
    const std::vector<Window> all = windows(finite(*accuracy));
    if (all.size() < 5) {
        return std::nullopt;
    }
    const double now = all.back().mean;
    const double before = all[all.size() / 2].mean;
    double bound = kLeastAccuracy;
    std::string measure = "a fifth of the tokens";
    if (const auto* teacher = seriesOf(evidence, "t_acc")) {
        const std::vector<Window> own = windows(finite(*teacher));
        if (!own.empty()) {
            bound = kShareOfTeacher * own.back().mean;
            measure = "half of the teacher's own " + inPercent(own.back().mean);
        }
    }
    if (now >= bound || now - before >= kLeastGain) {
        return std::nullopt;
    }
    Finding finding;
    finding.headline = "The projectors do not learn";
    finding.metric = name;
    finding.step = all[all.size() / 2].lastStep;
    finding.seen = "The " + metrics::titleOf(name) + " was " + inPercent(before) + " at " + atStep(finding.step) +
                   " and is " + inPercent(now) + " at " + atStep(all.back().lastStep) + ", below " + measure + ".";
    finding.why =
        "The projectors began with random weights, so that what is projected is noise for the other head, and "
        "the student is not taught by it.";
    finding.hint =
        "Begin with the pseudo-inverse, whose projections are near the other head from the first step on, or "
        "give the projectors a higher rate.";
    finding.remedies = Remedies(experiment)
                           .initialise()
                           .offer("projector lr × 10", {{"projector.lr", text::exact(experiment.projector.lr * 10.0)}})
                           .take();
    return finding;
}

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

std::optional<Finding> lookForAttentionCollapse(const RunEvidence& evidence)
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
    finding.headline = one ? "Attention goes to one token" : "Attention tells no tokens apart";
    finding.step = newest;
    finding.seen = "At " + atStep(newest) + ", in " + std::to_string(one ? onOne : even) + " of " +
                   std::to_string(spreads.size()) + " maps, " +
                   (one ? "one token gets more than " + inPercent(kOneColumn) + " of all attention (up to " +
                              inPercent(worst->column) + ")."
                        : "every token attends to all alike (entropy up to " + inPercent(worst->entropy) +
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

std::optional<Finding> lookForLowCoverage(const RunEvidence& evidence)
{
    constexpr const char* kName = "align_ratio";
    const std::vector<MetricPoint>* ratio = seriesOf(evidence, kName);
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
    finding.metric = kName;
    finding.step = points.front().step;
    finding.seen = "On average " + inPercent(mean) + " of the student's tokens have a partner on the teacher's side (" +
                   std::to_string(points.size()) + " steps).";
    finding.why = "The two tokenizers cut this data differently: numbers, spaces, scripts that one of them spells in "
                  "bytes, or answers that data.max_length cuts on one side only.";
    finding.hint = "The page Pairs and `dskd pairs` show the coverage of other teachers and the worst samples.";
    finding.remedies = Remedies(evidence.experiment).align("CMA", config::Alignment::Cma).take();
    return finding;
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

std::optional<Finding> lookForLengthMismatch(const RunEvidence& evidence)
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

std::optional<Finding> lookForLossAgainstRouge(const RunEvidence& evidence)
{
    const std::vector<MetricPoint>* losses = seriesOf(evidence, metrics::kValidationLoss);
    const std::vector<MetricPoint>* scores = seriesOf(evidence, metrics::kRougeL);
    if (losses == nullptr || scores == nullptr) {
        return std::nullopt;
    }
    struct Validation {
        std::int64_t step;
        double loss;
        double rouge;
    };
    std::map<std::int64_t, double> rougeAt;
    for (const MetricPoint& point : *scores) {
        rougeAt[point.step] = point.value;
    }
    std::vector<Validation> all;
    for (const MetricPoint& point : finite(*losses)) {
        if (const auto score = rougeAt.find(point.step); score != rougeAt.end() && std::isfinite(score->second)) {
            all.push_back({point.step, point.value, score->second});
        }
    }
    const auto best = std::min_element(all.begin(), all.end(),
                                       [](const Validation& a, const Validation& b) { return a.loss < b.loss; });
    if (all.end() - best < 3 || best->loss <= 0.0) { // two validations after it
        return std::nullopt;
    }
    const Validation& last = all.back();
    if (last.loss < (1.0 + kLossRise) * best->loss || last.rouge < best->rouge + kRougeRise) {
        return std::nullopt;
    }
    Finding finding;
    finding.headline = "The validation loss rises and ROUGE-L does too";
    finding.metric = metrics::kValidationLoss;
    finding.step = best->step;
    finding.seen = "Since " + atStep(best->step) + " the validation loss rose from " + text::number(best->loss) +
                   " to " + text::number(last.loss) + " while ROUGE-L rose from " + text::number(best->rouge) + " to " +
                   text::number(last.rouge) + " (" + atStep(last.step) + ").";
    finding.why =
        "The student follows the teacher's distribution rather than the single words of the references, which "
        "the loss counts.";
    finding.hint =
        "Judge by ROUGE-L of generated answers. Of the checkpoints only the newest and the one with the lowest "
        "validation loss are sure to stay.";
    finding.remedies = Remedies(evidence.experiment)
                           .offer("five checkpoints kept",
                                  {{"checkpoint.keep",
                                    std::to_string(std::max<std::int64_t>(5, evidence.experiment.checkpoint.keep))}})
                           .take();
    finding.harmful = false;
    return finding;
}

constexpr Watchdog kWatchdogs[] = {
    {"not_finite", "Not a number", "A logged value is NaN or infinite.", lookForNotFinite},
    {"divergence", "Divergence", "The training loss rises far above its lowest.", lookForDivergence},
    {"length_mismatch", "Length mismatch", "Both sides of samples have lengths that do not fit each other.",
     lookForLengthMismatch},
    {"stagnation", "Stagnation", "Projectors that began with random weights do not learn.", lookForStagnation},
    {"attention_collapse", "Attention collapse", "Cross-model attention goes to one token, or to all alike.",
     lookForAttentionCollapse},
    {"low_coverage", "Low coverage", "Many of the student's tokens have no partner.", lookForLowCoverage},
    {"loss_against_rouge", "Loss against ROUGE-L", "The validation loss rises while ROUGE-L rises.",
     lookForLossAgainstRouge},
};

} // namespace

std::span<const Watchdog> watchdogs()
{
    return kWatchdogs;
}

std::vector<Finding> look(const RunEvidence& evidence)
{
    std::vector<Finding> findings;
    if (evidence.experiment.job != config::JobKind::Train) {
        return findings;
    }
    for (const Watchdog& watchdog : kWatchdogs) {
        if (auto finding = watchdog.look(evidence)) {
            finding->signature = watchdog.name;
            findings.push_back(*std::move(finding));
        }
    }
    return findings;
}

Result<config::Experiment> withRemedy(config::Experiment experiment, const Remedy& remedy)
{
    for (const auto& [field, value] : remedy.fields) {
        if (const auto set = config::setField(experiment, field, value); !set) {
            return set.failure();
        }
    }
    return experiment;
}

std::vector<FindingMark> marksOf(std::span<const Finding> findings)
{
    std::vector<FindingMark> marks;
    for (const Finding& finding : findings) {
        if (!finding.metric.empty()) {
            marks.push_back({finding.metric, finding.step, finding.headline});
        }
    }
    return marks;
}

} // namespace dskd::jobs

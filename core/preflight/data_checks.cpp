// Data: can it be read, how long is it, how well do two tokenisations of it align, how many steps is it?

#include "core/align/coverage_report.h"
#include "core/align/marked_answer.h"
#include "core/align/minimum_edits.h"
#include "core/align/spelling_map_file.h"
#include "core/config/methods/method_traits.h"
#include "core/dataset/conversation.h"
#include "core/dataset/sample.h"
#include "core/dataset/statistics.h"
#include "core/preflight/check_context.h"
#include "core/preflight/rules.h"
#include "core/text/numbers.h"

#include <algorithm>
#include <cmath>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace dskd::preflight
{

namespace
{

using text::percent;

std::span<const dataset::Record> sampleOf(const Context& context)
{
    const auto count = std::min(context.train->records.size(), static_cast<std::size_t>(context.options.sampleRecords));
    return {context.train->records.data(), count};
}

std::vector<AlignedSample::Token> tokenTexts(const tokenizer::Tokenizer& tokenizer,
                                             const std::vector<align::MarkedToken>& marked)
{
    std::vector<AlignedSample::Token> tokens;
    tokens.reserve(marked.size());
    for (const align::MarkedToken& token : marked) {
        tokens.push_back({align::tokenLabel(tokenizer, token.id), token.mark == align::Mark::Exact});
    }
    return tokens;
}

// The samples that an alignment reaches least, of those that it does not reach whole.
std::vector<AlignedSample> worstSamples(const Context& context, const align::CoverageReport& report,
                                        const align::CoverageOptions& options)
{
    constexpr std::size_t kMost = 5;
    const auto records = sampleOf(context);
    std::vector<AlignedSample> worst;
    for (const align::SampleCoverage& sample : report.samples) {
        if (worst.size() == kMost) {
            break;
        }
        if (sample.covered == sample.studentTokens) { // also where there are none
            continue;
        }
        AlignedSample one{sample.line, sample.covered, sample.studentTokens, {}, {}};
        if (!config::rowOf(options.alignment).matchesSpellings) {
            const align::AlignedRecord aligned =
                align::alignRecord(records[static_cast<std::size_t>(sample.record)], *context.teacherTokenizer,
                                   *context.studentTokenizer, options);
            one.teacher = tokenTexts(*context.teacherTokenizer, aligned.marked.teacher);
            one.student = tokenTexts(*context.studentTokenizer, aligned.marked.student);
        }
        worst.push_back(std::move(one));
    }
    return worst;
}

// " The worst: line 38 (50.0 %), line 7 (61.5 %)."; empty without any.
std::string worstText(const std::vector<AlignedSample>& worst)
{
    std::string list;
    for (const AlignedSample& sample : worst) {
        list += (list.empty() ? "" : ", ") + std::string("line ") + std::to_string(sample.line) + " (" +
                percent(sample.coverage()) + ")";
    }
    return list.empty() ? list : " The worst: " + list + ".";
}

// How many rows the fewest edits between spellings reach. Looks for the map of the pair when no run has before, unless
// the caller wants to do that apart.
void checkMinimumEdits(Context& context)
{
    const tokenizer::Tokenizer& teacher = *context.teacherTokenizer;
    const tokenizer::Tokenizer& student = *context.studentTokenizer;
    align::MinimumEdits::Options options;
    options.search.cancelled = &context.cancelled;
    options.cacheFolder = align::spellingMapFolder();
    options.onlyKept = context.options.onlyKeptMaps;
    const auto edits = align::MinimumEdits::find(teacher, student, spellingRule(context.experiment.method), options);
    if (!edits) {
        if (options.onlyKept && !context.cancelled) {
            context.report(
                {kUnmatched,
                 Level::Note,
                 "Minimum edit distance",
                 "The tokens of these two vocabularies have not been matched yet. That is done once, and can "
                 "take some minutes for large ones; a run does it by itself when it starts.",
                 "method.alignment",
                 {}});
        }
        return;
    }
    align::CoverageOptions how;
    how.alignment = context.experiment.method.alignment;
    how.edits = &*edits;
    how.data = context.experiment.data;
    how.lossOn = context.experiment.data.lossOn;
    how.mostUncovered = 0;
    how.cancelled = &context.cancelled;
    const align::CoverageReport report = align::measureCoverage(sampleOf(context), teacher, student, how);
    const align::CoverageStatistics& coverage = report.coverage;
    if (!context.cancelled && coverage.samples() > 0) {
        const align::SpellingMap& map = edits->map();
        std::vector<AlignedSample> worst = worstSamples(context, report, how);
        const std::string named = worstText(worst);
        context.report({"coverage",
                        Level::Good,
                        "Minimum edit distance",
                        percent(coverage.mean()) + " of the answer tokens are matched with one of the teacher's (" +
                            std::to_string(coverage.samples()) + " samples, the worst " + percent(coverage.min()) +
                            "); the others learn from the answer alone. " + std::to_string(map.exact) + " of " +
                            std::to_string(map.studentFromTeacher.size()) +
                            " teacher tokens are spelled like one of the student's." + named,
                        "method.alignment",
                        {},
                        std::move(worst)});
    }
}

// What a file holds and a job does not see, behind a finding's sentence. Then it is a note.
void addLeftOut(const dataset::RecordFile& file, Finding& finding)
{
    for (const std::string& sentence : file.leftOut()) {
        finding.level = Level::Note;
        finding.sentence += " " + sentence;
    }
}

std::string recordsText(std::int64_t count)
{
    return std::to_string(count) + (count == 1 ? " record" : " records");
}

// Only the records that the chat templates of both sides can write.
Result<void> keepRenderable(const Context& context, dataset::RecordFile& file)
{
    for (const auto* side : {context.studentTokenizer.get(), context.teacherTokenizer.get()}) {
        if (side != nullptr) {
            if (Result<void> fits = dataset::keepRenderable(file, *side); !fits) {
                return fits;
            }
        }
    }
    return {};
}

// The first text of the sample that a tokenizer refuses: it has a token without a row, or takes too long.
std::optional<Failure> refusedText(const Context& context)
{
    for (const dataset::Record& record : sampleOf(context)) {
        for (const auto* side : {context.studentTokenizer.get(), context.teacherTokenizer.get()}) {
            if (side == nullptr || context.cancelled) {
                continue;
            }
            try {
                (void)dataset::makeSample(record, *side, context.experiment.data);
            } catch (const Error& error) {
                const std::string place = context.train->path.string() + ", line " + std::to_string(record.line);
                return Failure{place + ": " + error.failure().what, error.failure().hint};
            }
        }
    }
    return std::nullopt;
}

} // namespace

Result<std::int64_t> trainingSamples(const config::DataConfig& data)
{
    const auto file = dataset::readRecords(data.train, data, data.limit);
    return file ? static_cast<std::int64_t>(file->records.size()) : Result<std::int64_t>(file.failure());
}

void checkData(Context& context)
{
    const config::DataConfig& data = context.experiment.data;
    if (data.train.empty()) {
        context.report({"data", Level::Problem, "Data", "Choose the file to train on (JSONL).", "data.train", {}});
        return;
    }
    auto file = dataset::readRecords(data.train, data, data.limit);
    if (!file) {
        context.report(fromFailure("data", "Data", "data.train", file.failure()));
        return;
    }
    if (const Result<void> fits = keepRenderable(context, *file); !fits) {
        context.report(fromFailure("data", "Data", "data.template", fits.failure()));
        return;
    }
    context.train = std::move(*file);
    if (const auto refused = refusedText(context)) {
        context.report(fromFailure("data", "Data", "data.train", *refused));
        context.train.reset();
        return;
    }
    const auto records = static_cast<std::int64_t>(context.train->records.size());
    Finding finding{"data", Level::Good, "Data", recordsText(records), "data.train", {}};
    if (context.studentTokenizer != nullptr && records > 0) {
        const auto sample = sampleOf(context);
        const auto lengths = dataset::measureLengths(sample, *context.studentTokenizer, data);
        context.rows = static_cast<std::int64_t>(std::llround(lengths.response.mean * static_cast<double>(records)));
        context.longest = std::min(data.maxLength, lengths.prompt.max + lengths.response.max);
        finding.sentence += "; of the first " + std::to_string(sample.size()) + " the prompt has " +
                            text::number(lengths.prompt.mean, 3) + " and the answer " +
                            text::number(lengths.response.mean, 3) + " tokens on average";
        if (lengths.responseTruncatedShare > 0 || lengths.promptTruncatedShare > 0) {
            finding.level = lengths.responseTruncatedShare > 0.05 ? Level::Note : finding.level;
            finding.sentence += "; cut by data.max_length: " + percent(lengths.responseTruncatedShare) +
                                " of the answers, by data.max_prompt_length: " + percent(lengths.promptTruncatedShare) +
                                " of the prompts";
        }
    }
    finding.sentence += ".";
    addLeftOut(*context.train, finding);
    context.report(std::move(finding));
    if (data.validation.empty()) {
        context.report({"validation",
                        Level::Note,
                        "Validation",
                        "No validation file: there will be no held-out loss to compare students by.",
                        "data.validation",
                        {}});
    } else if (auto held = dataset::readRecords(data.validation, data, data.validationLimit); !held) {
        context.report(fromFailure("validation", "Validation", "data.validation", held.failure()));
    } else if (const Result<void> fits = keepRenderable(context, *held); !fits) {
        context.report(fromFailure("validation", "Validation", "data.template", fits.failure()));
    } else {
        Finding validation{"validation",      Level::Good,
                           "Validation",      recordsText(static_cast<std::int64_t>(held->records.size())) + ".",
                           "data.validation", {}};
        addLeftOut(*held, validation);
        context.report(std::move(validation));
    }
}

void checkCoverage(Context& context)
{
    if (!context.train || context.teacherTokenizer == nullptr || context.sameVocabulary) {
        return;
    }
    const config::MethodConfig& method = context.experiment.method;
    if (config::matchesSpellings(method)) {
        checkMinimumEdits(context);
        return;
    }
    if (!config::distils(method) || config::rowOf(method.alignment).pairsByNumber()) {
        return; // nothing is paired by its text
    }
    const align::CoverageOptions how = align::exactPairsOnly(&context.cancelled);
    const align::CoverageReport report =
        align::measureCoverage(sampleOf(context), *context.teacherTokenizer, *context.studentTokenizer, how);
    const align::CoverageStatistics& coverage = report.coverage;
    if (!context.cancelled && coverage.samples() > 0) {
        std::vector<AlignedSample> worst = worstSamples(context, report, how);
        const std::string named = worstText(worst);
        context.report(
            {"coverage",
             Level::Good,
             "Exact alignment",
             percent(coverage.mean()) + " of the answer tokens stand for the same text on both sides (" +
                 std::to_string(coverage.samples()) + " samples, the worst " + percent(coverage.min()) + ")" +
                 (config::pairsRows(context.experiment.method) ? "; each of them speaks for those that have no partner."
                                                               : ".") +
                 named,
             "method.alignment",
             {},
             std::move(worst)});
    }
}

Result<void> matchVocabularies(const config::Experiment& experiment, const std::atomic<bool>& cancelled,
                               std::function<void(double)> progress)
{
    if (!config::matchesSpellings(experiment.method)) {
        return {};
    }
    auto teacher = loadTokenizer(experiment.teacher, experiment.data);
    if (!teacher || cancelled) {
        return teacher ? Result<void>() : teacher.failure();
    }
    auto student = loadTokenizer(experiment.student, experiment.data);
    if (!student || cancelled) {
        return student ? Result<void>() : student.failure();
    }
    align::MinimumEdits::Options options;
    options.search.cancelled = &cancelled;
    options.search.progress = std::move(progress);
    options.cacheFolder = align::spellingMapFolder();
    const align::SpellingRule rule = spellingRule(experiment.method);
    if (!align::MinimumEdits::find(**teacher, **student, rule, options)) {
        return {}; // cancelled
    }
    options.onlyKept = true;
    const bool kept = align::MinimumEdits::find(**teacher, **student, rule, options).has_value();
    return kept || cancelled
               ? Result<void>()
               : Failure{"The matched vocabularies could not be kept in " + options.cacheFolder.string() + ".",
                         "Make room there, or the run looks for them again when it starts."};
}

void checkSteps(Context& context)
{
    const config::TrainConfig& train = context.experiment.train;
    if (!context.train || train.batchSize <= 0 || train.accumulation <= 0) {
        return;
    }
    const std::int64_t perStep = train.batchSize * train.accumulation;
    const std::int64_t perEpoch = stepsPerEpoch(train, static_cast<std::int64_t>(context.train->records.size()));
    const std::int64_t steps = totalSteps(train, perEpoch);
    if (const auto fits = checkWarmup(context.experiment, steps); !fits) {
        context.report(fromFailure("steps", "Steps", "train.warmup_steps", fits.failure()));
        return;
    }
    context.report(
        {"steps",
         Level::Good,
         "Steps",
         std::to_string(steps) + " steps of " + std::to_string(perStep) + " samples, " +
             text::number(static_cast<double>(steps) / static_cast<double>(std::max<std::int64_t>(1, perEpoch)), 3) +
             " passes over the data.",
         train.steps > 0 ? "train.steps" : "train.epochs",
         {}});
    if (context.options.time) {
        context.report({"time", Level::Good, "Time", context.options.time(steps), "", {}});
    }
}

} // namespace dskd::preflight

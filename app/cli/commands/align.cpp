// `dskd align`: how much of the student's response tokens exact token alignment or MinED reaches, before any training.
// Reads the two tokenizers and a data file; no model weights.

#include "app/cli/command_line.h"
#include "app/cli/commands/commands.h"
#include "core/align/coverage.h"
#include "core/align/exact_alignment.h"
#include "core/align/minimum_edits.h"
#include "core/align/spelling_map_file.h"
#include "core/align/vocabulary.h"
#include "core/config/schema/experiment_json.h"
#include "core/dataset/conversation.h"
#include "core/dataset/record.h"
#include "core/dataset/sample.h"
#include "core/text/escape.h"
#include "core/text/numbers.h"

#include <algorithm>
#include <iomanip>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>

namespace dskd::cli
{
namespace
{

constexpr const char* kEtaBytes = "eta-bytes";
constexpr const char* kEtaPublished = "eta-published";
constexpr const char* kMinimumEdits = "mined"; // of samples cut at training's default lengths

struct AlignOptions : CommonOptions {
    std::string teacher; // folders that hold a tokenizer
    std::string student;
    std::string data;           // JSONL; the first answer of every record is aligned
    std::string promptTemplate; // data.template; a chat template is each side's own, and decides what ends an answer
    std::string method = kEtaBytes;
    std::int64_t limit = 0; // first N records; 0: all
};

struct Measured {
    align::VocabularyComparison vocabularies;
    align::CoverageStatistics coverage;
    std::int64_t teacherTokens = 0;
    std::size_t brokenLines = 0;
    std::optional<std::int64_t> spaceTokens;  // the student's that are spaces alone; only eta-bytes
    std::optional<align::MinimumEdits> edits; // only MinED
    config::DataConfig lengths;               // of a training that sets none; only MinED cuts
    // Samples that lost something on either side.
    std::int64_t cutPrompts = 0;
    std::int64_t cutAnswers = 0;
};

std::size_t numMatched(const Measured& measured)
{
    return measured.edits->matched().student.size();
}

nlohmann::json toJson(const Measured& measured, std::string_view method)
{
    const align::CoverageStatistics& coverage = measured.coverage;
    nlohmann::json json = {
        {"samples", coverage.samples()},
        {"student_tokens", coverage.studentTokens()},
        {"aligned", coverage.alignedTokens()},
        {"coverage", {{"mean", coverage.mean()}, {"min", coverage.min()}, {"max", coverage.max()}}},
        {"histogram", coverage.histogram()},
        {"method", method},
        {"teacher_tokens", measured.teacherTokens},
        {"skipped_lines", measured.brokenLines},
        {"vocabulary",
         {{"same", measured.vocabularies.same},
          {"teacher_size", measured.vocabularies.teacherSize},
          {"student_size", measured.vocabularies.studentSize},
          {"overlap", measured.vocabularies.overlap}}},
    };
    if (measured.spaceTokens) {
        json["space_tokens"] = *measured.spaceTokens;
    }
    if (measured.edits) {
        json["map"] = {{"exact", measured.edits->map().exact}, {"matched_student_tokens", numMatched(measured)}};
        json["cut"] = {{"answers", measured.cutAnswers},
                       {"prompts", measured.cutPrompts},
                       {"max_length", measured.lengths.maxLength},
                       {"max_prompt_length", measured.lengths.maxPromptLength}};
    }
    return json;
}

std::string percent(std::int64_t part, std::int64_t whole)
{
    std::ostringstream text;
    text << std::fixed << std::setprecision(1)
         << (whole == 0 ? 0.0 : 100.0 * static_cast<double>(part) / static_cast<double>(whole)) << " %";
    return text.str();
}

void printBars(const align::CoverageStatistics& coverage, Console& console)
{
    const auto& histogram = coverage.histogram();
    const std::int64_t highest = std::max<std::int64_t>(1, *std::max_element(histogram.begin(), histogram.end()));
    const std::int64_t room = std::clamp(console.width - 24, 10, 60);
    for (std::size_t bin = 0; bin < histogram.size(); ++bin) {
        const auto bins = static_cast<double>(histogram.size());
        std::ostringstream line;
        line << "  " << std::fixed << std::setprecision(2) << static_cast<double>(bin) / bins << "-"
             << static_cast<double>(bin + 1) / bins << "  ";
        // Rounded up, so that a bin with a single sample is visible.
        const std::int64_t length = (histogram[bin] * room + highest - 1) / highest;
        for (std::int64_t i = 0; i < length; ++i) {
            line << (console.utf8 ? "█" : "#");
        }
        line << (length > 0 ? " " : "") << histogram[bin] << "\n";
        console.out << line.str();
    }
}

std::string counted(std::int64_t number, std::string_view what)
{
    return std::to_string(number) + " " + std::string(what) + (number == 1 ? "" : "s");
}

// Nothing when every sample is whole.
std::string cutSentence(const Measured& measured)
{
    if (measured.cutAnswers + measured.cutPrompts == 0) {
        return {};
    }
    return "Cut as training cuts by default: " + counted(measured.cutAnswers, "answer") + " (data.max_length " +
           std::to_string(measured.lengths.maxLength) + "), " + counted(measured.cutPrompts, "prompt") +
           " (data.max_prompt_length " + std::to_string(measured.lengths.maxPromptLength) +
           "); what was cut off is not measured\n";
}

// Why two equal tokenizers do not reach 100 %; nothing where no token is spaces alone.
std::string spacesSentence(const Measured& measured)
{
    const std::int64_t number = measured.spaceTokens.value_or(0);
    if (number == 0) {
        return {};
    }
    return "Spaces do not count: " + counted(number, "student token") +
           (number == 1 ? " is spaces alone and has" : " are spaces alone and have") +
           " no partner, whatever the teacher's tokens are\n";
}

void print(const Measured& measured, std::string_view method, Console& console)
{
    const align::VocabularyComparison& words = measured.vocabularies;
    const align::CoverageStatistics& coverage = measured.coverage;
    console.out << "Vocabularies: teacher " << words.teacherSize << " tokens, student " << words.studentSize
                << " tokens, " << (words.same ? "the same" : "different") << "; " << words.overlap
                << " teacher tokens (" << percent(words.overlap, words.teacherSize) << ") have a partner\n";
    if (measured.edits) {
        console.out << "Map: " << measured.edits->map().exact
                    << " teacher tokens are spelled like one of the student's, the others go to the nearest; "
                    << numMatched(measured) << " student tokens are matched\n";
    }
    console.out << "Alignment (" << method << "): " << coverage.alignedTokens() << " of " << coverage.studentTokens()
                << " student tokens (" << percent(coverage.alignedTokens(), coverage.studentTokens()) << ") in "
                << counted(coverage.samples(), "sample") << ", " << measured.teacherTokens << " teacher tokens\n"
                << cutSentence(measured) << spacesSentence(measured) << "Coverage per sample: mean "
                << text::number(coverage.mean()) << ", min " << text::number(coverage.min()) << ", max "
                << text::number(coverage.max()) << "\n\n";
    printBars(coverage, console);
}

// The map of the pair, with a sentence when it has to be looked for.
std::optional<align::MinimumEdits> findEdits(const tokenizer::Tokenizer& teacher, const tokenizer::Tokenizer& student,
                                             Console& console)
{
    align::MinimumEdits::Options options;
    options.cacheFolder = align::spellingMapFolder();
    bool announced = false;
    options.search.progress = [&](double share) {
        if (!announced && share > 0.0) { // not for a short search
            console.err << "Looking for the nearest spellings, once for these vocabularies ...\n";
            announced = true;
        }
    };
    return align::MinimumEdits::find(teacher, student, align::SpellingRule::Text, options);
}

std::int64_t numSpaceTokens(const tokenizer::Tokenizer& tokenizer, const tokenizer::Encoding& encoding)
{
    return std::count_if(encoding.ids.begin(), encoding.ids.end(), [&](tokenizer::TokenId id) {
        const std::string bytes = tokenizer.bytes(id);
        return !bytes.empty() && bytes.find_first_not_of(' ') == std::string::npos;
    });
}

// As training sees the sample at its default lengths: a row is matched by the token that it reads.
void addMinimumEdits(const dataset::Record& record, const tokenizer::Tokenizer& teacher,
                     const tokenizer::Tokenizer& student, Measured& measured)
{
    const dataset::Sample ofTeacher = dataset::makeSample(record, teacher, measured.lengths);
    const dataset::Sample ofStudent = dataset::makeSample(record, student, measured.lengths);
    const auto pairs = measured.edits->align(ofTeacher.inputs(), ofStudent.inputs());
    measured.coverage.add(static_cast<std::int64_t>(pairs.size()), ofStudent.rows());
    measured.teacherTokens += ofTeacher.rows();
    measured.cutPrompts += ofTeacher.promptCut || ofStudent.promptCut ? 1 : 0;
    measured.cutAnswers += ofTeacher.responseCut || ofStudent.responseCut ? 1 : 0;
}
// Prints how much of the student's tokens is aligned, with --json as {"samples":...,"coverage":{...},...}. MinED looks
// at prompts as well and takes time that grows with the square of the length, so that its samples are cut as training
// cuts them by default; when some are, it says how many ("cut" of the JSON). ETA looks at whole answers.
ExitCode runAlign(const AlignOptions& options, Console& console)
{
    config::Experiment experiment;
    if (!options.promptTemplate.empty()) {
        orThrow(config::setField(experiment, "data.template", options.promptTemplate), FailureKind::Usage);
    }
    const auto teacher = orThrow(dataset::loadPromptTokenizer(options.teacher, experiment.data), FailureKind::BadModel);
    const auto student = orThrow(dataset::loadPromptTokenizer(options.student, experiment.data), FailureKind::BadModel);
    dataset::RecordFile data =
        orThrow(dataset::readRecords(options.data, experiment.data, options.limit), FailureKind::BadData);
    for (const auto* side : {&*teacher, &*student}) {
        orThrow(dataset::keepRenderable(data, *side), FailureKind::BadData);
    }
    for (const dataset::BrokenLine& line : data.broken) {
        console.err << text::terminalLine(data.path.string() + ", line " + std::to_string(line.line) +
                                          " is skipped: " + line.why)
                    << "\n";
    }
    for (const std::string& sentence : data.leftOut()) {
        console.err << text::terminalLine(data.path.string() + ": " + sentence) << "\n";
    }

    Measured measured;
    measured.vocabularies = align::compareVocabularies(*teacher, *student);
    measured.brokenLines = data.broken.size();
    if (options.method == kMinimumEdits) {
        measured.edits = findEdits(*teacher, *student, console);
    }
    const auto exact = options.method == kEtaPublished ? align::Method::EtaPublished : align::Method::EtaBytes;
    for (const dataset::Record& record : data.records) {
        if (measured.edits) {
            addMinimumEdits(record, *teacher, *student, measured);
            continue;
        }
        const align::AlignedText aligned = align::alignText(*teacher, *student, record.responses.front(), exact);
        measured.coverage.add(static_cast<std::int64_t>(aligned.pairs.size()),
                              static_cast<std::int64_t>(aligned.student.ids.size()));
        measured.teacherTokens += static_cast<std::int64_t>(aligned.teacher.ids.size());
        if (exact == align::Method::EtaBytes) {
            measured.spaceTokens = measured.spaceTokens.value_or(0) + numSpaceTokens(*student, aligned.student);
        }
    }
    if (options.json) {
        printJson(console.out, toJson(measured, options.method));
    } else {
        print(measured, options.method, console);
    }
    return ExitCode::Done;
}

} // namespace

void addAlign(CommandLine& line)
{
    line.add<AlignOptions>(
        "align", "Measure how much of a student's tokens an alignment reaches",
        "dskd align --teacher models/teacher --student models/student --data data/dev.jsonl",
        [](CLI::App& command, AlignOptions& o) {
            command.add_option("--teacher", o.teacher, "Folder with the teacher's tokenizer")->required();
            command.add_option("--student", o.student, "Folder with the student's tokenizer")->required();
            command.add_option("--data", o.data, "JSONL file whose answers are aligned")->required();
            command
                .add_option("--method", o.method,
                            "eta-bytes (default), eta-published as the reference code does it, or mined (fewest edits)")
                ->check(CLI::IsMember({kEtaBytes, kEtaPublished, kMinimumEdits}))
                ->option_text("NAME");
            command
                .add_option(
                    "--template", o.promptTemplate,
                    "data.template: a chat template defines what ends an answer, and which records it can write")
                ->type_name("NAME");
            command.add_option("--limit", o.limit, "Only the first N records")->check(CLI::NonNegativeNumber);
        },
        runAlign);
}

} // namespace dskd::cli

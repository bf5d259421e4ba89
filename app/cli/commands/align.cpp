// `dskd align`: how much of the student's answer tokens an alignment gives a partner, before any training. Reads the
// two tokenizers and a data file; no model weights.

#include "app/cli/command_line.h"
#include "app/cli/commands/commands.h"
#include "core/align/coverage_report.h"
#include "core/align/minimum_edits.h"
#include "core/align/spelling_map_file.h"
#include "core/align/vocabulary.h"
#include "core/config/schema/experiment_json.h"
#include "core/dataset/conversation.h"
#include "core/dataset/record.h"
#include "core/text/escape.h"
#include "core/text/numbers.h"
#include "core/text/table.h"

#include <algorithm>
#include <iomanip>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>

namespace dskd::cli
{
namespace
{

constexpr const char* kEtaBytes = "eta-bytes"; // what this command has always called the alignment eta
constexpr std::size_t kMostUnaligned = 20;     // rows of the table; JSON has all that the report has

struct AlignOptions : CommonOptions {
    std::string teacher; // folders that hold a tokenizer
    std::string student;
    std::string data;           // JSONL; the first answer of every record is aligned
    std::string promptTemplate; // data.template; a chat template is each side's own, and decides what ends an answer
    std::string method = kEtaBytes;
    std::int64_t limit = 0; // first N records; 0: all
    std::int64_t worst = 0; // print so many samples, the worst first
    bool unaligned = false; // print the tokens without a partner
};

std::string nameOf(const config::AlignmentRow& row)
{
    return row.value == config::Alignment::Eta ? kEtaBytes : std::string(row.name);
}

// Every alignment that gives tokens of two tokenizations partners.
std::vector<std::string> methodNames()
{
    std::vector<std::string> names;
    for (const config::AlignmentRow& row : config::kAlignments) {
        if (row.attends || row.pairsRows || row.matchesSpellings) {
            names.push_back(nameOf(row));
        }
    }
    return names;
}

const config::AlignmentRow& alignmentNamed(const std::string& name)
{
    return *std::find_if(std::begin(config::kAlignments), std::end(config::kAlignments),
                         [&](const config::AlignmentRow& row) { return nameOf(row) == name; });
}

struct Measured {
    config::AlignmentRow alignment = config::rowOf(config::Alignment::Eta);
    align::VocabularyComparison vocabularies;
    align::CoverageReport report;
    std::size_t brokenLines = 0;
    std::optional<align::MinimumEdits> edits; // only MinED
    config::DataConfig lengths;               // of a training that sets none; only MinED cuts
};

std::size_t numMatched(const Measured& measured)
{
    return measured.edits->matched().student.size();
}

nlohmann::json toJson(const align::SampleCoverage& sample)
{
    return {{"sample", sample.sample},
            {"line", sample.line},
            {"coverage", sample.share()},
            {"student_tokens", sample.studentTokens},
            {"aligned", sample.covered},
            {"exact", sample.exact},
            {"in_chunks", sample.inChunk},
            {"unaligned", sample.unaligned}};
}

nlohmann::json toJson(const Measured& measured, const AlignOptions& options)
{
    const align::CoverageReport& report = measured.report;
    const align::CoverageStatistics& coverage = report.coverage;
    nlohmann::json json = {
        {"samples", coverage.samples()},
        {"student_tokens", coverage.studentTokens()},
        {"aligned", coverage.alignedTokens()},
        {"coverage", {{"mean", coverage.mean()}, {"min", coverage.min()}, {"max", coverage.max()}}},
        {"histogram", coverage.histogram()},
        {"method", options.method},
        {"marks", {{"exact", report.exact()}, {"in_chunks", report.inChunk()}}},
        {"teacher_tokens", report.teacherTokens},
        {"skipped_lines", measured.brokenLines},
        {"vocabulary",
         {{"same", measured.vocabularies.same},
          {"teacher_size", measured.vocabularies.teacherSize},
          {"student_size", measured.vocabularies.studentSize},
          {"overlap", measured.vocabularies.overlap}}},
    };
    if (measured.alignment.value == config::Alignment::Eta) {
        json["space_tokens"] = report.spaceTokens;
    }
    if (report.other) {
        json["other_rule"] = {{"method", nameOf(config::rowOf(report.other->alignment))},
                              {"aligned", report.other->coverage.alignedTokens()},
                              {"coverage", report.other->coverage.mean()}};
    }
    if (measured.edits) {
        json["map"] = {{"exact", measured.edits->map().exact}, {"matched_student_tokens", numMatched(measured)}};
        json["cut"] = {{"answers", report.cutAnswers},
                       {"prompts", report.cutPrompts},
                       {"max_length", measured.lengths.maxLength},
                       {"max_prompt_length", measured.lengths.maxPromptLength}};
    }
    const auto most = std::min(report.samples.size(), static_cast<std::size_t>(options.worst));
    for (std::size_t i = 0; i < most; ++i) {
        json["worst"].push_back(toJson(report.samples[i]));
    }
    if (options.unaligned) {
        json["unaligned"] = nlohmann::json::array();
        for (const align::UncoveredToken& token : report.uncovered) {
            json["unaligned"].push_back({{"token", token.text},
                                         {"id", token.id},
                                         {"class", align::rowOf(token.tokenClass).name},
                                         {"count", token.count}});
        }
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

// Nothing where whole answers are looked at, and when every sample is whole.
std::string cutSentence(const Measured& measured)
{
    if (!measured.edits || measured.report.cutAnswers + measured.report.cutPrompts == 0) {
        return {};
    }
    return "Cut as training cuts by default: " + counted(measured.report.cutAnswers, "answer") +
           " (data.max_length " + std::to_string(measured.lengths.maxLength) + "), " +
           counted(measured.report.cutPrompts, "prompt") + " (data.max_prompt_length " +
           std::to_string(measured.lengths.maxPromptLength) + "); what was cut off is not measured\n";
}

// Why two equal tokenizers do not reach 100 %; nothing where no token is spaces alone.
std::string spacesSentence(const Measured& measured)
{
    const std::int64_t number = measured.alignment.value == config::Alignment::Eta ? measured.report.spaceTokens : 0;
    if (number == 0) {
        return {};
    }
    return "Spaces do not count: " + counted(number, "student token") +
           (number == 1 ? " is spaces alone and has" : " are spaces alone and have") +
           " no partner, whatever the teacher's tokens are\n";
}

// What the text says of the tokens, and how another rule of the same alignment counts.
std::string marksSentences(const Measured& measured)
{
    const align::CoverageReport& report = measured.report;
    const std::int64_t tokens = report.coverage.studentTokens();
    std::string sentences = "Of the student's tokens " + percent(report.exact(), tokens) + " have an exact partner, " +
                            percent(report.inChunk(), tokens) + " share a chunk of text with the teacher's\n";
    if (measured.alignment.attends && !measured.alignment.withinChunks) {
        sentences += "Attention weighs all of the teacher's tokens; those with an exact partner count as aligned\n";
    }
    if (report.other && report.other->coverage.alignedTokens() != report.coverage.alignedTokens()) {
        sentences += nameOf(config::rowOf(report.other->alignment)) + " aligns " +
                     std::to_string(report.other->coverage.alignedTokens()) + " (" +
                     percent(report.other->coverage.alignedTokens(), tokens) + ")\n";
    }
    return sentences;
}

void printWorst(const align::CoverageReport& report, std::int64_t most, Console& console)
{
    text::Table table;
    table.columns = {{"line", text::Align::Right},
                     {"coverage", text::Align::Right},
                     {"aligned", text::Align::Right},
                     {"tokens", text::Align::Right},
                     {"exact", text::Align::Right},
                     {"in chunks", text::Align::Right},
                     {"unaligned", text::Align::Right}};
    for (const align::SampleCoverage& sample : report.samples) {
        if (static_cast<std::int64_t>(table.rows.size()) == most) {
            break;
        }
        table.add({std::to_string(sample.line), percent(sample.covered, sample.studentTokens),
                   std::to_string(sample.covered), std::to_string(sample.studentTokens), std::to_string(sample.exact),
                   std::to_string(sample.inChunk), std::to_string(sample.unaligned)});
    }
    console.out << "\nThe worst samples:\n" << text::toTerminal(table, tableStyle(console));
}

void printUnaligned(const align::CoverageReport& report, Console& console)
{
    text::Table table;
    table.columns = {{"count", text::Align::Right}, {"class"}, {"token", text::Align::Left, true}};
    for (const align::UncoveredToken& token : report.uncovered) {
        if (table.rows.size() == kMostUnaligned) {
            break;
        }
        table.add({std::to_string(token.count), std::string(align::rowOf(token.tokenClass).title),
                   text::terminalLine(nlohmann::json(token.text).dump(
                       -1, ' ', false, nlohmann::json::error_handler_t::replace))});
    }
    console.out << "\nStudent tokens without a partner, the most frequent first:\n"
                << text::toTerminal(table, tableStyle(console));
}

void print(const Measured& measured, const AlignOptions& options, Console& console)
{
    const align::VocabularyComparison& words = measured.vocabularies;
    const align::CoverageStatistics& coverage = measured.report.coverage;
    console.out << "Vocabularies: teacher " << words.teacherSize << " tokens, student " << words.studentSize
                << " tokens, " << (words.same ? "the same" : "different") << "; " << words.overlap
                << " teacher tokens (" << percent(words.overlap, words.teacherSize) << ") have a partner\n";
    if (measured.edits) {
        console.out << "Map: " << measured.edits->map().exact
                    << " teacher tokens are spelled like one of the student's, the others go to the nearest; "
                    << numMatched(measured) << " student tokens are matched\n";
    }
    console.out << "Alignment (" << options.method << "): " << coverage.alignedTokens() << " of "
                << coverage.studentTokens() << " student tokens ("
                << percent(coverage.alignedTokens(), coverage.studentTokens()) << ") in "
                << counted(coverage.samples(), "sample") << ", " << measured.report.teacherTokens
                << " teacher tokens\n"
                << cutSentence(measured) << spacesSentence(measured) << marksSentences(measured)
                << "Coverage per sample: mean " << text::number(coverage.mean()) << ", min "
                << text::number(coverage.min()) << ", max " << text::number(coverage.max()) << "\n\n";
    printBars(coverage, console);
    if (options.worst > 0) {
        printWorst(measured.report, options.worst, console);
    }
    if (options.unaligned) {
        printUnaligned(measured.report, console);
    }
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

// Prints how much of the student's tokens is aligned, with --json as {"samples":...,"coverage":{...},...}. MinED looks
// at prompts as well and takes time that grows with the square of the length, so that its samples are cut as training
// cuts them by default; when some are, it says how many ("cut" of the JSON). Others look at whole answers.
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
    measured.alignment = alignmentNamed(options.method);
    measured.vocabularies = align::compareVocabularies(*teacher, *student);
    measured.brokenLines = data.broken.size();
    if (measured.alignment.matchesSpellings) {
        measured.edits = findEdits(*teacher, *student, console);
    }
    align::CoverageOptions how;
    how.alignment = measured.alignment.value;
    how.edits = measured.edits ? &*measured.edits : nullptr;
    how.data = experiment.data;
    how.wholeAnswers = !measured.edits;
    measured.report = align::measureCoverage(data.records, *teacher, *student, how);
    measured.lengths = experiment.data;
    if (options.json) {
        printJson(console.out, toJson(measured, options));
    } else {
        print(measured, options, console);
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
            const std::vector<std::string> names = methodNames();
            command
                .add_option("--method", o.method,
                            "eta-bytes (default), eta-published as the reference code does it, mined (fewest edits), "
                            "or another alignment: " +
                                CLI::detail::join(names, ", "))
                ->check(CLI::IsMember(names))
                ->option_text("NAME");
            command
                .add_option(
                    "--template", o.promptTemplate,
                    "data.template: a chat template defines what ends an answer, and which records it can write")
                ->type_name("NAME");
            command.add_option("--limit", o.limit, "Only the first N records")->check(CLI::NonNegativeNumber);
            command.add_option("--worst", o.worst, "List the N samples that are aligned worst")
                ->check(CLI::NonNegativeNumber);
            command.add_flag("--unaligned", o.unaligned, "List the tokens without a partner, by frequency and class");
        },
        runAlign);
}

} // namespace dskd::cli

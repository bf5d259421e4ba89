#include "app/cli/commands/align_report.h"

#include "core/text/escape.h"
#include "core/text/numbers.h"
#include "core/text/table.h"

#include <algorithm>
#include <iomanip>
#include <sstream>
#include <utility>

namespace dskd::cli
{
namespace
{

constexpr std::size_t kMostUnaligned = 20; // rows of the table; JSON has all that the report has

std::size_t numMatched(const MeasuredAlignment& measured)
{
    return measured.edits->matched().student.size();
}

nlohmann::json toJson(const align::SampleCoverage& sample)
{
    return {{"sample", sample.sample},     {"line", sample.line},
            {"coverage", sample.share()},  {"student_tokens", sample.studentTokens},
            {"aligned", sample.covered},   {"exact", sample.exact},
            {"in_chunks", sample.inChunk}, {"unaligned", sample.unaligned}};
}

// "whole" is null where the map does not record the length of its sample.
nlohmann::json toJson(const align::MapSide& side)
{
    return {{"recorded", side.recorded},
            {"whole", side.whole ? nlohmann::json(*side.whole) : nlohmann::json()},
            {"cut", side.isCut()}};
}

std::string percent(std::int64_t part, std::int64_t whole)
{
    return text::percent(align::shareOf(part, whole));
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
std::string cutSentence(const MeasuredAlignment& measured)
{
    if (!measured.cut || measured.report.cutAnswers + measured.report.cutPrompts == 0) {
        return {};
    }
    return std::string(measured.run ? "Cut as the run cuts: " : "Cut as training cuts by default: ") +
           counted(measured.report.cutAnswers, "answer") + " (data.max_length " +
           std::to_string(measured.lengths.maxLength) + "), " + counted(measured.report.cutPrompts, "prompt") +
           " (data.max_prompt_length " + std::to_string(measured.lengths.maxPromptLength) +
           "); what was cut off is not measured\n";
}

// Nothing with another alignment than ETA on bytes, and where no token is spaces alone.
std::string spacesSentence(const MeasuredAlignment& measured)
{
    const bool onBytes = measured.alignment.value == config::Alignment::Eta;
    const std::string sentence = align::spacesSentence(onBytes ? measured.report.spaceTokens : 0);
    return sentence.empty() ? sentence : sentence + "\n";
}

// The tokens that cover the same text, and how another rule of the same alignment counts.
std::string marksSentences(const MeasuredAlignment& measured)
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
    table.columns = {{"line", text::Align::Right},     {"coverage", text::Align::Right},
                     {"aligned", text::Align::Right},  {"tokens", text::Align::Right},
                     {"exact", text::Align::Right},    {"in chunks", text::Align::Right},
                     {"unaligned", text::Align::Right}};
    for (const align::SampleCoverage& sample : report.samples) {
        if (static_cast<std::int64_t>(table.rows.size()) == most) {
            break;
        }
        table.add({std::to_string(sample.line), text::percent(sample.share()), std::to_string(sample.covered),
                   std::to_string(sample.studentTokens), std::to_string(sample.exact), std::to_string(sample.inChunk),
                   std::to_string(sample.unaligned)});
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
                   text::terminalLine(
                       nlohmann::json(token.text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace))});
    }
    console.out << "\nStudent tokens without a partner, the most frequent first:\n"
                << text::toTerminal(table, tableStyle(console));
}

void printMaps(const std::vector<MapInChunks>& maps, Console& console)
{
    const auto cutOf = [](const MapInChunks& map) { return align::mapCutText(map.name, map.rows, map.columns); };
    const bool anyCut = std::any_of(maps.begin(), maps.end(), [&](const auto& map) { return !cutOf(map).empty(); });
    text::Table table;
    table.columns = {{"map"},
                     {"sample", text::Align::Right},
                     {"step", text::Align::Right},
                     {"inside its chunk", text::Align::Right}};
    if (anyCut) {
        table.columns.push_back({"recorded"});
    }
    for (const MapInChunks& map : maps) {
        std::vector<std::string> cells{map.name, std::to_string(map.sample + 1), std::to_string(map.step),
                                       map.inside ? text::number(*map.inside) : "-"};
        if (anyCut) {
            const std::string cut = cutOf(map);
            cells.push_back(cut.empty() ? "whole" : cut);
        }
        table.add(std::move(cells));
    }
    console.out << "\nAttention inside the true chunk, of the recorded maps:\n"
                << text::toTerminal(table, tableStyle(console));
}

} // namespace

std::string nameOf(const config::AlignmentRow& row)
{
    constexpr const char* kEtaBytes = "eta-bytes"; // what this command has always called the alignment eta
    return row.value == config::Alignment::Eta ? kEtaBytes : std::string(row.name);
}

nlohmann::json toJson(const MeasuredAlignment& measured, const ListedRows& listed)
{
    const align::CoverageReport& report = measured.report;
    const align::CoverageStatistics& coverage = report.coverage;
    nlohmann::json json = {
        {"samples", coverage.samples()},
        {"student_tokens", coverage.studentTokens()},
        {"aligned", coverage.alignedTokens()},
        {"coverage", {{"mean", coverage.mean()}, {"min", coverage.min()}, {"max", coverage.max()}}},
        {"histogram", coverage.histogram()},
        {"method", measured.method},
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
    }
    if (measured.cut) {
        json["cut"] = {{"answers", report.cutAnswers},
                       {"prompts", report.cutPrompts},
                       {"max_length", measured.lengths.maxLength},
                       {"max_prompt_length", measured.lengths.maxPromptLength}};
    }
    const auto most = std::min(report.samples.size(), static_cast<std::size_t>(listed.worst));
    for (std::size_t i = 0; i < most; ++i) {
        json["worst"].push_back(toJson(report.samples[i]));
    }
    if (listed.unaligned) {
        json["unaligned"] = nlohmann::json::array();
        for (const align::UncoveredToken& token : report.uncovered) {
            json["unaligned"].push_back({{"token", token.text},
                                         {"id", token.id},
                                         {"class", align::rowOf(token.tokenClass).name},
                                         {"count", token.count}});
        }
    }
    if (measured.run) {
        json["run"] = *measured.run;
        json["maps"] = nlohmann::json::array();
        for (const MapInChunks& map : measured.maps) {
            json["maps"].push_back({{"name", map.name},
                                    {"sample", map.sample},
                                    {"step", map.step},
                                    {"inside_chunks", map.inside ? nlohmann::json(*map.inside) : nlohmann::json()},
                                    {"rows", toJson(map.rows)},
                                    {"columns", toJson(map.columns)}});
        }
    }
    return json;
}

void print(const MeasuredAlignment& measured, const ListedRows& listed, Console& console)
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
    console.out << "Alignment (" << measured.method << "): " << coverage.alignedTokens() << " of "
                << coverage.studentTokens() << " student tokens ("
                << percent(coverage.alignedTokens(), coverage.studentTokens()) << ") in "
                << counted(coverage.samples(), "sample") << ", " << measured.report.teacherTokens << " teacher tokens\n"
                << cutSentence(measured) << spacesSentence(measured) << marksSentences(measured)
                << "Coverage per sample: mean " << text::number(coverage.mean()) << ", min "
                << text::number(coverage.min()) << ", max " << text::number(coverage.max()) << "\n\n";
    printBars(coverage, console);
    if (listed.worst > 0) {
        printWorst(measured.report, listed.worst, console);
    }
    if (listed.unaligned) {
        printUnaligned(measured.report, console);
    }
    if (!measured.maps.empty()) {
        printMaps(measured.maps, console);
    }
}

} // namespace dskd::cli

#include "app/cli/align_command.h"

#include "core/align/coverage.h"
#include "core/align/vocabulary.h"
#include "core/config/experiment_json.h"
#include "core/dataset/conversation.h"
#include "core/dataset/record.h"
#include "core/text/numbers.h"

#include <algorithm>
#include <iomanip>
#include <nlohmann/json.hpp>
#include <sstream>

namespace dskd::cli
{
namespace
{

struct Measured {
    align::VocabularyComparison vocabularies;
    align::CoverageStatistics coverage;
    std::int64_t teacherTokens = 0;
    std::size_t brokenLines = 0;
};

nlohmann::json toJson(const Measured& measured, align::Method method)
{
    const align::CoverageStatistics& coverage = measured.coverage;
    return {
        {"samples", coverage.samples()},
        {"student_tokens", coverage.studentTokens()},
        {"aligned", coverage.alignedTokens()},
        {"coverage", {{"mean", coverage.mean()}, {"min", coverage.min()}, {"max", coverage.max()}}},
        {"histogram", coverage.histogram()},
        {"method", methodName(method)},
        {"teacher_tokens", measured.teacherTokens},
        {"skipped_lines", measured.brokenLines},
        {"vocabulary",
         {{"same", measured.vocabularies.same},
          {"teacher_size", measured.vocabularies.teacherSize},
          {"student_size", measured.vocabularies.studentSize},
          {"overlap", measured.vocabularies.overlap}}},
    };
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

void print(const Measured& measured, align::Method method, Console& console)
{
    const align::VocabularyComparison& words = measured.vocabularies;
    const align::CoverageStatistics& coverage = measured.coverage;
    console.out << "Vocabularies: teacher " << words.teacherSize << " tokens, student " << words.studentSize
                << " tokens, " << (words.same ? "the same" : "different") << "; " << words.overlap
                << " teacher tokens (" << percent(words.overlap, words.teacherSize) << ") have a partner\n"
                << "Alignment (" << methodName(method) << "): " << coverage.alignedTokens() << " of "
                << coverage.studentTokens() << " student tokens ("
                << percent(coverage.alignedTokens(), coverage.studentTokens()) << ") in " << coverage.samples()
                << (coverage.samples() == 1 ? " sample" : " samples") << ", " << measured.teacherTokens
                << " teacher tokens\n"
                << "Coverage per sample: mean " << text::number(coverage.mean()) << ", min "
                << text::number(coverage.min()) << ", max " << text::number(coverage.max()) << "\n\n";
    printBars(coverage, console);
}
} // namespace

std::string_view methodName(align::Method method)
{
    return method == align::Method::EtaPublished ? "eta-published" : "eta-bytes";
}

int runAlign(const AlignOptions& options, Console& console)
{
    config::Experiment experiment;
    if (!options.promptTemplate.empty()) {
        if (const auto known = config::setField(experiment, "data.template", options.promptTemplate); !known) {
            return explain(console, known.failure(), ExitCode::Usage, options.json);
        }
    }
    const auto teacher = dataset::loadPromptTokenizer(options.teacher, experiment.data);
    if (!teacher) {
        return explain(console, teacher.failure(), ExitCode::BadModel, options.json);
    }
    const auto student = dataset::loadPromptTokenizer(options.student, experiment.data);
    if (!student) {
        return explain(console, student.failure(), ExitCode::BadModel, options.json);
    }
    Result<dataset::RecordFile> data = dataset::readRecords(options.data, experiment.data, options.limit);
    if (!data) {
        return explain(console, data.failure(), ExitCode::BadData, options.json);
    }
    for (const auto* side : {&*teacher, &*student}) {
        if (const auto fits = dataset::keepRenderable(*data, **side); !fits) {
            return explain(console, fits.failure(), ExitCode::BadData, options.json);
        }
    }
    for (const dataset::BrokenLine& line : data->broken) {
        console.err << data->path.string() << ", line " << line.line << " is skipped: " << line.why << "\n";
    }

    Measured measured;
    measured.vocabularies = align::compareVocabularies(**teacher, **student);
    measured.brokenLines = data->broken.size();
    for (const dataset::Record& record : data->records) {
        const align::AlignedText aligned =
            align::alignText(**teacher, **student, record.responses.front(), options.method);
        measured.coverage.add(static_cast<std::int64_t>(aligned.pairs.size()),
                              static_cast<std::int64_t>(aligned.student.ids.size()));
        measured.teacherTokens += static_cast<std::int64_t>(aligned.teacher.ids.size());
    }
    if (options.json) {
        printJson(console.out, toJson(measured, options.method));
    } else {
        print(measured, options.method, console);
    }
    return toInt(ExitCode::Done);
}

} // namespace dskd::cli

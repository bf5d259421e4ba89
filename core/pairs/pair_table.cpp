#include "core/pairs/pair_table.h"

#include "core/text/escape.h"
#include "core/text/numbers.h"

namespace dskd::pairs
{
namespace
{

// Without the unit, which the column's title has.
std::string inPercent(double share)
{
    return text::fixed(100.0 * share, 1);
}

} // namespace

text::Table toTextTable(const std::vector<PairCell>& cells)
{
    using text::Align;
    text::Table table;
    table.heads = {{{"", 2}, {"tokens", 4}, {"ETA coverage (%)", 2}, {"", 1}}};
    table.columns = {{"teacher", Align::Left, true}, {"student", Align::Left, true}, {"teacher", Align::Right},
                     {"student", Align::Right},      {"common", Align::Right},       {"overlap (%)", Align::Right},
                     {"mean", Align::Right},         {"min", Align::Right},          {"samples", Align::Right}};
    for (const PairCell& cell : cells) {
        if (!cell.analysis) {
            table.add({cell.teacher.name, cell.student.name, "-", "-", "-", "-", "-", "-", "-"});
            continue;
        }
        const PairAnalysis& found = *cell.analysis;
        table.add({cell.teacher.name, cell.student.name, std::to_string(found.teacherVocabulary),
                   std::to_string(found.studentVocabulary), std::to_string(found.overlap),
                   inPercent(found.overlapShare()), found.samples > 0 ? inPercent(found.mean) : "-",
                   found.samples > 0 ? inPercent(found.min) : "-", std::to_string(found.samples)});
    }
    return table;
}

std::string toCsv(const std::vector<PairCell>& cells)
{
    std::vector<std::string> line{
        "teacher",         "student",  "teacher_path",   "student_path",  "teacher_vocabulary", "student_vocabulary",
        "same_vocabulary", "overlap",  "overlap_share",  "coverage_mean", "coverage_min",       "coverage_max",
        "samples",         "left_out", "aligned_tokens", "student_tokens"};
    for (std::size_t bin = 0; bin < align::kCoverageBins; ++bin) {
        line.push_back("bin_" + std::to_string(bin));
    }
    line.emplace_back("problem");
    const std::size_t columns = line.size();
    std::string csv = text::csvLine(line);
    for (const PairCell& cell : cells) {
        line = {cell.teacher.name, cell.student.name, cell.teacher.path, cell.student.path};
        if (const auto& found = cell.analysis) {
            line.insert(line.end(),
                        {std::to_string(found->teacherVocabulary), std::to_string(found->studentVocabulary),
                         std::string(found->sameVocabulary ? "true" : "false"), std::to_string(found->overlap),
                         text::exact(found->overlapShare()), text::exact(found->mean), text::exact(found->min),
                         text::exact(found->max), std::to_string(found->samples), std::to_string(found->leftOut),
                         std::to_string(found->alignedTokens), std::to_string(found->studentTokens)});
            for (const std::int64_t samples : found->histogram) {
                line.push_back(std::to_string(samples));
            }
        }
        line.resize(columns - 1); // nothing where there is no analysis
        line.push_back(cell.problem);
        csv += text::csvLine(line);
    }
    return csv;
}

} // namespace dskd::pairs

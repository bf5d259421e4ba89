#include "core/preflight/run_coverage.h"

#include "core/align/spelling_map_file.h"
#include "core/dataset/conversation.h"
#include "core/preflight/rules.h"

#include <algorithm>
#include <utility>

namespace dskd::preflight
{
namespace
{

std::int64_t smaller(std::int64_t limit, std::int64_t most) // 0: all
{
    return limit == 0 ? most : most == 0 ? limit : std::min(limit, most);
}

std::vector<std::string> labelsOf(const tokenizer::Tokenizer& tokenizer, const std::vector<align::MarkedToken>& tokens)
{
    std::vector<std::string> labels;
    labels.reserve(tokens.size());
    for (const align::MarkedToken& token : tokens) {
        labels.push_back(align::tokenLabel(tokenizer, token.id));
    }
    return labels;
}

// Of the tokens that the rows of a map predict.
std::vector<std::string> labelsOfRows(const tokenizer::Tokenizer& tokenizer, const dataset::Sample& sample,
                                      std::int64_t firstRow)
{
    std::vector<std::string> labels;
    for (auto i = static_cast<std::size_t>(firstRow) + 1; i < sample.ids.size(); ++i) {
        labels.push_back(align::tokenLabel(tokenizer, sample.ids[i]));
    }
    return labels;
}

bool beginsWith(const std::vector<std::string>& all, std::span<const std::string> part)
{
    return part.size() <= all.size() && std::equal(part.begin(), part.end(), all.begin());
}

} // namespace

Result<std::shared_ptr<const RunCoverage>> RunCoverage::measure(const config::Experiment& experiment,
                                                                const CoverageRequest& request,
                                                                const std::atomic<bool>& cancelled)
{
    std::shared_ptr<RunCoverage> found(new RunCoverage);
    found->m_experiment = experiment;
    const config::Experiment& run = found->m_experiment;
    if (run.teacher.model.empty()) {
        return Failure{"There is no teacher, so there is nothing to align.", {}};
    }
    auto teacher = loadTokenizer(run.teacher, run.data);
    if (!teacher) {
        return teacher.failure();
    }
    found->m_teacher = std::move(*teacher);
    auto student = loadTokenizer(run.student, run.data);
    if (!student) {
        return student.failure();
    }
    found->m_student = std::move(*student);

    const bool validates = request.data == CoverageData::Validation && !run.data.validation.empty();
    found->m_data = validates ? CoverageData::Validation : CoverageData::Training;
    found->m_file = validates ? run.data.validation : run.data.train;
    auto records = dataset::readRecords(
        found->m_file, run.data, smaller(validates ? run.data.validationLimit : run.data.limit, request.samples));
    if (!records) {
        return records.failure();
    }
    for (const auto& side : {found->m_student, found->m_teacher}) { // the order of training
        if (Result<void> fits = dataset::keepRenderable(*records, *side); !fits) {
            return fits.failure();
        }
    }
    found->m_records = std::move(records->records);
    found->m_brokenLines = records->broken.size();
    if (!validates && run.data.answers == config::AnswerSource::Teacher) {
        found->m_remark = "The run trains on the teacher's answers; these are the data's.";
    }
    if (config::rowOf(run.method.alignment).matchesSpellings) {
        align::MinimumEdits::Options options;
        options.cacheFolder = align::spellingMapFolder();
        options.search.cancelled = &cancelled;
        found->m_edits =
            align::MinimumEdits::find(*found->m_teacher, *found->m_student, spellingRule(run.method), options);
        if (!found->m_edits) {
            return Failure{"Cancelled.", {}};
        }
    }
    found->m_options.alignment = run.method.alignment;
    found->m_options.edits = found->m_edits ? &*found->m_edits : nullptr;
    found->m_options.data = run.data;
    found->m_options.lossOn = run.data.lossOn;
    found->m_options.cancelled = &cancelled;
    found->m_report = align::measureCoverage(found->m_records, *found->m_teacher, *found->m_student, found->m_options);
    found->m_options.cancelled = nullptr; // it may not live as long
    return std::shared_ptr<const RunCoverage>(std::move(found));
}

bool RunCoverage::holdsProbes() const
{
    return m_data == CoverageData::Validation || m_experiment.data.validation.empty();
}

std::optional<SampleRows> RunCoverage::rows(std::int64_t sample) const
{
    const auto at = std::find_if(m_report.samples.begin(), m_report.samples.end(),
                                 [&](const align::SampleCoverage& one) { return one.sample == sample; });
    if (at == m_report.samples.end()) {
        return std::nullopt;
    }
    const dataset::Record& record = m_records[static_cast<std::size_t>(at->record)];
    align::AlignedRecord aligned = align::alignRecord(record, *m_teacher, *m_student, m_options);
    SampleRows rows;
    rows.text = record.responses.front();
    rows.teacherLabels = labelsOf(*m_teacher, aligned.marked.teacher);
    rows.studentLabels = labelsOf(*m_student, aligned.marked.student);
    if (!config::rowOf(m_options.alignment).matchesSpellings) {
        const auto firstRow = [&](const dataset::Sample& side) {
            return m_options.lossOn == config::LossOn::All ? 0 : side.firstRow();
        };
        rows.chunks =
            align::rowChunks(aligned.teacher, aligned.student, aligned.marked, m_options.alignment, m_options.lossOn);
        rows.teacherRowLabels = labelsOfRows(*m_teacher, aligned.teacher, firstRow(aligned.teacher));
        rows.studentRowLabels = labelsOfRows(*m_student, aligned.student, firstRow(aligned.student));
        rows.firstTeacher = static_cast<int>(firstRow(aligned.teacher) + 1 - aligned.teacher.promptLength);
        rows.firstStudent = static_cast<int>(firstRow(aligned.student) + 1 - aligned.student.promptLength);
    }
    rows.marked = std::move(aligned.marked);
    return rows;
}

std::optional<MapChunks> chunksOf(const RecordedMap& map, const SampleRows& sample)
{
    const bool teacherRows = align::rowsAreTeacher(map.name);
    const auto& rowLabels = teacherRows ? sample.teacherRowLabels : sample.studentRowLabels;
    const auto& columnLabels = teacherRows ? sample.studentRowLabels : sample.teacherRowLabels;
    if (!beginsWith(rowLabels, map.rowTokens) || !beginsWith(columnLabels, map.columnTokens)) {
        return std::nullopt;
    }
    MapChunks chunks{teacherRows ? sample.chunks.teacher : sample.chunks.student,
                     teacherRows ? sample.chunks.student : sample.chunks.teacher};
    chunks.rows.resize(map.rowTokens.size(), align::kNoChunk);
    chunks.columns.resize(map.columnTokens.size(), align::kNoChunk);
    return chunks;
}

} // namespace dskd::preflight

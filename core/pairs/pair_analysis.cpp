#include "core/pairs/pair_analysis.h"

#include "core/align/coverage_report.h"
#include "core/align/vocabulary.h"
#include "core/base/hash.h"
#include "core/config/schema/choices.h"
#include "core/dataset/conversation.h"
#include "core/dataset/record.h"
#include "core/pairs/known_inputs.h"
#include "core/preflight/rules.h"
#include "core/text/columns.h"
#include "core/tokenizer/tokenizer.h"

#include <algorithm>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <span>
#include <utility>

namespace dskd::pairs
{
namespace
{

constexpr const char* kVersion = "pair analysis 2"; // another one where the same inputs give other numbers
constexpr int kAnswerColumns = 160;                 // of the worst samples' answers

bool isCancelled(const std::atomic<bool>* cancelled)
{
    return cancelled != nullptr && *cancelled;
}

std::string keyOf(const store::ModelRow& teacher, const store::ModelRow& student, const store::DatasetRow& data,
                  const PairOptions& options)
{
    Fnv1a key;
    for (const std::string& part :
         {std::string(kVersion), teacher.hash, student.hash, data.hash, std::to_string(options.samples),
          std::string(config::name(options.promptTemplate))}) {
        key.add(part);
        key.add("\n");
    }
    return hexadecimal(key.value());
}

// Nothing once cancelled.
std::optional<PairAnalysis> analyse(const tokenizer::Tokenizer& teacher, const tokenizer::Tokenizer& student,
                                    const std::vector<dataset::Record>& records, const std::atomic<bool>* cancelled)
{
    PairAnalysis result;
    const align::VocabularyComparison words = align::compareVocabularies(teacher, student);
    result.sameVocabulary = words.same;
    result.teacherVocabulary = words.teacherSize;
    result.studentVocabulary = words.studentSize;
    result.overlap = words.overlap;

    const align::CoverageReport report =
        align::measureCoverage(records, teacher, student, align::exactPairsOnly(cancelled));
    if (isCancelled(cancelled)) {
        return std::nullopt;
    }
    const auto worst = std::span(report.samples).first(std::min(report.samples.size(), kWorstSamples));
    result.worst.reserve(worst.size());
    for (const align::SampleCoverage& sample : worst) {
        const std::string& answer = records[static_cast<std::size_t>(sample.record)].responses.front();
        result.worst.push_back(
            {sample.line, sample.covered, sample.studentTokens, text::elide(answer, kAnswerColumns)});
    }
    const align::CoverageStatistics& coverage = report.coverage;
    result.leftOut = report.unscored;
    result.samples = coverage.samples();
    result.studentTokens = coverage.studentTokens();
    result.alignedTokens = coverage.alignedTokens();
    result.spaceTokens = report.spaceTokens;
    result.mean = coverage.mean();
    result.min = coverage.min();
    result.max = coverage.max();
    result.histogram = coverage.histogram();
    return result;
}

// Tokenizers and records, read when a cell first needs them.
class PairInputs
{
public:
    PairInputs(const store::DatasetRow& data, const PairOptions& options) : m_data(data)
    {
        m_config.promptTemplate = options.promptTemplate;
        m_limit = options.samples;
    }

    Result<const tokenizer::Tokenizer*> tokenizerOf(const store::ModelRow& model)
    {
        const auto known = m_tokenizers.find(model.id);
        if (known != m_tokenizers.end()) {
            return known->second.get();
        }
        auto loaded = preflight::loadTokenizer({model.path, model.tokenizer, {}}, m_config);
        if (!loaded) {
            return loaded.failure();
        }
        return (m_tokenizers[model.id] = std::move(*loaded)).get();
    }

    // Those that both chat templates can write.
    Result<std::vector<dataset::Record>> records(const tokenizer::Tokenizer& teacher,
                                                 const tokenizer::Tokenizer& student)
    {
        if (!m_records) {
            auto read = dataset::readRecords(m_data.path, m_config, m_limit);
            if (!read) {
                return read.failure();
            }
            m_records = std::move(*read);
        }
        dataset::RecordFile usable = *m_records;
        for (const tokenizer::Tokenizer* side : {&teacher, &student}) {
            if (const auto kept = dataset::keepRenderable(usable, *side); !kept) {
                return kept.failure();
            }
        }
        return std::move(usable.records);
    }

private:
    const store::DatasetRow& m_data;
    config::DataConfig m_config;
    std::int64_t m_limit = 0;
    std::map<std::int64_t, std::unique_ptr<tokenizer::Tokenizer>> m_tokenizers; // by the model's id
    std::optional<dataset::RecordFile> m_records;
};

// Fills in the analysis or the problem; false once cancelled.
bool compute(PairCell& cell, PairInputs& inputs, const std::atomic<bool>* cancelled)
{
    const auto teacher = inputs.tokenizerOf(cell.teacher);
    const auto student = inputs.tokenizerOf(cell.student);
    if (!teacher || !student) {
        cell.problem = (teacher ? student : teacher).failure().text();
        return true;
    }
    const auto records = inputs.records(**teacher, **student);
    if (!records) {
        cell.problem = records.failure().text();
        return true;
    }
    cell.analysis = analyse(**teacher, **student, *records, cancelled);
    return cell.analysis.has_value();
}

} // namespace

Result<std::vector<PairCell>> analysePairs(store::WorkspaceDb& workspace, const std::vector<store::ModelRow>& teachers,
                                           const std::vector<store::ModelRow>& students, const store::DatasetRow& data,
                                           const PairOptions& options,
                                           const std::function<void(const PairCell&)>& onCell,
                                           const std::atomic<bool>* cancelled)
{
    if (!data.problem.empty()) {
        return Failure{data.problem, "Choose another data set, or put it back.", FailureKind::BadData};
    }
    store::InputTable table(workspace);
    PairInputs inputs(data, options);
    std::vector<PairCell> cells;
    for (const store::ModelRow& teacher : teachers) {
        for (const store::ModelRow& student : students) {
            if (isCancelled(cancelled)) {
                return cells;
            }
            PairCell cell{teacher, student, {}, teacher.problem.empty() ? student.problem : teacher.problem, false};
            const std::string key = keyOf(teacher, student, data, options);
            if (const auto kept = table.analysis(key); kept && cell.problem.empty()) {
                cell.analysis = parseAnalysis(*kept);
                cell.kept = cell.analysis.has_value();
            }
            if (!cell.kept && cell.problem.empty()) {
                if (!compute(cell, inputs, cancelled)) {
                    return cells;
                }
                if (cell.analysis && workspace.whyReadOnly().empty()) {
                    table.keepAnalysis(key, toText(*cell.analysis));
                }
            }
            if (onCell) {
                onCell(cell);
            }
            cells.push_back(std::move(cell));
        }
    }
    return cells;
}

config::Experiment experimentOf(const PairCell& cell, const store::DatasetRow& data)
{
    config::Experiment experiment;
    experiment.teacher.model = cell.teacher.path;
    experiment.teacher.tokenizer = cell.teacher.tokenizer;
    experiment.student.model = cell.student.path;
    experiment.student.tokenizer = cell.student.tokenizer;
    if (cell.student.kind == kWithoutWeights) {
        experiment.student.init = config::StudentInit::Random;
    }
    if (cell.analysis && !cell.analysis->sameVocabulary) {
        experiment.method.alignment = config::Alignment::Eta;
    }
    experiment.data.train = data.path;
    return experiment;
}

Result<store::DatasetRow> chooseDataset(store::WorkspaceDb& workspace, const std::string& text)
{
    store::InputTable table(workspace);
    if (!text.empty()) {
        return table.findDataset(text);
    }
    std::vector<store::DatasetRow> all = table.datasets();
    const auto most =
        std::max_element(all.begin(), all.end(), [](const store::DatasetRow& a, const store::DatasetRow& b) {
            return std::pair(a.problem.empty(), a.records) < std::pair(b.problem.empty(), b.records);
        });
    return most == all.end()
               ? Result<store::DatasetRow>(Failure{
                     "The workspace lists no data set.",
                     "Add one: `dskd data add FILE`. Those of runs are known by themselves.", FailureKind::NotFound})
               : Result<store::DatasetRow>(std::move(*most));
}

std::string spacesSentence(const PairAnalysis& analysis)
{
    const std::string sentence = align::spacesSentence(analysis.spaceTokens);
    return sentence.empty() ? sentence : sentence + ".";
}

std::string toText(const PairAnalysis& analysis)
{
    nlohmann::json worst = nlohmann::json::array();
    for (const SampleCoverage& sample : analysis.worst) {
        worst.push_back({{"line", sample.line},
                         {"aligned", sample.alignedTokens},
                         {"student_tokens", sample.studentTokens},
                         {"answer", sample.answer}});
    }
    const nlohmann::json document = {
        {"same_vocabulary", analysis.sameVocabulary},
        {"teacher_vocabulary", analysis.teacherVocabulary},
        {"student_vocabulary", analysis.studentVocabulary},
        {"overlap", analysis.overlap},
        {"samples", analysis.samples},
        {"left_out", analysis.leftOut},
        {"student_tokens", analysis.studentTokens},
        {"aligned", analysis.alignedTokens},
        {"space_tokens", analysis.spaceTokens},
        {"coverage", {{"mean", analysis.mean}, {"min", analysis.min}, {"max", analysis.max}}},
        {"histogram", analysis.histogram},
        {"worst", worst}};
    return document.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::optional<PairAnalysis> parseAnalysis(std::string_view text)
{
    try {
        const nlohmann::json document = nlohmann::json::parse(text);
        PairAnalysis analysis;
        document.at("same_vocabulary").get_to(analysis.sameVocabulary);
        document.at("teacher_vocabulary").get_to(analysis.teacherVocabulary);
        document.at("student_vocabulary").get_to(analysis.studentVocabulary);
        document.at("overlap").get_to(analysis.overlap);
        document.at("samples").get_to(analysis.samples);
        document.at("left_out").get_to(analysis.leftOut);
        document.at("student_tokens").get_to(analysis.studentTokens);
        document.at("aligned").get_to(analysis.alignedTokens);
        document.at("space_tokens").get_to(analysis.spaceTokens);
        document.at("coverage").at("mean").get_to(analysis.mean);
        document.at("coverage").at("min").get_to(analysis.min);
        document.at("coverage").at("max").get_to(analysis.max);
        document.at("histogram").get_to(analysis.histogram);
        for (const nlohmann::json& sample : document.at("worst")) {
            analysis.worst.push_back({sample.at("line").get<std::int64_t>(), sample.at("aligned").get<std::int64_t>(),
                                      sample.at("student_tokens").get<std::int64_t>(),
                                      sample.at("answer").get<std::string>()});
        }
        return analysis;
    } catch (const nlohmann::json::exception&) {
        return std::nullopt;
    }
}

} // namespace dskd::pairs

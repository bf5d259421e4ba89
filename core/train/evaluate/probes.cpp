#include "core/train/evaluate/probes.h"

#include "core/align/marked_answer.h"
#include "core/config/methods/method_traits.h"
#include "core/config/schema/choices.h"
#include "core/train/loop/step.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <algorithm>
#include <map>
#include <numeric>
#include <utility>

namespace dskd::train
{
namespace
{

// The teacher's cache holds probe samples under keys beyond those of the training samples.
constexpr std::int64_t kFirstKey = std::int64_t{1} << 40;

// The tokens that the first rows of a single sample predict, at most `most` of them; 0: of all rows.
std::vector<std::string> rowLabels(const tokenizer::Tokenizer& tokenizer, const batch::SideRows& side,
                                   std::int64_t most)
{
    const std::int64_t rows = side.rowsPerSample.front();
    const std::int64_t count = most > 0 ? std::min(rows, most) : rows;
    const at::Tensor labels = side.labels.narrow(0, 0, count).to(at::kCPU);
    std::vector<std::string> texts;
    for (std::int64_t i = 0; i < count; ++i) {
        texts.push_back(
            align::tokenLabel(tokenizer, static_cast<tokenizer::TokenId>(labels.data_ptr<std::int64_t>()[i])));
    }
    return texts;
}

// The first rows and columns of the sample's whole matrix.
HeatMap heatMap(const std::string& name, std::int64_t sample, const at::Tensor& matrix, std::vector<std::string> rows,
                std::vector<std::string> columns)
{
    const at::Tensor part = matrix.narrow(0, 0, static_cast<std::int64_t>(rows.size()))
                                .narrow(1, 0, static_cast<std::int64_t>(columns.size()))
                                .to(at::kCPU, at::kFloat)
                                .contiguous();
    HeatMap map;
    map.name = name;
    map.sample = sample;
    map.rowTokens = std::move(rows);
    map.columnTokens = std::move(columns);
    map.values.assign(part.data_ptr<float>(), part.data_ptr<float>() + part.numel());
    map.wholeRows = matrix.size(0);
    map.wholeColumns = matrix.size(1);
    return map;
}

// Exact pairs as a matrix of ones.
at::Tensor pairMatrix(const batch::StepRows& rows)
{
    at::Tensor matrix = at::zeros({rows.student.rowsPerSample[0], rows.teacher.rowsPerSample[0]});
    return matrix.index_put_({rows.pairs.student.cpu(), rows.pairs.teacher.cpu()}, at::ones({1}));
}

std::vector<std::int64_t> numbersOf(std::size_t count, std::vector<std::int64_t> given)
{
    TORCH_CHECK(given.empty() || given.size() == count, "Probes: ", given.size(), " numbers of ", count, " samples");
    if (given.empty()) {
        given.resize(count);
        std::iota(given.begin(), given.end(), std::int64_t{0});
    }
    return given;
}

} // namespace

Probes::Probes(const config::Experiment& experiment, const Tokenizers& tokenizers, std::vector<Example> examples,
               model::CausalLm& student, teacher::TeacherSource* teacher, distill::Distiller& distiller,
               const std::vector<SpaceAxes>& kept, std::vector<std::int64_t> numbers)
    : m_method(experiment.method), m_lossOn(experiment.data.lossOn), m_mapTokens(experiment.log.mapTokens),
      m_tokenizers(tokenizers), m_examples(std::move(examples)),
      m_numbers(numbersOf(m_examples.size(), std::move(numbers))), m_student(student), m_teacher(teacher),
      m_distiller(distiller), m_spaces(experiment, tokenizers, m_examples, distiller, kept, m_numbers)
{
    if (config::attends(m_method)) {
        for (Example& example : m_examples) {
            example.alignment.pairs = rowPartners(m_tokenizers, example, m_lossOn);
        }
    }
}

void Probes::record(std::int64_t step, std::int64_t tokens, Observer& observer)
{
    const at::NoGradGuard noGrad;
    double agreement = 0.0;
    std::map<std::string, double> queries; // against keys; nothing for methods without
    m_distiller.beginStep();               // the optimizer has moved the student since; the next step begins by itself
    for (std::size_t i = 0; i < m_examples.size(); ++i) {
        const batch::StepRows rows =
            stepRows(m_student, m_teacher, {{&m_examples[i]}, {kFirstKey + static_cast<std::int64_t>(i)}}, m_lossOn,
                     m_method.alignment, 1.0, /*training=*/false);
        recordAlignment(step, m_numbers[i], rows, observer);
        if (config::comparesInStudentSpace(m_method)) {
            agreement += m_distiller.agreement(rows);
        }
        for (const auto& [name, value] : m_distiller.queriesAgainstKeys(rows)) {
            queries["probe." + name] += value / static_cast<double>(m_examples.size());
        }
        m_spaces.add(i, rows);
    }
    if (config::comparesInStudentSpace(m_method) && !m_examples.empty()) {
        observer.onMetrics(step, tokens, {{"probe.agreement", agreement / static_cast<double>(m_examples.size())}});
    }
    if (!queries.empty()) {
        observer.onMetrics(step, tokens, queries);
    }
    m_spaces.report(step, tokens, observer);
}

void Probes::recordAlignment(std::int64_t step, std::int64_t sample, const batch::StepRows& rows,
                             Observer& observer) const
{
    if (!config::attends(m_method) && !config::pairsRows(m_method)) {
        return;
    }
    std::vector<std::string> studentTokens = rowLabels(*m_tokenizers.student, rows.student, m_mapTokens);
    std::vector<std::string> teacherTokens = rowLabels(*m_tokenizers.teacher, rows.teacher, m_mapTokens);
    const std::string name(config::name(m_method.alignment));
    if (config::pairsRows(m_method)) {
        if (step == 0) { // they do not change
            observer.onHeatMap(step, heatMap(name + ".t2s", sample, pairMatrix(rows), studentTokens, teacherTokens));
        }
        return;
    }
    const distill::AttentionMaps maps = m_distiller.attention(rows);
    observer.onHeatMap(step,
                       heatMap(name + ".t2s", sample, maps.studentFromTeacher.front(), studentTokens, teacherTokens));
    observer.onHeatMap(step,
                       heatMap(name + ".s2t", sample, maps.teacherFromStudent.front(), teacherTokens, studentTokens));
}

} // namespace dskd::train

#include "core/bench/step_pair.h"

#include "core/base/run_layout.h"
#include "core/batch/packed_rows.h"
#include "core/bench/gradient_difference.h"
#include "core/model/folder/tensor_specs.h"
#include "core/train/job/device.h"
#include "core/train/job/fine_tuning.h"
#include "core/train/job/training_setup.h"
#include "core/train/loop/step.h"

#include <algorithm>
#include <cstddef>
#include <limits>
#include <numeric>
#include <optional>
#include <utility>

namespace dskd::bench
{
namespace
{

constexpr std::uint64_t kStudentSeed = 4;
constexpr std::uint64_t kTeacherSeed = 5;
constexpr std::uint64_t kTokenSeed = 6;

std::unique_ptr<model::CausalLm> makeModel(const model::ModelConfig& config, std::uint64_t seed,
                                           const config::Experiment& experiment, at::Device device, bool trainable)
{
    model::LoadOptions options;
    options.dtype = train::dtypeOf(experiment.train.precision);
    options.device = device;
    options.trainable = trainable;
    options.dropout = 0.0; // both sides must see the same numbers
    return orThrow(model::createCausalLm(config, seed, options), FailureKind::BadModel);
}

std::vector<const dataset::Sample*> samplesOf(const std::vector<train::Example>& examples)
{
    std::vector<const dataset::Sample*> samples;
    samples.reserve(examples.size());
    for (const train::Example& example : examples) {
        samples.push_back(&example.student);
    }
    return samples;
}

double as(std::int64_t count)
{
    return static_cast<double>(count);
}

// Operations of a forward pass over all blocks.
struct BlockProducts {
    double weights = 0.0;   // rows by the linear layers' weights
    double attention = 0.0; // rows by rows, which has no weights
};

BlockProducts blockProducts(const model::ModelConfig& config, const std::vector<std::int64_t>& lengths)
{
    double weights = 0.0;
    for (const model::LinearLayer& layer : model::linearLayers(config)) {
        weights += as(layer.inputs) * as(layer.outputs);
    }
    BlockProducts products;
    for (const std::int64_t length : lengths) {
        products.weights += 2.0 * as(length) * weights;
        // scores and mixed values, two operations each, of which half lie below the diagonal
        products.attention += 2.0 * as(length) * as(length) * as(config.heads * config.headWidth) * as(config.layers);
    }
    return products;
}

} // namespace

config::Experiment experimentOf(const jobs::BenchJob& job, const Shape& shape, Distance distance)
{
    config::Experiment experiment;
    experiment.student.model = "student";
    experiment.teacher.model = "teacher";
    experiment.method.space = job.space;
    // In both spaces the teacher space keeps the KL of the paper.
    (job.space == config::Space::Teacher ? experiment.method.teacherDistance : experiment.method.distance) = distance;
    experiment.train.batchSize = job.samples;
    experiment.train.precision = job.precision;
    experiment.train.chunkRows = job.chunkRows;
    experiment.train.device = job.device;
    experiment.train.threads = job.threads;
    experiment.data.maxLength = job.length;
    experiment.log.probeEvery = 0;
    if (shape.lora) {
        experiment.train.fineTuning = config::FineTuning::Lora;
        experiment.lora.rank = 256; // the published scripts' numbers
        experiment.lora.alpha = 8.0;
    }
    return experiment;
}

double lossProducts(config::Space space, std::int64_t rows, std::int64_t vocabulary, std::int64_t studentWidth,
                    std::int64_t teacherWidth)
{
    using config::Space;
    const double ofHeads = 2.0 * as(rows) * as(vocabulary);
    const double ofProjectors = 2.0 * as(rows) * as(studentWidth) * as(teacherWidth);
    // The student's logits, and the gradients of its states and its head.
    double sum = 3.0 * ofHeads * as(studentWidth);
    if (space == Space::Student || space == Space::Dual) {
        // Logits of the projected teacher and the gradient of its states; t2s and its weight's gradient.
        sum += 2.0 * ofHeads * as(studentWidth) + 2.0 * ofProjectors;
    }
    if (space == Space::Teacher || space == Space::Dual) {
        // The teacher's logits, those of the projected student and their states' gradient; s2t and both its gradients.
        sum += 3.0 * ofHeads * as(teacherWidth) + 3.0 * ofProjectors;
    }
    if (space == Space::Different) {
        sum += ofHeads * as(teacherWidth);
    }
    return sum;
}

StepPair::Side StepPair::makeSide(const Shape& shape) const
{
    Side side;
    const bool lora = m_experiment.train.fineTuning == config::FineTuning::Lora;
    side.student = makeModel(shape.student, kStudentSeed, m_experiment, m_device, /*trainable=*/!lora);
    train::setUpFineTuning(m_experiment, *side.student, std::nullopt);
    side.distiller = std::make_unique<distill::Distiller>(
        m_experiment.method, distill::ModelPair{shape.student.width, shape.teacher.width}, m_experiment.train.chunkRows,
        m_experiment.seed, m_device, train::dtypeOf(m_experiment.train.precision), m_experiment.projector,
        m_experiment.keyQuery);
    side.optimizer = train::makeOptimizer(m_experiment, *side.student, *side.distiller);
    return side;
}

StepPair::StepPair(const Shape& shape, const jobs::BenchJob& job, Distance distance, at::Device device)
    : m_experiment(experimentOf(job, shape, distance)), m_device(device),
      m_examples(dollyLikeExamples(job.samples, job.length, shape.student.vocabularyRows, kTokenSeed)),
      m_ours(makeSide(shape)), m_published(makeSide(shape)),
      m_teacher(std::make_unique<teacher::LiveTeacher>(
          makeModel(shape.teacher, kTeacherSeed, m_experiment, device, /*trainable=*/false), m_experiment.data.lossOn,
          std::numeric_limits<std::size_t>::max() / 2)),
      m_publishedBatch(publishedBatch(samplesOf(m_examples), job.length, device))
{
}

double StepPair::update(Side& side) const
{
    const double norm = side.optimizer->clipGradients(m_experiment.train.clipNorm);
    side.optimizer->step({{train::kStudentGroup, m_experiment.train.lr},
                          {train::kProjectorGroup, m_experiment.projector.lr},
                          {train::kCriticGroup, m_experiment.keyQuery.lr}});
    return norm;
}

double StepPair::backwardOurs(bool teacherFromMemory)
{
    const RunLayout noRun{}; // named only where a loss is not finite
    const train::StepParts parts{*m_ours.student, m_teacher.get(), *m_ours.distiller, *m_ours.optimizer, noRun};
    train::Batch batch;
    for (std::size_t i = 0; i < m_examples.size(); ++i) {
        batch.examples.push_back(&m_examples[i]);
        batch.keys.push_back(teacherFromMemory ? static_cast<std::int64_t>(i) : -1); // one below 0 is not remembered
    }
    m_ours.distiller->beginStep();
    train::StepResult result;
    const batch::StepRows stepRows = train::stepRows(*m_ours.student, m_teacher.get(), batch, m_experiment.data.lossOn,
                                                     m_experiment.method.alignment, as(rows()), /*training=*/true);
    train::learn(parts, m_ours.distiller->compute(stepRows), result, 1);
    return result.values.at("loss");
}

double StepPair::backwardPublished()
{
    const PublishedProjectors projectors(m_published.distiller->projectors().begin(),
                                         m_published.distiller->projectors().end());
    const PublishedLoss loss = publishedForward(m_experiment.method, *m_published.student, *m_teacher->liveModel(),
                                                m_publishedBatch, projectors);
    loss.loss.backward();
    m_published.optimizer->collectGradients();
    return loss.loss.item<double>(); // the published loop logs it in every step
}

StepValues StepPair::ours(bool teacherFromMemory)
{
    const double loss = backwardOurs(teacherFromMemory);
    return {loss, update(m_ours)};
}

StepValues StepPair::published()
{
    const double loss = backwardPublished();
    return {loss, update(m_published)};
}

StepComparison StepPair::compare()
{
    StepComparison both;
    both.ours.loss = backwardOurs(/*teacherFromMemory=*/false);
    both.published.loss = backwardPublished();
    both.gradientDifference = gradientDifference(m_ours.optimizer->gradients(), m_published.optimizer->gradients());
    both.ours.gradientNorm = update(m_ours);
    both.published.gradientNorm = update(m_published);
    return both;
}

std::int64_t StepPair::tokens() const
{
    return std::accumulate(m_examples.begin(), m_examples.end(), std::int64_t{0},
                           [](std::int64_t sum, const train::Example& example) {
                               return sum + static_cast<std::int64_t>(example.student.ids.size()) - 1;
                           });
}

std::int64_t StepPair::rows() const
{
    return std::accumulate(m_examples.begin(), m_examples.end(), std::int64_t{0},
                           [this](std::int64_t sum, const train::Example& example) {
                               return sum + batch::numScoredRows(example.student, m_experiment.data.lossOn);
                           });
}

double StepPair::products(bool teacherFromMemory) const
{
    std::vector<std::int64_t> lengths;
    lengths.reserve(m_examples.size());
    for (const train::Example& example : m_examples) {
        lengths.push_back(static_cast<std::int64_t>(example.student.ids.size()) - 1);
    }
    const model::ModelConfig& student = m_ours.student->config();
    const model::ModelConfig& teacher = m_teacher->liveModel()->config();
    // Gradients of the inputs, and of the weights where they learn; an adapter's own products are not counted. Both
    // factors of a product of attention are inputs.
    const bool lora = m_experiment.train.fineTuning == config::FineTuning::Lora;
    const BlockProducts forward = blockProducts(student, lengths);
    const double ofStudent = (lora ? 2.0 : 3.0) * forward.weights + 3.0 * forward.attention;
    const BlockProducts teacherForward = blockProducts(teacher, lengths);
    const double ofTeacher = teacherFromMemory ? 0.0 : teacherForward.weights + teacherForward.attention;
    double ofLoss =
        lossProducts(m_experiment.method.space, rows(), student.vocabularyRows, student.width, teacher.width);
    if (lora) { // the head gets no gradient
        ofLoss -= 2.0 * as(rows()) * as(student.vocabularyRows) * as(student.width);
    }
    return ofStudent + ofTeacher + ofLoss;
}

} // namespace dskd::bench

#include "core/train/loop/policy_gradient.h"

#include "core/base/failure.h"
#include "core/base/random_stream.h"
#include "core/distill/policy_gradient.h"
#include "core/kernels/head_loss.h"
#include "core/metrics/loss_names.h"
#include "core/train/loop/term_gradients.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <string>
#include <utility>

namespace dskd::train
{
namespace
{

constexpr config::LossOn kAnswer = config::LossOn::Response;

at::Tensor firstColumns(const at::Tensor& head, std::int64_t columns)
{
    return columns < head.size(0) ? head.narrow(0, 0, columns) : head;
}

std::vector<double> numbersOf(const at::Tensor& tensor)
{
    const at::Tensor exact = tensor.to(at::kCPU, at::kDouble).contiguous();
    return {exact.const_data_ptr<double>(), exact.const_data_ptr<double>() + exact.numel()};
}

// One field of some rollouts, one after the other.
at::Tensor fieldOf(const RolloutSet& set, const std::vector<std::int64_t>& numbers, std::vector<double> Rollout::*field)
{
    std::vector<double> all;
    for (const std::int64_t number : numbers) {
        const std::vector<double>& values = set.rollouts[static_cast<std::size_t>(number)].*field;
        all.insert(all.end(), values.begin(), values.end());
    }
    return at::tensor(all, at::kDouble);
}

} // namespace

PolicyGradient::PolicyGradient(const config::Experiment& experiment, const Tokenizers& tokenizers,
                               const model::ModelConfig& student, std::int64_t numSamples)
    : m_experiment(experiment), m_onPolicy(experiment, tokenizers, student, 1, 1),
      m_columns(tokenizers.student->size()),
      m_prompts(streamSeed(experiment.seed, "rollouts"), numSamples, experiment.policyGradient.rollouts, 1)
{
}

std::int64_t PolicyGradient::updatesOf(const RolloutSet& set) const
{
    const auto count = static_cast<std::int64_t>(set.rollouts.size());
    const std::int64_t atOnce = m_experiment.train.batchSize * m_experiment.train.accumulation;
    return m_experiment.policyGradient.innerEpochs * ((count + atOnce - 1) / atOnce);
}

// Answers by student and teacher together, and what each token is credited with. False when stopped.
bool PolicyGradient::sample(const StepParts& parts, RolloutSet& set, std::span<const Example> examples)
{
    model::CausalLm* teacher = parts.teacher->liveModel();
    TORCH_CHECK(teacher != nullptr, "sampling with the teacher needs the teacher itself");
    const config::PolicyGradientConfig& config = m_experiment.policyGradient;
    RolloutSet fresh;
    fresh.sampled = set.sampled;
    const std::int64_t setsPerEpoch = m_prompts.stepsPerEpoch();
    for (std::int64_t tried = 0; tried < setsPerEpoch && fresh.rollouts.empty(); ++tried) {
        const std::int64_t number = fresh.sampled++;
        const Batch prompts = batchOf(examples, m_prompts.microBatches(number).front());
        const auto atOnce = static_cast<std::size_t>(std::max<std::int64_t>(1, 2 * m_experiment.train.batchSize));
        for (std::size_t first = 0; first < prompts.examples.size(); first += atOnce) {
            const std::size_t count = std::min(atOnce, prompts.examples.size() - first);
            std::optional<std::vector<OwnAnswer>> answers = m_onPolicy.sampled(
                parts.student, std::span(prompts.examples).subspan(first, count),
                std::span(prompts.keys).subspan(first, count), number, static_cast<std::int64_t>(first),
                model::Mixture{*teacher, config.teacherMix}, parts.stop);
            if (!answers) {
                return false;
            }
            for (OwnAnswer& answer : *answers) {
                fresh.rollouts.push_back({std::move(answer), {}, {}, {}});
            }
        }
    }
    if (fresh.rollouts.empty()) {
        throw Error("No prompt leaves room for an answer of the student's within data.max_length tokens.",
                    "Lower data.max_prompt_length or raise data.max_length.", FailureKind::BadData);
    }
    set = std::move(fresh);
    prepareRollouts(parts, set, examples);

    const at::NoGradGuard noGrad;
    const auto chunkRows = m_experiment.train.chunkRows;
    std::vector<at::Tensor> studentLogProbs;
    std::vector<at::Tensor> teacherLogProbs;
    std::vector<std::int64_t> lengths;
    const at::Tensor teacherHead = firstColumns(parts.teacher->head(), m_columns);
    for (std::size_t i = 0; i < m_examples.size(); ++i) { // one by one: their values do not depend on neighbours
        const batch::StepRows rows = stepRows(parts.student, nullptr, {{&m_examples[i]}, {-1}}, kAnswer,
                                              config::Alignment::None, 1.0, /*training=*/false);
        const at::Tensor& labels = rows.student.labels;
        studentLogProbs.push_back(kernels::labelLogProbs(
            {rows.student.hidden, firstColumns(rows.student.head, m_columns), rows.student.softcap}, labels,
            chunkRows));
        teacherLogProbs.push_back(
            kernels::labelLogProbs({m_teacherHidden[i], teacherHead, parts.teacher->headSoftcap()}, labels, chunkRows));
        lengths.push_back(labels.size(0));
    }
    const at::Tensor q = at::cat(studentLogProbs).to(at::kCPU, at::kDouble);
    const at::Tensor p = at::cat(teacherLogProbs).to(at::kCPU, at::kDouble);
    const at::Tensor rewards = distill::tokenRewards(q, p, config.rewardScaling, config.rewardClip);
    const at::Tensor credit = distill::whitened(distill::tokenReturns(
        rewards, lengths, config.discount, config.lengthNormalisation, /*fromNext=*/config.singleStep));
    const at::Tensor weights = distill::importanceWeights(q, p, config.teacherMix);
    std::int64_t begin = 0;
    for (std::size_t i = 0; i < lengths.size(); ++i) {
        Rollout& rollout = set.rollouts[i];
        rollout.logProbs = numbersOf(q.narrow(0, begin, lengths[i]));
        rollout.weights = numbersOf(weights.narrow(0, begin, lengths[i]));
        rollout.advantages = numbersOf(credit.narrow(0, begin, lengths[i]));
        begin += lengths[i];
    }
    set.reward = rewards.mean().item<double>();
    set.reverseKl = (q - p).mean().item<double>();
    set.answerLength = static_cast<double>(begin) / static_cast<double>(lengths.size());
    return true;
}

// The rollouts as examples, and the teacher's rows of them.
void PolicyGradient::prepareRollouts(const StepParts& parts, const RolloutSet& set, std::span<const Example> examples)
{
    m_examples.clear();
    m_teacherHidden.clear();
    for (const Rollout& rollout : set.rollouts) {
        m_examples.push_back(
            m_onPolicy.exampleOf(examples[static_cast<std::size_t>(rollout.answer.sample)], rollout.answer.ids));
    }
    for (const Example& example : m_examples) {
        const teacher::TeacherSample sample{-1, &example.teacher};
        m_teacherHidden.push_back(parts.teacher->rows({&sample, 1}).hidden);
    }
    m_known = set.sampled;
}

void PolicyGradient::learnRollouts(const StepParts& parts, const RolloutSet& set,
                                   const std::vector<std::int64_t>& numbers, std::int64_t rows, std::int64_t update,
                                   bool isFirst, StepResult& result) const
{
    Batch batch;
    std::vector<at::Tensor> teacherHidden;
    for (const std::int64_t number : numbers) {
        batch.examples.push_back(&m_examples[static_cast<std::size_t>(number)]);
        batch.keys.push_back(-1);
        teacherHidden.push_back(m_teacherHidden[static_cast<std::size_t>(number)]);
    }
    batch::StepRows now =
        stepRows(parts.student, nullptr, batch, kAnswer, config::Alignment::None, 1.0, /*training=*/false);
    distill::PolicyRows policy;
    policy.student = std::move(now.student);
    policy.student.head = firstColumns(policy.student.head, m_columns);
    policy.teacher.hidden = at::cat(teacherHidden);
    policy.teacher.head = firstColumns(parts.teacher->head(), m_columns);
    policy.teacher.softcap = parts.teacher->headSoftcap();
    policy.oldLogProbs = fieldOf(set, numbers, &Rollout::logProbs);
    policy.weights = fieldOf(set, numbers, &Rollout::weights);
    policy.advantages = fieldOf(set, numbers, &Rollout::advantages);
    policy.denominator = static_cast<double>(rows);
    const auto lossOf = [&](const std::string& only) {
        return distill::policyGradientLoss(policy, m_experiment.policyGradient, m_experiment.train.chunkRows, only);
    };
    if (isFirst) {
        std::vector<std::string> terms{std::string(metrics::kPolicyGradientLoss)};
        if (m_experiment.policyGradient.singleStep) {
            terms.emplace_back(metrics::kSingleStepLoss);
        }
        addTermGradients(parts, terms, lossOf, result);
    }
    learn(parts, lossOf({}), result, update + 1);
}

std::optional<StepResult> PolicyGradient::step(const StepParts& parts, RolloutSet& set,
                                               std::span<const Example> examples,
                                               const std::vector<std::vector<std::int64_t>>& dataBatches,
                                               std::int64_t update)
{
    parts.distiller.beginStep();
    if (set.updates == updatesOf(set)) { // none yet, or used up
        if (!sample(parts, set, examples)) {
            return std::nullopt;
        }
    } else if (m_known != set.sampled) { // resumed
        prepareRollouts(parts, set, examples);
    }
    StepResult result;
    const config::TrainConfig& train = m_experiment.train;
    BatchOrder order(streamSeed(m_experiment.seed, "rollouts " + std::to_string(set.sampled)),
                     static_cast<std::int64_t>(set.rollouts.size()), train.batchSize, train.accumulation);
    const std::vector<std::vector<std::int64_t>> batches = order.microBatches(set.updates);
    for (const std::vector<std::int64_t>& batch : batches) {
        for (const std::int64_t number : batch) {
            const dataset::Sample& answer = m_examples[static_cast<std::size_t>(number)].student;
            result.rows += answer.rows();
            result.tokens += static_cast<std::int64_t>(answer.ids.size()) - 1;
        }
    }
    const std::int64_t rolloutRows = result.rows;
    for (const std::vector<std::int64_t>& batch : batches) {
        learnRollouts(parts, set, batch, rolloutRows, update, /*isFirst=*/&batch == &batches.front(), result);
    }
    if (m_experiment.policyGradient.dataRate > 0.0) {
        std::int64_t dataRows = 0;
        for (const std::vector<std::int64_t>& indices : dataBatches) {
            for (const Example* example : batchOf(examples, indices).examples) {
                dataRows += example->student.rows();
                result.tokens += static_cast<std::int64_t>(example->student.ids.size()) - 1;
            }
        }
        std::int64_t number = 0;
        for (const std::vector<std::int64_t>& indices : dataBatches) {
            batch::StepRows rows =
                stepRows(parts.student, parts.teacher, batchOf(examples, indices), kAnswer,
                         parts.distiller.method().alignment, static_cast<double>(dataRows), /*training=*/true);
            rows.microBatches = static_cast<double>(dataBatches.size());
            rows.number = {update, number++};
            if (rows.number.batch == 0) {
                addTermGradients(
                    parts, parts.distiller.termsOfStudent(),
                    [&](const std::string& term) {
                        return parts.distiller.compute(rows, distill::LossPart::All, /*ownAnswers=*/false, term);
                    },
                    result, m_experiment.policyGradient.dataRate);
            }
            learn(parts, parts.distiller.compute(rows), result, update + 1, m_experiment.policyGradient.dataRate);
        }
        result.rows += dataRows;
    }
    set.updates += 1;
    result.values["reward"] = set.reward;
    result.values["rev_kl"] = set.reverseKl;
    result.values["answer_length"] = set.answerLength;
    return result;
}

} // namespace dskd::train

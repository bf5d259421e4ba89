#include "core/teacher/live_teacher.h"

#include "core/batch/model_rows.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <algorithm>
#include <chrono>
#include <utility>

namespace dskd::teacher
{
namespace
{

batch::Moments momentsOf(const at::Tensor& x)
{
    const at::Tensor wide = x.to(at::kDouble);
    return {.count = wide.numel(), .sum = wide.sum().item<double>(), .squares = wide.square().sum().item<double>()};
}

void add(batch::Moments& sum, const batch::Moments& more)
{
    sum.count += more.count;
    sum.sum += more.sum;
    sum.squares += more.squares;
}

// Of the embeddings of the most probable tokens, some rows at a time: logits are wide.
batch::Moments predictedMoments(const at::Tensor& states, const at::Tensor& head, const at::Tensor& embedding)
{
    constexpr std::int64_t kRows = 256;
    batch::Moments sum;
    for (const at::Tensor& part : states.split(kRows)) {
        add(sum, momentsOf(embedding.index_select(0, at::linear(part, head).argmax(1))));
    }
    return sum;
}

} // namespace

LiveTeacher::LiveTeacher(std::unique_ptr<model::CausalLm> model, config::LossOn lossOn, std::size_t cacheBytes,
                         std::optional<batch::PaddedBatch> padded, std::optional<SharedRows> shared)
    : m_model(std::move(model)), m_lossOn(lossOn), m_device(m_model->head().device()), m_cacheBytes(cacheBytes),
      m_padded(padded), m_shared(padded ? std::nullopt : std::move(shared))
{
}

batch::SideRows LiveTeacher::rows(std::span<const TeacherSample> samples)
{
    const at::NoGradGuard noGrad;
    std::vector<Computed> known(samples.size());
    std::vector<std::size_t> missing;
    for (std::size_t i = 0; i < samples.size(); ++i) {
        const auto found = m_cache.find(samples[i].key);
        if (found != m_cache.end()) {
            known[i] = found->second;
        } else if (!readShared(samples[i], known[i])) {
            missing.push_back(i);
        }
    }
    std::vector<std::size_t> taken = takenByOthers(samples, missing);
    runMissing(samples, missing, known);
    // long enough for the samples of a large teacher; the process that computes them may be stopped
    const auto end = std::chrono::steady_clock::now() + std::chrono::minutes(1);
    std::erase_if(taken, [&](std::size_t i) {
        if (!m_shared) {
            return false;
        }
        m_shared->store.waitFor(keyOf(samples[i]), end);
        return readShared(samples[i], known[i]);
    });
    runMissing(samples, taken, known);
    std::vector<const dataset::Sample*> plain;
    std::vector<at::Tensor> hidden;
    std::vector<at::Tensor> states;
    batch::OutsideRows outside;
    for (std::size_t i = 0; i < samples.size(); ++i) {
        const batch::OutsideRows& others = known[i].outside;
        plain.push_back(samples[i].sample);
        hidden.push_back(known[i].hidden);
        states.push_back(others.states);
        outside.positions += others.positions;
        outside.rowsPerSample.push_back(others.positions);
        add(outside.hidden, others.hidden);
        add(outside.predicted, others.predicted);
    }
    batch::SideRows rows = batch::rowsBeforeRunning(*m_model, batch::packRows(plain, m_lossOn, m_device));
    rows.hidden = at::cat(hidden);
    if (m_padded) {
        outside.states = m_padded->states ? at::cat(states) : at::Tensor();
        rows.outside = std::move(outside);
    }
    return rows;
}

void LiveTeacher::runMissing(std::span<const TeacherSample> samples, const std::vector<std::size_t>& places,
                             std::vector<Computed>& known)
{
    std::vector<TeacherSample> missing;
    missing.reserve(places.size());
    for (const std::size_t i : places) {
        missing.push_back(samples[i]);
    }
    const std::size_t atOnce = m_device.is_cpu() ? 1 : missing.size();
    for (std::size_t first = 0; first < missing.size(); first += atOnce) {
        std::vector<Computed> computed = run(std::span(missing).subspan(first, atOnce));
        for (std::size_t i = 0; i < computed.size(); ++i) {
            const TeacherSample& sample = missing[first + i];
            writeShared(sample, computed[i].hidden);
            remember(sample, computed[i]);
            known[places[first + i]] = std::move(computed[i]);
        }
    }
}

// Keeps it in memory while the budget lasts.
void LiveTeacher::remember(const TeacherSample& sample, Computed& computed)
{
    at::Tensor& states = computed.outside.states;
    const std::size_t bytes = computed.hidden.nbytes() + (states.defined() ? states.nbytes() : 0);
    if (sample.key >= 0 && m_cachedBytes + bytes <= m_cacheBytes) {
        computed.hidden = computed.hidden.clone(); // without what its neighbours share the storage with
        states = states.defined() ? states.clone() : states;
        m_cachedBytes += bytes;
        m_cache.emplace(sample.key, computed);
    }
}

std::vector<LiveTeacher::Computed> LiveTeacher::run(std::span<const TeacherSample> samples)
{
    std::vector<const dataset::Sample*> plain;
    for (const TeacherSample& sample : samples) {
        plain.push_back(sample.sample);
    }
    m_samplesRun += static_cast<std::int64_t>(samples.size());
    const batch::SideRows all =
        m_padded ? batch::runPadded(*m_model, plain, m_lossOn, m_padded->length, m_padded->teacherPadding)
                 : batch::runPacked(*m_model, plain, m_lossOn);
    std::vector<Computed> computed;
    for (const at::Tensor& part : all.hidden.split_with_sizes(all.rowsPerSample)) {
        computed.push_back({part, {}});
    }
    if (all.outside) {
        const std::vector<at::Tensor> others = all.outside->states.split_with_sizes(all.outside->rowsPerSample);
        for (std::size_t i = 0; i < computed.size(); ++i) {
            computed[i].outside = outsideOf(others[i]);
        }
    }
    return computed;
}

// The positions outside the response of one sample, by their hidden states.
batch::OutsideRows LiveTeacher::outsideOf(const at::Tensor& states) const
{
    batch::OutsideRows outside;
    outside.positions = states.size(0);
    outside.hidden = momentsOf(states);
    if (m_padded->predicted) {
        outside.predicted = predictedMoments(states, head(), m_model->inputEmbedding());
    }
    if (m_padded->states) {
        outside.states = states;
    }
    return outside;
}

} // namespace dskd::teacher

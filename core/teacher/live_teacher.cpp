#include "core/teacher/live_teacher.h"

#include "core/batch/packed_rows.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <algorithm>
#include <utility>

namespace dskd::teacher
{
namespace
{

OutsideMoments momentsOf(const at::Tensor& x)
{
    const at::Tensor wide = x.to(at::kDouble);
    return {wide.numel(), wide.sum().item<double>(), wide.square().sum().item<double>()};
}

void add(OutsideMoments& sum, const OutsideMoments& more)
{
    sum.count += more.count;
    sum.sum += more.sum;
    sum.squares += more.squares;
}

// Of the embeddings of the most probable tokens, some rows at a time: logits are wide.
OutsideMoments saidMoments(const at::Tensor& states, const at::Tensor& head, const at::Tensor& embedding)
{
    constexpr std::int64_t kRows = 256;
    OutsideMoments sum;
    for (const at::Tensor& part : states.split(kRows)) {
        add(sum, momentsOf(embedding.index_select(0, at::linear(part, head).argmax(1))));
    }
    return sum;
}

} // namespace

LiveTeacher::LiveTeacher(std::unique_ptr<model::CausalLm> model, config::LossOn lossOn, std::size_t cacheBytes,
                         std::optional<PaddedBatch> padded)
    : m_model(std::move(model)), m_lossOn(lossOn), m_device(m_model->head().device()), m_cacheBytes(cacheBytes),
      m_padded(padded)
{
}

TeacherRows LiveTeacher::rows(std::span<const TeacherSample> samples)
{
    const at::NoGradGuard noGrad;
    std::vector<Computed> known(samples.size());
    std::vector<TeacherSample> missing;
    std::vector<std::size_t> missingAt;
    for (std::size_t i = 0; i < samples.size(); ++i) {
        const auto found = m_cache.find(samples[i].key);
        if (found != m_cache.end()) {
            known[i] = found->second;
        } else {
            missing.push_back(samples[i]);
            missingAt.push_back(i);
        }
    }
    const std::size_t atOnce = m_device.is_cpu() ? 1 : missing.size();
    for (std::size_t first = 0; first < missing.size(); first += atOnce) {
        std::vector<Computed> computed = run(std::span(missing).subspan(first, atOnce));
        for (std::size_t i = 0; i < computed.size(); ++i) {
            const TeacherSample& sample = missing[first + i];
            Computed& one = computed[i];
            const std::size_t bytes = one.rows.nbytes() + (one.states.defined() ? one.states.nbytes() : 0);
            if (sample.key >= 0 && m_cachedBytes + bytes <= m_cacheBytes) {
                one.rows = one.rows.clone(); // without what its neighbours share the storage with
                one.states = one.states.defined() ? one.states.clone() : one.states;
                m_cachedBytes += bytes;
                m_cache.emplace(sample.key, one);
            }
            known[missingAt[first + i]] = std::move(one);
        }
    }
    std::vector<const dataset::Sample*> plain;
    std::vector<at::Tensor> hidden;
    std::vector<at::Tensor> states;
    OutsidePositions outside;
    for (std::size_t i = 0; i < samples.size(); ++i) {
        plain.push_back(samples[i].sample);
        hidden.push_back(known[i].rows);
        states.push_back(known[i].states);
        outside.perSample.push_back(known[i].positions);
        add(outside.hidden, known[i].hidden);
        add(outside.said, known[i].said);
    }
    PackedRows packed = packRows(plain, m_lossOn, m_device);
    TeacherRows rows{at::cat(hidden), packed.labels, packed.inputIds, std::move(packed.rowsPerSample)};
    if (m_padded) {
        outside.states = m_padded->states ? at::cat(states) : at::Tensor();
        rows.outside = std::move(outside);
    }
    return rows;
}

std::vector<LiveTeacher::Computed> LiveTeacher::run(std::span<const TeacherSample> samples)
{
    std::vector<const dataset::Sample*> plain;
    for (const TeacherSample& sample : samples) {
        plain.push_back(sample.sample);
    }
    m_samplesRun += static_cast<std::int64_t>(samples.size());
    if (m_padded) {
        return runPadded(plain);
    }
    const PackedRows packed = packRows(plain, m_lossOn, m_device);
    const at::Tensor rows = m_model->hiddenStates(packed.tokens).index_select(0, packed.index);
    std::vector<Computed> computed;
    for (const at::Tensor& part : rows.split_with_sizes(packed.rowsPerSample)) {
        computed.push_back({part, 0, {}, {}, {}});
    }
    return computed;
}

std::vector<LiveTeacher::Computed> LiveTeacher::runPadded(std::span<const dataset::Sample* const> samples)
{
    const PaddedRows padded = padRows(samples, m_lossOn, m_padded->length, m_padded->padding, m_device);
    const at::Tensor all = m_model->hiddenStates(padded.rows.tokens);
    const std::vector<at::Tensor> rows =
        all.index_select(0, padded.rows.index).split_with_sizes(padded.rows.rowsPerSample);
    const std::vector<at::Tensor> others =
        all.index_select(0, padded.outside).split_with_sizes(padded.outsidePerSample);
    std::vector<Computed> computed;
    for (std::size_t i = 0; i < samples.size(); ++i) {
        computed.push_back({rows[i], others[i].size(0), momentsOf(others[i]), {}, {}});
        if (m_padded->said) {
            computed.back().said = saidMoments(others[i], head(), embedding());
        }
        if (m_padded->states) {
            computed.back().states = others[i];
        }
    }
    return computed;
}

} // namespace dskd::teacher

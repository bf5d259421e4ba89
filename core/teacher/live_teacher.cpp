#include "core/teacher/live_teacher.h"

#include "core/teacher/packed_rows.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/cat.h>
#include <utility>

namespace dskd::teacher
{

LiveTeacher::LiveTeacher(std::unique_ptr<model::CausalLm> model, config::LossOn lossOn, std::size_t cacheBytes)
    : m_model(std::move(model)), m_lossOn(lossOn), m_device(m_model->head().device()), m_cacheBytes(cacheBytes)
{
}

TeacherRows LiveTeacher::rows(std::span<const TeacherSample> samples)
{
    const at::NoGradGuard noGrad;
    std::vector<at::Tensor> hidden(samples.size());
    std::vector<TeacherSample> missing;
    std::vector<std::size_t> missingAt;
    for (std::size_t i = 0; i < samples.size(); ++i) {
        const auto found = m_cache.find(samples[i].key);
        if (found != m_cache.end()) {
            hidden[i] = found->second;
        } else {
            missing.push_back(samples[i]);
            missingAt.push_back(i);
        }
    }
    const std::size_t atOnce = m_device.is_cpu() ? 1 : missing.size();
    for (std::size_t first = 0; first < missing.size(); first += atOnce) {
        std::vector<at::Tensor> computed = run(std::span(missing).subspan(first, atOnce));
        for (std::size_t i = 0; i < computed.size(); ++i) {
            const TeacherSample& sample = missing[first + i];
            if (sample.key >= 0 && m_cachedBytes + computed[i].nbytes() <= m_cacheBytes) {
                computed[i] = computed[i].clone(); // without what its neighbours share the storage with
                m_cachedBytes += computed[i].nbytes();
                m_cache.emplace(sample.key, computed[i]);
            }
            hidden[missingAt[first + i]] = std::move(computed[i]);
        }
    }
    std::vector<const dataset::Sample*> plain;
    for (const TeacherSample& sample : samples) {
        plain.push_back(sample.sample);
    }
    PackedRows packed = packRows(plain, m_lossOn, m_device);
    return {at::cat(hidden), packed.labels, packed.inputIds, std::move(packed.rowsPerSample)};
}

std::vector<at::Tensor> LiveTeacher::run(std::span<const TeacherSample> samples)
{
    std::vector<const dataset::Sample*> plain;
    for (const TeacherSample& sample : samples) {
        plain.push_back(sample.sample);
    }
    const PackedRows packed = packRows(plain, m_lossOn, m_device);
    const at::Tensor rows = m_model->hiddenStates(packed.tokens).index_select(0, packed.index);
    m_samplesRun += static_cast<std::int64_t>(samples.size());
    return rows.split_with_sizes(packed.rowsPerSample);
}

} // namespace dskd::teacher

#pragma once

#include "core/config/schema/experiment.h"
#include "core/model/causal_lm.h"
#include "core/teacher/teacher_source.h"

#include <cstddef>
#include <memory>
#include <optional>
#include <unordered_map>

namespace dskd::teacher
{

// Runs the teacher, and remembers the hidden states of response rows while they fit into a byte budget, so that the
// second epoch does not run it again. On the CPU every sample goes through alone: its values then do not depend on the
// samples beside it, and a resumed run, whose memory starts empty, sees the same bits. On other devices all missing
// samples of a micro-batch go through together.
class LiveTeacher final : public TeacherSource
{
public:
    LiveTeacher(std::unique_ptr<model::CausalLm> model, config::LossOn lossOn, std::size_t cacheBytes,
                std::optional<PaddedBatch> padded = std::nullopt);

    TeacherRows rows(std::span<const TeacherSample> samples) override;
    [[nodiscard]] at::Tensor head() const override { return m_model->head(); }
    [[nodiscard]] double headSoftcap() const override { return m_model->config().headSoftcap; }
    [[nodiscard]] at::Tensor embedding() const override { return m_model->inputEmbedding(); }
    [[nodiscard]] std::int64_t width() const override { return m_model->config().width; }
    [[nodiscard]] model::CausalLm* liveModel() override { return m_model.get(); }

    [[nodiscard]] const PaddedBatch* padded() const override { return m_padded ? &*m_padded : nullptr; }

    [[nodiscard]] std::size_t cachedBytes() const { return m_cachedBytes; }
    [[nodiscard]] std::int64_t samplesRun() const { return m_samplesRun; } // forward passes of samples so far

private:
    // One sample's.
    struct Computed {
        at::Tensor rows; // (rows, D)
        std::int64_t positions = 0;
        OutsideMoments hidden;
        OutsideMoments said;
        at::Tensor states; // (positions, D) or undefined
    };
    [[nodiscard]] std::vector<Computed> run(std::span<const TeacherSample> samples);
    [[nodiscard]] std::vector<Computed> runPadded(std::span<const dataset::Sample* const> samples);

    std::unique_ptr<model::CausalLm> m_model;
    config::LossOn m_lossOn;
    at::Device m_device;
    std::size_t m_cacheBytes;
    std::size_t m_cachedBytes = 0;
    std::int64_t m_samplesRun = 0;
    std::optional<PaddedBatch> m_padded;
    std::unordered_map<std::int64_t, Computed> m_cache; // by key
};

} // namespace dskd::teacher

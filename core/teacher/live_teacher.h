#pragma once

#include "core/batch/packed_rows.h"
#include "core/batch/step_rows.h"
#include "core/config/schema/data_config.h"
#include "core/model/causal_lm.h"
#include "core/teacher/teacher_source.h"

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

namespace dskd::teacher
{

// Runs the teacher, and caches the hidden states of response rows while they fit into a byte budget, so that the
// second epoch does not run it again. On the CPU every sample goes through alone: its values then do not depend on the
// samples beside it, and a resumed run, whose cache starts empty, gets the same bits. On other devices all missing
// samples of a micro-batch go through together.
class LiveTeacher final : public TeacherSource
{
public:
    LiveTeacher(std::unique_ptr<model::CausalLm> model, config::LossOn lossOn, std::size_t cacheBytes,
                std::optional<batch::PaddedBatch> padded = std::nullopt);

    [[nodiscard]] batch::SideRows rows(std::span<const TeacherSample> samples) override;
    [[nodiscard]] at::Tensor head() const override { return m_model->head(); }
    [[nodiscard]] double headSoftcap() const override { return m_model->config().headSoftcap; }
    [[nodiscard]] model::CausalLm* liveModel() override { return m_model.get(); }

    [[nodiscard]] const batch::PaddedBatch* padded() const override { return m_padded ? &*m_padded : nullptr; }

    [[nodiscard]] std::size_t cachedBytes() const { return m_cachedBytes; }
    [[nodiscard]] std::int64_t samplesRun() const { return m_samplesRun; } // forward passes of samples so far

private:
    // What running one sample gives.
    struct Computed {
        at::Tensor hidden;          // (rows, D)
        batch::OutsideRows outside; // of the sample alone; nothing without m_padded, states only where they are needed
    };
    [[nodiscard]] std::vector<Computed> run(std::span<const TeacherSample> samples);
    [[nodiscard]] batch::OutsideRows outsideOf(const at::Tensor& states) const;

    std::unique_ptr<model::CausalLm> m_model;
    config::LossOn m_lossOn;
    at::Device m_device;
    std::size_t m_cacheBytes;
    std::size_t m_cachedBytes = 0;
    std::int64_t m_samplesRun = 0;
    std::optional<batch::PaddedBatch> m_padded;
    std::unordered_map<std::int64_t, Computed> m_cache; // by key
};

} // namespace dskd::teacher

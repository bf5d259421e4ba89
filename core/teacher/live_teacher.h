#pragma once

#include "core/batch/packed_rows.h"
#include "core/batch/step_rows.h"
#include "core/cache/row_store.h"
#include "core/config/schema/data_config.h"
#include "core/model/causal_lm.h"
#include "core/teacher/teacher_source.h"

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

namespace dskd::teacher
{

// Rows that other runs share, and what is called with a warning when they cannot be used.
struct SharedRows {
    cache::RowStore store;
    std::function<void(const std::string& warning)> warn;
};

// Runs the teacher, and caches the hidden states of response rows while they fit into a byte budget, so that the
// second epoch does not run it again. On the CPU every sample goes through alone: its values then do not depend on the
// samples beside it, and a resumed run, whose cache starts empty, gets the same bits. On other devices all missing
// samples of a micro-batch go through together.
//
// With shared rows a sample that any run has met before is read from the disk. Of two runs that need it at once, one
// computes it and the other waits. The first sample that is found there is computed once more and compared: where it
// differs, the rows are another teacher's, and all are forgotten. Rows that cannot be written are computed as without;
// one warning is given. Not for padded batches, whose other positions are not kept.
class LiveTeacher final : public TeacherSource
{
public:
    LiveTeacher(std::unique_ptr<model::CausalLm> model, config::LossOn lossOn, std::size_t cacheBytes,
                std::optional<batch::PaddedBatch> padded = std::nullopt,
                std::optional<SharedRows> shared = std::nullopt);

    [[nodiscard]] batch::SideRows rows(std::span<const TeacherSample> samples) override;
    [[nodiscard]] at::Tensor head() const override { return m_model->head(); }
    [[nodiscard]] double headSoftcap() const override { return m_model->config().headSoftcap; }
    [[nodiscard]] model::CausalLm* liveModel() override { return m_model.get(); }

    [[nodiscard]] const batch::PaddedBatch* padded() const override { return m_padded ? &*m_padded : nullptr; }

    [[nodiscard]] std::size_t cachedBytes() const { return m_cachedBytes; }
    [[nodiscard]] std::int64_t samplesRun() const { return m_samplesRun; }   // forward passes of samples so far
    [[nodiscard]] std::int64_t samplesRead() const { return m_samplesRead; } // of shared rows

private:
    // What running one sample gives.
    struct Computed {
        at::Tensor hidden;          // (rows, D)
        batch::OutsideRows outside; // of the sample alone; nothing without m_padded, states only where they are needed
    };
    [[nodiscard]] std::vector<Computed> run(std::span<const TeacherSample> samples);
    [[nodiscard]] batch::OutsideRows outsideOf(const at::Tensor& states) const;
    void remember(const TeacherSample& sample, Computed& computed);
    // Sets `known` of the samples at these places, which are all missing, by running them.
    void runMissing(std::span<const TeacherSample> samples, const std::vector<std::size_t>& places,
                    std::vector<Computed>& known);

    // Shared rows; all without effect where there are none, or the sample has no key.
    [[nodiscard]] bool isShared(const TeacherSample& sample) const { return m_shared && sample.key >= 0; }
    [[nodiscard]] cache::RowKey keyOf(const TeacherSample& sample) const;
    [[nodiscard]] bool readShared(const TeacherSample& sample, Computed& computed);
    [[nodiscard]] bool belongToThisTeacher(const TeacherSample& sample, const at::Tensor& stored);
    void writeShared(const TeacherSample& sample, const at::Tensor& hidden);
    // Which of the samples at `missing` another run computes now; the others are claimed for this one.
    [[nodiscard]] std::vector<std::size_t> takenByOthers(std::span<const TeacherSample> samples,
                                                         std::vector<std::size_t>& missing);

    std::unique_ptr<model::CausalLm> m_model;
    config::LossOn m_lossOn;
    at::Device m_device;
    std::size_t m_cacheBytes;
    std::size_t m_cachedBytes = 0;
    std::int64_t m_samplesRun = 0;
    std::int64_t m_samplesRead = 0;
    std::optional<batch::PaddedBatch> m_padded;
    std::optional<SharedRows> m_shared;
    bool m_sharedRowsFit = false;                       // a sample of them was compared
    bool m_sharedRowsGrow = true;                       // false once one could not be written
    std::unordered_map<std::int64_t, Computed> m_cache; // by key
};

} // namespace dskd::teacher

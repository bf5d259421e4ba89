#pragma once

// When a micro-batch is distilled on answers of the student's own: always with the same probability (fixed), or as in
// DistiLLM (Ko et al., ICML 2024) the more often the worse it does, partly on answers that were sampled before.

#include "core/config/schema/on_policy_config.h"
#include "core/train/answers/answer_state.h"

#include <cstdint>
#include <vector>

namespace dskd::train
{

enum class AnswersFrom { Data, Student, Buffer };

// Decides by seed, step and state only. Any thread.
class AnswerSchedule
{
public:
    AnswerSchedule(std::uint64_t seed, const config::OnPolicyConfig& config, std::int64_t stepsPerEpoch,
                   std::int64_t totalSteps);

    [[nodiscard]] bool adaptive() const { return m_config.schedule == config::OnPolicySchedule::Adaptive; }

    // Whose answers micro-batch `batch` of update `update` (both from 0) is distilled on. Adaptive, with threshold phi,
    // r uniform in [0, 1) and t of T updates done: r < phi (1 - t/T) (decreasing replay of fresh answers; constant:
    // phi / 2, increasing: phi t/T) or r < phi while the buffer is not full: the student's; else r < phi: the
    // buffer's; else the data's.
    [[nodiscard]] AnswersFrom pick(std::int64_t update, std::int64_t batch, const ScheduleState& state) const;

    [[nodiscard]] double threshold(const ScheduleState& state) const;
    // A validation has ended: raises the threshold, up to on_policy.ratio, when its loss is on_policy.tolerance or more
    // above that of the one before. Nothing for the fixed schedule.
    void validated(double loss, ScheduleState& state) const;

    // The oldest answers make room for them.
    void addToBuffer(const std::vector<OwnAnswer>& answers, ScheduleState& state) const;
    // `count` different answers of the buffer, or all of them when it holds fewer.
    [[nodiscard]] std::vector<OwnAnswer> replayed(std::int64_t count, std::int64_t update, std::int64_t batch,
                                                  const ScheduleState& state) const;

private:
    std::uint64_t m_seed;
    config::OnPolicyConfig m_config;
    std::int64_t m_stepsPerEpoch;
    std::int64_t m_totalSteps;
};

} // namespace dskd::train

#pragma once

// What training on sampled answers keeps from step to step. It is no function of seed and step (the student that
// sampled is gone), so it lies in the checkpoint.

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <vector>

namespace dskd::train
{

// An answer of the student's own.
struct OwnAnswer {
    std::int64_t sample = 0;       // whose prompt it answers: an index into the training examples
    std::vector<std::int64_t> ids; // in the student's tokens, with the one that ended it unless it was cut

    bool operator==(const OwnAnswer&) const = default;
};

// DistiLLM's adaptive schedule (answer_schedule.h).
struct ScheduleState {
    std::optional<double> threshold;      // share of own answers; not there: the configured start
    std::optional<double> validationLoss; // of the validation before
    std::vector<OwnAnswer> buffer;        // the oldest first

    bool operator==(const ScheduleState&) const = default;
};

// A sampled answer with what the policy gradient needs of the student that sampled it; one number a token.
struct Rollout {
    OwnAnswer answer;
    std::vector<double> logProbs; // of the student that sampled it
    std::vector<double> weights;  // importance weights
    std::vector<double> advantages;

    bool operator==(const Rollout&) const = default;
};

// Rollouts that were sampled at once and are learned from in several passes (policy_gradient.h).
struct RolloutSet {
    std::int64_t sampled = 0; // sets until now, this one among them
    std::int64_t updates = 0; // optimizer steps of this set
    std::vector<Rollout> rollouts;
    double reward = 0.0;       // mean over the tokens
    double reverseKl = 0.0;    // mean of log q - log p over the tokens
    double answerLength = 0.0; // mean tokens

    bool operator==(const RolloutSet&) const = default;
};

[[nodiscard]] nlohmann::json toJson(const ScheduleState& state);
[[nodiscard]] nlohmann::json toJson(const RolloutSet& set);
// Throw nlohmann::json::exception for anything that toJson did not write. Numbers come back with the same bits.
[[nodiscard]] ScheduleState scheduleState(const nlohmann::json& json);
[[nodiscard]] RolloutSet rolloutSet(const nlohmann::json& json);

} // namespace dskd::train

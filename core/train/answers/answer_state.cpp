#include "core/train/answers/answer_state.h"

#include <nlohmann/json.hpp>

namespace dskd::train
{
namespace
{

nlohmann::json answerJson(const OwnAnswer& answer)
{
    return {{"sample", answer.sample}, {"ids", answer.ids}};
}

OwnAnswer ownAnswer(const nlohmann::json& json)
{
    return {json.at("sample").get<std::int64_t>(), json.at("ids").get<std::vector<std::int64_t>>()};
}

} // namespace

nlohmann::json toJson(const ScheduleState& state)
{
    nlohmann::json json = nlohmann::json::object();
    if (state.threshold) {
        json["threshold"] = *state.threshold;
    }
    if (state.validationLoss) {
        json["validation_loss"] = *state.validationLoss;
    }
    json["buffer"] = nlohmann::json::array();
    for (const OwnAnswer& answer : state.buffer) {
        json["buffer"].push_back(answerJson(answer));
    }
    return json;
}

ScheduleState scheduleState(const nlohmann::json& json)
{
    ScheduleState state;
    if (json.contains("threshold")) {
        state.threshold = json.at("threshold").get<double>();
    }
    if (json.contains("validation_loss")) {
        state.validationLoss = json.at("validation_loss").get<double>();
    }
    for (const nlohmann::json& answer : json.at("buffer")) {
        state.buffer.push_back(ownAnswer(answer));
    }
    return state;
}

nlohmann::json toJson(const RolloutSet& set)
{
    nlohmann::json rollouts = nlohmann::json::array();
    for (const Rollout& rollout : set.rollouts) {
        nlohmann::json json = answerJson(rollout.answer);
        json["log_probs"] = rollout.logProbs;
        json["weights"] = rollout.weights;
        json["advantages"] = rollout.advantages;
        rollouts.push_back(std::move(json));
    }
    return {{"sampled", set.sampled}, {"updates", set.updates},      {"rollouts", rollouts},
            {"reward", set.reward},   {"reverse_kl", set.reverseKl}, {"answer_length", set.answerLength}};
}

RolloutSet rolloutSet(const nlohmann::json& json)
{
    RolloutSet set;
    set.sampled = json.at("sampled").get<std::int64_t>();
    set.updates = json.at("updates").get<std::int64_t>();
    for (const nlohmann::json& rollout : json.at("rollouts")) {
        set.rollouts.push_back({ownAnswer(rollout), rollout.at("log_probs").get<std::vector<double>>(),
                                rollout.at("weights").get<std::vector<double>>(),
                                rollout.at("advantages").get<std::vector<double>>()});
    }
    set.reward = json.at("reward").get<double>();
    set.reverseKl = json.at("reverse_kl").get<double>();
    set.answerLength = json.at("answer_length").get<double>();
    return set;
}

} // namespace dskd::train

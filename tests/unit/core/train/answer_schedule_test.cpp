// When own answers are used, and what is remembered of them.

#include "core/train/answers/answer_schedule.h"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include <map>
#include <set>

namespace dskd::train
{
namespace
{

config::OnPolicyConfig adaptiveConfig()
{
    config::OnPolicyConfig config;
    config.ratio = 0.8;
    config.schedule = config::OnPolicySchedule::Adaptive;
    config.threshold = 0.4;
    config.bufferSize = 4;
    return config;
}

ScheduleState fullBuffer()
{
    ScheduleState state;
    for (std::int64_t i = 0; i < 4; ++i) {
        state.buffer.push_back({i, {i, i + 1}});
    }
    return state;
}

// Shares of 2000 micro-batches around `update` of 1000.
std::map<AnswersFrom, double> shares(const config::OnPolicyConfig& config, const ScheduleState& state,
                                     std::int64_t update)
{
    const AnswerSchedule schedule(10, config, 10, 1000);
    std::map<AnswersFrom, double> result;
    for (std::int64_t batch = 0; batch < 2000; ++batch) {
        result[schedule.pick(update, batch, state)] += 1.0 / 2000.0;
    }
    return result;
}

constexpr double kFiveDeviations = 0.056; // of a share of 2000 draws

TEST(FixedSchedule, TakesTheShareOfMicroBatchesFromItsEpochOn)
{
    config::OnPolicyConfig config;
    config.ratio = 0.5;
    config.startEpoch = 2.0;
    EXPECT_THAT(shares(config, {}, 19),
                testing::ElementsAre(testing::Pair(AnswersFrom::Data, testing::DoubleNear(1, 1e-9))));
    auto later = shares(config, {}, 20);
    EXPECT_NEAR(later[AnswersFrom::Student], 0.5, kFiveDeviations);
    EXPECT_EQ(later.count(AnswersFrom::Buffer), 0U);
    config.ratio = 1.0;
    EXPECT_EQ(AnswerSchedule(10, config, 10, 100).pick(20, 3, {}), AnswersFrom::Student);
}

TEST(AdaptiveSchedule, SplitsTheThresholdBetweenFreshAndReplayedAnswersOverTraining)
{
    config::OnPolicyConfig config = adaptiveConfig();
    const ScheduleState full = fullBuffer();
    const auto expect = [&](std::int64_t update, double fresh, double replayed) {
        auto got = shares(config, full, update);
        EXPECT_NEAR(got[AnswersFrom::Student], fresh, kFiveDeviations) << update;
        EXPECT_NEAR(got[AnswersFrom::Buffer], replayed, kFiveDeviations) << update;
        EXPECT_NEAR(got[AnswersFrom::Data], 0.6, kFiveDeviations) << update;
    };
    expect(0, 0.4, 0.0);
    expect(250, 0.3, 0.1);
    expect(1000, 0.0, 0.4);
    config.replay = config::ReplayRatio::Increasing;
    expect(250, 0.1, 0.3);
    config.replay = config::ReplayRatio::Constant;
    expect(250, 0.2, 0.2);
}

TEST(AdaptiveSchedule, FillsTheBufferBeforeItReplays)
{
    ScheduleState state = fullBuffer();
    state.buffer.pop_back();
    auto got = shares(adaptiveConfig(), state, 900);
    EXPECT_NEAR(got[AnswersFrom::Student], 0.4, kFiveDeviations);
    EXPECT_EQ(got.count(AnswersFrom::Buffer), 0U);
}

TEST(AdaptiveSchedule, RaisesTheThresholdWhenTheValidationLossHasRisenByTheTolerance)
{
    const AnswerSchedule schedule(10, adaptiveConfig(), 10, 100);
    ScheduleState state;
    EXPECT_DOUBLE_EQ(schedule.threshold(state), 0.4);
    const auto after = [&](double loss) {
        schedule.validated(loss, state);
        return schedule.threshold(state);
    };
    EXPECT_DOUBLE_EQ(after(3.0), 0.4) << "nothing to compare with yet";
    EXPECT_DOUBLE_EQ(after(3.05), 0.4) << "within the tolerance";
    EXPECT_DOUBLE_EQ(after(3.16), 0.5);
    EXPECT_DOUBLE_EQ(after(2.0), 0.5) << "it never falls";
    EXPECT_DOUBLE_EQ(after(2.5), 0.6) << "compared with the validation before";
    EXPECT_DOUBLE_EQ(after(3.5), 0.7);
    EXPECT_DOUBLE_EQ(after(4.5), 0.8);
    EXPECT_DOUBLE_EQ(after(5.5), 0.8) << "at most on_policy.ratio";
}

TEST(ReplayBuffer, ForgetsTheOldestFirst)
{
    const AnswerSchedule schedule(10, adaptiveConfig(), 10, 100);
    ScheduleState state = fullBuffer();
    schedule.addToBuffer({{7, {1}}, {8, {2}}}, state);
    std::vector<std::int64_t> samples;
    for (const OwnAnswer& answer : state.buffer) {
        samples.push_back(answer.sample);
    }
    EXPECT_THAT(samples, testing::ElementsAre(2, 3, 7, 8));
}

TEST(ReplayBuffer, GivesDifferentAnswersTheSameForTheSameStep)
{
    const AnswerSchedule schedule(10, adaptiveConfig(), 10, 100);
    const ScheduleState state = fullBuffer();
    EXPECT_EQ(schedule.replayed(2, 5, 0, state), schedule.replayed(2, 5, 0, state));
    EXPECT_EQ(schedule.replayed(9, 5, 0, state).size(), 4U);
    EXPECT_TRUE(schedule.replayed(3, 5, 0, {}).empty());
    std::map<std::int64_t, int> drawn;
    for (std::int64_t update = 0; update < 400; ++update) {
        std::set<std::int64_t> samples;
        for (const OwnAnswer& answer : schedule.replayed(2, update, 0, state)) {
            samples.insert(answer.sample);
            ++drawn[answer.sample];
        }
        EXPECT_EQ(samples.size(), 2U);
    }
    for (const auto& [sample, count] : drawn) {
        EXPECT_NEAR(count, 200, 50) << sample; // five standard deviations of 400 fair coins
    }
}

TEST(AnswerState, ComesBackFromJsonWithTheSameBits)
{
    ScheduleState state = fullBuffer();
    state.threshold = 0.1 + 0.2;
    state.validationLoss = 1.0 / 3.0;
    EXPECT_EQ(scheduleState(nlohmann::json::parse(toJson(state).dump())), state);
    EXPECT_EQ(scheduleState(nlohmann::json::parse(toJson(ScheduleState{}).dump())), ScheduleState{});
    RolloutSet set;
    set.sampled = 3;
    set.updates = 2;
    Rollout& rollout = set.rollouts.emplace_back();
    rollout.answer.sample = 5;
    rollout.answer.ids = {1, 2};
    rollout.logProbs = {-1.0 / 3.0, -1e-300};
    rollout.weights = {0.1, 1e17 + 2};
    rollout.advantages = {1.0 / 7.0, -0.0};
    set.reward = -2.0 / 3.0;
    EXPECT_EQ(rolloutSet(nlohmann::json::parse(toJson(set).dump())), set);
    EXPECT_THROW((void)rolloutSet(nlohmann::json::object()), nlohmann::json::exception);
}

} // namespace
} // namespace dskd::train

#pragma once

// Learning from the student's own answers: by distillation on them, or by their policy gradient.

#include <cstdint>

namespace dskd::config
{

// When the student's own answers are used: always alike, or the more often the worse it does (DistiLLM), from a buffer.
enum class OnPolicySchedule { Fixed, Adaptive };
// How DistiLLM's share of replayed answers runs over training.
enum class ReplayRatio { Decreasing, Constant, Increasing };

// From which answers the student is distilled: besides those of the data, its own (on-policy, DSKD v2 and GKD).
struct OnPolicyConfig {
    double ratio = 0.0; // share of the micro-batches that are distilled on the student's answers; 0: off. With
                        // the adaptive schedule its largest value
    OnPolicySchedule schedule = OnPolicySchedule::Fixed;
    double startEpoch = 0.0; // before it, none
    std::int64_t maxNewTokens = 128;
    double temperature = 1.0;
    double topP = 1.0;
    std::int64_t topK = 0;
    // DistiLLM (schedule Adaptive)
    double threshold = 0.0;         // share of own answers at the start
    double thresholdStep = 0.1;     // added when the validation loss has risen by `tolerance`
    double tolerance = 0.1;         // nats
    std::int64_t bufferSize = 1000; // answers kept for replay
    ReplayRatio replay = ReplayRatio::Decreasing;
};

// The policy gradient of MiniLLM (method.objective PolicyGradient).
struct PolicyGradientConfig {
    double teacherMix = 0.2;         // share of the teacher in the distribution that answers are sampled from
    double rewardScaling = 0.5;      // rewards are divided by it
    double rewardClip = 100.0;       // then clipped to +-this
    double discount = 0.95;          // gamma of the return
    bool lengthNormalisation = true; // returns are divided by the tokens that remain
    double clipRatio = 0.2;          // of the importance weight's change (PPO)
    std::int64_t innerEpochs = 4;    // passes over a set of rollouts
    std::int64_t rollouts = 16;      // answers sampled at once
    bool singleStep = true;          // adds the reverse KL of every single position (the regulariser)
    double dataRate = 1.0;           // weight of cross-entropy and KL on the data's answers
};

} // namespace dskd::config

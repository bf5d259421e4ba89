#pragma once

// What a training run reports. The trainer uses this interface only; app/worker turns the calls into rows of
// run.db, tests collect them in vectors. Called from the training thread, in order of step. What
// comes every step must not block; onPlan, onCheckpoint and onPhase("saving") may wait for the disk.

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace dskd::train
{

// A matrix over the tokens of one probe sample: cross-model attention.
struct HeatMap {
    std::string name; // "cma.t2s", "cma.s2t"
    std::int64_t sample = 0;
    std::vector<std::string> rowTokens;
    std::vector<std::string> columnTokens;
    std::vector<float> values; // rowTokens.size() x columnTokens.size(), row by row
};

struct GeneratedAnswer {
    std::int64_t sample = 0;
    std::string prompt;
    std::string reference;
    std::string answer;
    double rougeL = 0.0;     // F1 in [0, 1]
    bool exactMatch = false; // after score::normalisedAnswer
    bool ended = false;      // by an end-of-text token; false: it was cut
};

class Observer
{
public:
    virtual ~Observer() = default;

    // Names as in the field: loss, nll_loss, kd_loss, t2s_acc, lr, grad_norm, tokens_per_second, ...
    // validation.* for values of a validation, structure.* for structure distances.
    virtual void onMetrics(std::int64_t step, std::int64_t tokens, const std::map<std::string, double>& values) = 0;
    virtual void onHeatMap(std::int64_t step, const HeatMap& map) = 0;
    virtual void onAnswers(std::int64_t step, const std::vector<GeneratedAnswer>& answers) = 0;
    virtual void onCheckpoint(std::int64_t step, const std::string& folder) = 0;
    // "data", "model", "warning", ...: a sentence for the log page.
    virtual void onEvent(std::int64_t step, const std::string& kind, const std::string& message) = 0;
    // "loading", "training", "validating", "saving": what the job is busy with from now on.
    virtual void onPhase(std::int64_t step, const std::string& phase) = 0;
    // Known once data and models are read; called before the first step.
    virtual void onPlan(std::int64_t totalSteps, std::int64_t stepsPerEpoch) = 0;
};

} // namespace dskd::train

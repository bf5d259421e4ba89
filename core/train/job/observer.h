#pragma once

// What a training run reports. The trainer uses this interface only; app/worker turns the calls into rows of
// run.db, tests collect them in vectors. Called from the training thread, in order of step. What
// comes every step must not block; onPlan, onCheckpoint and onPhase("saving") may wait for the disk.

#include <array>
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
    std::vector<std::string> rowTokens; // the first log.map_tokens of the sample's
    std::vector<std::string> columnTokens;
    std::vector<float> values;     // rowTokens.size() x columnTokens.size(), row by row
    std::int64_t wholeRows = 0;    // tokens of the sample: more than rowTokens where the map is cut
    std::int64_t wholeColumns = 0; // likewise of columnTokens
};

// How differently student and teacher arrange the tokens of one probe sample (core/analysis/structure_distance.h).
struct SampleStructure {
    std::int64_t sample = 0;
    std::int64_t rows = 0; // tokens of the sample that both models predict, which are compared
    double cosine = 0.0;   // Eqn. 18
    double product = 0.0;  // Eqn. 19
    double cosineMean = 0.0;
    double productMean = 0.0;
    std::int64_t productRows = 0;
};

// Whose space a picture shows, whose state a point is, whose answer it is. In the space of one the states of the other
// are projected.
enum class Side { Student, Teacher };

// The axes of one space's pictures: fitted at the first probe, the same ever after (core/analysis/principal_axes.h).
struct SpaceAxes {
    std::int64_t step = 0; // of that probe
    Side space = Side::Student;
    std::vector<double> center; // as wide as the space
    std::vector<double> first;  // of length 1, as `second`
    std::vector<double> second;
    std::array<double, 2> explained = {0, 0}; // share of the variance along each
};

// A hidden state in a picture of a space. Not finite where the state is not.
struct SpacePoint {
    Side space = Side::Student;
    Side side = Side::Student; // another than `space`: it is projected
    std::int64_t sample = 0;
    std::int64_t row = 0; // of the side whose space it is; two points of one row are each other's counterpart
    std::string token;    // that the row predicts
    double x = 0.0;
    double y = 0.0;
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
    // validation.* for values of a validation, structure.* for structure distances, probe.* for other values of the
    // probe samples.
    virtual void onMetrics(std::int64_t step, std::int64_t tokens, const std::map<std::string, double>& values) = 0;
    virtual void onHeatMap(std::int64_t step, const HeatMap& map) = 0;
    // Of one probe: the samples of which rows are compared; axes that were fitted in it, before the first points on
    // them; the points of every space.
    virtual void onStructure(std::int64_t step, const std::vector<SampleStructure>& samples) = 0;
    virtual void onSpaceAxes(const SpaceAxes& axes) = 0;
    virtual void onSpacePoints(std::int64_t step, const std::vector<SpacePoint>& points) = 0;
    // What onSpaceAxes got in earlier attempts of the run, the newest of each space: a resumed run draws on them.
    [[nodiscard]] virtual std::vector<SpaceAxes> keptAxes() const = 0;
    virtual void onAnswers(std::int64_t step, const std::vector<GeneratedAnswer>& answers) = 0;
    // Of the teacher, or of the student before the first step, to the prompts of the validations.
    virtual void onBaselineAnswers(Side of, const std::vector<GeneratedAnswer>& answers) = 0;
    virtual void onCheckpoint(std::int64_t step, const std::string& folder) = 0;
    // "data", "model", "warning", ...: a sentence for the log page.
    virtual void onEvent(std::int64_t step, const std::string& kind, const std::string& message) = 0;
    // "loading", "training", "validating", "saving": what the job is busy with from now on.
    virtual void onPhase(std::int64_t step, const std::string& phase) = 0;
    // Known once data and models are read; called before the first step.
    virtual void onPlan(std::int64_t totalSteps, std::int64_t stepsPerEpoch) = 0;
};

} // namespace dskd::train

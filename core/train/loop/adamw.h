#pragma once

// AdamW (Loshchilov and Hutter, 2019) with float32 state whatever the dtype of the parameters.

#include <ATen/core/Tensor.h>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace dskd::train
{

struct Parameter {
    std::string name;
    at::Tensor tensor;  // a live leaf that requires gradients
    bool decays = true; // with the weight decay of its group; false for biases and norms, as a rule
};

// Parameters that share a learning rate, which step() gives under the group's name.
struct ParameterGroup {
    std::string name;
    double weightDecay = 0.0;
    std::vector<Parameter> parameters = {};
};

struct AdamOptions {
    double beta1 = 0.9;
    double beta2 = 0.999;
    double epsilon = 1e-8;
};

// Order of a step: backward() and collectGradients() for each micro-batch, clipGradients(), step().
// Parameters below float32 get a float32 master copy and float32 gradient sums. Worker only, one thread.
//
// State is saved by the names of the parameters, so a checkpoint does not depend on how they are grouped. Gradient
// norms are summed in the order of the groups, decaying parameters first: another order would round differently.
class AdamW
{
public:
    AdamW(const AdamOptions& options, std::vector<ParameterGroup> groups);

    // Adds what backward() left in the parameters' grad to the float32 sums and clears it. A parameter that is float32
    // already keeps its grad as the sum.
    void collectGradients();

    // The global 2-norm over all groups before clipping; scales the gradients down to maxNorm when it is larger.
    // maxNorm 0: no clipping.
    double clipGradients(double maxNorm);

    // What collectGradients() has summed since the last update, in the order of the groups, float32; undefined where a
    // parameter has none. clipGradients() scales these tensors.
    [[nodiscard]] std::vector<at::Tensor> gradients() const;

    // One update; `rates` has the learning rate of every group by its name. Parameters without a gradient are left
    // alone. Clears all gradients. Throws c10::Error naming the group when one has no rate.
    void step(const std::map<std::string, double>& rates);

    void clearGradients();

    // Moments, step counts and master copies under "<parameter>.exp_avg", ".exp_avg_sq", ".steps", ".master".
    [[nodiscard]] std::vector<std::pair<std::string, at::Tensor>> state() const;
    // Copies a saved state in. Throws dskd::Error naming the tensor that is missing or has another shape.
    void loadState(const std::map<std::string, at::Tensor>& saved);

private:
    struct Slot {
        std::string name;
        at::Tensor live;
        at::Tensor master;   // float32; the live tensor itself when that is float32
        at::Tensor gradient; // float32; undefined while there is none
        at::Tensor mean;
        at::Tensor square;
        at::Tensor steps;      // float32 scalar
        std::size_t group = 0; // in m_groups
        bool decays = true;
    };
    struct Group {
        std::string name;
        double weightDecay = 0.0;
    };
    void update(std::size_t group, bool decaying, double rate);

    AdamOptions m_options;
    std::vector<Group> m_groups;
    std::vector<Slot> m_slots;
};

} // namespace dskd::train

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

// Parameters that share a learning rate and a weight decay.
struct ParameterGroup {
    std::vector<std::pair<std::string, at::Tensor>> parameters; // live leaf tensors that require gradients
    double weightDecay = 0.0;
};

struct AdamOptions {
    double beta1 = 0.9;
    double beta2 = 0.999;
    double epsilon = 1e-8;
};

// Order of a step: backward() and collectGradients() for each micro-batch, clipGradients(), step().
// Parameters below float32 get a float32 master copy and float32 gradient sums. Worker only, one thread.
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

    // One update; rates has one learning rate per group. Parameters without a gradient are left alone. Clears all
    // gradients.
    void step(const std::vector<double>& rates);

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
        at::Tensor steps; // float32 scalar
        std::size_t group = 0;
    };

    AdamOptions m_options;
    std::vector<double> m_weightDecay; // per group
    std::vector<Slot> m_slots;
};

} // namespace dskd::train

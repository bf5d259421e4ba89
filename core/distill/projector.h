#pragma once

#include <ATen/core/Tensor.h>
#include <cstdint>
#include <string>

namespace dskd::distill
{

struct LinearParameters {
    at::Tensor weight; // (out, in), requires grad
    at::Tensor bias;   // (out), requires grad; undefined without one
};

// A linear projector as PyTorch's nn.Linear initialises one: weight and bias uniform in +-1/sqrt(in). The numbers come
// from the stream "projector.<name>" of `seed`, so they are the same on every device and do not depend on which other
// projectors exist.
[[nodiscard]] LinearParameters createProjector(const std::string& name, std::int64_t in, std::int64_t out,
                                               std::uint64_t seed, const at::TensorOptions& options,
                                               bool withBias = true);

} // namespace dskd::distill

#pragma once

// The networks that key-query matching sets against the query projector: the discriminator of DSKD-CMA-GA, the critic
// and the navigator of conditional transport, in the sizes of the published code.
//
// Shapes: N rows (queries or keys), w = 2D their width, H hidden width.

#include "core/config/schema/method_config.h"
#include "core/distill/projector.h"

#include <ATen/core/Generator.h>
#include <ATen/core/Tensor.h>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace dskd::distill
{

// Sets elements to 0 and scales the others up, from a generator of its own: the student drops out the same elements
// whether or not there are critics.
class CriticDropout
{
public:
    CriticDropout() = default; // lets everything through
    CriticDropout(double probability, std::uint64_t seed, at::Device device);
    [[nodiscard]] at::Tensor operator()(const at::Tensor& x);

private:
    double m_probability = 0.0;
    std::optional<at::Generator> m_generator;
};

// Worker only, one thread.
class KeyQueryCritics
{
public:
    // Those that `config.matching` needs, as PyTorch initialises nn.Linear, each from its own stream of `seed`.
    KeyQueryCritics(const config::KeyQueryConfig& config, std::int64_t width, std::uint64_t seed,
                    const at::TensorOptions& options);

    // The logit of a row being a key: highway, dropout, linear, leaky ReLU, linear. (N, w) to (N).
    [[nodiscard]] at::Tensor discriminate(const at::Tensor& rows, CriticDropout& dropout) const;
    // The same layers with H outputs of length 1: the space in which transport costs. (N, w) to (N, H).
    [[nodiscard]] at::Tensor criticise(const at::Tensor& rows, CriticDropout& dropout) const;
    // Linear, leaky ReLU, linear, length 1: products of these are the affinities of transport. (N, w) to (N, H).
    [[nodiscard]] at::Tensor navigate(const at::Tensor& rows) const;

    // "key_query.highway.weight", ...; none without a discriminator or critic.
    [[nodiscard]] const std::vector<std::pair<std::string, at::Tensor>>& tensors() const { return m_tensors; }

private:
    LinearParameters create(const std::string& name, std::int64_t in, std::int64_t out);
    [[nodiscard]] at::Tensor judge(const at::Tensor& rows, CriticDropout& dropout) const;

    std::uint64_t m_seed;
    at::TensorOptions m_options;
    bool m_trained;
    LinearParameters m_highway;
    LinearParameters m_hidden;
    LinearParameters m_output;
    LinearParameters m_navigatorHidden;
    LinearParameters m_navigatorOutput;
    std::vector<std::pair<std::string, at::Tensor>> m_tensors;
};

} // namespace dskd::distill

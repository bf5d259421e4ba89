#include "core/distill/key_query_critics.h"

#include <ATen/ATen.h>
#include <ATen/Context.h>

namespace dskd::distill
{
namespace
{

constexpr double kNegativeSlope = 0.1; // of the leaky ReLU

at::Tensor apply(const LinearParameters& linear, const at::Tensor& x)
{
    return at::linear(x, linear.weight, linear.bias);
}

at::Tensor twoLayers(const LinearParameters& first, const LinearParameters& second, const at::Tensor& x)
{
    return apply(second, at::leaky_relu(apply(first, x), kNegativeSlope));
}

at::Tensor ofUnitLength(const at::Tensor& x)
{
    return x / (x.norm(2, {1}, /*keepdim=*/true) + 1e-6);
}

} // namespace

CriticDropout::CriticDropout(double probability, std::uint64_t seed, at::Device device) : m_probability(probability)
{
    if (probability > 0.0) {
        m_generator = at::globalContext().defaultGenerator(device).clone();
        m_generator->set_current_seed(seed);
    }
}

at::Tensor CriticDropout::operator()(const at::Tensor& x)
{
    if (!m_generator) {
        return x;
    }
    const double kept = 1.0 - m_probability;
    return x * at::empty_like(x.detach()).bernoulli_(kept, m_generator) / kept;
}

KeyQueryCritics::KeyQueryCritics(const config::KeyQueryConfig& config, std::int64_t width, std::uint64_t seed,
                                 const at::TensorOptions& options)
    : m_seed(seed), m_options(options), m_trained(config.matching != config::KeyQueryMatching::GanPublished)
{
    using config::KeyQueryMatching;
    const bool transports = config.matching == KeyQueryMatching::Ct;
    if (config.matching == KeyQueryMatching::Off || config.matching == KeyQueryMatching::Sinkhorn) {
        return;
    }
    m_highway = create("key_query.highway", width, width);
    m_hidden = create("key_query.hidden", width, config.hidden);
    m_output = create("key_query.output", config.hidden, transports ? config.hidden : 1);
    if (transports) {
        m_navigatorHidden = create("key_query.navigator.hidden", width, config.hidden);
        m_navigatorOutput = create("key_query.navigator.output", config.hidden, config.hidden);
    }
}

LinearParameters KeyQueryCritics::create(const std::string& name, std::int64_t in, std::int64_t out)
{
    LinearParameters linear = createProjector(name, in, out, m_seed, m_options);
    m_tensors.emplace_back(name + ".weight", linear.weight.requires_grad_(m_trained));
    m_tensors.emplace_back(name + ".bias", linear.bias.requires_grad_(m_trained));
    return linear;
}

at::Tensor KeyQueryCritics::judge(const at::Tensor& rows, CriticDropout& dropout) const
{
    TORCH_CHECK(m_highway.weight.defined(), "this matching has no critics");
    const at::Tensor carried = apply(m_highway, rows);
    const at::Tensor gate = carried.sigmoid();
    return twoLayers(m_hidden, m_output, dropout(gate * carried.relu() + (1.0 - gate) * rows));
}

at::Tensor KeyQueryCritics::discriminate(const at::Tensor& rows, CriticDropout& dropout) const
{
    return judge(rows, dropout).squeeze(1);
}

at::Tensor KeyQueryCritics::criticise(const at::Tensor& rows, CriticDropout& dropout) const
{
    return ofUnitLength(judge(rows, dropout));
}

at::Tensor KeyQueryCritics::navigate(const at::Tensor& rows) const
{
    TORCH_CHECK(m_navigatorHidden.weight.defined(), "this matching has no navigator");
    return ofUnitLength(twoLayers(m_navigatorHidden, m_navigatorOutput, rows));
}

} // namespace dskd::distill

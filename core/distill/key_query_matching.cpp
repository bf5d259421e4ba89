#include "core/distill/key_query_matching.h"

#include "core/base/random_stream.h"
#include "core/distill/key_query_diagnostics.h"
#include "core/distill/optimal_transport.h"
#include "core/metrics/loss_names.h"
#include "core/tensor/wide_float.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <numeric>

namespace dskd::distill
{
namespace
{

using config::KeyQueryMatching;

constexpr std::int64_t kDirections = 64;

// x itself, with a gradient of the other sign.
at::Tensor reversed(const at::Tensor& x)
{
    return 2.0 * x.detach() - x;
}

bool discriminates(KeyQueryMatching matching)
{
    return matching == KeyQueryMatching::Gan || matching == KeyQueryMatching::GanPublished;
}

// `count` of the rows, each at most once: the first places of a shuffle.
at::Tensor someOf(const at::Tensor& rows, std::int64_t count, std::uint64_t seed)
{
    if (rows.size(0) <= count) {
        return rows;
    }
    RandomStream stream(seed);
    std::vector<std::int64_t> order(static_cast<std::size_t>(rows.size(0)));
    std::iota(order.begin(), order.end(), std::int64_t{0});
    for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
        std::swap(order[i], order[i + stream.below(order.size() - i)]);
    }
    order.resize(static_cast<std::size_t>(count));
    return rows.index_select(0, at::tensor(order, at::kLong).to(rows.device()));
}

// The discriminator's accuracy, keys and queries weighted equally: 0.5 is chance.
at::Tensor accuracyOf(const at::Tensor& keyLogits, const at::Tensor& queryLogits)
{
    return 0.5 * (keyLogits.gt(0.0).to(at::kFloat).mean() + queryLogits.lt(0.0).to(at::kFloat).mean());
}

using NamedScalars = std::vector<std::pair<std::string, at::Tensor>>;

NamedScalars distances(const QueriesAndKeys& rows, const at::Tensor& directions)
{
    const at::Tensor query = rows.query.detach();
    return {{"kq_mmd", maximumMeanDiscrepancy(query, rows.key)},
            {"kq_sliced_w", slicedWasserstein(query, rows.key, directions)},
            {"kq_cosine", meanCosine(query, rows.key)}};
}

// One transfer for all.
std::map<std::string, double> valuesOf(const NamedScalars& scalars)
{
    std::vector<at::Tensor> together;
    for (const auto& [name, scalar] : scalars) {
        together.push_back(scalar.detach().to(at::kDouble));
    }
    const at::Tensor numbers = at::stack(together).cpu();
    std::map<std::string, double> values;
    for (std::size_t i = 0; i < scalars.size(); ++i) {
        values[scalars[i].first] = numbers.data_ptr<double>()[i];
    }
    return values;
}

} // namespace

KeyQueryMatcher::KeyQueryMatcher(const config::KeyQueryConfig& config, std::int64_t width, std::uint64_t seed,
                                 const at::TensorOptions& options)
    : m_config(config), m_seed(streamSeed(seed, "key_query")), m_options(options.dtype(tensor::wideFloat(options))),
      m_critics(config, width, seed, m_options),
      m_directions(randomDirections(kDirections, width, streamSeed(m_seed, "directions"), m_options))
{
}

QueriesAndKeys KeyQueryMatcher::drawn(const QueriesAndKeys& all, std::uint64_t seed) const
{
    TORCH_CHECK(all.query.size(1) == m_directions.size(1) && all.key.size(1) == m_directions.size(1), "queries ",
                all.query.sizes(), " and keys ", all.key.sizes(), " must be ", m_directions.size(1), " wide");
    return {someOf(all.query, m_config.rows, streamSeed(seed, "queries")).to(m_options),
            someOf(all.key.detach(), m_config.rows, streamSeed(seed, "keys")).to(m_options)};
}

at::Tensor KeyQueryMatcher::loss(const QueriesAndKeys& rows, CriticDropout& dropout, at::Tensor& accuracy) const
{
    if (discriminates(m_config.matching)) {
        const bool published = m_config.matching == KeyQueryMatching::GanPublished;
        const at::Tensor keyLogits = m_critics.discriminate(rows.key, dropout);
        const at::Tensor queryLogits =
            m_critics.discriminate(published ? rows.query.detach() : reversed(rows.query), dropout);
        accuracy = accuracyOf(keyLogits, queryLogits);
        return -at::log_sigmoid(keyLogits).mean() - at::log_sigmoid(-queryLogits).mean();
    }
    if (m_config.matching == KeyQueryMatching::Ct) {
        const at::Tensor key = m_critics.criticise(rows.key, dropout);
        const at::Tensor query = m_critics.criticise(reversed(rows.query), dropout);
        const at::Tensor cost = squaredDistances(key, query).clamp_min(1e-12).sqrt(); // no infinite slope at 0
        const at::Tensor affinity = at::mm(m_critics.navigate(rows.key), m_critics.navigate(rows.query).t());
        // The loss is minus the cost, which the critic minimises by its weights; all else comes here reversed.
        return -conditionalTransport(cost, reversed(affinity));
    }
    return sinkhornDivergence(rows.query, rows.key, m_config.sinkhornEpsilon, m_config.sinkhornIterations);
}

KeyQueryMatch KeyQueryMatcher::match(const QueriesAndKeys& all, const batch::MicroBatchNumber& number) const
{
    if (!matches()) {
        return {};
    }
    const std::uint64_t seed =
        streamSeed(m_seed, "step " + std::to_string(number.step) + " micro-batch " + std::to_string(number.batch));
    const QueriesAndKeys rows = drawn(all, seed);
    NamedScalars scalars = distances(rows, m_directions);
    at::Tensor accuracy = at::zeros({}, m_options);
    KeyQueryMatch result;
    if (rows.query.size(0) > 0 && rows.key.size(0) > 0) {
        CriticDropout dropout(m_config.dropout, streamSeed(seed, "dropout"), m_directions.device());
        result.loss = loss(rows, dropout, accuracy);
    }
    scalars.emplace_back(metrics::kKeyQueryLoss, result.loss.defined() ? result.loss : at::zeros({}, m_options));
    if (discriminates(m_config.matching)) {
        scalars.emplace_back("kq_accuracy", accuracy);
    }
    result.values = valuesOf(scalars);
    return result;
}

std::map<std::string, double> KeyQueryMatcher::diagnose(const QueriesAndKeys& all) const
{
    const at::NoGradGuard noGrad;
    const QueriesAndKeys rows = drawn(all, streamSeed(m_seed, "diagnose"));
    NamedScalars scalars = distances(rows, m_directions);
    if (discriminates(m_config.matching) && rows.query.size(0) > 0 && rows.key.size(0) > 0) {
        CriticDropout none;
        scalars.emplace_back("kq_accuracy", accuracyOf(m_critics.discriminate(rows.key, none),
                                                       m_critics.discriminate(rows.query, none)));
    }
    return valuesOf(scalars);
}

} // namespace dskd::distill

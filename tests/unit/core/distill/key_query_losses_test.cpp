// The losses of key-query matching against plain versions of their formulas and against the published code.

#include "core/base/regular_file.h"
#include "core/distill/distiller.h"
#include "core/distill/key_query_matching.h"
#include "tests/support/paths.h"
#include "tests/unit/core/distill/key_query_rows.h"

#include <gtest/gtest.h>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <tuple>
#include <vector>

namespace dskd::distill
{
namespace
{

using at::Tensor;
using config::Alignment;
using config::KeyQueryConfig;
using config::KeyQueryMatching;
using config::MethodConfig;
using support::expectNear;
using support::trainable;

// ---- the matching losses once more, from their formulas, without reversals

using Critics = std::map<std::string, Tensor>;

Tensor layer(const Critics& critics, const std::string& name, const Tensor& x)
{
    return at::mm(x, critics.at("key_query." + name + ".weight").t()) + critics.at("key_query." + name + ".bias");
}

Tensor leaky(const Tensor& x)
{
    return at::where(x.gt(0.0), x, 0.1 * x);
}

Tensor judged(const Critics& critics, const Tensor& x)
{
    const Tensor carried = layer(critics, "highway", x);
    const Tensor gate = 1.0 / (1.0 + (-carried).exp());
    const Tensor mixed = gate * carried.clamp_min(0.0) + (1.0 - gate) * x;
    return layer(critics, "output", leaky(layer(critics, "hidden", mixed)));
}

Tensor unit(const Tensor& x)
{
    return x / (x.square().sum(1, true).sqrt() + 1e-6);
}

Tensor adversarial(const Critics& critics, const Tensor& q, const Tensor& k)
{
    const Tensor ofKeys = 1.0 / (1.0 + (-judged(critics, k)).exp());
    const Tensor ofQueries = 1.0 / (1.0 + (-judged(critics, q)).exp());
    return -ofKeys.log().mean() - (1.0 - ofQueries).log().mean();
}

Tensor transportCost(const Critics& critics, const Tensor& q, const Tensor& k)
{
    const Tensor cost =
        (unit(judged(critics, k)).unsqueeze(1) - unit(judged(critics, q)).unsqueeze(0)).square().sum(2).sqrt();
    const auto navigated = [&](const Tensor& x) {
        return unit(layer(critics, "navigator.output", leaky(layer(critics, "navigator.hidden", x))));
    };
    const Tensor likeness = at::mm(navigated(k), navigated(q).t()).exp();
    const Tensor ofKeys = likeness / likeness.sum(1, true);
    const Tensor ofQueries = likeness / likeness.sum(0, true);
    return 0.5 * (ofKeys * cost).sum() / static_cast<double>(k.size(0)) +
           0.5 * (ofQueries * cost).sum() / static_cast<double>(q.size(0));
}

// Cuturi's scaling iterations, differentiated through every one of them.
Tensor transport(const Tensor& x, const Tensor& y, const Tensor& epsilon, std::int64_t iterations)
{
    const Tensor cost = (x.unsqueeze(1) - y.unsqueeze(0)).square().mean(2);
    const Tensor kernel = (-cost / epsilon).exp();
    const double a = 1.0 / static_cast<double>(x.size(0));
    const double b = 1.0 / static_cast<double>(y.size(0));
    Tensor u = at::ones({x.size(0)}, x.options());
    Tensor v = at::ones({y.size(0)}, y.options());
    for (std::int64_t i = 0; i < iterations; ++i) {
        u = a / at::mv(kernel, v);
        v = b / at::mv(kernel.t(), u);
    }
    const Tensor plan = u.unsqueeze(1) * kernel * v.unsqueeze(0);
    return (plan * cost).sum() + epsilon * (plan * (plan / (a * b)).log()).sum();
}

Tensor sinkhorn(const KeyQueryConfig& config, const Tensor& q, const Tensor& k)
{
    const Tensor epsilon = config.sinkhornEpsilon * (q.unsqueeze(1) - k.unsqueeze(0)).square().mean(2).mean().detach();
    const auto iterations = config.sinkhornIterations;
    return transport(q, k, epsilon, iterations) - 0.5 * transport(q, q, epsilon, iterations) -
           0.5 * transport(k, k, epsilon, iterations);
}

Tensor pairsOf(const batch::SideRows& side)
{
    return at::cat({side.embedding.index({side.inputIds}), side.embedding.index({side.labels})}, 1);
}

QueriesAndKeys queriesAndKeys(const batch::StepRows& rows, const oracle::Projectors& projectors)
{
    const Tensor pairs = pairsOf(rows.teacher);
    return {at::mm(pairsOf(rows.student), projectors.at("query.weight").t()) + projectors.at("query.bias"),
            pairs / pairs.std()};
}

Tensor matchingLoss(const KeyQueryConfig& config, const Critics& critics, const QueriesAndKeys& rows)
{
    switch (config.matching) {
    case KeyQueryMatching::Ct: return -transportCost(critics, rows.query, rows.key);
    case KeyQueryMatching::Sinkhorn: return sinkhorn(config, rows.query, rows.key);
    default: return adversarial(critics, rows.query, rows.key);
    }
}

Critics criticsOf(const Distiller& distiller)
{
    const auto critics = distiller.critics();
    return {critics.begin(), critics.end()};
}

// Who minimises the term (1) and who maximises it (-1).
double side(KeyQueryMatching matching, const std::string& name)
{
    const bool ofTheQueries = name.starts_with("query.");
    switch (matching) {
    case KeyQueryMatching::Gan: return ofTheQueries ? -1.0 : 1.0;
    case KeyQueryMatching::Ct: return ofTheQueries || name.starts_with("key_query.navigator") ? -1.0 : 1.0;
    default: return 1.0;
    }
}

class EveryMatching : public testing::TestWithParam<std::tuple<KeyQueryMatching, Alignment>>
{
};

INSTANTIATE_TEST_SUITE_P(All, EveryMatching,
                         testing::Combine(testing::Values(KeyQueryMatching::Gan, KeyQueryMatching::Ct,
                                                          KeyQueryMatching::Sinkhorn),
                                          testing::Values(Alignment::Cma, Alignment::Cla)),
                         [](const auto& instance) {
                             return std::string(std::get<0>(instance.param) == KeyQueryMatching::Gan  ? "gan"
                                                : std::get<0>(instance.param) == KeyQueryMatching::Ct ? "ct"
                                                                                                      : "sinkhorn") +
                                    (std::get<1>(instance.param) == Alignment::Cma ? "_cma" : "_cla");
                         });

TEST_P(EveryMatching, AgreesWithTheEagerOracleInValueAndEveryGradient)
{
    const auto [matching, alignment] = GetParam();
    const KeyQueryConfig config = plain(matching);
    const MethodConfig method = softMethod(alignment);
    const batch::StepRows base = makeRows();
    const batch::StepRows rows = trainable(base);
    const Distiller distiller = makeDistiller(config, method);
    const LossTerms terms = distiller.compute(rows);
    terms.loss.backward();

    const batch::StepRows twinRows = trainable(base);
    const Distiller twin = makeDistiller(config, method);
    const oracle::Terms withoutMatching = oracle::distillationLoss(method, twinRows, projectorsOf(twin));
    withoutMatching.loss.backward();
    const Distiller third = makeDistiller(config, method);
    const Tensor matched = matchingLoss(config, criticsOf(third), queriesAndKeys(base, projectorsOf(third)));
    matched.backward();
    const double share = static_cast<double>(base.student.hidden.size(0)) / base.denominator;

    EXPECT_NEAR(terms.values.at("kq_loss"), share * matched.item<double>(), kExact);
    EXPECT_NEAR(terms.values.at("loss"),
                withoutMatching.loss.item<double>() + config.rate * share * matched.item<double>(), kExact);
    expectNear(rows.student.hidden.grad(), twinRows.student.hidden.grad(), kExact, "student hidden");
    expectNear(rows.student.head.grad(), twinRows.student.head.grad(), kExact, "student head");
    for (std::size_t i = 0; i < distiller.projectors().size(); ++i) {
        const auto& [name, tensor] = distiller.projectors()[i];
        Tensor expected = twin.projectors()[i].second.grad();
        if (const Tensor moved = third.projectors()[i].second.grad(); moved.defined()) {
            EXPECT_TRUE(name.starts_with("query.")) << name;
            EXPECT_GT(moved.abs().max().item<double>(), 1e-4) << "a gradient of 0 would prove nothing: " << name;
            expected = expected + side(matching, name) * config.rate * share * moved;
        }
        expectNear(tensor.grad(), expected, kExact, name);
    }
    const auto critics = distiller.critics();
    EXPECT_EQ(critics.empty(), matching == KeyQueryMatching::Sinkhorn);
    for (std::size_t i = 0; i < critics.size(); ++i) {
        const auto& [name, tensor] = critics[i];
        expectNear(tensor.grad(), side(matching, name) * config.rate * share * third.critics()[i].second.grad(), kExact,
                   name);
    }
}

TEST_P(EveryMatching, DoesNotDependOnTheOrderOfTheRows)
{
    const auto [matching, alignment] = GetParam();
    const KeyQueryMatcher matcher(plain(matching), 4, 1, at::kDouble);
    support::Draw draw(5);
    const QueriesAndKeys rows{draw.normal({9, 4}), draw.normal({6, 4})};
    const QueriesAndKeys turned{rows.query.flip(0), rows.key.roll(2, 0)};
    const auto expected = matcher.match(rows, {}).values;
    for (const auto& [name, value] : matcher.match(turned, {}).values) {
        EXPECT_NEAR(value, expected.at(name), 1e-12) << name;
    }
}

Tensor tensorOf(const nlohmann::json& values)
{
    const bool matrix = values.front().is_array();
    std::vector<double> flat;
    for (const auto& row : values) {
        for (const auto& value : matrix ? row : nlohmann::json::array({row})) {
            flat.push_back(value.get<double>());
        }
    }
    const auto rows = static_cast<std::int64_t>(values.size());
    const Tensor tensor = at::tensor(flat, at::kDouble);
    return matrix ? tensor.reshape({rows, -1}) : tensor;
}

// Values and gradients that the published code gives: tests/reference/key_query_reference.py.
TEST(KeyQueryMatching, AgreesWithThePublishedCodeOnItsOwnNumbers)
{
    const auto golden = nlohmann::json::parse(readTextFile(test::goldenDir() + "/distill/key_query.json").value());
    for (const auto& [name, matching] : {std::pair("gan", KeyQueryMatching::Gan), std::pair("ct", KeyQueryMatching::Ct),
                                         std::pair("gan", KeyQueryMatching::GanPublished)}) {
        const auto& expected = golden.at(name);
        const KeyQueryMatcher matcher(plain(matching), 4, 1, at::kDouble);
        for (const auto& [critic, tensor] : matcher.tensors()) {
            tensor.detach().copy_(tensorOf(expected.at("critics").at(critic)));
        }
        const Tensor query = tensorOf(expected.at("query")).requires_grad_(true);
        const KeyQueryMatch match = matcher.match({query, tensorOf(expected.at("key"))}, {});
        EXPECT_NEAR(match.values.at("kq_loss"), expected.at("loss").get<double>(), kExact) << name;
        EXPECT_EQ(match.loss.requires_grad(), matching != KeyQueryMatching::GanPublished);
        if (matching == KeyQueryMatching::GanPublished) {
            EXPECT_TRUE(expected.at("query_gradient").is_null()) << "the published code trains no queries either";
            continue;
        }
        match.loss.backward();
        if (matching == KeyQueryMatching::Ct) {
            expectNear(query.grad(), tensorOf(expected.at("query_gradient")), kExact, "queries");
        }
        for (const auto& [critic, tensor] : matcher.tensors()) {
            // its navigators, which it does not train, would make transport dear as well
            const double sign = critic.starts_with("key_query.navigator") ? -1.0 : 1.0;
            expectNear(tensor.grad(), sign * tensorOf(expected.at("critic_gradients").at(critic)), kExact, critic);
        }
    }
}

} // namespace
} // namespace dskd::distill

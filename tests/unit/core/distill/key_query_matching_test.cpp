#include "core/distill/key_query_matching.h"

#include "core/base/mapped_file.h"
#include "core/distill/distiller.h"
#include "tests/support/loss_oracle.h"
#include "tests/support/step_rows.h"

#include <ATen/core/grad_mode.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

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
using support::kOtherVocabulary;
using support::randomRows;
using support::trainable;

constexpr double kExact = 1e-10;

MethodConfig softMethod(Alignment alignment = Alignment::Cma)
{
    MethodConfig method;
    method.alignment = alignment;
    method.kdRate = 0.3;
    return method;
}

// Nothing at random, so that an oracle can follow.
KeyQueryConfig plain(KeyQueryMatching matching)
{
    KeyQueryConfig config;
    config.matching = matching;
    config.rate = 0.7;
    config.hidden = 5;
    config.dropout = 0.0;
    config.sinkhornEpsilon = 0.5;
    config.sinkhornIterations = 400;
    return config;
}

Distiller makeDistiller(const KeyQueryConfig& keyQuery, const MethodConfig& method = softMethod())
{
    return {method, {6, 10}, 4, 3, at::kCPU, at::kDouble, {}, keyQuery};
}

StepRows makeRows()
{
    StepRows rows = randomRows(kOtherVocabulary);
    support::addAlignment(rows);
    return rows;
}

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

Tensor pairsOf(const SideRows& side)
{
    return at::cat({side.embedding.index({side.inputIds}), side.embedding.index({side.labels})}, 1);
}

QueriesAndKeys queriesAndKeys(const StepRows& rows, const oracle::Projectors& projectors)
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

oracle::Projectors projectorsOf(const Distiller& distiller)
{
    return {distiller.projectors().begin(), distiller.projectors().end()};
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
    const StepRows base = makeRows();
    const StepRows rows = trainable(base);
    const Distiller distiller = makeDistiller(config, method);
    const LossTerms terms = distiller.compute(rows);
    terms.loss.backward();

    const StepRows twinRows = trainable(base);
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
    const auto golden =
        nlohmann::json::parse(readTextFile(std::string(DSKD_TEST_DATA) + "/distill/key_query.json").value());
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

TEST(GanPublished, HasTheValueOfTheGanAndTheGradientsOfCmaAlone)
{
    KeyQueryConfig config = plain(KeyQueryMatching::Gan);
    config.dropout = 0.4;
    config.rows = 4;
    const Distiller gan = makeDistiller(config);
    config.matching = KeyQueryMatching::GanPublished;
    const Distiller published = makeDistiller(config);
    const Distiller alone = makeDistiller({});
    const LossTerms ganTerms = gan.compute(trainable(makeRows()));
    const LossTerms publishedTerms = published.compute(trainable(makeRows()));
    EXPECT_EQ(ganTerms.values, publishedTerms.values);
    ganTerms.loss.backward();
    publishedTerms.loss.backward();
    alone.compute(trainable(makeRows())).loss.backward();
    for (std::size_t i = 0; i < gan.projectors().size(); ++i) {
        const auto& [name, tensor] = gan.projectors()[i];
        EXPECT_TRUE(published.projectors()[i].second.grad().equal(alone.projectors()[i].second.grad())) << name;
        const double moved = (tensor.grad() - alone.projectors()[i].second.grad()).abs().max().item<double>();
        if (name.starts_with("query.")) {
            EXPECT_GT(moved, 1e-4) << "the gradient of the matching must reach " << name;
        } else {
            EXPECT_EQ(moved, 0.0) << name;
        }
    }
    for (const auto& [name, tensor] : gan.critics()) {
        EXPECT_GT(tensor.grad().abs().max().item<double>(), 0.0) << name;
    }
    for (const auto& [name, tensor] : published.critics()) {
        EXPECT_FALSE(tensor.requires_grad()) << name;
        EXPECT_FALSE(tensor.grad().defined()) << name;
    }
}

TEST(Gan, MovesTheQueriesToMisleadTheDiscriminatorAndTheDiscriminatorToTellThemApart)
{
    const KeyQueryMatcher matcher(plain(KeyQueryMatching::Gan), 4, 1, at::kDouble);
    support::Draw draw(5);
    const Tensor query = draw.normal({9, 4}).requires_grad_(true);
    const Tensor key = draw.normal({6, 4});
    const KeyQueryMatch before = matcher.match({query, key}, {});
    before.loss.backward();
    const at::NoGradGuard noGrad;
    const double loss = before.values.at("kq_loss");
    EXPECT_GT(matcher.match({query - 0.1 * query.grad(), key}, {}).values.at("kq_loss"), loss + 1e-6);
    for (const auto& [name, tensor] : matcher.tensors()) {
        tensor.detach().sub_(0.1 * tensor.grad());
    }
    EXPECT_LT(matcher.match({query, key}, {}).values.at("kq_loss"), loss - 1e-6);
}

TEST(Ct, MovesQueriesToCheaperTransportAndTheCriticToDearer)
{
    const KeyQueryMatcher matcher(plain(KeyQueryMatching::Ct), 4, 1, at::kDouble);
    support::Draw draw(5);
    const Tensor query = draw.normal({9, 4}).requires_grad_(true);
    const Tensor key = draw.normal({6, 4});
    const KeyQueryMatch before = matcher.match({query, key}, {});
    before.loss.backward();
    const at::NoGradGuard noGrad;
    const double cost = -before.values.at("kq_loss");
    EXPECT_GT(cost, 0.0);
    EXPECT_LT(-matcher.match({query - 0.1 * query.grad(), key}, {}).values.at("kq_loss"), cost - 1e-6);
    const auto afterMoving = [&](bool navigators) {
        const KeyQueryMatcher other(plain(KeyQueryMatching::Ct), 4, 1, at::kDouble);
        for (std::size_t i = 0; i < other.tensors().size(); ++i) {
            const auto& [name, tensor] = other.tensors()[i];
            if (name.starts_with("key_query.navigator") == navigators) {
                tensor.detach().sub_(0.1 * matcher.tensors()[i].second.grad());
            }
        }
        return -other.match({query, key}, {}).values.at("kq_loss");
    };
    EXPECT_GT(afterMoving(false), cost + 1e-7);
    EXPECT_LT(afterMoving(true), cost - 1e-9);
}

TEST(KeyQueryMatching, ReachesNothingButTheQueriesAndTheCritics)
{
    for (const KeyQueryMatching matching : {KeyQueryMatching::Gan, KeyQueryMatching::Ct, KeyQueryMatching::Sinkhorn}) {
        const KeyQueryMatcher matcher(plain(matching), 4, 1, at::kDouble);
        support::Draw draw(5);
        const Tensor query = draw.normal({9, 4}).requires_grad_(true);
        const Tensor key = draw.normal({6, 4}).requires_grad_(true);
        matcher.match({query, key}, {}).loss.backward();
        EXPECT_TRUE(query.grad().defined());
        EXPECT_FALSE(key.grad().defined()) << "keys are the teacher's";
    }
}

TEST(KeyQueryMatching, AddsUpTheMicroBatchesOfAStepToAMeanOverItsTokens)
{
    const KeyQueryConfig config = plain(KeyQueryMatching::Gan);
    const Distiller distiller = makeDistiller(config);
    const Distiller without = makeDistiller({});
    double sum = 0.0;
    double inTheLoss = 0.0;
    double expected = 0.0;
    for (const std::int64_t count : {4, 6}) {
        StepRows rows = randomRows({6, 10, 11, 71, {count}, {3}}, static_cast<std::uint64_t>(count));
        rows.denominator = static_cast<double>(count);
        const double mean = distiller.compute(rows).values.at("kq_loss");
        expected += mean * static_cast<double>(count) / 10.0;
        rows.denominator = 10.0;
        const auto values = distiller.compute(rows).values;
        sum += values.at("kq_loss");
        inTheLoss += values.at("loss") - without.compute(rows).values.at("loss");
    }
    EXPECT_NEAR(sum, expected, kExact);
    EXPECT_NEAR(inTheLoss, config.rate * expected, kExact);
}

TEST(KeyQueryMatching, WeighsLessByTheNumberOfTokensInThePublishedCode)
{
    const KeyQueryConfig config = plain(KeyQueryMatching::GanPublished);
    MethodConfig method = softMethod();
    method.fidelity = config::Fidelity::ReferenceV1;
    StepRows rows = makeRows();
    rows.teacher.outside = OutsideRows{}; // a batch of nothing but responses
    const auto values = makeDistiller(config, method).compute(rows).values;
    const auto without = makeDistiller({}, method).compute(rows).values;
    const double mean = values.at("kq_loss") * rows.denominator / static_cast<double>(rows.student.hidden.size(0));
    EXPECT_NEAR(values.at("loss") - without.at("loss"), config.rate * mean / rows.denominator, kExact);
    EXPECT_GT(mean, 1.0) << "2 ln 2 for a discriminator that knows nothing";
}

TEST(KeyQueryMatching, DrawsAtMostSoManyRowsOfEachSideAsAFunctionOfStepAndMicroBatch)
{
    KeyQueryConfig config = plain(KeyQueryMatching::Gan);
    config.rows = 3;
    const KeyQueryMatcher matcher(config, 4, 1, at::kDouble);
    support::Draw draw(5);
    const Tensor query = draw.normal({40, 4}).requires_grad_(true);
    const Tensor key = draw.normal({30, 4});
    const auto drawn = [&](std::int64_t step, std::int64_t batch) {
        query.mutable_grad().reset();
        matcher.match({query, key}, {step, batch}).loss.backward();
        return query.grad().abs().sum(1).gt(0.0);
    };
    EXPECT_EQ(drawn(2, 1).sum().item<std::int64_t>(), 3);
    EXPECT_TRUE(drawn(2, 1).equal(drawn(2, 1)));
    EXPECT_FALSE(drawn(2, 1).equal(drawn(3, 1)));
    EXPECT_FALSE(drawn(2, 1).equal(drawn(2, 0)));
    Tensor ever = drawn(0, 0);
    for (std::int64_t step = 1; step < 200; ++step) {
        ever = ever.logical_or(drawn(step, 0));
    }
    EXPECT_TRUE(ever.all().item<bool>()) << "every row has its turn: 7e-6 that one has none in 200 draws";
}

TEST(KeyQueryMatching, LeavesTheDropoutOfTheStudentAlone)
{
    KeyQueryConfig config = plain(KeyQueryMatching::Gan);
    config.dropout = 0.5;
    const KeyQueryMatcher matcher(config, 8, 1, at::kDouble);
    support::Draw draw(5);
    const QueriesAndKeys rows{draw.normal({9, 8}), draw.normal({6, 8})};
    at::manual_seed(1);
    const Tensor expected = at::rand({3});
    at::manual_seed(1);
    const double loss = matcher.match(rows, {4, 0}).values.at("kq_loss");
    EXPECT_TRUE(at::rand({3}).equal(expected));
    EXPECT_EQ(matcher.match(rows, {4, 0}).values.at("kq_loss"), loss);
    EXPECT_NE(matcher.match(rows, {5, 0}).values.at("kq_loss"), loss) << "other elements are dropped";
    EXPECT_EQ(matcher.diagnose(rows).at("kq_accuracy"), matcher.diagnose(rows).at("kq_accuracy"));
}

TEST(CriticDropout, KeepsTheMeanAndDropsItsShare)
{
    CriticDropout dropout(0.25, 9, at::kCPU);
    const Tensor kept = dropout(at::ones({40000}, at::kDouble));
    EXPECT_NEAR(kept.eq(0.0).to(at::kDouble).mean().item<double>(), 0.25, 0.01); // 4.6 standard errors
    EXPECT_NEAR(kept.max().item<double>(), 1.0 / 0.75, 1e-12);
    CriticDropout none;
    const Tensor x = at::ones({3});
    EXPECT_TRUE(none(x).equal(x));
}

TEST(KeyQueryMatching, MeasuresQueriesAgainstKeysAlsoWhenNothingIsMatched)
{
    const StepRows rows = makeRows();
    const auto names = [&](const Distiller& distiller) {
        std::string all;
        for (const auto& [name, value] : distiller.queriesAgainstKeys(rows)) {
            EXPECT_TRUE(std::isfinite(value)) << name;
            all += name + " ";
        }
        return all;
    };
    EXPECT_EQ(names(makeDistiller({})), "kq_cosine kq_mmd kq_sliced_w ");
    EXPECT_EQ(names(makeDistiller(plain(KeyQueryMatching::Gan))), "kq_accuracy kq_cosine kq_mmd kq_sliced_w ");
    EXPECT_EQ(names(makeDistiller({}, softMethod(Alignment::Clp))), "") << "uniform weights have no queries";
    EXPECT_EQ(makeDistiller({}).compute(rows).values.count("kq_mmd"), 0u) << "costs nothing in every step";
}

TEST(KeyQueryMatching, IsPassedOverWithoutRowsOnASide)
{
    for (const KeyQueryMatching matching : {KeyQueryMatching::Gan, KeyQueryMatching::Ct, KeyQueryMatching::Sinkhorn}) {
        const Distiller distiller = makeDistiller(plain(matching));
        const Distiller without = makeDistiller({});
        for (const support::RowsShape& shape :
             {support::RowsShape{6, 10, 11, 71, {0, 0}, {2, 5}}, support::RowsShape{6, 10, 11, 71, {3, 4}, {0, 0}}}) {
            const StepRows rows = trainable(randomRows(shape));
            const LossTerms terms = distiller.compute(rows);
            EXPECT_EQ(terms.values.at("kq_loss"), 0.0);
            EXPECT_EQ(terms.values.at("kq_mmd"), 0.0);
            EXPECT_EQ(terms.values.at("loss"), without.compute(rows).values.at("loss"));
        }
    }
}

TEST(KeyQueryMatching, NamesItsTermWhenItIsNotFinite)
{
    StepRows rows = makeRows();
    rows.teacher.embedding = rows.teacher.embedding.clone();
    rows.teacher.embedding[rows.teacher.labels[0].item<std::int64_t>()][0] = std::numeric_limits<double>::infinity();
    const auto names = nonFiniteTerms(makeDistiller(plain(KeyQueryMatching::Gan)).compute(rows));
    EXPECT_NE(std::find(names.begin(), names.end(), "kq_loss"), names.end());
    EXPECT_EQ(names.back(), "loss");
}

TEST(KeyQueryMatching, KeepsItsCriticsInFloat32BesideBfloat16Projectors)
{
    StepRows rows = makeRows();
    const double exact = makeDistiller(plain(KeyQueryMatching::Gan)).compute(rows).values.at("kq_loss");
    for (SideRows* side : {&rows.student, &rows.teacher}) {
        for (Tensor* tensor : {&side->hidden, &side->head, &side->embedding}) {
            *tensor = tensor->to(at::kBFloat16);
        }
    }
    const Distiller distiller(softMethod(), {6, 10}, 4, 3, at::kCPU, at::kBFloat16, {}, plain(KeyQueryMatching::Gan));
    const LossTerms terms = distiller.compute(trainable(rows));
    terms.loss.backward();
    EXPECT_EQ(distiller.critics()[0].second.scalar_type(), at::kFloat);
    EXPECT_EQ(distiller.projectors().back().second.grad().scalar_type(), at::kBFloat16);
    EXPECT_NEAR(terms.values.at("kq_loss"), exact, 0.02 * exact); // bfloat16 has 8 bits
}

TEST(KeyQueryMatching, IsRefusedForMethodsWithoutQueries)
{
    EXPECT_THROW(makeDistiller(plain(KeyQueryMatching::Gan), softMethod(Alignment::Clp)), c10::Error);
}

} // namespace
} // namespace dskd::distill

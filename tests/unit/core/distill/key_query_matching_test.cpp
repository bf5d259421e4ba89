// What key-query matching moves, which rows it draws and how it weighs in a step. What its losses are worth is tested
// in key_query_losses_test.cpp.

#include "core/distill/key_query_matching.h"

#include "core/distill/distiller.h"
#include "tests/unit/core/distill/key_query_rows.h"

#include <ATen/core/grad_mode.h>
#include <gtest/gtest.h>

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
using support::randomRows;
using support::trainable;

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
        batch::StepRows rows = randomRows({6, 10, 11, 71, {count}, {3}}, static_cast<std::uint64_t>(count));
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
    batch::StepRows rows = makeRows();
    rows.teacher.outside = batch::OutsideRows{}; // a batch of nothing but responses
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
    const batch::StepRows rows = makeRows();
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
            const batch::StepRows rows = trainable(randomRows(shape));
            const LossTerms terms = distiller.compute(rows);
            EXPECT_EQ(terms.values.at("kq_loss"), 0.0);
            EXPECT_EQ(terms.values.at("kq_mmd"), 0.0);
            EXPECT_EQ(terms.values.at("loss"), without.compute(rows).values.at("loss"));
        }
    }
}

TEST(KeyQueryMatching, NamesItsTermWhenItIsNotFinite)
{
    batch::StepRows rows = makeRows();
    rows.teacher.embedding = rows.teacher.embedding.clone();
    rows.teacher.embedding[rows.teacher.labels[0].item<std::int64_t>()][0] = std::numeric_limits<double>::infinity();
    const auto names = nonFiniteTerms(makeDistiller(plain(KeyQueryMatching::Gan)).compute(rows));
    EXPECT_NE(std::find(names.begin(), names.end(), "kq_loss"), names.end());
    EXPECT_EQ(names.back(), "loss");
}

TEST(KeyQueryMatching, KeepsItsCriticsInFloat32BesideBfloat16Projectors)
{
    batch::StepRows rows = makeRows();
    const double exact = makeDistiller(plain(KeyQueryMatching::Gan)).compute(rows).values.at("kq_loss");
    for (batch::SideRows* side : {&rows.student, &rows.teacher}) {
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

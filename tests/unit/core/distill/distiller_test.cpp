#include "core/distill/distiller.h"

#include "core/distill/cross_model_attention.h"
#include "tests/unit/core/distill/distillers.h"

#include <ATen/core/grad_mode.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <map>
#include <string>

namespace dskd::distill
{
namespace
{

using config::Alignment;
using config::MethodConfig;
using config::Objective;
using config::Space;
using support::expectNear;
using support::kOtherVocabulary;
using support::kSameVocabulary;
using support::randomRows;
using support::RowsShape;
using support::trainable;

// float64 throughout; sums of about 1000 terms of size 1, so rounding stays far below this.
constexpr double kExact = 1e-10;

struct Case {
    std::string title;
    Space space;
    Alignment alignment;
    Distance distance;
};

std::vector<Case> everyCase()
{
    std::vector<Case> cases;
    for (const Distance distance : kAllDistances) {
        const std::string suffix(name(distance));
        cases.push_back({"different_" + suffix, Space::Different, Alignment::None, distance});
        cases.push_back({"student_" + suffix, Space::Student, Alignment::None, distance});
        cases.push_back({"teacher_" + suffix, Space::Teacher, Alignment::None, distance});
        cases.push_back({"dual_" + suffix, Space::Dual, Alignment::None, distance});
        cases.push_back({"cma_student_" + suffix, Space::Student, Alignment::Cma, distance});
        cases.push_back({"cma_teacher_" + suffix, Space::Teacher, Alignment::Cma, distance});
        cases.push_back({"cma_dual_" + suffix, Space::Dual, Alignment::Cma, distance});
    }
    return cases;
}

MethodConfig methodOf(const Case& test)
{
    MethodConfig method;
    method.space = test.space;
    method.alignment = test.alignment;
    method.distance = test.distance;
    method.teacherDistance = test.distance;
    method.temperature = 1.5;
    method.teacherTemperature = 1.25;
    method.kdRate = 0.3;
    return method;
}

const RowsShape& shapeOf(const Case& test)
{
    return test.alignment == Alignment::Cma ? kOtherVocabulary : kSameVocabulary;
}

// CMA's correctness mask is 0 nearly everywhere with random weights. This gives every other row a label that the
// projected teacher predicts, where there is one (the label changes the query and with it the prediction).
void makeSomeLabelsRight(const MethodConfig& method, const Distiller& distiller, batch::StepRows& rows)
{
    const c10::NoGradGuard noGrad;
    const at::Tensor everyOther = at::arange(rows.student.labels.size(0)).remainder(2).eq(0);
    batch::StepRows attempt = rows;
    for (std::int64_t label = 0; label < rows.student.head.size(0); ++label) {
        attempt.student.labels = at::full_like(rows.student.labels, label);
        const at::Tensor right = oracle::distillationLoss(method, attempt, projectorsOf(distiller)).projectedIsRight;
        rows.student.labels =
            at::where(right.gt(0.5).logical_and(everyOther), attempt.student.labels, rows.student.labels);
    }
}

class EveryMethod : public testing::TestWithParam<Case>
{
};

INSTANTIATE_TEST_SUITE_P(All, EveryMethod, testing::ValuesIn(everyCase()),
                         [](const auto& instance) { return instance.param.title; });

TEST_P(EveryMethod, AgreesWithTheEagerOracleInEveryTermAndGradient)
{
    const MethodConfig method = methodOf(GetParam());
    const Distiller distiller = distillerOf(method);
    const Distiller twin = distillerOf(method);
    batch::StepRows base = randomRows(shapeOf(GetParam()));
    if (GetParam().alignment == Alignment::Cma && GetParam().space != Space::Teacher) {
        makeSomeLabelsRight(method, distiller, base);
    }
    const batch::StepRows rows = trainable(base);
    const batch::StepRows twinRows = trainable(base);

    const LossTerms terms = distiller.compute(rows);
    const oracle::Terms expected = oracle::distillationLoss(method, twinRows, projectorsOf(twin));
    ASSERT_EQ(terms.values.size(), expected.values.size());
    for (const auto& [name, value] : expected.values) {
        ASSERT_TRUE(terms.values.count(name)) << name;
        EXPECT_NEAR(terms.values.at(name), value.item<double>(), kExact) << name;
    }
    if (GetParam().alignment == Alignment::Cma && GetParam().space != Space::Teacher) {
        EXPECT_GT(terms.values.at("t2s_kd_loss"), 0.0)
            << "the mask must let some rows through for this test to mean anything";
    }
    terms.loss.backward();
    expected.loss.backward();
    expectNear(rows.student.hidden.grad(), twinRows.student.hidden.grad(), kExact, "student hidden");
    expectNear(rows.student.head.grad(), twinRows.student.head.grad(), kExact, "student head");
    for (std::size_t i = 0; i < distiller.projectors().size(); ++i) {
        const auto& [name, tensor] = distiller.projectors()[i];
        ASSERT_TRUE(tensor.grad().defined()) << name;
        expectNear(tensor.grad(), twin.projectors()[i].second.grad(), kExact, name);
    }
}

TEST(Sft, IsTheCrossEntropyAlone)
{
    MethodConfig method;
    method.objective = Objective::Sft;
    method.kdRate = 0.3; // must not matter
    const Distiller distiller = distillerOf(method);
    batch::StepRows rows = trainable(randomRows(kSameVocabulary));
    batch::StepRows twin = trainable(rows);
    rows.teacher = {};
    const LossTerms terms = distiller.compute(rows);
    const oracle::Terms expected = oracle::distillationLoss(method, twin, {});
    EXPECT_TRUE(distiller.projectors().empty());
    EXPECT_EQ(terms.values.size(), 3u);
    EXPECT_NEAR(terms.values.at("nll_loss"), expected.loss.item<double>(), kExact);
    EXPECT_EQ(terms.values.at("loss"), terms.values.at("nll_loss"));
    terms.loss.backward();
    expected.loss.backward();
    expectNear(rows.student.hidden.grad(), twin.student.hidden.grad(), kExact, "student hidden");
    expectNear(rows.student.head.grad(), twin.student.head.grad(), kExact, "student head");
}

TEST(Distiller, AddsUpMicroBatchesToTheStep)
{
    const Distiller distiller = distillerOf({});
    const RowsShape whole{6, 10, 83, 83, {4, 6}, {4, 6}};
    const batch::StepRows both = trainable(randomRows(whole));
    const auto part = [&](std::int64_t begin, std::int64_t count) {
        batch::StepRows rows = both;
        for (batch::SideRows* side : {&rows.student, &rows.teacher}) {
            side->hidden = side->hidden.narrow(0, begin, count);
            side->labels = side->labels.narrow(0, begin, count);
            side->rowsPerSample = {count};
        }
        return rows;
    };
    const auto total = distiller.compute(both).values;
    auto sum = distiller.compute(part(0, 4)).values;
    for (const auto& [name, value] : distiller.compute(part(4, 6)).values) {
        sum[name] += value;
    }
    ASSERT_TRUE(total.contains("kd_loss"));
    for (const auto& [name, value] : total) {
        EXPECT_NEAR(sum.at(name), value, kExact) << name;
    }
}

TEST(Distiller, MultipliesTheDistancesByTheSquaredTemperatureWhenAsked)
{
    MethodConfig method;
    method.temperature = 3.0;
    const auto plain = distillerOf(method).compute(randomRows(kSameVocabulary)).values;
    method.temperatureSquared = true;
    const auto squared = distillerOf(method).compute(randomRows(kSameVocabulary)).values;
    EXPECT_NEAR(squared.at("t2s_kd_loss"), 9.0 * plain.at("t2s_kd_loss"), kExact);
    EXPECT_NEAR(squared.at("s2t_kd_loss"), 9.0 * plain.at("s2t_kd_loss"), kExact);
    EXPECT_EQ(squared.at("t2s_ce_loss"), plain.at("t2s_ce_loss"));
    EXPECT_EQ(squared.at("nll_loss"), plain.at("nll_loss"));
}

TEST(Distiller, NamesTheTermsThatAreNotFinite)
{
    const Distiller distiller = distillerOf({});
    batch::StepRows rows = randomRows(kSameVocabulary);
    EXPECT_TRUE(nonFiniteTerms(distiller.compute(rows)).empty());
    rows.teacher.hidden[2][1] = std::numeric_limits<double>::quiet_NaN();
    const LossTerms terms = distiller.compute(rows);
    EXPECT_TRUE(std::isfinite(terms.values.at("nll_loss")));
    EXPECT_TRUE(std::isnan(terms.values.at("t2s_ce_loss")));
    EXPECT_EQ(nonFiniteTerms(terms),
              (std::vector<std::string>{"t2s_ce_loss", "t2s_kd_loss", "s2t_kd_loss", "kd_loss", "loss"}));
}

TEST(Distiller, ComputesZeroForAMicroBatchWithoutRows)
{
    for (const Alignment alignment : {Alignment::None, Alignment::Cma}) {
        MethodConfig method;
        method.alignment = alignment;
        const Distiller distiller = distillerOf(method);
        const RowsShape empty{6, 10, 83, 83, {0, 0}, {0, 0}};
        const LossTerms terms = distiller.compute(trainable(randomRows(empty)));
        ASSERT_TRUE(terms.values.contains("kd_loss"));
        for (const auto& [name, value] : terms.values) {
            EXPECT_EQ(value, 0.0) << name;
        }
        terms.loss.backward();
        EXPECT_EQ(distiller.projectors()[0].second.grad().abs().max().item<double>(), 0.0);
    }
}

TEST(Distiller, CmaStaysFiniteForASampleThatLostAllRowsOnOneSide)
{
    MethodConfig method;
    method.alignment = Alignment::Cma;
    const Distiller distiller = distillerOf(method);
    for (const RowsShape& shape :
         {RowsShape{6, 10, 83, 71, {3, 4}, {0, 5}}, RowsShape{6, 10, 83, 71, {0, 4}, {2, 5}}}) {
        const batch::StepRows rows = trainable(randomRows(shape));
        const LossTerms terms = distiller.compute(rows);
        EXPECT_TRUE(nonFiniteTerms(terms).empty());
        terms.loss.backward();
        EXPECT_TRUE(rows.student.hidden.grad().isfinite().all().item<bool>());
    }
}

TEST(Distiller, AcceptsABfloat16ModelBesideFloat32Projectors)
{
    for (const Alignment alignment : {Alignment::None, Alignment::Cma}) {
        MethodConfig method;
        method.alignment = alignment;
        const Distiller distiller(method, {6, 10}, 4, 3, at::kCPU, at::kFloat);
        batch::StepRows rows = randomRows(alignment == Alignment::Cma ? kOtherVocabulary : kSameVocabulary);
        for (batch::SideRows* side : {&rows.student, &rows.teacher}) {
            for (at::Tensor* tensor : {&side->hidden, &side->head, &side->embedding}) {
                *tensor = tensor->to(at::kBFloat16);
            }
        }
        rows = trainable(rows);
        const LossTerms terms = distiller.compute(rows);
        terms.loss.backward();
        EXPECT_TRUE(nonFiniteTerms(terms).empty());
        EXPECT_EQ(rows.student.head.grad().scalar_type(), at::kBFloat16);
        EXPECT_EQ(distiller.projectors()[0].second.grad().scalar_type(), at::kFloat);
        const double exact = Distiller(method, {6, 10}, 4, 3, at::kCPU, at::kDouble)
                                 .compute(randomRows(alignment == Alignment::Cma ? kOtherVocabulary : kSameVocabulary))
                                 .values.at("loss");
        EXPECT_NEAR(terms.values.at("loss"), exact, 0.02 * exact); // bfloat16 has 8 bits
    }
}

TEST(Projectors, AreThoseThatTheMethodNeeds)
{
    const auto namesOf = [](const MethodConfig& method) {
        std::vector<std::string> names;
        const Distiller distiller = distillerOf(method);
        for (const auto& entry : distiller.projectors()) {
            names.push_back(entry.first);
        }
        return names;
    };
    using Names = std::vector<std::string>;
    MethodConfig method;
    EXPECT_EQ(namesOf(method), (Names{"t2s.weight", "t2s.bias", "s2t.weight", "s2t.bias"}));
    method.space = Space::Student;
    EXPECT_EQ(namesOf(method), (Names{"t2s.weight", "t2s.bias"}));
    method.alignment = Alignment::Cma;
    EXPECT_EQ(namesOf(method), (Names{"t2s.weight", "t2s.bias", "query.weight", "query.bias"}));
    method.space = Space::Teacher;
    EXPECT_EQ(namesOf(method), (Names{"s2t.weight", "s2t.bias", "query.weight", "query.bias"}));
    method.alignment = Alignment::None;
    method.space = Space::Different;
    EXPECT_EQ(namesOf(method), Names{});
    method.objective = Objective::Sft;
    method.space = Space::Dual;
    EXPECT_EQ(namesOf(method), Names{});
}

TEST(Projectors, AreInitialisedLikeLinearLayersFromTheirOwnStreams)
{
    MethodConfig method;
    const Distiller dual = distillerOf(method);
    method.space = Space::Teacher;
    const Distiller teacherOnly = distillerOf(method);
    EXPECT_TRUE(dual.projectors()[2].second.equal(teacherOnly.projectors()[0].second)); // s2t.weight
    EXPECT_FALSE(distillerOf({}, {.seed = 4}).projectors()[0].second.equal(dual.projectors()[0].second));
    const Distiller wide({}, {400, 300}, 4, 3, at::kCPU, at::kDouble);
    const at::Tensor weight = wide.projectors()[0].second.detach(); // t2s: 300 to 400
    EXPECT_EQ(weight.sizes(), at::IntArrayRef({400, 300}));
    const double bound = 1.0 / std::sqrt(300.0);
    EXPECT_LE(weight.abs().max().item<double>(), bound);
    EXPECT_NEAR(weight.mean().item<double>(), 0.0, 4 * bound / std::sqrt(3.0 * 120000.0)); // four standard errors
    EXPECT_NEAR(weight.std().item<double>(), bound / std::sqrt(3.0), 0.01 * bound);
}

// With every row alone in its chunk CLP mixes nothing, so what the projected teacher predicts can be worked out by
// hand.
TEST(Agreement, OfASoftAlignmentIsWithTheTeachersPredictionsInTheRowsThatHaveAPartner)
{
    MethodConfig method;
    method.space = Space::Student;
    method.alignment = Alignment::Clp;
    const Distiller distiller = distillerOf(method);
    batch::StepRows rows =
        randomRows({kSameVocabulary.studentWidth, kSameVocabulary.teacherWidth, 3, 3, {25, 1, 34}, {25, 1, 34}});
    const std::int64_t count = rows.student.hidden.size(0);
    rows.student.chunks = at::arange(count);
    rows.teacher.chunks = rows.student.chunks;
    const at::Tensor paired = at::arange(count).remainder(3).ne(0).nonzero().squeeze(1);
    rows.pairs = {paired, paired};

    const at::Tensor predicted = at::mm(rows.teacher.hidden, rows.teacher.head.t()).argmax(1);
    const at::Tensor values =
        dividedByDeviation(rows.teacher.hidden) + dividedByDeviation(rows.teacher.embedding.index_select(0, predicted));
    std::map<std::string, at::Tensor> projector(distiller.projectors().begin(), distiller.projectors().end());
    const at::Tensor projected = at::linear(values, projector.at("t2s.weight"), projector.at("t2s.bias"));
    const at::Tensor said = at::mm(projected, rows.student.head.t()).argmax(1);
    const double expected = said.eq(predicted).index_select(0, paired).to(at::kDouble).mean().item<double>();
    ASSERT_GT(expected, 0.0);
    ASSERT_LT(expected, 1.0);
    for (const std::int64_t off : {0, 1}) { // whatever the data's answer is
        rows.student.labels = (said + off).remainder(3);
        EXPECT_NEAR(distiller.agreement(rows), expected, 1e-12);
    }
    rows.pairs = {paired.narrow(0, 0, 0), paired.narrow(0, 0, 0)};
    EXPECT_EQ(distiller.agreement(rows), 0.0) << "nobody to agree with";
}

TEST(Distiller, RefusesAttentionInDifferentSpaces)
{
    MethodConfig method;
    method.space = Space::Different;
    method.alignment = Alignment::Cma;
    EXPECT_THROW(distillerOf(method), c10::Error);
}

TEST(Distiller, NamesTheRowCountsThatDoNotFitWithoutAnAlignment)
{
    batch::StepRows rows = randomRows({6, 10, 83, 83, {5}, {4}});
    try {
        (void)distillerOf({}).compute(rows);
        FAIL() << "no exception";
    } catch (const c10::Error& error) {
        EXPECT_NE(std::string(error.what()).find("5 and 4"), std::string::npos) << error.what();
    }
}

} // namespace
} // namespace dskd::distill

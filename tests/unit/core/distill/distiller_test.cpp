#include "core/distill/distiller.h"

#include "tests/support/loss_oracle.h"
#include "tests/support/step_rows.h"

#include <ATen/core/grad_mode.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>

namespace dskd::distill
{
namespace
{

using config::Alignment;
using config::MethodConfig;
using config::Objective;
using config::Space;
using support::randomRows;
using support::RowsShape;

// float64 throughout; sums of about 1000 terms of size 1, so rounding stays far below this.
constexpr double kExact = 1e-10;

const RowsShape kSameVocabulary;
const RowsShape kOtherVocabulary{6, 10, 11, 71, {5, 1, 7}, {3, 2, 9}};

struct Case
{
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

Distiller makeDistiller(const MethodConfig& method, std::int64_t chunkRows = 4, std::uint64_t seed = 3)
{
    return {method,     {kSameVocabulary.studentWidth, kSameVocabulary.teacherWidth}, chunkRows, seed, at::kCPU,
            at::kDouble};
}

oracle::Projectors projectorsOf(const Distiller& distiller)
{
    return {distiller.projectors().begin(), distiller.projectors().end()};
}

// Copies the rows and makes the tensors that training changes leaves of their own graph.
StepRows trainable(const StepRows& rows)
{
    StepRows copy = rows;
    copy.student.hidden = rows.student.hidden.detach().clone().requires_grad_(true);
    copy.student.head = rows.student.head.detach().clone().requires_grad_(true);
    return copy;
}

// CMA's correctness mask is 0 nearly everywhere with random weights; this makes a part of the labels right.
void makeSomeLabelsRight(const Distiller& distiller, StepRows& rows)
{
    const c10::NoGradGuard noGrad;
    for (std::int64_t i = 0; i < rows.student.labels.size(0); i += 2) {
        double best = -1.0;
        std::int64_t chosen = 0;
        for (std::int64_t label = 0; label < rows.student.head.size(0); ++label) {
            rows.student.labels[i] = label;
            const double hits = distiller.compute(rows).values.at("t2s_acc");
            if (hits > best) {
                best = hits;
                chosen = label;
            }
        }
        rows.student.labels[i] = chosen;
    }
}

void expectNear(const at::Tensor& actual, const at::Tensor& expected, double tolerance, const std::string& what)
{
    ASSERT_EQ(actual.defined(), expected.defined()) << what;
    if (actual.defined()) {
        ASSERT_EQ(actual.sizes(), expected.sizes()) << what;
        EXPECT_LE((actual - expected).abs().max().item<double>(), tolerance) << what;
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
    const Distiller distiller = makeDistiller(method);
    const Distiller twin = makeDistiller(method);
    StepRows base = randomRows(shapeOf(GetParam()));
    if (GetParam().alignment == Alignment::Cma && GetParam().space != Space::Teacher) {
        makeSomeLabelsRight(distiller, base);
    }
    const StepRows rows = trainable(base);
    const StepRows twinRows = trainable(base);

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
    const Distiller distiller = makeDistiller(method);
    StepRows rows = trainable(randomRows(kSameVocabulary));
    StepRows twin = trainable(rows);
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

} // namespace
} // namespace dskd::distill

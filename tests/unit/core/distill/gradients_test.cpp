// What the gradients contain and what they must not: a detached path moves the loss, never the gradient.

#include "core/distill/distiller.h"

#include "tests/unit/core/distill/distillers.h"

#include <ATen/core/grad_mode.h>
#include <gtest/gtest.h>

#include <cmath>

namespace dskd::distill
{
namespace
{

using config::Alignment;
using config::MethodConfig;
using config::Space;
using support::expectNear;
using support::kOtherVocabulary;
using support::kSameVocabulary;
using support::randomRows;
using support::trainable;

TEST(StopGradients, TheProjectedTeacherIsAConstantTargetOfTheStudentSpaceDistance)
{
    MethodConfig method;
    method.space = Space::Student;
    method.kdRate = 1.0;
    const Distiller distiller = distillerOf(method);
    const batch::StepRows rows = trainable(randomRows(kSameVocabulary));
    distiller.compute(rows).loss.backward();
    const at::Tensor weight = distiller.projectors()[0].second;
    // t2s learns from the cross-entropy alone, whatever the temperature or distance.
    MethodConfig other = method;
    other.distance = Distance::Rkl;
    other.temperature = 4.0;
    const Distiller twin = distillerOf(other);
    twin.compute(trainable(rows)).loss.backward();
    expectNear(weight.grad(), twin.projectors()[0].second.grad(), 1e-14, "t2s.weight");
    // And yet the distance depends on it.
    const c10::NoGradGuard noGrad;
    const double before = distiller.compute(rows).values.at("t2s_kd_loss");
    weight.mul_(1.5);
    EXPECT_GT(std::abs(distiller.compute(rows).values.at("t2s_kd_loss") - before), 1e-3);
}

TEST(StopGradients, TheStudentHeadDoesNotLearnFromTheProjectedTeacher)
{
    MethodConfig method;
    method.space = Space::Student;
    method.kdRate = 1.0; // no cross-entropy of the student
    const Distiller distiller = distillerOf(method);
    const batch::StepRows rows = trainable(randomRows(kSameVocabulary));
    distiller.compute(rows).loss.backward();
    // The head's gradient is dS^T H_s and nothing else, so it vanishes with the student's hidden rows...
    batch::StepRows silent = trainable(rows);
    silent.student.hidden = at::zeros_like(silent.student.hidden).requires_grad_(true);
    distiller.compute(silent).loss.backward();
    EXPECT_EQ(silent.student.head.grad().abs().max().item<double>(), 0.0);
    EXPECT_GT(rows.student.head.grad().abs().max().item<double>(), 1e-3);
    // ...although the loss moves with the head there.
    const c10::NoGradGuard noGrad;
    const double before = distiller.compute(silent).values.at("t2s_ce_loss");
    silent.student.head.mul_(1.5);
    EXPECT_GT(std::abs(distiller.compute(silent).values.at("t2s_ce_loss") - before), 1e-3);
}

TEST(StopGradients, TheTeacherAndTheEmbeddingsGetNone)
{
    MethodConfig method;
    method.alignment = Alignment::Cma;
    const Distiller distiller = distillerOf(method);
    batch::StepRows rows = trainable(randomRows(kOtherVocabulary));
    rows.teacher.hidden.requires_grad_(true);
    rows.teacher.head.requires_grad_(true);
    rows.teacher.embedding.requires_grad_(true);
    rows.student.embedding.requires_grad_(true);
    const double before = distiller.compute(rows).loss.item<double>();
    distiller.compute(rows).loss.backward();
    for (const at::Tensor& constant :
         {rows.teacher.hidden, rows.teacher.head, rows.teacher.embedding, rows.student.embedding}) {
        EXPECT_FALSE(constant.grad().defined());
        const c10::NoGradGuard noGrad;
        const at::Tensor backup = constant.clone();
        constant.mul_(1.0 + at::arange(constant.size(1), at::kDouble)); // not a mere factor, which N(x) would undo
        EXPECT_GT(std::abs(distiller.compute(rows).loss.item<double>() - before), 1e-6);
        constant.copy_(backup);
    }
}

class EveryProjector : public testing::TestWithParam<Alignment>
{
};

INSTANTIATE_TEST_SUITE_P(All, EveryProjector, testing::Values(Alignment::None, Alignment::Cma),
                         [](const auto& instance) { return instance.param == Alignment::Cma ? "cma" : "none"; });

// KL's target is detached in the student space, so a projector's derivative is that of the terms it is meant to learn
// from: t2s and query through t2s_ce_loss, s2t and query through s2t_kd_loss.
TEST_P(EveryProjector, DirectionalDerivativesAgreeWithCentralDifferences)
{
    MethodConfig method;
    method.alignment = GetParam();
    method.kdRate = 1.0;
    const Distiller distiller = distillerOf(method);
    const batch::StepRows rows = randomRows(GetParam() == Alignment::Cma ? kOtherVocabulary : kSameVocabulary);
    distiller.compute(rows).loss.backward();
    support::Draw draw(11);
    ASSERT_GE(distiller.projectors().size(), 2U); // one into each space
    for (const auto& [name, tensor] : distiller.projectors()) {
        const at::Tensor direction = draw.normal(tensor.sizes());
        const double analytic = (tensor.grad() * direction).sum().item<double>();
        const c10::NoGradGuard noGrad;
        const at::Tensor origin = tensor.clone();
        const auto valueAt = [&](double step) {
            tensor.copy_(origin + direction * step);
            const auto values = distiller.compute(rows).values;
            tensor.copy_(origin);
            return values.at("t2s_ce_loss") + values.at("s2t_kd_loss");
        };
        const double h = 1e-6;
        // Truncation ~h^2, rounding ~1e-15 / h.
        EXPECT_NEAR((valueAt(h) - valueAt(-h)) / (2 * h), analytic, 1e-7 * std::max(1.0, std::abs(analytic))) << name;
    }
}

// A student whose hidden rows depend on a parameter in two ways gets the sum of both: through every space at once.
TEST(Distiller, DirectionalDerivativeByTheStudentAgreesWithCentralDifferences)
{
    for (const Distance distance : {Distance::Kl, Distance::Rkl, Distance::Js, Distance::Skl, Distance::Srkl}) {
        MethodConfig method;
        method.distance = distance;
        method.teacherDistance = distance;
        const Distiller distiller = distillerOf(method);
        const batch::StepRows rows = trainable(randomRows(kSameVocabulary));
        distiller.compute(rows).loss.backward();
        support::Draw draw(13);
        const at::Tensor direction = draw.normal(rows.student.hidden.sizes());
        const double analytic = (rows.student.hidden.grad() * direction).sum().item<double>();
        const auto valueAt = [&](double step) {
            const c10::NoGradGuard noGrad;
            batch::StepRows moved = rows;
            moved.student.hidden = rows.student.hidden + direction * step;
            return distiller.compute(moved).loss.item<double>();
        };
        EXPECT_NEAR((valueAt(1e-5) - valueAt(-1e-5)) / 2e-5, analytic, 1e-7) << name(distance);
    }
}

} // namespace
} // namespace dskd::distill

#include "core/distill/pseudo_inverse.h"

#include "tests/unit/core/distill/distillers.h"

#include <ATen/core/grad_mode.h>
#include <gtest/gtest.h>

#include <vector>

namespace dskd::distill
{
namespace
{

using support::Draw;
using support::expectNear;

// The published example, heads as (vocabulary, width), printed with six digits.
constexpr double kPrinted = 1e-6;

at::Tensor studentHead()
{
    return at::tensor({1.0, 0.0, 0.0, 1.0, 2.0, 1.0, 1.0, -1.0}, at::kDouble).view({4, 2});
}

at::Tensor teacherHead()
{
    return at::tensor({1.0, 0.0, 2.0, 2.0, 1.0, 0.0, 0.0, 1.0, 1.0, 1.0, 0.0, 1.0}, at::kDouble).view({4, 3});
}

TEST(HeadInverse, HasThePublishedProjectorsAndErrors)
{
    const at::Tensor t2s = HeadInverse(studentHead(), 0.0).projectorFrom(teacherHead());
    expectNear(t2s.t(),
               at::tensor({0.294118, 0.235294, 0.235294, 0.588235, 0.882353, -0.294118}, at::kDouble).view({3, 2}),
               kPrinted, "t2s");
    EXPECT_NEAR(initError(t2s, teacherHead(), studentHead()).relative, 0.713024, kPrinted);
    const at::Tensor s2t = HeadInverse(teacherHead(), 0.0).projectorFrom(studentHead());
    expectNear(s2t.t(), at::tensor({-0.444444, 1.0, 0.888889, -0.194445, 1.25, -0.111111}, at::kDouble).view({2, 3}),
               2e-6, "s2t"); // the reference computed in float32
    EXPECT_NEAR(initError(s2t, studentHead(), teacherHead()).relative, 0.355729, kPrinted);
}

TEST(HeadInverse, AgreesWithTheSingularValueForm)
{
    Draw draw(3);
    const at::Tensor from = draw.normal({5000, 24}); // more rows than a block
    at::Tensor to = draw.normal({5000, 16});
    for (const bool deficient : {false, true}) {
        if (deficient) {
            to = at::mm(to.narrow(1, 0, 9), draw.normal({9, 16}));
        }
        const double rcond = 1e-6;
        const at::Tensor expected = at::mm(from.t(), at::linalg_pinv(to, rcond).t()).t(); // (16, 24)
        const at::Tensor weight = HeadInverse(to, rcond).projectorFrom(from);
        // The Gram form loses half of the digits at most: 1e-16 x cond^2, cond <= 100 here.
        expectNear(weight, expected, 1e-11, deficient ? "rank 9 of 16" : "full rank");
        const double error = ((at::mm(to, expected) - from).norm() / from.norm()).item<double>();
        EXPECT_NEAR(initError(weight, from, to).relative, error, 1e-10);
    }
}

TEST(HeadInverse, RcondCutsSmallSingularValues)
{
    const at::Tensor to = at::diag(at::tensor({1.0, 0.5, 1e-3}, at::kDouble));
    const at::Tensor from = at::ones({3, 1}, at::kDouble);
    expectNear(HeadInverse(to, 1e-2).projectorFrom(from).squeeze(1), at::tensor({1.0, 2.0, 0.0}, at::kDouble), 1e-12,
               "cut");
    expectNear(HeadInverse(to, 1e-4).projectorFrom(from).squeeze(1), at::tensor({1.0, 2.0, 1000.0}, at::kDouble), 1e-9,
               "kept");
}

TEST(InitError, HasTheEckartYoungFloor)
{
    Draw draw(4);
    const at::Tensor from = draw.normal({300, 10});
    const at::Tensor singular = std::get<1>(at::linalg_svd(from));
    const double floor =
        (singular.narrow(0, 6, 4).square().sum().sqrt() / singular.square().sum().sqrt()).item<double>();
    const at::Tensor to = draw.normal({300, 6});
    const InitError error = initError(HeadInverse(to, 0.0).projectorFrom(from), from, to);
    EXPECT_NEAR(error.floor, floor, 1e-10);
    EXPECT_GE(error.relative, floor);
    // reached by the head that holds the largest singular vectors
    const auto [u, s, v] = at::linalg_svd(from, /*full_matrices=*/false);
    const at::Tensor best = u.narrow(1, 0, 6);
    EXPECT_NEAR(initError(HeadInverse(best, 0.0).projectorFrom(from), from, best).relative, floor, 1e-10);
}

Distiller makeDistiller(config::S2tProjector s2t, const ModelPair& pair = {6, 10})
{
    config::ProjectorConfig projectors;
    projectors.init = config::ProjectorInit::Pinv;
    projectors.bias = false;
    projectors.s2t = s2t;
    config::MethodConfig method;
    method.t2sTarget = config::T2sTarget::Teacher;
    method.agreementMask = true;
    return distillerOf(method, {.pair = pair, .projectors = projectors});
}

TEST(DskdV2, OfAModelWithItselfBeginsAtTheIdentityAndFullAgreement)
{
    batch::StepRows rows = support::randomRows({6, 6, 83, 83, {5, 4}, {5, 4}});
    rows.teacher.hidden = rows.student.hidden.clone();
    rows.teacher.head = rows.student.head.clone();
    for (const auto s2t :
         {config::S2tProjector::Trained, config::S2tProjector::Tracked, config::S2tProjector::Frozen}) {
        Distiller distiller = makeDistiller(s2t, {6, 6});
        const InitReport report = distiller.initialise(rows.student.head, rows.teacher.head);
        EXPECT_NEAR(report.t2s.relative, 0.0, 1e-10);
        EXPECT_NEAR(report.s2t.relative, 0.0, 1e-10);
        expectNear(distiller.projectors()[0].second.detach(), at::eye(6, at::kDouble), 1e-10, "t2s");
        const auto values = distiller.compute(rows).values;
        EXPECT_NEAR(values.at("t2s_agreement"), 9.0 / 17.0, 1e-12);
        EXPECT_NEAR(values.at("t2s_kd_loss"), 0.0, 1e-8);
        EXPECT_NEAR(values.at("s2t_kd_loss"), 0.0, 1e-8);
    }
}

TEST(TrackedProjector, FollowsTheStudentsHeadAndIsNoParameter)
{
    Distiller tracked = makeDistiller(config::S2tProjector::Tracked);
    Distiller frozen = makeDistiller(config::S2tProjector::Frozen);
    batch::StepRows rows = support::trainable(support::randomRows(support::kSameVocabulary));
    for (Distiller* distiller : {&tracked, &frozen}) {
        (void)distiller->initialise(rows.student.head, rows.teacher.head);
    }
    ASSERT_EQ(tracked.projectors().size(), 1U) << "t2s alone";
    ASSERT_EQ(frozen.projectors().size(), 2U);
    EXPECT_FALSE(frozen.projectors()[1].second.requires_grad());
    EXPECT_NEAR(tracked.compute(rows).values.at("s2t_kd_loss"), frozen.compute(rows).values.at("s2t_kd_loss"), 1e-10);
    {
        const c10::NoGradGuard noGrad;
        rows.student.head.mul_(1.25); // as an optimizer's step would
    }
    EXPECT_NEAR(tracked.compute(rows).values.at("s2t_kd_loss"), frozen.compute(rows).values.at("s2t_kd_loss"), 1e-10)
        << "within a step it stays";
    tracked.beginStep();
    const Distiller fresh = makeDistiller(config::S2tProjector::Tracked);
    const double moved = tracked.compute(rows).values.at("s2t_kd_loss");
    EXPECT_NEAR(moved, fresh.compute(rows).values.at("s2t_kd_loss"), 1e-12);
    EXPECT_GT(std::abs(moved - frozen.compute(rows).values.at("s2t_kd_loss")), 1e-3);
    // sg(W^s): the head learns nothing through the projector
    tracked.compute(rows).loss.backward();
    frozen.projectors()[1].second.copy_(
        at::mm(HeadInverse(rows.teacher.head, 0.0).projectorFrom(rows.student.head), at::eye(6, at::kDouble)));
    const batch::StepRows twin = support::trainable(rows);
    frozen.compute(twin).loss.backward();
    expectNear(rows.student.head.grad(), twin.student.head.grad(), 1e-10, "student head");
}

TEST(Initialise, LooksAtTheCommonTokensAndAtTheFirstOfThemWhenAsked)
{
    const support::RowsShape& shape = support::kOtherVocabulary;
    const batch::VocabularyMap map = support::vocabularyMap(shape);
    const batch::StepRows rows = support::randomRows(shape);
    for (const std::int64_t top : {0, 4}) {
        config::ProjectorConfig projectors;
        projectors.topVocabulary = top;
        Distiller distiller({}, {6, 10, map}, 4, 3, at::kCPU, at::kDouble, projectors);
        (void)distiller.initialise(rows.student.head, rows.teacher.head);
        const std::int64_t count = top > 0 ? top : map.commonStudent.size(0);
        const at::Tensor student = rows.student.head.index_select(0, map.commonStudent.narrow(0, 0, count));
        const at::Tensor teacher = rows.teacher.head.index_select(0, map.commonTeacher.narrow(0, 0, count));
        const at::Tensor expected = at::mm(teacher.t(), at::linalg_pinv(student, 1e-6).t()).t();
        expectNear(distiller.projectors()[0].second.detach(), expected, 1e-9, "t2s.weight");
        EXPECT_EQ(distiller.projectors()[1].second.abs().max().item<double>(), 0.0) << "bias";
    }
    Distiller lost({}, {6, 10}, 4, 3, at::kCPU, at::kDouble);
    EXPECT_THROW((void)lost.initialise(rows.student.head, rows.teacher.head), c10::Error);
}

} // namespace
} // namespace dskd::distill

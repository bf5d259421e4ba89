// MinED as a loss: the teacher's distribution through the map of the vocabularies, and the label where there is none.

#include "core/distill/distiller.h"
#include "tests/unit/core/distill/distillers.h"

#include <ATen/core/grad_mode.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>

namespace dskd::distill
{
namespace
{

using config::MethodConfig;
using support::expectNear;
using support::kOtherVocabulary;

constexpr double kExact = 1e-10; // float64; sums of about 1000 terms of size 1

MethodConfig minimumEdits(Distance distance = Distance::Kl)
{
    MethodConfig method;
    method.space = config::Space::Different;
    method.alignment = config::Alignment::MinEd;
    method.distance = distance;
    method.temperature = 1.7;
    method.teacherTemperature = 1.2;
    method.kdRate = 0.4;
    method.beta = 0.3;
    return method;
}

Distiller makeDistiller(const MethodConfig& method, std::int64_t chunkRows = 4)
{
    return distillerOf(method, {.pair = {kOtherVocabulary.studentWidth, kOtherVocabulary.teacherWidth,
                                         support::vocabularyMap(kOtherVocabulary)},
                                .chunkRows = chunkRows});
}

// Two student rows share a teacher's.
batch::StepRows someRows()
{
    batch::StepRows rows = support::alignedRows(kOtherVocabulary);
    rows.pairs.teacher[1] = rows.pairs.teacher[0];
    return rows;
}

struct Outcome {
    LossTerms terms;
    batch::StepRows rows;
};

Outcome outcomeOf(const MethodConfig& method, const batch::StepRows& base, std::int64_t chunkRows = 4,
                  LossPart part = LossPart::All, bool ownAnswers = false)
{
    Outcome outcome{{}, support::trainable(base)};
    outcome.terms = makeDistiller(method, chunkRows).compute(outcome.rows, part, ownAnswers);
    outcome.terms.loss.backward();
    return outcome;
}

void expectSame(const Outcome& actual, const Outcome& expected)
{
    for (const auto& [name, value] : expected.terms.values) {
        EXPECT_NEAR(actual.terms.values.at(name), value, kExact) << name;
    }
    expectNear(actual.rows.student.hidden.grad(), expected.rows.student.hidden.grad(), kExact, "student hidden");
    expectNear(actual.rows.student.head.grad(), expected.rows.student.head.grad(), kExact, "student head");
}

class MinimumEditsOfEveryDistance : public testing::TestWithParam<Distance>
{
};

INSTANTIATE_TEST_SUITE_P(Finite, MinimumEditsOfEveryDistance,
                         testing::Values(Distance::Kl, Distance::Js, Distance::Skl, Distance::Srkl, Distance::Tvd,
                                         Distance::Gjs),
                         [](const auto& instance) { return std::string(name(instance.param)); });

TEST_P(MinimumEditsOfEveryDistance, AgreesWithTheEagerOracleForEveryChunkSize)
{
    const MethodConfig method = minimumEdits(GetParam());
    const batch::StepRows base = someRows();
    for (const std::int64_t chunkRows : {1, 4, 100}) {
        const Outcome outcome = outcomeOf(method, base, chunkRows);
        const batch::StepRows twin = support::trainable(base);
        const oracle::Terms expected =
            oracle::distillationLoss(method, twin, {}, support::vocabularyMap(kOtherVocabulary));
        expected.loss.backward();
        ASSERT_EQ(outcome.terms.values.size(), expected.values.size());
        for (const auto& [name, value] : expected.values) {
            EXPECT_NEAR(outcome.terms.values.at(name), value.item<double>(), kExact) << name;
        }
        expectNear(outcome.rows.student.hidden.grad(), twin.student.hidden.grad(), kExact, "student hidden");
        expectNear(outcome.rows.student.head.grad(), twin.student.head.grad(), kExact, "student head");
    }
}

TEST(MinimumEdits, TeachRowsWithoutAPartnerTheirLabelAtTheTemperature)
{
    const MethodConfig method = minimumEdits();
    batch::StepRows rows = someRows();
    rows.pairs = {at::empty({0}, at::kLong), at::empty({0}, at::kLong)};
    const Outcome outcome = outcomeOf(method, rows);
    const at::Tensor logits = at::mm(rows.student.hidden, rows.student.head.t()) / method.temperature;
    EXPECT_NEAR(outcome.terms.values.at("kd_loss"),
                oracle::crossEntropy(logits, rows.student.labels).sum().item<double>() / rows.denominator, kExact);
    EXPECT_EQ(outcome.terms.values.at("align_ratio"), 0.0);
}

TEST(MinimumEdits, HearTheTeacherOnlyInRowsAndTokensThatAreMatched)
{
    const MethodConfig method = minimumEdits(Distance::Skl);
    const batch::StepRows rows = someRows();
    const Outcome before = outcomeOf(method, rows);
    const batch::VocabularyMap map = support::vocabularyMap(kOtherVocabulary);
    const at::Tensor rowMatched =
        at::zeros({rows.teacher.hidden.size(0)}, at::kBool).index_fill_(0, rows.pairs.teacher, true);
    const at::Tensor tokenMatched =
        at::zeros({rows.teacher.head.size(0)}, at::kBool).index_fill_(0, map.commonTeacher, true);
    batch::StepRows elsewhere = rows;
    elsewhere.teacher.hidden = at::where(rowMatched.unsqueeze(1), rows.teacher.hidden, rows.teacher.hidden + 3.0);
    elsewhere.teacher.head = at::where(tokenMatched.unsqueeze(1), rows.teacher.head, rows.teacher.head - 2.0);
    elsewhere.teacher.labels = at::zeros_like(rows.teacher.labels);
    expectSame(outcomeOf(method, elsewhere), before);

    batch::StepRows there = rows;
    there.teacher.hidden = at::where(rowMatched.unsqueeze(1), rows.teacher.hidden + 3.0, rows.teacher.hidden);
    EXPECT_GT(std::abs(outcomeOf(method, there).terms.values.at("kd_loss") - before.terms.values.at("kd_loss")), 1e-3);
}

TEST(MinimumEdits, CountTheStudentsProbabilityOfTokensThatNoneIsMatchedTo)
{
    MethodConfig method = minimumEdits();
    method.kdRate = 1.0;
    batch::StepRows rows = someRows();
    rows.student.labels = at::full_like(rows.student.labels, 10); // token 10 is matched: no label is among the others
    const Outcome outcome = outcomeOf(method, rows);
    const batch::VocabularyMap map = support::vocabularyMap(kOtherVocabulary);
    const at::Tensor matched =
        at::zeros({rows.student.head.size(0)}, at::kBool).index_fill_(0, map.commonStudent, true);
    ASSERT_TRUE(matched[10].item<bool>());
    // Their logits have the gradient q > 0: the loss wants less of them, in every row. In the head's gradient that is
    // q H, here computed for itself.
    const at::Tensor q =
        at::softmax(at::mm(rows.student.hidden, rows.student.head.t()) / method.temperature, 1) / method.temperature;
    const at::Tensor expected = at::mm(q.t(), rows.student.hidden) / rows.denominator;
    const at::Tensor others = matched.logical_not().nonzero().squeeze(1);
    ASSERT_GT(others.size(0), 0);
    expectNear(outcome.rows.student.head.grad().index_select(0, others), expected.index_select(0, others), kExact,
               "head of the tokens without a partner");
}

TEST(MinimumEdits, OnTheStudentsOwnAnswersTeachNoLabelAndLetTheMatchedRowsSpeakForAll)
{
    const MethodConfig method = minimumEdits();
    const batch::StepRows rows = someRows();
    const Outcome own = outcomeOf(method, rows, 4, LossPart::Distillation, true);
    batch::StepRows relabelled = rows;
    relabelled.student.labels = at::zeros_like(rows.student.labels);
    expectSame(outcomeOf(method, relabelled, 4, LossPart::Distillation, true), own);
    EXPECT_GT(std::abs(outcomeOf(method, relabelled, 4, LossPart::Distillation).terms.values.at("kd_loss") -
                       outcomeOf(method, rows, 4, LossPart::Distillation).terms.values.at("kd_loss")),
              1e-3);

    batch::StepRows matched = rows; // the rows with a partner alone
    matched.student.hidden = rows.student.hidden.index_select(0, rows.pairs.student);
    matched.student.labels = rows.student.labels.index_select(0, rows.pairs.student);
    matched.pairs.student = at::arange(rows.pairs.student.size(0));
    const double share =
        static_cast<double>(rows.student.hidden.size(0)) / static_cast<double>(matched.student.hidden.size(0));
    EXPECT_NEAR(own.terms.values.at("kd_loss"),
                outcomeOf(method, matched, 4, LossPart::Distillation).terms.values.at("kd_loss") * share, kExact);
}

TEST(MinimumEdits, AsPublishedKnowTheForwardKlOnly)
{
    MethodConfig published = minimumEdits(Distance::Js);
    published.fidelity = config::Fidelity::ReferenceV1;
    MethodConfig forward = minimumEdits(Distance::Kl);
    forward.teacherTemperature = 1.0; // the published code knows it for attention only
    expectSame(outcomeOf(published, someRows()), outcomeOf(forward, someRows()));
    EXPECT_GT(std::abs(outcomeOf(minimumEdits(Distance::Js), someRows()).terms.values.at("kd_loss") -
                       outcomeOf(published, someRows()).terms.values.at("kd_loss")),
              1e-3);
}

TEST(MinimumEdits, NeedTheMatchedTokens)
{
    const Distiller distiller(minimumEdits(), {6, 10}, 4, 3, at::kCPU, at::kDouble);
    EXPECT_THROW((void)distiller.compute(someRows()), c10::Error);
}

} // namespace
} // namespace dskd::distill

// Every alignment x space x target x mask against the eager oracle, and what must hold of each alignment.

#include "core/config/methods/method_traits.h"
#include "core/config/schema/choices.h"
#include "core/distill/distiller.h"
#include "tests/unit/core/distill/distillers.h"

#include <ATen/core/grad_mode.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace dskd::distill
{
namespace
{

using config::Alignment;
using config::MethodConfig;
using config::Space;
using config::T2sTarget;
using support::expectNear;
using support::kOtherVocabulary;
using support::kSameVocabulary;
using support::RowsShape;

constexpr double kExact = 1e-10; // float64; sums of about 1000 terms of size 1

struct Case {
    Space space;
    Alignment alignment;
    T2sTarget target;
    bool agreement;
    double threshold;
};

std::vector<Case> everyCase()
{
    std::vector<Case> cases;
    for (const Space space : {Space::Student, Space::Teacher, Space::Dual}) {
        for (const Alignment alignment :
             {Alignment::None, Alignment::Cma, Alignment::Cla, Alignment::Clp, Alignment::Eta}) {
            for (const T2sTarget target : {T2sTarget::Gold, T2sTarget::Teacher}) {
                cases.push_back({space, alignment, target, false, 1.0});
                cases.push_back({space, alignment, target, true, 1.0});
            }
        }
    }
    cases.push_back({Space::Dual, Alignment::None, T2sTarget::Teacher, true, 0.0}); // the threshold turns the mask off
    cases.push_back({Space::Different, Alignment::Eta, T2sTarget::Gold, false, 1.0});
    cases.push_back({Space::Different, Alignment::Position, T2sTarget::Gold, false, 1.0});
    cases.push_back({Space::Different, Alignment::MinEd, T2sTarget::Gold, false, 1.0});
    cases.push_back({Space::Different, Alignment::MinEd, T2sTarget::Teacher, false, 1.0});
    return cases;
}

MethodConfig methodOf(const Case& test)
{
    MethodConfig method;
    method.space = test.space;
    method.alignment = test.alignment;
    method.distance = test.alignment == Alignment::Position ? Distance::Uld : Distance::Skl;
    method.teacherDistance = Distance::Rkl;
    method.temperature = 1.5;
    method.kdRate = 0.3;
    method.t2sTarget = test.target;
    method.agreementMask = test.agreement;
    method.agreementThreshold = test.threshold;
    return method;
}

const RowsShape& shapeOf(Alignment alignment)
{
    return alignment == Alignment::None ? kSameVocabulary : kOtherVocabulary;
}

batch::StepRows rowsFor(Alignment alignment, std::uint64_t seed = 7)
{
    return support::alignedRows(shapeOf(alignment), seed);
}

batch::VocabularyMap vocabulariesFor(Alignment alignment)
{
    return alignment == Alignment::None ? batch::VocabularyMap{} : support::vocabularyMap(kOtherVocabulary);
}

Distiller makeDistiller(const MethodConfig& method, std::int64_t chunkRows = 4,
                        const config::ProjectorConfig& projectors = {})
{
    return distillerOf(method, {.pair = {kSameVocabulary.studentWidth, kSameVocabulary.teacherWidth,
                                         vocabulariesFor(method.alignment)},
                                .chunkRows = chunkRows,
                                .projectors = projectors});
}

class EveryComposition : public testing::TestWithParam<Case>
{
};

INSTANTIATE_TEST_SUITE_P(All, EveryComposition, testing::ValuesIn(everyCase()), [](const auto& instance) {
    const Case& test = instance.param;
    return std::string(config::name(test.space)) + "_" + std::string(config::name(test.alignment)) + "_" +
           std::string(config::name(test.target)) + (test.agreement ? "_agree" : "") +
           (test.threshold < 1.0 ? "_off" : "");
});

// Random rows of which some, not all, pass the mask of the method, so that a test of it means something.
batch::StepRows tellingRows(const MethodConfig& method)
{
    constexpr std::uint64_t kSeeds = 200;
    for (std::uint64_t seed = 7; seed < 7 + kSeeds; ++seed) {
        batch::StepRows rows = rowsFor(method.alignment, seed);
        const bool masked = method.space != Space::Teacher &&
                            (method.agreementMask || (config::attends(method) && method.correctnessMask));
        if (!masked) {
            return rows;
        }
        const at::Tensor right = oracle::distillationLoss(method, rows, projectorsOf(makeDistiller(method)),
                                                          vocabulariesFor(method.alignment))
                                     .projectedIsRight;
        const double share = right.mean().item<double>();
        if (share > 0.0 && share < 1.0) {
            return rows;
        }
    }
    ADD_FAILURE() << "no seed gives rows that pass the mask";
    return rowsFor(method.alignment);
}

// Every term, and every gradient that reaches the student's rows, its head and the projectors.
void expectTheOracle(const MethodConfig& method, const batch::StepRows& base, bool ownAnswers,
                     std::int64_t chunkRows = 4)
{
    const Distiller distiller = makeDistiller(method, chunkRows);
    const Distiller twin = makeDistiller(method);
    const batch::StepRows rows = support::trainable(base);
    const batch::StepRows twinRows = support::trainable(base);
    const LossTerms terms = distiller.compute(rows, LossPart::All, ownAnswers);
    const oracle::Terms expected =
        oracle::distillationLoss(method, twinRows, projectorsOf(twin), vocabulariesFor(method.alignment), ownAnswers);
    ASSERT_EQ(terms.values.size(), expected.values.size());
    for (const auto& [name, value] : expected.values) {
        ASSERT_TRUE(terms.values.contains(name)) << name;
        EXPECT_NEAR(terms.values.at(name), value.item<double>(), kExact) << name;
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

TEST_P(EveryComposition, AgreesWithTheEagerOracleInEveryTermAndGradient)
{
    const MethodConfig method = methodOf(GetParam());
    const batch::StepRows base = tellingRows(method);
    for (const std::int64_t chunkRows : {1, 4, 100}) {
        expectTheOracle(method, base, /*ownAnswers=*/false, chunkRows);
    }
}

// The heads' logits are about 3 wide here, so that these caps bend all of them.
TEST_P(EveryComposition, AgreesWithTheEagerOracleWhereTheHeadsCapTheirLogits)
{
    const MethodConfig method = methodOf(GetParam());
    batch::StepRows base = tellingRows(method); // a cap moves no maximum, so the masks stay
    base.student.softcap = 2.0;
    base.teacher.softcap = 3.0;
    expectTheOracle(method, base, /*ownAnswers=*/false);
}

// What the terms move of the student, one by one, is what the loss moves: none is missing, none counts twice.
TEST_P(EveryComposition, HasTermsWhoseGradientsAddUpToThatOfTheLoss)
{
    const MethodConfig method = methodOf(GetParam());
    const Distiller distiller = makeDistiller(method);
    const batch::StepRows base = tellingRows(method);
    const auto gradientOf = [&](std::string_view only, LossPart part = LossPart::All) {
        const batch::StepRows rows = support::trainable(base);
        distiller.compute(rows, part, /*ownAnswers=*/false, only).loss.backward();
        return at::cat({rows.student.hidden.grad().flatten(), rows.student.head.grad().flatten()});
    };
    const at::Tensor whole = gradientOf({});
    at::Tensor sum = at::zeros_like(whole);
    for (const std::string& term : distiller.termsOfStudent()) {
        sum = sum + gradientOf(term);
    }
    expectNear(sum, whole, kExact, "sum of the terms");
    expectNear(gradientOf("nll_loss"), gradientOf({}, LossPart::CrossEntropy), kExact, "nll_loss");
    EXPECT_EQ(gradientOf("t2s_ce_loss").abs().max().item<double>(), 0.0) << "it moves the projector alone";
}

// On answers of the student's own the labels are the teacher's predictions, and some rows have none.
TEST_P(EveryComposition, AgreesWithTheEagerOracleOnAnswersOfTheStudentsOwn)
{
    const MethodConfig method = methodOf(GetParam());
    for (const std::uint64_t seed : {7, 8, 9}) {
        expectTheOracle(method, rowsFor(method.alignment, seed), /*ownAnswers=*/true);
    }
}

TEST(OwnAnswers, TeachAProjectedTeacherNothingThatTheStudentSaid)
{
    for (const Alignment alignment : {Alignment::Cma, Alignment::Cla, Alignment::Clp}) {
        MethodConfig method;
        method.space = Space::Student;
        method.alignment = alignment;
        method.correctnessMask = false;
        const Distiller distiller = makeDistiller(method);
        batch::StepRows rows = rowsFor(alignment);
        const auto values = [&] { return distiller.compute(rows, LossPart::Distillation, /*ownAnswers=*/true).values; };
        const auto before = values();
        // CMA and CLA read the student's tokens in their queries, the labels are the teacher's all the same
        const at::Tensor embedding = rows.student.embedding;
        rows.student.embedding = at::zeros_like(embedding);
        const auto besidesAccuracy = [&] { // t2s_acc asks for the answer's tokens, which are the student's labels
            auto all = values();
            EXPECT_EQ(all.erase("t2s_acc"), 1U);
            return all;
        };
        const auto blind = besidesAccuracy();
        rows.student.labels = (rows.student.labels + 1).remainder(11);
        EXPECT_EQ(besidesAccuracy(), blind);
        rows.student.embedding = embedding;
        rows.pairs.student = rows.pairs.student.narrow(0, 0, 2);
        rows.pairs.teacher = rows.pairs.teacher.narrow(0, 0, 2);
        EXPECT_LT(values().at("t2s_ce_loss"), before.at("t2s_ce_loss")) << "fewer rows with a label";
    }
}

// Without the cross-entropy there are no predictions of the student at hand: the compared rows are predicted once more.
TEST(OwnAnswers, HaveTheSameAgreementOfTheProjectedStudentWithoutTheCrossEntropy)
{
    for (const Space space : {Space::Teacher, Space::Dual}) {
        for (const Alignment alignment : {Alignment::None, Alignment::Eta}) {
            MethodConfig method;
            method.space = space;
            method.alignment = alignment;
            const Distiller distiller = makeDistiller(method);
            double sum = 0.0;
            for (std::uint64_t seed = 0; seed < 100; ++seed) {
                const batch::StepRows rows = rowsFor(alignment, seed);
                const auto agreement = [&](LossPart part) {
                    return distiller.compute(rows, part, /*ownAnswers=*/true).values.at("s2t_agreement");
                };
                EXPECT_EQ(agreement(LossPart::Distillation), agreement(LossPart::All)) << seed;
                sum += agreement(LossPart::All);
            }
            EXPECT_GT(sum, 0.0) << "no row agrees, so that this test shows nothing";
        }
    }
}

TEST(AgreementMask, LetsTheAgreeingRowsStandForAllUpToTheThreshold)
{
    MethodConfig method;
    method.space = Space::Student;
    method.t2sTarget = T2sTarget::Teacher;
    method.agreementMask = true;
    const batch::StepRows rows = tellingRows(method);
    const Distiller distiller = makeDistiller(method);
    const auto terms = distiller.compute(rows).values;
    const auto count = static_cast<double>(rows.student.hidden.size(0));
    const double agreeing = terms.at("t2s_agreement") * rows.denominator;
    // the mean distance of the agreeing rows alone, times the rows
    batch::StepRows alone = rows;
    const at::Tensor said =
        at::mm(distiller.projectors()[0].second.mm(rows.teacher.hidden.t()).t() + distiller.projectors()[1].second,
               rows.student.head.t())
            .argmax(1);
    const at::Tensor own = at::mm(rows.teacher.hidden, rows.teacher.head.t()).argmax(1);
    const at::Tensor agree = said.eq(own).nonzero().squeeze(1);
    ASSERT_NEAR(agreeing, static_cast<double>(agree.size(0)), kExact);
    for (batch::SideRows* side : {&alone.student, &alone.teacher}) {
        side->hidden = side->hidden.index_select(0, agree);
        side->labels = side->labels.index_select(0, agree);
        side->rowsPerSample = {agree.size(0)};
    }
    MethodConfig unmasked = method;
    unmasked.agreementMask = false;
    EXPECT_NEAR(terms.at("t2s_kd_loss"),
                makeDistiller(unmasked).compute(alone).values.at("t2s_kd_loss") * count / agreeing, kExact);
    method.agreementThreshold = 0.9 * agreeing / count; // more agree than that: all count
    EXPECT_NEAR(makeDistiller(method).compute(rows).values.at("t2s_kd_loss"),
                makeDistiller(unmasked).compute(rows).values.at("t2s_kd_loss"), kExact);
}

TEST(Eta, OfIdenticalTokenisationsIsTheMethodWithoutAlignment)
{
    batch::StepRows rows = support::randomRows(kSameVocabulary);
    const at::Tensor all = at::arange(rows.student.hidden.size(0));
    rows.pairs = {all, all};
    for (const Space space : {Space::Student, Space::Teacher, Space::Dual, Space::Different}) {
        for (const T2sTarget target : {T2sTarget::Gold, T2sTarget::Teacher}) {
            MethodConfig method;
            method.space = space;
            method.t2sTarget = target;
            const auto compute = [&](Alignment alignment) {
                method.alignment = alignment;
                const Distiller distiller(method, {6, 10}, 4, 3, at::kCPU, at::kDouble);
                const batch::StepRows own = support::trainable(rows);
                LossTerms terms = distiller.compute(own);
                terms.loss.backward();
                return std::pair(terms.values, own.student.hidden.grad());
            };
            const auto [plain, plainGradient] = compute(Alignment::None);
            auto [paired, pairedGradient] = compute(Alignment::Eta);
            EXPECT_NEAR(paired.at("align_ratio"), 13.0 / 17.0, kExact);
            paired.erase("align_ratio");
            for (const auto& [name, value] : plain) {
                EXPECT_NEAR(paired.at(name), value, kExact) << name;
            }
            expectNear(pairedGradient, plainGradient, kExact, "student hidden");
        }
    }
}

TEST(Clp, OfIdenticalTokenisationsPairsEveryRowWithItself)
{
    MethodConfig method;
    method.alignment = Alignment::Clp;
    const Distiller distiller(method, {6, 10}, 4, 3, at::kCPU, at::kDouble);
    batch::StepRows rows = support::randomRows(kSameVocabulary);
    rows.student.chunks = rows.teacher.chunks = at::arange(rows.student.hidden.size(0));
    const AttentionMaps maps = distiller.attention(rows);
    ASSERT_EQ(maps.studentFromTeacher.size(), rows.student.rowsPerSample.size());
    ASSERT_EQ(maps.teacherFromStudent.size(), rows.student.rowsPerSample.size());
    for (std::size_t i = 0; i < maps.studentFromTeacher.size(); ++i) {
        const at::Tensor identity = at::eye(maps.studentFromTeacher[i].size(0));
        EXPECT_TRUE(maps.studentFromTeacher[i].equal(identity));
        EXPECT_TRUE(maps.teacherFromStudent[i].equal(identity));
    }
}

TEST(Cla, AttendsOnlyWithinChunksAndGivesNothingToARowAlone)
{
    MethodConfig method;
    method.alignment = Alignment::Cla;
    const Distiller distiller = makeDistiller(method);
    const batch::StepRows rows = rowsFor(Alignment::Cla);
    const AttentionMaps maps = distiller.attention(rows);
    ASSERT_EQ(maps.studentFromTeacher.size(), rows.student.rowsPerSample.size());
    std::int64_t s = 0;
    std::int64_t t = 0;
    for (const at::Tensor& map : maps.studentFromTeacher) {
        for (std::int64_t i = 0; i < map.size(0); ++i) {
            double sum = 0.0;
            bool partner = false;
            for (std::int64_t j = 0; j < map.size(1); ++j) {
                const bool together =
                    rows.student.chunks[s + i].item<std::int64_t>() == rows.teacher.chunks[t + j].item<std::int64_t>();
                partner = partner || together;
                const double weight = map[i][j].item<double>();
                EXPECT_TRUE(together || weight == 0.0) << i << ' ' << j;
                sum += weight;
            }
            EXPECT_NEAR(sum, partner ? 1.0 : 0.0, 1e-6);
        }
        s += map.size(0);
        t += map.size(1);
    }
}

TEST(Eta, IsZeroWithoutAnyPair)
{
    for (const Space space : {Space::Dual, Space::Different}) {
        MethodConfig method;
        method.alignment = Alignment::Eta;
        method.space = space;
        method.agreementMask = space == Space::Dual;
        batch::StepRows rows = support::trainable(rowsFor(Alignment::Eta));
        const at::Tensor none = at::empty({0}, at::kLong);
        rows.pairs = {none, none};
        const LossTerms terms = makeDistiller(method).compute(rows);
        EXPECT_EQ(terms.values.at("kd_loss"), 0.0);
        EXPECT_EQ(terms.values.at("align_ratio"), 0.0);
        EXPECT_TRUE(nonFiniteTerms(terms).empty());
        terms.loss.backward();
        EXPECT_TRUE(rows.student.hidden.grad().isfinite().all().item<bool>());
    }
}

} // namespace
} // namespace dskd::distill

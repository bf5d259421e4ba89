// The reference fidelities against the published criterion classes, run unmodified on tiny random models
// (tests/reference/published_losses.py). float32, as the classes compute.

#include "core/config/methods/fidelity_traits.h"
#include "core/config/methods/method_traits.h"
#include "core/distill/distiller.h"
#include "tests/support/random_tensors.h"
#include "tests/unit/core/distill/published_case.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

namespace dskd::distill
{
namespace
{

using config::Fidelity;

constexpr double kTolerance = 1e-5; // of a value, or of the largest element of a gradient

// The terms that both log under one name, or ours under another. With two vocabularies the second published code
// divides t2s_acc by the micro-batch and counts tokens that are not aligned.
std::vector<std::pair<std::string, std::string>> comparedTerms(const PublishedCase& test)
{
    std::vector<std::pair<std::string, std::string>> names{{"loss", "loss"},
                                                           {"nll_loss", "nll_loss"},
                                                           {"kd_loss", "kd_loss"},
                                                           {"accuracy", "accuracy"},
                                                           {"uld_loss", "kd_loss"},
                                                           {"t2s_ce_loss", "t2s_ce_loss"},
                                                           {"t2s_kd_loss", "t2s_kd_loss"},
                                                           {"s2t_kd_loss", "s2t_kd_loss"},
                                                           {"t2s_agreement", "t2s_agreement"},
                                                           {"align_ratio", "align_ratio"}};
    if (test.method.alignment == config::Alignment::None) {
        for (const char* name : {"t2s_acc", "t_acc", "s2t_agreement"}) {
            names.emplace_back(name, name);
        }
    }
    if (!test.second()) {
        for (const char* name : {"t2s_acc", "s2t_acc", "max_t2s_prob"}) {
            names.emplace_back(name, name);
        }
    }
    return names;
}

void expectClose(double actual, double expected, const std::string& what)
{
    EXPECT_NEAR(actual, expected, kTolerance * std::max(1.0, std::abs(expected))) << what;
}

void expectGradient(const at::Tensor& actual, const at::Tensor& expected, const std::string& what)
{
    ASSERT_TRUE(actual.defined()) << what;
    const double largest = expected.abs().max().item<double>();
    support::expectNear(actual.to(at::kDouble), expected.to(at::kDouble), kTolerance * std::max(1e-3, largest), what);
}

class Published : public testing::TestWithParam<std::string>
{
};

TEST_P(Published, LossAndTermsAreThoseOfTheCriterion)
{
    const PublishedCase test(GetParam());
    const LossTerms terms = test.distiller().compute(test.rows());
    expectClose(terms.loss.item<double>(), test.expected.at("terms").at("loss").get<double>(), "loss");
    int compared = 0;
    for (const auto& [theirs, ours] : comparedTerms(test)) {
        if (test.expected.at("terms").contains(theirs)) {
            ASSERT_TRUE(terms.values.contains(ours)) << ours;
            expectClose(terms.values.at(ours), test.expected.at("terms").at(theirs).get<double>(), theirs);
            ++compared;
        }
    }
    EXPECT_GE(compared, 4);
}

TEST_P(Published, GradientsAreThoseOfTheCriterion)
{
    const PublishedCase test(GetParam());
    const Distiller distiller = test.distiller();
    const batch::StepRows rows = test.rows();
    distiller.compute(rows).loss.backward();
    const at::Tensor expected = test.tensor("gradient." + test.name + ".hidden").flatten(0, 1);
    expectGradient(rows.student.hidden.grad(), expected.index_select(0, test.inside("student")), "response rows");
    const at::Tensor elsewhere = expected.index_select(0, test.outside("student"));
    if (config::attendsToPadding(test.method)) {
        EXPECT_GT(elsewhere.abs().max().item<double>(), 0.0); // the case is one where it matters
        expectGradient(rows.student.outside->states.grad(), elsewhere, "prompt and padding");
    } else {
        EXPECT_EQ(elsewhere.abs().max().item<double>(), 0.0);
    }
    for (const auto& [key, parameter] : distiller.projectors()) {
        const std::string which = "gradient." + test.name + "." + key;
        if (test.has(which)) {
            expectGradient(parameter.grad(), test.tensor(which), key);
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Criteria, Published,
                         testing::Values("vanilla_kl", "vanilla_rkl", "vanilla_js", "vanilla_skl", "vanilla_srkl",
                                         "vanilla_akl", "dskd", "uld", "cma", "cma_kq", "cla", "clp", "dskd_v2",
                                         "dskd_v2_unmasked", "eta", "eta_unmasked", "eta_without_unk", "cma_v2"),
                         [](const auto& test) { return test.param; });

TEST(PublishedCases, AreAllTested)
{
    EXPECT_EQ(golden().at("cases").size(), 18u);
}

// The switch is not idle: the paper's value of the same batch is another one wherever the published code deviates.
TEST(PublishedCases, DifferFromThePaperWhereTheCodeDoes)
{
    for (const char* name : {"uld", "cma", "cla", "clp", "dskd_v2", "eta", "cma_v2"}) {
        PublishedCase test(name);
        test.method.fidelity = Fidelity::Paper;
        test.method.teacherTemperature = 1.0; // which is no difference of its own here
        batch::StepRows rows = test.rows();
        if (config::attendsWithinChunks(test.method)) {
            PublishedCase padded(name);
            rows.student.chunks = padded.rows().student.chunks;
            rows.teacher.chunks = padded.rows().teacher.chunks;
        }
        const double loss = test.distiller().compute(rows).loss.item<double>();
        EXPECT_GT(std::abs(loss - test.expected.at("terms").at("loss").get<double>()), 1e-3) << name;
    }
}

TEST(PublishedCases, PaddingCountsAsPublishedAndNotInThePaper)
{
    PublishedCase test("cma");
    batch::StepRows rows = test.rows();
    const auto loss = [&] { return test.distiller().compute(rows).loss.item<double>(); };
    const double published = loss();
    rows.teacher.outside->positions += 40; // a longer data.max_length
    EXPECT_GT(std::abs(loss() - published), 1e-4);
    test.method.fidelity = Fidelity::Paper;
    batch::StepRows bare = test.rows();
    ASSERT_FALSE(bare.teacher.outside.has_value());
    const double paper = test.distiller().compute(bare).loss.item<double>();
    EXPECT_NE(paper, published);
}

TEST(PublishedCases, AttentionWithoutTheRestOfTheBatchIsRefused)
{
    const PublishedCase test("cma");
    batch::StepRows rows = test.rows();
    rows.teacher.outside.reset();
    EXPECT_THROW((void)test.distiller().compute(rows), c10::Error);
}

// DeepSpeed averages over the micro-batches, whose denominator is the step's tokens over their number.
TEST(PublishedCases, MeansOfOneMicroBatchAreAveragedOverTheStep)
{
    for (const char* name : {"dskd_v2", "dskd_v2_unmasked", "eta", "eta_unmasked", "cma_v2"}) {
        const PublishedCase test(name);
        batch::StepRows rows = test.rows();
        rows.denominator *= 3.0;
        rows.microBatches = 3.0;
        const double loss = test.distiller().compute(rows).loss.item<double>();
        expectClose(3.0 * loss, test.expected.at("terms").at("loss").get<double>(), name);
    }
}

TEST(PublishedCases, PseudoInverseIsTheProjectorInit)
{
    for (const char* name : {"dskd_v2", "eta"}) {
        const PublishedCase test(name);
        Distiller distiller = test.distiller();
        (void)distiller.initialise(test.tensor("student.head"), test.tensor("teacher.head"));
        support::expectNear(distiller.projectors().front().second.detach(), test.tensor("initial_t2s"), 1e-4, name);
    }
}

// A detached path changes the loss, never the gradient: teacher's states outside the response are constants.
TEST(PublishedCases, NothingOfTheTeacherIsTrained)
{
    const PublishedCase test("cla");
    batch::StepRows rows = test.rows();
    rows.teacher.hidden = rows.teacher.hidden.clone().requires_grad_(true);
    rows.teacher.embedding = rows.teacher.embedding.clone().requires_grad_(true);
    rows.teacher.outside->states = rows.teacher.outside->states.clone().requires_grad_(true);
    const Distiller distiller = test.distiller();
    const LossTerms terms = distiller.compute(rows);
    terms.loss.backward();
    for (const at::Tensor& constant : {rows.teacher.hidden, rows.teacher.embedding, rows.teacher.outside->states}) {
        EXPECT_FALSE(constant.grad().defined() && constant.grad().abs().max().item<double>() > 0.0);
    }
    rows.teacher.outside->states = rows.teacher.outside->states.detach() * 3.0;
    EXPECT_GT(std::abs(distiller.compute(rows).loss.item<double>() - terms.loss.item<double>()), 1e-4);
}

} // namespace
} // namespace dskd::distill

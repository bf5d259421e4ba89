#pragma once

// A loss of all terms with every gradient, by the fused operation and by its eager oracle.

#include "core/kernels/head_loss.h"
#include "tests/support/loss_oracle.h"
#include "tests/support/random_tensors.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

namespace dskd::kernels
{

using support::Draw;

inline constexpr double kExact = 1e-11; // float64; the order of summation differs

struct Problem {
    HeadLossInput input;
    HeadLossTerms terms;
};

// Student rows and projected teacher rows through the student's head: every gradient at once.
inline Problem studentSpace(Distance distance, std::int64_t rows = 70, std::int64_t vocabulary = 83)
{
    Draw draw(21);
    Problem problem;
    problem.input.student = {draw.normal({rows, 6}).requires_grad_(true),
                             draw.normal({vocabulary, 6}).requires_grad_(true)};
    problem.input.target = {draw.normal({rows, 6}).requires_grad_(true), problem.input.student.head};
    problem.input.rows.labels = draw.ids(rows, vocabulary);
    problem.input.rows.distanceWeights = at::rand({rows}, at::kDouble);
    problem.terms.crossEntropy = 0.7;
    problem.terms.targetCrossEntropy = 0.2;
    problem.terms.distance = 0.3;
    problem.terms.divergence.distance = distance;
    problem.terms.divergence.temperature = 2.0;
    return problem;
}

// The same with factors of the cross-entropies; some target rows have no label.
inline Problem withLabelWeights(Distance distance)
{
    Problem problem = studentSpace(distance);
    const std::int64_t rows = problem.input.student.hidden.size(0);
    problem.input.rows.labelWeights = Draw(22).normal({rows});
    problem.input.rows.targetLabelWeights = at::arange(rows).remainder(3).to(at::kDouble);
    problem.terms.onlyWhereTargetCorrect = true;
    const at::Tensor shown = at::mm(problem.input.target.hidden, problem.input.target.head.t()).detach();
    problem.input.rows.targetLabels = // right in every second row
        at::where(at::arange(rows).remainder(2).eq(0), shown.argmax(1), problem.input.rows.labels);
    return problem;
}

struct Outcome {
    double loss = 0.0;
    at::Tensor studentHidden;
    at::Tensor studentHead;
    at::Tensor targetHidden;
};

inline Outcome outcomeOf(const Problem& problem, const at::Tensor& loss)
{
    for (const at::Tensor& leaf :
         {problem.input.student.hidden, problem.input.student.head, problem.input.target.hidden}) {
        leaf.mutable_grad() = at::Tensor();
    }
    loss.backward();
    return {loss.item<double>(), problem.input.student.hidden.grad(), problem.input.student.head.grad(),
            problem.input.target.hidden.grad()};
}

inline Outcome fused(const Problem& problem, std::int64_t chunkRows, std::int64_t headColumns = kFavouredColumns)
{
    return outcomeOf(problem, headLoss(problem.input, problem.terms, chunkRows, headColumns).loss);
}

inline at::Tensor capped(const at::Tensor& logits, double cap)
{
    return cap > 0.0 ? at::tanh(logits / cap) * cap : logits;
}

inline Outcome eager(const Problem& problem)
{
    const HeadRows& student = problem.input.student;
    const HeadRows& target = problem.input.target;
    const RowTargets& rows = problem.input.rows;
    const at::Tensor targetLabels = rows.targetLabels.defined() ? rows.targetLabels : rows.labels;
    const auto total = [](const at::Tensor& values, const at::Tensor& factors) {
        return factors.defined() ? (values * factors).sum() : values.sum();
    };
    const at::Tensor logits = capped(at::mm(student.hidden, student.head.t()), student.softcap);
    const at::Tensor shown = capped(at::mm(target.hidden, target.head.detach().t()), target.softcap);
    at::Tensor distances = oracle::distances(logits, shown.detach(), problem.terms.divergence) * rows.distanceWeights;
    if (problem.terms.onlyWhereTargetCorrect) {
        distances = distances * shown.argmax(1).eq(targetLabels);
        if (rows.targetLabelWeights.defined()) {
            distances = distances * rows.targetLabelWeights.ne(0);
        }
    }
    return outcomeOf(problem,
                     *problem.terms.crossEntropy * total(oracle::crossEntropy(logits, rows.labels), rows.labelWeights) +
                         *problem.terms.targetCrossEntropy *
                             total(oracle::crossEntropy(shown, targetLabels), rows.targetLabelWeights) +
                         *problem.terms.distance * distances.sum());
}

inline double largestDifference(const at::Tensor& a, const at::Tensor& b)
{
    return (a - b).abs().max().item<double>();
}

inline void expectSame(const Outcome& actual, const Outcome& expected, double tolerance)
{
    EXPECT_NEAR(actual.loss, expected.loss, tolerance);
    EXPECT_LE(largestDifference(actual.studentHidden, expected.studentHidden), tolerance);
    EXPECT_LE(largestDifference(actual.studentHead, expected.studentHead), tolerance);
    EXPECT_LE(largestDifference(actual.targetHidden, expected.targetHidden), tolerance);
}

} // namespace dskd::kernels

#pragma once

// The projectors between the spaces of a pair, by name: t2s (student space), s2t (teacher space), query (attention).

#include "core/batch/step_rows.h"
#include "core/config/schema/method_config.h"
#include "core/distill/pseudo_inverse.h"

#include <ATen/core/Tensor.h>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace dskd::distill
{

// The sizes of a pair of models and how their vocabularies relate.
struct ModelPair {
    std::int64_t studentWidth = 0;
    std::int64_t teacherWidth = 0;
    batch::VocabularyMap vocabularies = {};
};

// What the pseudo-inverse begins with (METHOD.md 5.2); 0 for the projector that the method does not have.
struct InitReport {
    InitError t2s;
    InitError s2t;
};

// Worker only, one thread.
class Projectors
{
public:
    // Those that the method needs, as PyTorch initialises nn.Linear, each from its own stream of `seed`.
    Projectors(const config::MethodConfig& method, const config::ProjectorConfig& config, const ModelPair& pair,
               std::uint64_t seed, const at::TensorOptions& options);

    // Sets t2s and s2t to the pseudo-inverse solutions between the two heads (V, d) and (W, D), biases to 0.
    InitReport initialise(const at::Tensor& studentHead, const at::Tensor& teacherHead);

    // The student's head is another one from now on: a tracked s2t is computed anew when it is needed next. (The
    // optimizer writes past autograd's version counters.)
    void beginStep() { m_trackedWeight = at::Tensor(); }

    // (rows, in) to (rows, out), in the projector's dtype. s2t that is tracked follows from the heads of `rows`.
    [[nodiscard]] at::Tensor toStudent(const at::Tensor& teacherHidden) const;
    [[nodiscard]] at::Tensor toTeacher(const at::Tensor& studentHidden, const batch::StepRows& rows) const;
    [[nodiscard]] at::Tensor toQuery(const at::Tensor& tokenPairs) const;

    // "t2s.weight", "t2s.bias", ...; a frozen one requires no gradient, a tracked one is not among them.
    [[nodiscard]] const std::vector<std::pair<std::string, at::Tensor>>& tensors() const { return m_tensors; }

private:
    [[nodiscard]] at::Tensor tensor(const std::string& name) const; // undefined when there is none
    [[nodiscard]] at::Tensor project(const std::string& name, const at::Tensor& input) const;
    [[nodiscard]] at::Tensor trackedWeight(const at::Tensor& studentHead, const at::Tensor& teacherHead) const;
    [[nodiscard]] at::Tensor commonRows(const at::Tensor& head, const at::Tensor& ids) const;
    void set(const std::string& name, const at::Tensor& weight);

    config::ProjectorConfig m_config;
    batch::VocabularyMap m_vocabularies;
    bool m_tracksS2t;
    at::ScalarType m_dtype;
    std::vector<std::pair<std::string, at::Tensor>> m_tensors;

    // The tracked weight serves all micro-batches of a step.
    mutable HeadInverse m_teacherInverse;
    mutable at::Tensor m_trackedWeight;
};

} // namespace dskd::distill

#pragma once

// What the published criterion classes compute on tiny random models (tests/reference/published_losses.py), case by
// case. float32, as the classes compute.

#include "core/distill/distiller.h"
#include "core/model/safetensors.h"
#include "tests/support/fake_tokenizer.h"

#include <ATen/core/Tensor.h>
#include <nlohmann/json.hpp>

#include <string>

namespace dskd::distill
{

// The golden file.
[[nodiscard]] const nlohmann::json& golden();

// One case of the golden file as the trainer would hand it to a Distiller.
class PublishedCase
{
public:
    explicit PublishedCase(const std::string& which);

    [[nodiscard]] bool second() const { return expected.at("fidelity") == "reference-v2"; }

    [[nodiscard]] const at::Tensor& tensor(const std::string& which) const { return m_tensors.at(which); }
    [[nodiscard]] bool has(const std::string& which) const { return m_tensors.contains(which); }

    // Positions (B x L, flat) that are response rows of a side, and the others.
    [[nodiscard]] at::Tensor inside(const std::string& side) const;
    [[nodiscard]] at::Tensor outside(const std::string& side) const;

    [[nodiscard]] batch::StepRows rows() const;
    [[nodiscard]] ModelPair pair() const;
    // With the golden projectors.
    [[nodiscard]] Distiller distiller() const;

    std::string name;
    nlohmann::json expected;
    config::MethodConfig method;
    config::ProjectorConfig projectors;

private:
    [[nodiscard]] test::FakeTokenizer studentTokenizer() const;
    [[nodiscard]] batch::SideRows side(const std::string& which) const;
    void addOutside(batch::StepRows& rows) const;
    void addPairs(batch::StepRows& rows, bool byPlace) const;

    model::TensorMap m_tensors;
};

} // namespace dskd::distill

#pragma once

// The tiny models of tests/golden/model, with what transformers computes from them
// (tests/reference/model_reference.py).

#include "core/model/causal_lm.h"
#include "core/model/safetensors.h"
#include "core/model/softcap.h"
#include "tests/support/paths.h"
#include "tests/unit/core/model/token_lists.h"

#include <ATen/ATen.h>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace dskd::model::testing
{

inline const std::vector<std::string> kGoldenModels = {
    "gpt2",  "llama", "llama3", "llama_linear", "mistral", "qwen2_tied", "qwen2_padded",
    "qwen3", "phi3",  "gemma",  "gemma2",       "gemma3",  "pythia",     "neox_sequential",
    "olmo",  "olmo2", "smollm", "smollm3",      "exaone4"};

inline std::filesystem::path goldenFolder(const std::string& name)
{
    return std::filesystem::path(test::goldenDir()) / "model" / name;
}

// The families of some of these models.
inline std::set<std::string> familiesOf(const std::vector<std::string>& goldenModels)
{
    std::set<std::string> types;
    for (const std::string& name : goldenModels) {
        types.insert(familyName(readModelConfig(goldenFolder(name)).value().family));
    }
    return types;
}

inline std::unique_ptr<CausalLm> goldenModel(const std::string& name, bool trainable = false)
{
    LoadOptions options;
    options.trainable = trainable;
    return std::move(loadCausalLm(goldenFolder(name), options)).value();
}

inline TensorMap goldenExpected(const std::string& name)
{
    return std::move(readSafetensors(goldenFolder(name) / "expected.safetensors")).value();
}

// The logits of hidden states (..., E): (..., V).
inline at::Tensor logitsOf(const CausalLm& model, const at::Tensor& hidden)
{
    return softcapped(at::linear(hidden, model.head()), model.config().headSoftcap);
}

// Mean cross entropy of every next token.
inline at::Tensor lossOf(const CausalLm& model, const at::Tensor& hidden_NE, const TokenLists& sequences)
{
    std::vector<std::int64_t> rows;
    std::vector<std::int64_t> labels;
    std::int64_t start = 0;
    for (const auto& sequence : sequences) {
        for (std::size_t i = 0; i + 1 < sequence.size(); ++i) {
            rows.push_back(start + static_cast<std::int64_t>(i));
            labels.push_back(sequence[i + 1]);
        }
        start += static_cast<std::int64_t>(sequence.size());
    }
    const at::Tensor logits = logitsOf(model, hidden_NE.index_select(0, at::tensor(rows, at::kLong)));
    return at::cross_entropy_loss(logits, at::tensor(labels, at::kLong));
}

// Largest difference relative to the largest expected magnitude.
inline double relativeError(const at::Tensor& actual, const at::Tensor& expected)
{
    TORCH_CHECK(actual.sizes() == expected.sizes(), "shapes differ: ", actual.sizes(), " and ", expected.sizes());
    return ((actual - expected).abs().max() / expected.abs().max()).item<double>();
}

} // namespace dskd::model::testing

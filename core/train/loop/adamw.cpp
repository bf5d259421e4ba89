#include "core/train/loop/adamw.h"

#include "core/base/result.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/_foreach_add.h>
#include <ATen/ops/_foreach_mul.h>
#include <ATen/ops/_foreach_norm.h>
#include <ATen/ops/_fused_adamw.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/zeros.h>
#include <ATen/ops/zeros_like.h>
#include <algorithm>

namespace dskd::train
{

AdamW::AdamW(const AdamOptions& options, std::vector<ParameterGroup> groups) : m_options(options)
{
    const at::NoGradGuard noGrad;
    for (std::size_t g = 0; g < groups.size(); ++g) {
        m_weightDecay.push_back(groups[g].weightDecay);
        for (auto& [name, tensor] : groups[g].parameters) {
            Slot slot;
            slot.name = name;
            slot.live = tensor;
            slot.master = tensor.scalar_type() == at::kFloat ? tensor.detach() : tensor.detach().to(at::kFloat);
            slot.mean = at::zeros_like(slot.master, at::MemoryFormat::Contiguous);
            slot.square = at::zeros_like(slot.master, at::MemoryFormat::Contiguous);
            slot.steps = at::zeros({}, slot.master.options());
            slot.group = g;
            m_slots.push_back(std::move(slot));
        }
    }
}

void AdamW::collectGradients()
{
    const at::NoGradGuard noGrad;
    for (Slot& slot : m_slots) {
        at::Tensor& grad = slot.live.mutable_grad();
        if (!grad.defined()) {
            continue;
        }
        if (slot.live.scalar_type() == at::kFloat) {
            slot.gradient = grad;
            continue;
        }
        if (slot.gradient.defined()) {
            slot.gradient.add_(grad);
        } else {
            slot.gradient = grad.to(at::kFloat);
        }
        grad.reset();
    }
}

double AdamW::clipGradients(double maxNorm)
{
    const at::NoGradGuard noGrad;
    std::vector<at::Tensor> gradients;
    for (const Slot& slot : m_slots) {
        if (slot.gradient.defined()) {
            gradients.push_back(slot.gradient);
        }
    }
    if (gradients.empty()) {
        return 0.0;
    }
    const double norm = at::stack(at::_foreach_norm(gradients, 2)).norm().item<double>();
    if (maxNorm > 0.0 && norm > maxNorm) {
        at::_foreach_mul_(gradients, maxNorm / (norm + 1e-6)); // as torch's clip_grad_norm_
    }
    return norm;
}

void AdamW::step(const std::vector<double>& rates)
{
    TORCH_CHECK(rates.size() == m_weightDecay.size(), "AdamW: ", rates.size(), " learning rates for ",
                m_weightDecay.size(), " groups");
    const at::NoGradGuard noGrad;
    for (std::size_t g = 0; g < rates.size(); ++g) {
        std::vector<at::Tensor> masters, gradients, means, squares, steps;
        for (const Slot& slot : m_slots) {
            if (slot.group == g && slot.gradient.defined()) {
                masters.push_back(slot.master);
                gradients.push_back(slot.gradient);
                means.push_back(slot.mean);
                squares.push_back(slot.square);
                steps.push_back(slot.steps);
            }
        }
        if (masters.empty()) {
            continue;
        }
        at::_foreach_add_(steps, 1);
        at::_fused_adamw_(masters, gradients, means, squares, {}, steps, rates[g], m_options.beta1, m_options.beta2,
                          m_weightDecay[g], m_options.epsilon, /*amsgrad=*/false, /*maximize=*/false);
    }
    for (const Slot& slot : m_slots) {
        if (slot.gradient.defined() && slot.live.scalar_type() != at::kFloat) {
            slot.live.copy_(slot.master);
        }
    }
    clearGradients();
}

void AdamW::clearGradients()
{
    for (Slot& slot : m_slots) {
        slot.live.mutable_grad().reset();
        slot.gradient.reset();
    }
}

std::vector<std::pair<std::string, at::Tensor>> AdamW::state() const
{
    std::vector<std::pair<std::string, at::Tensor>> tensors;
    for (const Slot& slot : m_slots) {
        tensors.emplace_back(slot.name + ".exp_avg", slot.mean);
        tensors.emplace_back(slot.name + ".exp_avg_sq", slot.square);
        tensors.emplace_back(slot.name + ".steps", slot.steps);
        if (slot.live.scalar_type() != at::kFloat) {
            tensors.emplace_back(slot.name + ".master", slot.master);
        }
    }
    return tensors;
}

void AdamW::loadState(const std::map<std::string, at::Tensor>& saved)
{
    const at::NoGradGuard noGrad;
    for (auto& [name, target] : state()) {
        const auto found = saved.find(name);
        if (found == saved.end()) {
            throw Error(
                "The saved optimizer state has no tensor \"" + name + "\".",
                "It was written for another model or precision; start a new run from this checkpoint's weights.");
        }
        if (found->second.sizes() != target.sizes()) {
            throw Error("The tensor \"" + name +
                            "\" of the saved optimizer state has another shape than the parameter.",
                        "It was written for another model; start a new run from this checkpoint's weights.");
        }
        target.copy_(found->second);
    }
}

} // namespace dskd::train

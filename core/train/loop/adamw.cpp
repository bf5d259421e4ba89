#include "core/train/loop/adamw.h"

#include "core/base/failure.h"
#include "core/train/loop/gradient_norm.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/_foreach_add.h>
#include <ATen/ops/_foreach_mul.h>
#include <ATen/ops/_fused_adamw.h>
#include <ATen/ops/zeros.h>
#include <ATen/ops/zeros_like.h>
#include <algorithm>

namespace dskd::train
{

AdamW::AdamW(const AdamOptions& options, std::vector<ParameterGroup> groups) : m_options(options)
{
    const at::NoGradGuard noGrad;
    for (ParameterGroup& group : groups) {
        std::stable_partition(group.parameters.begin(), group.parameters.end(),
                              [](const Parameter& parameter) { return parameter.decays; });
        for (const Parameter& parameter : group.parameters) {
            const at::Tensor& live = parameter.tensor;
            Slot slot;
            slot.name = parameter.name;
            slot.live = live;
            slot.master = live.scalar_type() == at::kFloat ? live.detach() : live.detach().to(at::kFloat);
            slot.mean = at::zeros_like(slot.master, at::MemoryFormat::Contiguous);
            slot.square = at::zeros_like(slot.master, at::MemoryFormat::Contiguous);
            slot.steps = at::zeros({}, slot.master.options());
            slot.group = m_groups.size();
            slot.decays = parameter.decays;
            m_slots.push_back(std::move(slot));
        }
        m_groups.push_back({std::move(group.name), group.weightDecay});
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
    const double norm = gradientNorm(gradients);
    if (maxNorm > 0.0 && norm > maxNorm) {
        at::_foreach_mul_(gradients, maxNorm / (norm + 1e-6)); // as torch's clip_grad_norm_
    }
    return norm;
}

std::vector<at::Tensor> AdamW::gradients() const
{
    std::vector<at::Tensor> gradients;
    gradients.reserve(m_slots.size());
    for (const Slot& slot : m_slots) {
        gradients.push_back(slot.gradient);
    }
    return gradients;
}

void AdamW::update(std::size_t group, bool decaying, double rate)
{
    std::vector<at::Tensor> masters, gradients, means, squares, steps;
    for (const Slot& slot : m_slots) {
        if (slot.group == group && slot.decays == decaying && slot.gradient.defined()) {
            masters.push_back(slot.master);
            gradients.push_back(slot.gradient);
            means.push_back(slot.mean);
            squares.push_back(slot.square);
            steps.push_back(slot.steps);
        }
    }
    if (masters.empty()) {
        return;
    }
    at::_foreach_add_(steps, 1);
    at::_fused_adamw_(masters, gradients, means, squares, {}, steps, rate, m_options.beta1, m_options.beta2,
                      decaying ? m_groups[group].weightDecay : 0.0, m_options.epsilon, /*amsgrad=*/false,
                      /*maximize=*/false);
}

void AdamW::step(const std::map<std::string, double>& rates)
{
    const at::NoGradGuard noGrad;
    for (const Group& group : m_groups) {
        TORCH_CHECK(rates.contains(group.name), "AdamW: no learning rate for the parameters of \"", group.name, "\"");
    }
    for (std::size_t i = 0; i < m_groups.size(); ++i) {
        const double rate = rates.at(m_groups[i].name);
        update(i, /*decaying=*/true, rate);
        update(i, /*decaying=*/false, rate);
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

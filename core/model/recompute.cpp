#include "core/model/recompute.h"

#include <ATen/Context.h>
#include <ATen/core/grad_mode.h>
#include <ATen/core/ivalue.h>
#include <algorithm>
#include <mutex>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/custom_function.h>
#include <utility>

namespace dskd::model
{
namespace
{
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;
using Compute = std::function<at::Tensor(const at::Tensor&)>;

at::Tensor generatorState(at::Device device)
{
    at::Generator generator = at::globalContext().defaultGenerator(device);
    const std::lock_guard lock(generator.mutex());
    return generator.get_state();
}

void setGeneratorState(at::Device device, const at::Tensor& state)
{
    at::Generator generator = at::globalContext().defaultGenerator(device);
    const std::lock_guard lock(generator.mutex());
    generator.set_state(state);
}

// Puts the generator back where it was, however the scope ends.
class GeneratorAt
{
public:
    GeneratorAt(at::Device device, const at::Tensor& state) : m_device(device), m_before(generatorState(device))
    {
        setGeneratorState(device, state);
    }
    ~GeneratorAt() { setGeneratorState(m_device, m_before); }
    GeneratorAt(const GeneratorAt&) = delete;
    GeneratorAt& operator=(const GeneratorAt&) = delete;

private:
    at::Device m_device;
    at::Tensor m_before;
};

// What the backward pass needs besides tensors.
struct Recipe : torch::CustomClassHolder {
    Compute compute;
    at::Tensor random; // the generator's state before the computation
};

struct RecomputeFunction : torch::autograd::Function<RecomputeFunction> {
    static at::Tensor forward(AutogradContext* context, const at::Tensor& input, at::TensorList learning,
                              Compute compute)
    {
        auto recipe = c10::make_intrusive<Recipe>();
        recipe->compute = std::move(compute);
        recipe->random = generatorState(input.device());
        const at::Tensor output = recipe->compute(input);
        variable_list kept{input};
        kept.insert(kept.end(), learning.begin(), learning.end());
        context->save_for_backward(kept);
        context->saved_data["recipe"] = c10::IValue::make_capsule(std::move(recipe));
        return output;
    }

    static variable_list backward(AutogradContext* context, variable_list outputGradients)
    {
        const variable_list kept = context->get_saved_variables();
        const auto capsule = context->saved_data["recipe"].toCapsule();
        const auto* recipe = static_cast<const Recipe*>(capsule.get());
        const at::AutoGradMode withGradients(true);
        const at::Tensor input = kept[0].detach().requires_grad_(kept[0].requires_grad());
        at::Tensor output;
        {
            const GeneratorAt asBefore(input.device(), recipe->random);
            output = recipe->compute(input);
        }
        variable_list sources;
        std::vector<std::size_t> places; // of the sources among the inputs
        for (std::size_t i = 0; i < kept.size(); ++i) {
            const at::Tensor& source = i == 0 ? input : kept[i];
            if (source.requires_grad()) {
                sources.push_back(source);
                places.push_back(i);
            }
        }
        const variable_list found = torch::autograd::grad({output}, sources, {outputGradients[0]},
                                                          /*retain_graph=*/std::nullopt, /*create_graph=*/false,
                                                          /*allow_unused=*/true);
        variable_list gradients(kept.size() + 1); // the last is compute's place
        for (std::size_t i = 0; i < places.size(); ++i) {
            gradients[places[i]] = found[i];
        }
        return gradients;
    }
};
} // namespace

at::Tensor recomputedInBackward(Compute compute, const at::Tensor& input, const std::vector<at::Tensor>& learning)
{
    const bool needed = input.requires_grad() || std::any_of(learning.begin(), learning.end(),
                                                             [](const auto& tensor) { return tensor.requires_grad(); });
    if (!needed || !at::GradMode::is_enabled()) {
        return compute(input);
    }
    return RecomputeFunction::apply(input, at::TensorList(learning), std::move(compute));
}

} // namespace dskd::model

#include "core/model/packed_weights.h"

#include "core/kernels/decode/decode_kernel.h"

#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/empty.h>
#include <algorithm>
#include <cstdint>
#include <unistd.h>

namespace dskd::model
{
namespace
{
using kernels::decode::kPanelOutputs;

constexpr std::int64_t kProductsPerTask = std::int64_t{1} << 20; // less takes as long as waking a thread
constexpr std::int64_t kPanelsPerPackingTask = 16;

// Whether a copy of all weights leaves enough for training, generation and other programs. By what the machine has, and
// not by what is free: the products sum in another order, and a resumed run shall give the same tokens.
bool copiesFit(const CausalLm& model)
{
    constexpr std::uint64_t kShare = 8; // of the memory
    std::uint64_t bytes = 0;            // of the input embedding too, which is not copied: a few per cent more
    for (const NamedTensor& parameter : model.parameters()) {
        bytes += parameter.tensor.nbytes();
    }
    const auto memory = static_cast<std::uint64_t>(std::max<long>(::sysconf(_SC_PHYS_PAGES), 0)) *
                        static_cast<std::uint64_t>(std::max<long>(::sysconf(_SC_PAGESIZE), 0));
    return bytes <= memory / kShare;
}
} // namespace

PackedWeight::PackedWeight(const at::Tensor& weight, WeightLayout layout)
{
    TORCH_CHECK(weight.dim() == 2 && weight.is_cpu() && weight.scalar_type() == at::kFloat,
                "weights are packed in float32 on the CPU, not ", weight.scalar_type(), " of ", weight.sizes());
    const int output = layout == WeightLayout::OutIn ? 0 : 1;
    const int input = 1 - output;
    m_outputs = weight.size(output);
    const std::int64_t panels = kernels::decode::numPanels(m_outputs);
    m_panels = at::empty({panels, weight.size(input), kPanelOutputs}, at::kFloat);
    const kernels::decode::Weights from{weight.const_data_ptr<float>(), m_outputs, weight.size(input),
                                        weight.stride(output), weight.stride(input)};
    auto* to = m_panels.mutable_data_ptr<float>();
    at::parallel_for(0, panels, kPanelsPerPackingTask,
                     [&](std::int64_t begin, std::int64_t end) { kernels::decode::packPanels(from, to, begin, end); });
}

bool PackedWeight::takes(const at::Tensor& x) const
{
    return m_panels.defined() && x.size(0) <= kMostPackedRows && x.scalar_type() == at::kFloat && x.is_cpu() &&
           !at::GradMode::is_enabled();
}

at::Tensor PackedWeight::apply(const at::Tensor& x, const at::Tensor& bias) const
{
    const std::int64_t inputs = m_panels.size(1);
    TORCH_CHECK(x.dim() == 2 && x.size(1) == inputs && (!bias.defined() || bias.numel() == m_outputs), "rows of ",
                x.sizes(), " do not fit a packed weight of ", inputs, " inputs and ", m_outputs, " outputs");
    const at::Tensor rows = x.contiguous();
    const at::Tensor added = bias.defined() ? bias.contiguous() : at::Tensor();
    at::Tensor result = at::empty({rows.size(0), m_outputs}, rows.options());
    const kernels::decode::Product product{rows.const_data_ptr<float>(),
                                           m_panels.const_data_ptr<float>(),
                                           added.defined() ? added.const_data_ptr<float>() : nullptr,
                                           result.mutable_data_ptr<float>(),
                                           rows.size(0),
                                           inputs,
                                           m_outputs};
    auto* const multiply = kernels::decode::decodeKernels().front().multiply;
    const std::int64_t perPanel = std::max<std::int64_t>(rows.size(0) * inputs * kPanelOutputs, 1);
    const std::int64_t panelsPerTask = std::max<std::int64_t>(kProductsPerTask / perPanel, 1);
    at::parallel_for(0, m_panels.size(0), panelsPerTask,
                     [&](std::int64_t begin, std::int64_t end) { multiply(product, begin, end); });
    return result;
}

PackedModel::PackedModel(CausalLm& model, std::int64_t columns) : m_model(model)
{
    if (!copiesFit(model)) {
        return;
    }
    try {
        if (model.packWeights()) {
            m_head = PackedWeight(model.head().narrow(0, 0, columns), WeightLayout::OutIn);
        }
    } catch (...) {
        model.dropPackedWeights();
        throw;
    }
}

PackedModel::~PackedModel()
{
    m_model.dropPackedWeights();
}

} // namespace dskd::model

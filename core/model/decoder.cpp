#include "core/model/decoder.h"

#include "core/model/folder/families/family.h"
#include "core/model/recompute.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

namespace dskd::model
{
namespace
{
// 0, 1, ... for each sequence, one after the other.
at::Tensor countedPositions(const std::vector<std::int64_t>& lengths, at::Device device)
{
    const std::int64_t rows = std::accumulate(lengths.begin(), lengths.end(), std::int64_t{0});
    at::Tensor positions = at::empty({rows}, at::kLong);
    auto* position = positions.mutable_data_ptr<std::int64_t>();
    for (const std::int64_t length : lengths) {
        std::iota(position, position + length, std::int64_t{0});
        position += length;
    }
    return positions.to(device);
}

// Padding stays at learned position 0, as the published collator numbers it; rotations count on.
at::Tensor withoutPositions(at::Tensor positions, const PackedTokens& tokens)
{
    std::int64_t end = 0;
    for (std::size_t i = 0; i < tokens.padding.size(); ++i) {
        end += tokens.lengths[i];
        positions.narrow(0, end - tokens.padding[i], tokens.padding[i]).zero_();
    }
    return positions;
}

void checkLength(const ModelConfig& config, std::int64_t longest)
{
    const std::optional<std::int64_t> limit = positionLimit(config);
    TORCH_CHECK(!limit || longest <= *limit, "a sequence of ", longest, " tokens is longer than the model's ",
                limit.value_or(0), " positions");
}
} // namespace

std::optional<std::int64_t> positionLimit(const ModelConfig& config)
{
    return config.family->learnedPositions ? std::optional(config.maxPositions) : std::nullopt;
}

Decoder::Decoder(const ModelConfig& config, std::vector<NamedTensor> parameters)
    : m_config(config), m_parameters(std::move(parameters)),
      m_inputEmbedding(m_parameters.front().tensor), // the first of tensorSpecs
      m_head(config.tiedHead ? m_inputEmbedding : parameter(config.family->head))
{
}

at::Tensor Decoder::parameter(const std::string& name) const
{
    const auto found = std::find_if(m_parameters.begin(), m_parameters.end(),
                                    [&name](const NamedTensor& parameter) { return parameter.name == name; });
    return found == m_parameters.end() ? at::Tensor() : found->tensor;
}

Linear Decoder::linear(const std::string& module)
{
    const at::Tensor weight = parameter(module + ".weight");
    if (!weight.defined()) {
        return {};
    }
    return m_linears.try_emplace(module, weight, parameter(module + ".bias"), m_config.family->layout).first->second;
}

at::Tensor Decoder::hiddenStates(const PackedTokens& tokens, bool training)
{
    const std::int64_t rows = std::accumulate(tokens.lengths.begin(), tokens.lengths.end(), std::int64_t{0});
    TORCH_CHECK(tokens.ids.dim() == 1 && tokens.ids.size(0) == rows, "packed tokens: ids have the shape ",
                tokens.ids.sizes(), " but the lengths sum to ", rows);
    if (!tokens.lengths.empty()) {
        checkLength(m_config, *std::max_element(tokens.lengths.begin(), tokens.lengths.end()));
    }
    TORCH_CHECK(tokens.padding.empty() || tokens.padding.size() == tokens.lengths.size(),
                "packed tokens: ", tokens.lengths.size(), " sequences, but the padding of ", tokens.padding.size());
    at::Tensor positions = countedPositions(tokens.lengths, tokens.ids.device());
    if (m_config.family->learnedPositions) {
        positions = withoutPositions(positions, tokens);
    }
    const PackedOrder order = tokens.ids.is_cpu() ? PackedOrder::OneByOne : PackedOrder::Together;
    return run(tokens.ids, positions, std::make_shared<PackedAttention>(tokens.lengths, tokens.padding, order),
               training);
}

at::Tensor Decoder::hiddenStates(const PaddedTokens& tokens, bool training)
{
    TORCH_CHECK(tokens.ids.dim() == 2 && tokens.ids.sizes() == tokens.mask.sizes(),
                "padded tokens: ids have the shape ", tokens.ids.sizes(), ", the mask ", tokens.mask.sizes());
    const at::Tensor mask = tokens.mask.to(at::kBool);
    const at::Tensor lengths = mask.sum(1).to(at::kCPU).contiguous();
    const auto* length = lengths.const_data_ptr<std::int64_t>();
    const at::Tensor rows = mask.flatten().nonzero().squeeze(1);
    const at::Tensor hidden = hiddenStates(
        PackedTokens{tokens.ids.flatten().index_select(0, rows), {length, length + lengths.numel()}}, training);
    return at::zeros({tokens.ids.numel(), m_config.width}, hidden.options())
        .index_copy(0, rows, hidden)
        .view({tokens.ids.size(0), tokens.ids.size(1), m_config.width});
}

at::Tensor Decoder::hiddenStates(const at::Tensor& ids, const at::Tensor& mask, KeyValueCache& cache)
{
    TORCH_CHECK(ids.dim() == 2 && mask.dim() == 2 && mask.size(0) == ids.size(0) &&
                    mask.size(1) == cache.length + ids.size(1),
                "cached tokens: ids have the shape ", ids.sizes(), ", the mask ", mask.sizes(), ", the cache holds ",
                cache.length, " positions");
    const at::NoGradGuard noGrad;
    if (ids.numel() == 0) {
        return at::empty({ids.size(0), ids.size(1), m_config.width}, m_inputEmbedding.options());
    }
    const at::Tensor present = mask.to(at::kBool);
    const at::Tensor positions = (present.cumsum(1) - 1).clamp_min(0).narrow(1, cache.length, ids.size(1)).flatten();
    if (positionLimit(m_config)) {
        checkLength(m_config, positions.max().item<std::int64_t>() + 1);
    }
    const at::Tensor hidden = run(ids.flatten(), positions, std::make_shared<CachedAttention>(present, cache), false);
    cache.length += ids.size(1);
    return hidden.view({ids.size(0), ids.size(1), m_config.width});
}

void Decoder::setAdapter(LoraAdapter adapter)
{
    for (const auto& [name, layer] : m_linears) {
        layer.clearUpdate(); // of an adapter that had more layers
    }
    for (const AdaptedLayer& layer : adapter.layers) {
        const auto found = m_linears.find(layer.name);
        TORCH_CHECK(found != m_linears.end(), "the model has no linear layer ", layer.name);
        found->second.setUpdate({layer.a, layer.b, adapter.config.scale(), adapter.config.dropout});
    }
    m_adapter = std::move(adapter);
}

bool Decoder::packWeights()
{
    const auto isPlain = [](const NamedTensor& parameter) {
        return parameter.tensor.is_cpu() && parameter.tensor.scalar_type() == at::kFloat;
    };
    if (m_adapter || !std::all_of(m_parameters.begin(), m_parameters.end(), isPlain)) {
        return false;
    }
    for (const auto& [name, layer] : m_linears) {
        layer.pack();
    }
    return true;
}

void Decoder::dropPackedWeights()
{
    for (const auto& [name, layer] : m_linears) {
        layer.dropPacked();
    }
}

std::vector<at::Tensor> Decoder::learningInBlock(std::int64_t layer) const
{
    const std::string part = '.' + std::to_string(layer) + '.';
    const auto inBlock = [&](const std::string& name) { return name.find(part) != std::string::npos; };
    std::vector<at::Tensor> learning;
    const auto add = [&](const at::Tensor& tensor) {
        if (tensor.requires_grad()) {
            learning.push_back(tensor);
        }
    };
    for (const NamedTensor& parameter : m_parameters) {
        if (inBlock(parameter.name)) {
            add(parameter.tensor);
        }
    }
    if (m_adapter) {
        for (const AdaptedLayer& adapted : m_adapter->layers) {
            if (inBlock(adapted.name)) {
                add(adapted.a);
                add(adapted.b);
            }
        }
    }
    return learning;
}

at::Tensor Decoder::run(const at::Tensor& ids, const at::Tensor& positions, const std::shared_ptr<Attention>& attention,
                        bool training) const
{
    const Pass pass{positions, angles(positions), windowAngles(positions), *attention, training};
    at::Tensor hidden = embed(ids, pass);
    if (training && m_config.embeddingDropout > 0) {
        hidden = at::dropout(hidden, m_config.embeddingDropout, true);
    }
    const bool recomputes = training && m_checkpointsGradients && at::GradMode::is_enabled();
    for (std::int64_t layer = 0; layer < m_config.layers; ++layer) {
        if (recomputes) {
            const auto again = [this, layer, pass, attention](const at::Tensor& input) {
                return block(layer, input, pass); // `pass` refers to `attention`, which is held
            };
            hidden = recomputedInBackward(again, hidden, learningInBlock(layer));
        } else {
            hidden = block(layer, hidden, pass);
        }
    }
    return finalNorm(hidden);
}

at::Tensor Decoder::attend(const Pass& pass, std::int64_t layer, const at::Tensor& query, const at::Tensor& key,
                           const at::Tensor& value) const
{
    AttentionOptions options;
    options.layer = layer;
    options.window = windowOf(m_config, layer);
    if (m_config.queryScalar > 0) {
        options.scale = 1.0 / std::sqrt(static_cast<double>(m_config.queryScalar));
    }
    options.softcap = m_config.attentionSoftcap;
    options.dropout = pass.training ? m_config.attentionDropout : 0.0;
    return pass.attention.attend(query, key, value, options);
}

at::Tensor Decoder::addResidual(const Pass& pass, const at::Tensor& hidden, const at::Tensor& added) const
{
    if (pass.training && m_config.residualDropout > 0) {
        return hidden + at::dropout(added, m_config.residualDropout, true);
    }
    return hidden + added;
}

} // namespace dskd::model

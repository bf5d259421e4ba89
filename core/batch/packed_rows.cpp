#include "core/batch/packed_rows.h"

#include <ATen/ops/tensor.h>
#include <algorithm>
#include <cassert>

namespace dskd::batch
{

std::int64_t firstScoredRow(const dataset::Sample& sample, config::LossOn lossOn)
{
    return lossOn == config::LossOn::All ? 0 : sample.firstRow();
}

std::int64_t numScoredRows(const dataset::Sample& sample, config::LossOn lossOn)
{
    return std::max<std::int64_t>(0, static_cast<std::int64_t>(sample.ids.size()) - 1 - firstScoredRow(sample, lossOn));
}

PackedRows packRows(std::span<const dataset::Sample* const> samples, config::LossOn lossOn, at::Device device)
{
    std::vector<std::int64_t> ids, index, labels, inputs;
    PackedRows packed;
    for (const dataset::Sample* sample : samples) {
        const auto length = static_cast<std::int64_t>(sample->ids.size()) - 1;
        const std::int64_t first = firstScoredRow(*sample, lossOn);
        assert(length > first);
        const auto begin = static_cast<std::int64_t>(ids.size());
        for (std::int64_t position = 0; position < length; ++position) {
            const auto at = static_cast<std::size_t>(position);
            ids.push_back(sample->ids[at]);
            if (position >= first) {
                index.push_back(begin + position);
                inputs.push_back(sample->ids[at]);
                labels.push_back(sample->ids[at + 1]);
            }
        }
        packed.tokens.lengths.push_back(length);
        packed.rowsPerSample.push_back(length - first);
    }
    const auto toDevice = [device](const std::vector<std::int64_t>& values) {
        return at::tensor(values, at::kLong).to(device);
    };
    packed.tokens.ids = toDevice(ids);
    packed.index = toDevice(index);
    packed.labels = toDevice(labels);
    packed.inputIds = toDevice(inputs);
    return packed;
}

PaddedRows padRows(std::span<const dataset::Sample* const> samples, config::LossOn lossOn, std::int64_t length,
                   std::int64_t padding, at::Device device)
{
    PaddedRows padded{packRows(samples, lossOn, device), {}, {}};
    std::vector<std::int64_t> ids, index, outside;
    std::vector<std::int64_t>& lengths = padded.rows.tokens.lengths;
    for (std::size_t i = 0; i < samples.size(); ++i) {
        const dataset::Sample& sample = *samples[i];
        const auto begin = static_cast<std::int64_t>(ids.size());
        const std::int64_t tokens = lengths[i];
        const std::int64_t first = firstScoredRow(sample, lossOn);
        const std::int64_t whole = std::max(length, tokens);
        for (std::int64_t position = 0; position < whole; ++position) {
            const bool scored = position >= first && position < tokens;
            ids.push_back(position < tokens ? sample.ids[static_cast<std::size_t>(position)] : padding);
            (scored ? index : outside).push_back(begin + position);
        }
        lengths[i] = whole;
        padded.rows.tokens.padding.push_back(whole - tokens);
        padded.outsidePerSample.push_back(whole - padded.rows.rowsPerSample[i]);
    }
    padded.rows.tokens.ids = at::tensor(ids, at::kLong).to(device);
    padded.rows.index = at::tensor(index, at::kLong).to(device);
    padded.outside = at::tensor(outside, at::kLong).to(device);
    return padded;
}

} // namespace dskd::batch

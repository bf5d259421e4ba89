#include "core/teacher/packed_rows.h"

#include <ATen/ops/tensor.h>
#include <algorithm>
#include <cassert>

namespace dskd::teacher
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

} // namespace dskd::teacher

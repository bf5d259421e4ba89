#include "core/batch/model_rows.h"

#include <utility>

namespace dskd::batch
{

SideRows rowsBeforeRunning(const model::CausalLm& model, PackedRows packed)
{
    SideRows rows;
    rows.labels = std::move(packed.labels);
    rows.inputIds = std::move(packed.inputIds);
    rows.head = model.head();
    rows.embedding = model.inputEmbedding();
    rows.rowsPerSample = std::move(packed.rowsPerSample);
    rows.softcap = model.config().headSoftcap;
    return rows;
}

SideRows runPacked(model::CausalLm& model, std::span<const dataset::Sample* const> samples, config::LossOn lossOn,
                   bool training)
{
    PackedRows packed = packRows(samples, lossOn, model.head().device());
    const at::Tensor hidden = model.hiddenStates(packed.tokens, training).index_select(0, packed.index);
    SideRows rows = rowsBeforeRunning(model, std::move(packed));
    rows.hidden = hidden;
    return rows;
}

SideRows runPadded(model::CausalLm& model, std::span<const dataset::Sample* const> samples, config::LossOn lossOn,
                   std::int64_t length, std::int64_t padding, bool training)
{
    PaddedRows padded = padRows(samples, lossOn, length, padding, model.head().device());
    const at::Tensor all = model.hiddenStates(padded.rows.tokens, training);
    const at::Tensor hidden = all.index_select(0, padded.rows.index);
    OutsideRows outside;
    outside.positions = padded.outside.size(0);
    outside.states = all.index_select(0, padded.outside);
    outside.rowsPerSample = std::move(padded.outsidePerSample);
    SideRows rows = rowsBeforeRunning(model, std::move(padded.rows));
    rows.hidden = hidden;
    rows.outside = std::move(outside);
    return rows;
}

} // namespace dskd::batch

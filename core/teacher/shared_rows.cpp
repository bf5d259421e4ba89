// The part of LiveTeacher that shares rows with other runs.

#include "core/batch/packed_rows.h"
#include "core/teacher/live_teacher.h"

#include <ATen/ATen.h>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace dskd::teacher
{
namespace
{

// Rows of one teacher differ by rounding alone, where the number of threads or the batch was another.
double roundingOf(at::ScalarType type)
{
    return type == at::kFloat ? 1e-3 : 3e-2;
}

std::span<std::byte> bytesOf(const at::Tensor& contiguous)
{
    return {static_cast<std::byte*>(contiguous.data_ptr()), contiguous.nbytes()};
}

} // namespace

// The rows are a function of the tokens and of where the scored ones begin.
cache::RowKey LiveTeacher::keyOf(const TeacherSample& sample) const
{
    std::vector<std::int64_t> content(sample.sample->ids.begin(), sample.sample->ids.end());
    content.push_back(batch::firstScoredRow(*sample.sample, m_lossOn));
    return cache::rowKey(std::as_bytes(std::span(content)));
}

bool LiveTeacher::readShared(const TeacherSample& sample, Computed& computed)
{
    if (!isShared(sample)) {
        return false;
    }
    const at::Tensor head = m_model->head();
    at::Tensor hidden = at::empty({batch::numScoredRows(*sample.sample, m_lossOn), head.size(1)},
                                  at::TensorOptions(head.scalar_type()));
    if (!m_shared->store.read(keyOf(sample), bytesOf(hidden))) {
        return false;
    }
    hidden = hidden.to(m_device);
    if (!m_sharedRowsFit && !belongToThisTeacher(sample, hidden)) {
        return false;
    }
    m_sharedRowsFit = true;
    ++m_samplesRead;
    computed.hidden = hidden;
    remember(sample, computed);
    return true;
}

bool LiveTeacher::belongToThisTeacher(const TeacherSample& sample, const at::Tensor& stored)
{
    const at::Tensor fresh = run(std::span(&sample, 1)).front().hidden;
    const double error = (stored.to(at::kDouble) - fresh.to(at::kDouble)).norm().item<double>();
    if (error <= roundingOf(fresh.scalar_type()) * fresh.to(at::kDouble).norm().item<double>()) { // false for a NaN
        return true;
    }
    m_shared->warn("The rows that were kept of the teacher are not those that it gives now: all of them are computed "
                   "anew.");
    if (const Result<void> cleared = m_shared->store.clear(); !cleared) {
        m_shared.reset();
    }
    return false;
}

void LiveTeacher::writeShared(const TeacherSample& sample, const at::Tensor& hidden)
{
    if (!isShared(sample)) {
        return;
    }
    const cache::RowKey key = keyOf(sample);
    if (m_sharedRowsGrow) {
        const Result<void> added = m_shared->store.add(key, bytesOf(hidden.to(at::kCPU).contiguous()));
        if (!added) {
            m_sharedRowsGrow = false;
            m_shared->warn("The teacher's rows are no longer kept for other runs: " + added.failure().text());
        }
    }
    m_shared->store.release(key);
}

std::vector<std::size_t> LiveTeacher::takenByOthers(std::span<const TeacherSample> samples,
                                                    std::vector<std::size_t>& missing)
{
    std::vector<std::size_t> taken;
    std::erase_if(missing, [&](std::size_t i) {
        // where rows cannot be written nobody needs to wait for them
        if (!isShared(samples[i]) || !m_sharedRowsGrow || m_shared->store.claim(keyOf(samples[i]))) {
            return false;
        }
        taken.push_back(i);
        return true;
    });
    return taken;
}

} // namespace dskd::teacher

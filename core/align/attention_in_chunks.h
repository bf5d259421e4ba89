#pragma once

// How much of the attention between two tokenizations stays inside the true chunk: localisation, as the analysis of
// DSKD-CMA-GA (section 5.1 of its paper) asks of cross-model attention. From a recorded map; without tensors.

#include "core/align/marked_answer.h"
#include "core/config/schema/alignment.h"
#include "core/config/schema/data_config.h"
#include "core/dataset/sample.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace dskd::align
{

// The chunk of every row that a map of a sample has, kNoChunk where the other side has none of that number.
struct RowChunks {
    std::vector<std::int64_t> teacher;
    std::vector<std::int64_t> student;
};

// A row is of the chunk of the token that it predicts. With chunk-level alignments (CLA, CLP) it is of the chunk of the
// token that it reads, as in training; the rows that read the prompts' last tokens are a chunk of their own. Rows of
// the prompt (LossOn::All) have none.
//
//   marked   of the two samples, by an alignment whose tokens are those of the answer (not MinED)
[[nodiscard]] RowChunks rowChunks(const dataset::Sample& teacher, const dataset::Sample& student,
                                  const MarkedAnswer& marked, config::Alignment alignment, config::LossOn lossOn);

// Recorded maps named "...s2t" have the teacher's tokens as rows, all others the student's.
[[nodiscard]] bool rowsAreTeacher(std::string_view mapName);

// One chunk in a map: rows [rowBegin, rowEnd), columns [columnBegin, columnEnd).
struct ChunkBox {
    int rowBegin = 0;
    int rowEnd = 0;
    int columnBegin = 0;
    int columnEnd = 0;
    bool operator==(const ChunkBox&) const = default;
};

// The chunks that both sides have, in order of rows. The spans may be shorter than the sample: a map is cut.
[[nodiscard]] std::vector<ChunkBox> chunkBoxes(std::span<const std::int64_t> rows,
                                               std::span<const std::int64_t> columns);

struct Localisation {
    // Attention of the row to the columns of its chunk over its attention to all; none of a row without a chunk, of one
    // whose chunk lies beyond the map, and of one without attention.
    std::vector<std::optional<double>> rows;

    [[nodiscard]] std::optional<double> mean() const; // over the rows that have one
};

//   values  (rows, columns), row by row; not negative. Values that are not finite make their row's share nothing.
[[nodiscard]] Localisation attentionInsideChunks(std::span<const float> values, std::span<const std::int64_t> rows,
                                                 std::span<const std::int64_t> columns);

} // namespace dskd::align

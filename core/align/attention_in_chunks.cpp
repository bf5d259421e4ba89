#include "core/align/attention_in_chunks.h"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace dskd::align
{
namespace
{

// The numbers of the tokens that the rows of one side predict, the prompt's first where it is trained on.
std::vector<std::int64_t> ofPredicted(const dataset::Sample& sample, const std::vector<MarkedToken>& answer,
                                      std::int64_t firstRow)
{
    std::vector<std::int64_t> chunks;
    for (std::int64_t row = firstRow; row + 1 < static_cast<std::int64_t>(sample.ids.size()); ++row) {
        const std::int64_t token = row + 1 - sample.promptLength;
        chunks.push_back(token >= 0 ? answer[static_cast<std::size_t>(token)].chunk : kNoChunk);
    }
    return chunks;
}

// Of the tokens that they read. Numbers go up by one to leave 0 to the rows that read the prompts' last tokens.
std::vector<std::int64_t> ofRead(const dataset::Sample& sample, const std::vector<MarkedToken>& answer,
                                 std::int64_t firstRow)
{
    std::vector<std::int64_t> chunks;
    for (std::int64_t row = firstRow; row + 1 < static_cast<std::int64_t>(sample.ids.size()); ++row) {
        const std::int64_t token = row - sample.promptLength;
        if (token >= 0) {
            const std::int64_t chunk = answer[static_cast<std::size_t>(token)].chunk;
            chunks.push_back(chunk == kNoChunk ? kNoChunk : chunk + 1);
        } else {
            chunks.push_back(token == -1 ? 0 : kNoChunk);
        }
    }
    return chunks;
}

} // namespace

RowChunks rowChunks(const dataset::Sample& teacher, const dataset::Sample& student, const MarkedAnswer& marked,
                    config::Alignment alignment, config::LossOn lossOn)
{
    assert(!config::rowOf(alignment).matchesSpellings);
    const auto firstRow = [&](const dataset::Sample& sample) {
        return lossOn == config::LossOn::All ? 0 : sample.firstRow();
    };
    const auto chunks = config::rowOf(alignment).withinChunks ? ofRead : ofPredicted;
    return {chunks(teacher, marked.teacher, firstRow(teacher)), chunks(student, marked.student, firstRow(student))};
}

bool rowsAreTeacher(std::string_view mapName)
{
    return mapName.ends_with("s2t");
}

std::vector<ChunkBox> chunkBoxes(std::span<const std::int64_t> rows, std::span<const std::int64_t> columns)
{
    std::vector<ChunkBox> boxes;
    for (std::size_t row = 0; row < rows.size();) {
        const auto rowEnd = std::find_if(rows.begin() + static_cast<std::ptrdiff_t>(row), rows.end(),
                                         [&](std::int64_t chunk) { return chunk != rows[row]; });
        const auto first = std::find(columns.begin(), columns.end(), rows[row]);
        const auto last = std::find_if(first, columns.end(), [&](std::int64_t chunk) { return chunk != rows[row]; });
        const auto end = static_cast<std::size_t>(rowEnd - rows.begin());
        if (rows[row] != kNoChunk && first != columns.end()) {
            boxes.push_back({static_cast<int>(row), static_cast<int>(end), static_cast<int>(first - columns.begin()),
                             static_cast<int>(last - columns.begin())});
        }
        row = end;
    }
    return boxes;
}

std::optional<double> Localisation::mean() const
{
    double sum = 0.0;
    std::size_t count = 0;
    for (const std::optional<double>& share : rows) {
        if (share) {
            sum += *share;
            ++count;
        }
    }
    return count == 0 ? std::nullopt : std::optional(sum / static_cast<double>(count));
}

Localisation attentionInsideChunks(std::span<const float> values, std::span<const std::int64_t> rows,
                                   std::span<const std::int64_t> columns)
{
    assert(values.size() == rows.size() * columns.size());
    Localisation found;
    for (std::size_t row = 0; row < rows.size(); ++row) {
        double all = 0.0;
        double inside = 0.0;
        bool hasColumns = false;
        for (std::size_t column = 0; column < columns.size(); ++column) {
            const auto value = static_cast<double>(values[row * columns.size() + column]);
            all += value;
            if (rows[row] != kNoChunk && columns[column] == rows[row]) {
                inside += value;
                hasColumns = true;
            }
        }
        const bool known = hasColumns && std::isfinite(all) && all > 0.0;
        found.rows.push_back(known ? std::optional(inside / all) : std::nullopt);
    }
    return found;
}

} // namespace dskd::align

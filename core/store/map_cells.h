#pragma once

// How the values of a heat map lie in run.db. Any thread.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace dskd::store
{

// heatmaps.cell_format. Files hold these numbers: never change one.
enum class CellFormat {
    Float = 0, // float32, every bit
    Half = 1,  // IEEE 754 binary16
};

// Maps of up to so many values are stored as float32: as many as every map had before there was another format.
inline constexpr std::size_t kMostFloatCells = std::size_t{96} * 96;

struct MapCells {
    CellFormat format = CellFormat::Float;
    std::vector<std::byte> bytes; // in the machine's order of bytes
};

// Larger maps take two bytes a value. Attention lies in [0, 1]: its values are rounded by 2^-11 of themselves at most,
// those below 2^-14 by 2^-25. A map that holds a finite value beyond +-65504 stays float32.
[[nodiscard]] MapCells mapCells(std::span<const float> values);

// The values that the bytes hold; of a damaged row, whose format does not exist, none.
[[nodiscard]] std::vector<float> cellValues(std::span<const std::byte> bytes, std::int64_t format);

// The nearest binary16 number, the even one of two that are as near. From 65520 on it is infinite; NaN stays NaN.
[[nodiscard]] std::uint16_t toHalf(float value);
[[nodiscard]] float fromHalf(std::uint16_t half);

} // namespace dskd::store

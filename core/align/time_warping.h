#pragma once

// Dynamic time warping: two sequences laid over each other in order, each element on one or several of the other's, at
// the least total cost.

#include <cstdint>
#include <span>
#include <vector>

namespace dskd::align
{

struct Warping {
    std::vector<std::vector<std::int32_t>> teacherOfStudent; // the teacher's positions on each of the student's, rising
    std::int64_t cost = 0;
};

// Of several cheapest ways the one that, walked from the end, prefers a step on both sides, then on the teacher's
// alone, then on the student's, as published (method.md 6.7).
//
//   costs (teacherLength x studentLength), row by row, not negative
//
// Nothing aligns when a side is empty.
[[nodiscard]] Warping warp(std::span<const std::int32_t> costs, std::size_t teacherLength, std::size_t studentLength);

} // namespace dskd::align

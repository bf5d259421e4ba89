#pragma once

// Dynamic time warping: two sequences laid over each other in order, each element on one or several of the other's, at
// the least total cost.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace dskd::align
{

struct Warping {
    std::vector<std::vector<std::int32_t>> teacherOfStudent; // the teacher's positions on each of the student's, rising
    std::int64_t cost = 0;
};

// Fills in what it costs to lay one element of the teacher's over each of the student's.
//
//   costs (studentLength), not negative
using CostsOf = std::function<void(std::size_t teacherPosition, std::span<std::int32_t> costs)>;

// Of several cheapest ways the one that, walked from the end, prefers a step on both sides, then on the teacher's
// alone, then on the student's, as published (core/distill/METHOD.md 6.7). Nothing aligns when a side is empty.
//
// `costsOf` is called once for each of the teacher's elements, in order: no table of costs is kept. Memory is one byte
// for each pair of elements and a few rows of studentLength; two answers of 4,096 tokens take 16 MiB.
[[nodiscard]] Warping warp(const CostsOf& costsOf, std::size_t teacherLength, std::size_t studentLength);

} // namespace dskd::align

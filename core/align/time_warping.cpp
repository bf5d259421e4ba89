#include "core/align/time_warping.h"

#include <algorithm>
#include <cassert>
#include <limits>

namespace dskd::align
{

Warping warp(std::span<const std::int32_t> costs, std::size_t teacherLength, std::size_t studentLength)
{
    assert(costs.size() == teacherLength * studentLength);
    Warping result;
    result.teacherOfStudent.resize(studentLength);
    if (teacherLength == 0 || studentLength == 0) {
        return result;
    }
    constexpr std::int64_t kNowhere = std::numeric_limits<std::int64_t>::max() / 2;
    // The least cost of laying the first i + 1 over the first j + 1.
    std::vector<std::int64_t> least(teacherLength * studentLength);
    const auto at = [&](std::size_t i, std::size_t j) -> std::int64_t& { return least[i * studentLength + j]; };
    for (std::size_t i = 0; i < teacherLength; ++i) {
        for (std::size_t j = 0; j < studentLength; ++j) {
            const std::int64_t before =
                i == 0 && j == 0 ? 0
                                 : std::min({i > 0 ? at(i - 1, j) : kNowhere, j > 0 ? at(i, j - 1) : kNowhere,
                                             i > 0 && j > 0 ? at(i - 1, j - 1) : kNowhere});
            at(i, j) = costs[i * studentLength + j] + before;
        }
    }
    std::size_t i = teacherLength - 1;
    std::size_t j = studentLength - 1;
    result.cost = at(i, j);
    while (true) {
        result.teacherOfStudent[j].push_back(static_cast<std::int32_t>(i));
        if (i == 0 && j == 0) {
            break;
        }
        const std::int64_t both = i > 0 && j > 0 ? at(i - 1, j - 1) : kNowhere;
        const std::int64_t teacher = i > 0 ? at(i - 1, j) : kNowhere;
        const std::int64_t student = j > 0 ? at(i, j - 1) : kNowhere;
        if (both <= teacher && both <= student) {
            --i;
            --j;
        } else if (teacher <= student) {
            --i;
        } else {
            --j;
        }
    }
    for (std::vector<std::int32_t>& positions : result.teacherOfStudent) {
        std::reverse(positions.begin(), positions.end());
    }
    return result;
}

} // namespace dskd::align

#include "core/align/time_warping.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace dskd::align
{
namespace
{

// The side or sides on which the cheapest way to a pair makes its last step.
enum class Step : std::uint8_t { Both, Teacher, Student };

} // namespace

Warping warp(const CostsOf& costsOf, std::size_t teacherLength, std::size_t studentLength)
{
    Warping result;
    result.teacherOfStudent.resize(studentLength);
    if (teacherLength == 0 || studentLength == 0) {
        return result;
    }
    constexpr std::int64_t kNowhere = std::numeric_limits<std::int64_t>::max() / 2;
    std::vector<Step> steps(teacherLength * studentLength); // to each pair
    std::vector<std::int32_t> costs(studentLength);
    // The least cost of laying the first i + 1 over the first j + 1, and over them without the last of the teacher's.
    std::vector<std::int64_t> least(studentLength);
    std::vector<std::int64_t> above(studentLength, kNowhere);
    for (std::size_t i = 0; i < teacherLength; ++i) {
        costsOf(i, costs);
        for (std::size_t j = 0; j < studentLength; ++j) {
            // The first pair is reached at no cost.
            const std::int64_t both = j > 0 ? above[j - 1] : i > 0 ? kNowhere : 0;
            const std::int64_t teacher = above[j];
            const std::int64_t student = j > 0 ? least[j - 1] : kNowhere;
            steps[i * studentLength + j] = both <= teacher && both <= student ? Step::Both
                                           : teacher <= student               ? Step::Teacher
                                                                              : Step::Student;
            least[j] = costs[j] + std::min({both, teacher, student});
        }
        std::swap(above, least);
    }
    result.cost = above.back();
    std::size_t i = teacherLength - 1;
    std::size_t j = studentLength - 1;
    while (true) {
        result.teacherOfStudent[j].push_back(static_cast<std::int32_t>(i));
        if (i == 0 && j == 0) {
            break;
        }
        const Step step = steps[i * studentLength + j];
        i -= step == Step::Student ? 0 : 1;
        j -= step == Step::Teacher ? 0 : 1;
    }
    for (std::vector<std::int32_t>& positions : result.teacherOfStudent) {
        std::reverse(positions.begin(), positions.end());
    }
    return result;
}

} // namespace dskd::align

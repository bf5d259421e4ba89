#include "core/align/map_cut.h"

#include "core/align/attention_in_chunks.h"

#include <utility>

namespace dskd::align
{
namespace
{

constexpr std::size_t kMostOfOlderRuns = 96;

std::string counted(const MapSide& side, std::string_view model)
{
    return std::to_string(side.recorded) + (side.whole ? " of " + std::to_string(*side.whole) : std::string()) + " " +
           std::string(model);
}

} // namespace

bool MapSide::isCut() const
{
    return whole ? std::cmp_less(recorded, *whole) : recorded >= kMostOfOlderRuns;
}

std::string mapCutText(std::string_view mapName, const MapSide& rows, const MapSide& columns)
{
    const bool teacherRows = rowsAreTeacher(mapName);
    std::string text;
    for (const auto& [side, model] : {std::pair(&rows, teacherRows ? "teacher" : "student"),
                                      std::pair(&columns, teacherRows ? "student" : "teacher")}) {
        if (side->isCut()) {
            text += (text.empty() ? "first " : " and ") + counted(*side, model);
        }
    }
    return text.empty() ? text : text + " tokens";
}

} // namespace dskd::align

#pragma once

// Whether a recorded map shows all of its sample, in words. Any thread.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace dskd::align
{

// The tokens of one side of a map.
struct MapSide {
    std::size_t recorded = 0;          // from the first on
    std::optional<std::int64_t> whole; // of the sample; none: not recorded (a map of an older run)

    [[nodiscard]] bool isCut() const;
};

// "first 96 of 310 student and 96 of 290 teacher tokens" of the sides that are cut; empty where none is. A map that
// does not record the length of its sample counts as cut at 96 tokens, where the versions that recorded such maps cut
// them.
[[nodiscard]] std::string mapCutText(std::string_view mapName, const MapSide& rows, const MapSide& columns);

} // namespace dskd::align

#pragma once

// The bytes of a series file (series_file.h). Only for its sources and for the tests of damaged ones.

#include "core/store/series_file.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace dskd::store
{

// Begins and ends the file. Another format gets another one, and a file of the old one is made anew.
inline constexpr std::uint64_t kSeriesMagic = 0x31'65'68'63'61'63'73'64; // "dscache1"

// What the file ends with.
struct SeriesTrailer {
    std::uint64_t directoryOffset = 0;
    std::uint64_t directoryBytes = 0;
    std::uint64_t directoryChecksum = 0;
    std::uint64_t magic = kSeriesMagic;
};

// Eight bytes at a time, since FNV-1a byte by byte would take most of the time of reading.
[[nodiscard]] std::uint64_t checksumOf(std::string_view bytes);

[[nodiscard]] std::string bytesOf(const MetricColumns& points);
// Appends `count` points. False when the bytes are not theirs.
[[nodiscard]] bool pointsFrom(std::string_view bytes, std::size_t count, MetricColumns& to);

[[nodiscard]] std::string bytesOf(const SeriesDirectory& directory);
// None when the bytes are no directory of a file whose blocks end at `endOfBlocks`.
[[nodiscard]] std::optional<SeriesDirectory> directoryFrom(std::string_view bytes, std::uint64_t endOfBlocks);

} // namespace dskd::store

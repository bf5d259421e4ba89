#pragma once

// The texts of events by which a length mismatch is known, as the worker writes them.

#include <string_view>

namespace dskd::jobs
{

inline constexpr std::string_view kDifferentRows = "both sides must have the same rows";
inline constexpr std::string_view kDifferentSamples = "both sides must have the same samples";
inline constexpr std::string_view kLeftOut = " samples were left out"; // behind their number
inline constexpr std::string_view kNoResponseLeft = "no response token remains";
inline constexpr std::string_view kTrainingSamples = " training and "; // behind their number

} // namespace dskd::jobs

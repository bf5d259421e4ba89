#pragma once

namespace dskd::kernels::rows
{

// Stands beside every probability whose logarithm JS takes, as published.
inline constexpr double kJsEpsilon = 1e-9;

} // namespace dskd::kernels::rows

#pragma once

#include <string_view>

namespace dskd::jobs
{

enum class Better { Lower, Higher, Unknown };

// Which values of a metric are the better ones; also of "<metric>.best" and "<metric>.last". Unknown for "loss", which
// is the mean of different terms for different objectives, and for the single terms of distillation.
[[nodiscard]] Better betterOf(std::string_view metric);

// True for losses per token: they depend on the vocabulary and rank only students that share it.
[[nodiscard]] bool isPerToken(std::string_view metric);

} // namespace dskd::jobs

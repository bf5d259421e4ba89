#pragma once

#include <optional>
#include <string_view>

namespace dskd
{

// The distance functions D(p || q) between next-token distributions, p the teacher's and q the student's.
// Formulas and gradients: core/kernels/divergence.h. The values are stored in configurations by name, never by number.
enum class Distance {
    Kl,   // KL(p || q), forward
    Rkl,  // KL(q || p), reverse
    Js,   // Jensen-Shannon
    Skl,  // KL(p || lambda p + (1 - lambda) q), skewed forward
    Srkl, // KL(q || (1 - lambda) p + lambda q), skewed reverse
    Akl,  // adaptive mixture of KL and RKL by head and tail gap (Wu et al.)
    Tvd,  // total variation
    Sym,  // (1 - beta) KL(p || q) + beta KL(q || p), symmetric KL
    Gjs,  // generalised Jensen-Shannon as GKD defines it
    Uld,  // of the sorted probabilities (ULD), which need no common vocabulary
};

inline constexpr Distance kAllDistances[] = {Distance::Kl,  Distance::Rkl, Distance::Js,  Distance::Skl, Distance::Srkl,
                                             Distance::Akl, Distance::Tvd, Distance::Sym, Distance::Gjs, Distance::Uld};

[[nodiscard]] constexpr std::string_view name(Distance distance)
{
    switch (distance) {
    case Distance::Kl: return "kl";
    case Distance::Rkl: return "rkl";
    case Distance::Js: return "js";
    case Distance::Skl: return "skl";
    case Distance::Srkl: return "srkl";
    case Distance::Akl: return "akl";
    case Distance::Tvd: return "tvd";
    case Distance::Sym: return "sym";
    case Distance::Gjs: return "gjs";
    case Distance::Uld: return "uld";
    }
    return "";
}

[[nodiscard]] constexpr std::optional<Distance> distanceFromName(std::string_view text)
{
    for (const Distance distance : kAllDistances) {
        if (name(distance) == text) {
            return distance;
        }
    }
    return std::nullopt;
}

} // namespace dskd

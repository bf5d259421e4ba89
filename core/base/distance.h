#pragma once

// The distances between next-token distributions: one row a distance. A row has everything about it but its
// mathematics, which are in two places: core/kernels/divergence.cpp for every device and float type, and
// core/kernels/rows (distance_parts.h, mixture_parts.h) for the row kernel of the CPU in float32.

#include <algorithm>
#include <array>
#include <iterator>
#include <stdexcept>
#include <string_view>

namespace dskd
{

// D(p || q), p the teacher's distribution and q the student's. Stored in configurations by name, never by number.
enum class Distance { Kl, Rkl, Js, Skl, Srkl, Akl, Tvd, Sym, Gjs, Uld };

// The parameters that a distance may have besides the temperatures. Defaults are the published ones.
struct DistanceParameters {
    double skewLambda = 0.1;
    double adaptiveAlpha = 0.5; // largest probability mass of the tail
    double beta = 0.5;
};

struct DistanceRow {
    Distance value;
    std::string_view name; // never rename one: configurations hold it
    std::string_view sentence;
    // Its parameters.
    bool skewLambda = false;
    bool adaptiveAlpha = false;
    bool beta = false;
    bool temperature = true; // without it, its logits are never divided and its value never multiplied
    // Infinite where the student gives a probability to a token that has no partner on the teacher's side.
    bool (*infiniteWithoutPartner)(const DistanceParameters&) = [](const DistanceParameters&) { return false; };
    // Compares the probabilities sorted by size, for which the sides need no common vocabulary; else token with token.
    bool sorted = false;
    bool inPublishedCode = true; // the published code of DSKD and of DSKD v2 has it
    bool ofOneMethod = false;    // comes and goes with the method that is about it; others are a person's own choice
};

inline constexpr auto kAlways = [](const DistanceParameters&) { return true; };

inline constexpr DistanceRow kDistances[] = {
    {.value = Distance::Kl,
     .name = "kl",
     .sentence = "KL(p || q), forward; p is the teacher's distribution, q the student's."},
    {.value = Distance::Rkl, .name = "rkl", .sentence = "KL(q || p), reverse.", .infiniteWithoutPartner = kAlways},
    {.value = Distance::Js, .name = "js", .sentence = "Jensen-Shannon."},
    {.value = Distance::Skl,
     .name = "skl",
     .sentence = "KL from p to lambda p + (1 - lambda) q, lambda = method.skew_lambda.",
     .skewLambda = true},
    {.value = Distance::Srkl,
     .name = "srkl",
     .sentence = "KL from q to (1 - lambda) p + lambda q, lambda = method.skew_lambda.",
     .skewLambda = true,
     .infiniteWithoutPartner = [](const DistanceParameters& with) { return with.skewLambda <= 0; }},
    {.value = Distance::Akl,
     .name = "akl",
     .sentence = "KL and RKL, weighted by where p and q differ most.",
     .adaptiveAlpha = true,
     .infiniteWithoutPartner = kAlways},
    {.value = Distance::Tvd, .name = "tvd", .sentence = "Half the sum of differences.", .inPublishedCode = false},
    {.value = Distance::Sym,
     .name = "sym",
     .sentence = "(1 - method.beta) KL + method.beta RKL.",
     .beta = true,
     .infiniteWithoutPartner = [](const DistanceParameters& with) { return with.beta > 0; },
     .inPublishedCode = false},
    {.value = Distance::Gjs,
     .name = "gjs",
     .sentence = "Jensen-Shannon whose mixture has method.beta of the teacher, as GKD defines it.",
     .beta = true,
     .infiniteWithoutPartner = [](const DistanceParameters& with) { return with.beta >= 1; },
     .inPublishedCode = false,
     .ofOneMethod = true},
    {.value = Distance::Uld,
     .name = "uld",
     .sentence = "Sum of differences of the sorted probabilities; no common vocabulary is needed.",
     .temperature = false,
     .sorted = true,
     .ofOneMethod = true},
};

// The values of the rows, to go through all distances.
inline constexpr auto kAllDistances = [] {
    std::array<Distance, std::size(kDistances)> all{};
    std::transform(std::begin(kDistances), std::end(kDistances), all.begin(),
                   [](const auto& row) { return row.value; });
    return all;
}();

[[nodiscard]] constexpr const DistanceRow& rowOf(Distance distance)
{
    for (const DistanceRow& row : kDistances) {
        if (row.value == distance) {
            return row;
        }
    }
    throw std::logic_error("a distance without a row");
}

[[nodiscard]] constexpr std::string_view name(Distance distance)
{
    return rowOf(distance).name;
}

} // namespace dskd

#pragma once

// The thresholds of the watchdogs, and why they are where they are.

#include <cstddef>

namespace dskd::jobs
{

// Series are judged by means over windows: at least 20 points, so that a single outlier is no finding, and at least 4 %
// of the series.
inline constexpr std::size_t kLeastWindow = 20;

// Divergence: the last window lies above the lowest by more than half of what had been gained since the first (the
// bumps of warm-up, schedule and noise take back a few per cent), by a tenth of its value and by three standard
// deviations.
inline constexpr double kRiseOfGain = 0.5;
inline constexpr double kRiseOfValue = 0.1;
inline constexpr double kRiseOfDeviation = 3.0;

// Stagnation: with random projectors, the projected side is right on less than half as many tokens as the teacher
// itself (or on less than a fifth, where the teacher's accuracy is not recorded), and has gained less than two tokens
// in a hundred since the middle of the run. With the pseudo-inverse it starts near the teacher's.
inline constexpr double kShareOfTeacher = 0.5;
inline constexpr double kLeastAccuracy = 0.2;
inline constexpr double kLeastGain = 0.02;

// Attention collapse, in at least half of the newest maps of 4 rows and 4 columns or more: one column has 80 % of all
// attention, whatever the row; or every row is spread evenly (entropy above 99 % of that of a uniform row), so that no
// row weighs one token more than another.
inline constexpr double kOneColumn = 0.8;
inline constexpr double kEvenEntropy = 0.99;

// Low coverage: the papers' pairs of tokenizers reach about 90 %; below 70 % nearly every third token of the student
// learns nothing from the teacher.
inline constexpr double kLeastCoverage = 0.7;

// Length mismatch: one sample in a hundred lost all of its answer to data.max_length.
inline constexpr double kMostLeftOut = 0.01;

// Validation loss against ROUGE-L: over at least two validations since its minimum the loss rose by 2 %, while ROUGE-L
// rose by a point, which a hundred answers can resolve (issue 10 of the published code).
inline constexpr double kLossRise = 0.02;
inline constexpr double kRougeRise = 0.01;

} // namespace dskd::jobs

#pragma once

// What a worker is doing, as its heartbeats have it and people read it. While answers are generated the heartbeats say
// how far they are instead (core/train/answers/answer_progress.h).

namespace dskd::metrics
{

inline constexpr const char* kLoadingPhase = "loading";
inline constexpr const char* kTrainingPhase = "training";
inline constexpr const char* kValidatingPhase = "validating";
inline constexpr const char* kSavingPhase = "saving";
inline constexpr const char* kEvaluatingPhase = "evaluating";
inline constexpr const char* kGeneratingPhase = "generating";

} // namespace dskd::metrics

#pragma once

// For each token of the teacher's vocabulary the student's whose spelling is nearest: the map of MinED
// (core/distill/METHOD.md 6.7).

#include "core/align/spelling.h"
#include "core/tokenizer/tokenizer.h"

#include <atomic>
#include <functional>
#include <optional>
#include <span>
#include <vector>

namespace dskd::align
{

struct SearchOptions {
    int threads = 0; // 0: usableThreads()
    // May turn true at any time and then stays so. Looked at every 512 candidates: a search ends within milliseconds.
    const std::atomic<bool>* cancelled = nullptr;
    // Called on the caller's thread with the share done so far: rising and below 1, every 32 tokens of that thread's.
    // Not at all when nothing is to be looked for.
    std::function<void(double)> progress;

    [[nodiscard]] bool isCancelled() const { return cancelled != nullptr && *cancelled; }
};

// The student id for each teacher id: what `known` says where that is an id, else the one of fewest edits, of equally
// near ones the lowest; -1 for teacher ids that do not exist. Does not depend on the number of threads. Nothing when
// cancelled.
//
//   known   one id per teacher id, -1: to be looked for
//
// Nearly all pairs are passed over by a lower bound of their distance, from their lengths and from how many letters
// they can have in common: Qwen's 151,646 tokens to GPT-2's 50,257 take about half a minute of one core, Mistral's
// 32,000 to TinyLlama's 32,000 a second.
[[nodiscard]] std::optional<std::vector<tokenizer::TokenId>>
nearestSpellings(const SpelledPair& pair, std::span<const tokenizer::TokenId> known, const SearchOptions& options = {});

} // namespace dskd::align

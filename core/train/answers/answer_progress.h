#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

namespace dskd::train
{

// Counts what a model draws while it answers a list of prompts, and reports it in words, at most once a second and
// after each batch. One thread.
class AnswerProgress
{
public:
    using Clock = std::chrono::steady_clock;
    using Report = std::function<void(const std::string& words)>; // gets words()

    // `maxNewTokens`: of an answer; `batchSize`: prompts at once. The time counts from `begin`.
    AnswerProgress(std::size_t numPrompts, std::int64_t maxNewTokens, std::int64_t batchSize, Report report,
                   Clock::time_point begin = Clock::now());

    // So many other prompts were answered before, by a job that was stopped: shown, but no part of rate and time.
    void countEarlier(std::size_t numAnswers) { m_earlier += numAnswers; }
    // A token of a prompt in the present batch was drawn, with which its answer has `length` tokens.
    void tokenDrawn(std::int64_t length, Clock::time_point now = Clock::now());
    // The present batch is answered.
    void batchAnswered(std::size_t numAnswers, Clock::time_point now = Clock::now());

    // "answers 12 of 50, 310 tok/s, about 40 s left". Answers count when their batch is done. While the first one is
    // being answered the time is the longest that there may be left, "at most 40 s left"; near the end
    // "less than 10 s left".
    [[nodiscard]] std::string words() const;
    // Of all answers so far, without the earlier ones; 0 before the first token.
    [[nodiscard]] double tokensPerSecond() const;

private:
    [[nodiscard]] double secondsLeft() const; // REQUIRES: a token was drawn

    std::size_t m_numPrompts;
    std::int64_t m_maxNewTokens;
    std::int64_t m_batchSize;
    Report m_report;
    Clock::time_point m_begin;
    Clock::time_point m_reported;
    double m_seconds = 0.0; // since the beginning, when the last token was drawn or batch answered
    double m_batchEnd = 0.0;
    std::size_t m_earlier = 0; // not among m_numPrompts
    std::size_t m_answered = 0;
    std::int64_t m_tokens = 0;
    std::int64_t m_longest = 0; // tokens of the longest answer of the present batch
};

} // namespace dskd::train

#include "core/train/answers/answer_progress.h"

#include "core/text/numbers.h"

#include <algorithm>
#include <utility>

namespace dskd::train
{
namespace
{

constexpr std::chrono::seconds kBetweenReports{1};
constexpr double kSoon = 10.0; // seconds; an estimate has no tenths

double secondsBetween(AnswerProgress::Clock::time_point begin, AnswerProgress::Clock::time_point end)
{
    return std::chrono::duration<double>(end - begin).count();
}

} // namespace

AnswerProgress::AnswerProgress(std::size_t numPrompts, std::int64_t maxNewTokens, std::int64_t batchSize, Report report,
                               Clock::time_point begin)
    : m_numPrompts(numPrompts), m_maxNewTokens(maxNewTokens), m_batchSize(std::max<std::int64_t>(1, batchSize)),
      m_report(std::move(report)), m_begin(begin), m_reported(begin)
{
}

void AnswerProgress::tokenDrawn(std::int64_t length, Clock::time_point now)
{
    ++m_tokens;
    m_longest = std::max(m_longest, length);
    m_seconds = secondsBetween(m_begin, now);
    if (now - m_reported >= kBetweenReports) {
        m_reported = now;
        m_report(words());
    }
}

void AnswerProgress::batchAnswered(std::size_t numAnswers, Clock::time_point now)
{
    m_answered += numAnswers;
    m_longest = 0;
    m_seconds = m_batchEnd = secondsBetween(m_begin, now);
    m_reported = now;
    m_report(words());
}

std::string AnswerProgress::words() const
{
    std::string text =
        "answers " + std::to_string(m_earlier + m_answered) + " of " + std::to_string(m_earlier + m_numPrompts);
    if (m_tokens == 0 || m_seconds <= 0) {
        return text;
    }
    text += ", " + text::count(tokensPerSecond()) + " tok/s";
    if (m_answered < m_numPrompts) {
        const double left = secondsLeft();
        const char* bound = m_answered > 0 ? "about " : "at most ";
        text += left < kSoon ? ", less than 10 s left" : ", " + (bound + text::duration(left)) + " left";
    }
    return text;
}

double AnswerProgress::tokensPerSecond() const
{
    return m_seconds > 0 ? static_cast<double>(m_tokens) / m_seconds : 0.0;
}

double AnswerProgress::secondsLeft() const
{
    if (m_answered > 0) {
        const double ofAnswer = m_batchEnd / static_cast<double>(m_answered);
        const double afterBatch = ofAnswer * static_cast<double>(m_numPrompts - m_answered);
        return std::max(0.0, afterBatch - (m_seconds - m_batchEnd));
    }
    // Every batch takes at most as many passes as an answer may have tokens, and a last smaller one no longer.
    const auto batchSize = static_cast<std::size_t>(m_batchSize);
    const auto batches = static_cast<double>((m_numPrompts + batchSize - 1) / batchSize);
    const double ofToken = m_seconds / static_cast<double>(std::max<std::int64_t>(1, m_longest));
    return std::max(0.0, ofToken * static_cast<double>(m_maxNewTokens) * batches - m_seconds);
}

} // namespace dskd::train

#include "core/train/answers/answer_schedule.h"

#include "core/base/random_stream.h"

#include <algorithm>
#include <string>
#include <utility>

namespace dskd::train
{
namespace
{

std::string streamName(const char* what, std::int64_t update, std::int64_t batch)
{
    return what + std::to_string(update) + " " + std::to_string(batch);
}

} // namespace

AnswerSchedule::AnswerSchedule(std::uint64_t seed, const config::OnPolicyConfig& config, std::int64_t stepsPerEpoch,
                               std::int64_t totalSteps)
    : m_seed(seed), m_config(config), m_stepsPerEpoch(std::max<std::int64_t>(1, stepsPerEpoch)),
      m_totalSteps(std::max<std::int64_t>(1, totalSteps))
{
}

double AnswerSchedule::threshold(const ScheduleState& state) const
{
    return adaptive() ? std::min(state.threshold.value_or(m_config.threshold), m_config.ratio) : m_config.ratio;
}

AnswersFrom AnswerSchedule::pick(std::int64_t update, std::int64_t batch, const ScheduleState& state) const
{
    const double share = threshold(state);
    const double epoch = static_cast<double>(update) / static_cast<double>(m_stepsPerEpoch);
    if (share <= 0.0 || epoch < m_config.startEpoch) {
        return AnswersFrom::Data;
    }
    RandomStream stream(m_seed, streamName("on-policy ", update, batch));
    const double r = stream.uniform();
    if (r >= share) {
        return AnswersFrom::Data;
    }
    if (!adaptive() || static_cast<std::int64_t>(state.buffer.size()) < m_config.bufferSize) {
        return AnswersFrom::Student;
    }
    const double done = static_cast<double>(update) / static_cast<double>(m_totalSteps);
    double fresh = 0.0;
    switch (m_config.replay) {
    case config::ReplayRatio::Decreasing: fresh = 1.0 - done; break;
    case config::ReplayRatio::Constant: fresh = 0.5; break;
    case config::ReplayRatio::Increasing: fresh = done; break;
    }
    return r < share * fresh ? AnswersFrom::Student : AnswersFrom::Buffer;
}

void AnswerSchedule::validated(double loss, ScheduleState& state) const
{
    if (!adaptive()) {
        return;
    }
    const double now = threshold(state);
    const bool risen = state.validationLoss && loss >= *state.validationLoss + m_config.tolerance;
    state.threshold = risen ? std::min(now + m_config.thresholdStep, m_config.ratio) : now;
    state.validationLoss = loss;
}

void AnswerSchedule::addToBuffer(const std::vector<OwnAnswer>& answers, ScheduleState& state) const
{
    state.buffer.insert(state.buffer.end(), answers.begin(), answers.end());
    const auto most = static_cast<std::size_t>(m_config.bufferSize);
    if (state.buffer.size() > most) {
        state.buffer.erase(state.buffer.begin(), state.buffer.end() - static_cast<std::ptrdiff_t>(most));
    }
}

std::vector<OwnAnswer> AnswerSchedule::replayed(std::int64_t count, std::int64_t update, std::int64_t batch,
                                                const ScheduleState& state) const
{
    std::vector<std::size_t> places(state.buffer.size());
    for (std::size_t i = 0; i < places.size(); ++i) {
        places[i] = i;
    }
    RandomStream stream(m_seed, streamName("replay ", update, batch));
    std::vector<OwnAnswer> drawn;
    const std::size_t wanted = std::min(places.size(), static_cast<std::size_t>(std::max<std::int64_t>(0, count)));
    for (std::size_t i = 0; i < wanted; ++i) { // the first steps of Fisher and Yates
        std::swap(places[i], places[i + stream.below(places.size() - i)]);
        drawn.push_back(state.buffer[places[i]]);
    }
    return drawn;
}

} // namespace dskd::train

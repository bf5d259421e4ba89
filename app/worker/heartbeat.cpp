#include "app/worker/heartbeat.h"

#include <chrono>
#include <iostream>

namespace dskd::worker
{

Heartbeat::Heartbeat(store::RunWriter& writer, const RunReporter& reporter, const HeldFolder& folder,
                     train::RunControl& control)
    : m_writer(writer), m_reporter(reporter), m_folder(folder), m_control(control),
      m_thread([this](const std::stop_token& token) { beat(token); })
{
}

Heartbeat::~Heartbeat()
{
    m_thread.request_stop();
    m_wake.notify_all();
}

void Heartbeat::beat(const std::stop_token& token)
{
    constexpr int kFlushesPerBeat = 10;
    bool complained = false;
    const auto complain = [&](const auto& written) {
        if (!written && !complained) {
            std::cerr << written.failure().text() << std::endl;
            complained = true;
        }
    };
    std::unique_lock lock(m_mutex);
    for (int round = 0; !token.stop_requested(); ++round) {
        const RunReporter::Progress progress = m_reporter.progress();
        const bool isBeat = round % kFlushesPerBeat == 0;
        if (isBeat && !m_folder.check()) {
            m_control.stop = true; // runJob reports why
        }
        if (isBeat) {
            complain(m_writer.heartbeat(progress.step, progress.phase));
        } else {
            complain(m_writer.flush());
        }
        m_wake.wait_for(lock, token, std::chrono::milliseconds(100), [] { return false; });
    }
    const RunReporter::Progress last = m_reporter.progress();
    // the last beat of a run names the step it ended at, however short the time since the one before
    complain(m_writer.heartbeat(last.step, last.phase));
}

} // namespace dskd::worker

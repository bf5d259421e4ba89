#pragma once

#include "app/worker/run_reporter.h"
#include "core/base/held_folder.h"
#include "core/store/run_writer.h"
#include "core/train/job/run_control.h"

#include <condition_variable>
#include <mutex>
#include <thread>

namespace dskd::worker
{

// Flushes what was reported about ten times a second and records in run.db once a second that the worker lives, from a
// thread of its own, so that a long step does not look like a stalled worker. A write that fails is said once on
// stderr; the job goes on, and the failure comes up again where the job itself writes. Asks the job to stop when the
// run folder was moved or deleted.
class Heartbeat
{
public:
    // All must outlive the heartbeat.
    Heartbeat(store::RunWriter& writer, const RunReporter& reporter, const HeldFolder& folder,
              train::RunControl& control);
    ~Heartbeat(); // ends the thread

private:
    void beat(const std::stop_token& token);

    store::RunWriter& m_writer;
    const RunReporter& m_reporter;
    const HeldFolder& m_folder;
    train::RunControl& m_control;
    std::mutex m_mutex;
    std::condition_variable_any m_wake;
    std::jthread m_thread; // last: it uses the others
};

} // namespace dskd::worker

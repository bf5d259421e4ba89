#pragma once

#include <atomic>

namespace dskd::train
{

// What may be asked of a running job from outside; set from any thread or a signal handler, read between steps.
struct RunControl {
    std::atomic<bool> stop{false};       // finish the step, write a checkpoint, end
    std::atomic<bool> checkpoint{false}; // write a checkpoint after this step; cleared when done
};

enum class Outcome { Finished, Stopped };

} // namespace dskd::train

#pragma once

#include <atomic>

namespace dskd::train
{

// What may be asked of a running job from outside; set from any thread or a signal handler, read between steps, and
// between the tokens of answers that are sampled.
struct RunControl {
    // Finish the step, or give it up while it samples answers, which takes longer than a person waits; write a
    // checkpoint of the last finished one; end.
    std::atomic<bool> stop{false};
    std::atomic<bool> checkpoint{false}; // write a checkpoint after this step; cleared when done
};

enum class Outcome { Finished, Stopped };

} // namespace dskd::train

#pragma once

// A prompt that the models of some runs answer side by side, in a process of its own beside the trainings. Nothing is
// recorded.

#include "core/base/result.h"
#include "core/base/run_layout.h"
#include "core/jobs/asked_models.h"
#include "core/jobs/question.h"

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace dskd::jobs
{

struct AskedPrompt {
    std::string text;
    bool asItIs = false;     // else in the prompt template of each run
    std::uint64_t seed = 10; // of sampling, of all models alike
    bool cut = false;        // a prompt that is too long for a model is cut; else that model refuses it
};

// Called on the thread that asks.
struct AskListener {
    std::function<void(const std::vector<AskedColumn>& columns)> onColumns; // once, before any news
    // Every column gets Answered or Failed in the end, unless the asking was cancelled or failed as a whole. `model`
    // counts the columns.
    std::function<void(const AnswerNews& news)> onNews;
};

struct AskOptions {
    std::filesystem::path worker;                 // empty: findWorker()
    const std::atomic<bool>* cancelled = nullptr; // the worker is killed: it has nothing to save
};

// Starts `dskd-worker --ask`, which loads one model after the other, with a lower priority than trainings have, and
// waits for their answers. The same prompt, seed and settings give the same answers. Holds the checkpoints that are
// read until it returns; the worker is gone then, and it ends with us when we are killed. Fails where nothing can be
// asked: an empty prompt or one that is not UTF-8, no run, no worker; and when cancelled. Any thread but one that must
// not wait.
Result<void> ask(const WorkspaceLayout& workspace, const AskRequest& request, const AskedPrompt& prompt,
                 const AskListener& listener, const AskOptions& options = {});

} // namespace dskd::jobs

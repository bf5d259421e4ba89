#pragma once

// What a person pastes into a report of a problem: how a run stands, why, and on what it ran.

#include "core/base/result.h"
#include "core/base/run_layout.h"

#include <map>
#include <string>
#include <string_view>

namespace dskd::jobs
{

// Texts without the folders that are known: of a path in the configuration its last name is left ("…/student"), also
// where messages repeat it; the workspace is called "WORKSPACE", the home folder "~", that of the worker "PROGRAMS".
// Libraries may write other paths, and anything else, into the log: a person looks through it before it is sent.
struct Diagnostics {
    std::string runId;
    std::string_view status;                  // jobs::name(Status)
    std::string sentence;                     // RunStatus::sentence
    std::string what;                         // of the failure; empty where the run did not fail
    std::string hint;                         // what to do about it
    std::string log;                          // the last lines of worker.log
    std::string program;                      // version of the program that asks
    std::map<std::string, std::string> facts; // by RunFact::id: versions, device, hash of the data
    std::string configuration;                // as JSON
};

// Fails where the run's folder or its configuration cannot be read; a damaged run.db is a finding. Any thread.
Result<Diagnostics> diagnose(const RunLayout& run);

// For the clipboard and a terminal, a line end at its end.
[[nodiscard]] std::string toText(const Diagnostics& diagnostics);

} // namespace dskd::jobs

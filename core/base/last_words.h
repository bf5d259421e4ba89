#pragma once

#include "core/base/exit_codes.h"

#include <optional>
#include <string>
#include <string_view>

namespace dskd
{

// The line of worker.log with which a worker reports why it gives up, for the case that run.db cannot take it. status
// reads it.
struct LastWords {
    std::string sentence;
    std::optional<ExitCode> code; // none in logs of older versions
};

// How such a line begins; the sentence and the end of the line follow.
[[nodiscard]] std::string lastWordsBegin(ExitCode code); // "dskd-worker gives up (exit code 13): "

// The first such line of a log: later failures only follow from the first one.
[[nodiscard]] std::optional<LastWords> findLastWords(std::string_view log);

} // namespace dskd

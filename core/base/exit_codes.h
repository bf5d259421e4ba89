#pragma once

// Exit codes that our programs share with each other and with scripts. Never renumber: scripts depend on them.

#include "core/base/failure.h"

#include <optional>

namespace dskd
{

enum class ExitCode : int {
    Done = 0,         // finished what it was asked to do
    Failed = 1,       // a failure that was explained on stderr (and, by a worker, in run.db)
    Usage = 2,        // the command line or configuration was not understood
    NotFound = 3,     // a named run, workspace, file or model does not exist
    Stopped = 10,     // a worker was asked to stop; checkpoint written, the run can be resumed
    NotFinite = 11,   // a loss became NaN or infinite
    OutOfMemory = 12, // host or device memory ran out
    BadModel = 13,    // a model or tokenizer folder cannot be used
    BadData = 14,     // a data file cannot be used
    Detached = 15,    // Ctrl-C or SIGTERM ended the watching; the worker goes on, nothing is said about its result
};

[[nodiscard]] constexpr int toInt(ExitCode code)
{
    return static_cast<int>(code);
}

// The code of this number; none for a number that no program of ours ends with.
[[nodiscard]] constexpr std::optional<ExitCode> exitCodeOf(int number)
{
    for (const ExitCode code :
         {ExitCode::Done, ExitCode::Failed, ExitCode::Usage, ExitCode::NotFound, ExitCode::Stopped, ExitCode::NotFinite,
          ExitCode::OutOfMemory, ExitCode::BadModel, ExitCode::BadData, ExitCode::Detached}) {
        if (toInt(code) == number) {
            return code;
        }
    }
    return std::nullopt;
}

// What a program returns when it ends with a failure of this kind.
[[nodiscard]] constexpr ExitCode exitCodeOf(FailureKind kind)
{
    switch (kind) {
    case FailureKind::Failed: return ExitCode::Failed;
    case FailureKind::Usage: return ExitCode::Usage;
    case FailureKind::NotFound: return ExitCode::NotFound;
    case FailureKind::BadModel: return ExitCode::BadModel;
    case FailureKind::BadData: return ExitCode::BadData;
    case FailureKind::NotFinite: return ExitCode::NotFinite;
    }
    return ExitCode::Failed;
}

} // namespace dskd

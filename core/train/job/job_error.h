#pragma once

#include "core/base/exit_codes.h"
#include "core/base/result.h"

namespace dskd::train
{

// A job cannot go on, and the exit code that scripts learn it by. The worker's main turns it into a `failed` event.
class JobError : public Error
{
public:
    JobError(ExitCode code, Failure failure) : Error(std::move(failure)), m_code(code) {}
    [[nodiscard]] ExitCode code() const { return m_code; }

private:
    ExitCode m_code;
};

// The value, or the failure thrown with `code`.
template <typename T>
T orThrow(Result<T> result, ExitCode code)
{
    if (!result) {
        throw JobError(code, result.failure());
    }
    return std::move(result).value();
}
inline void orThrow(const Result<void>& result, ExitCode code)
{
    if (!result) {
        throw JobError(code, result.failure());
    }
}

} // namespace dskd::train

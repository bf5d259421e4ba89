#pragma once

// What a person is told when something cannot be done, as a value and as an exception. result.h says which is used
// where.

#include <stdexcept>
#include <string>
#include <utility>

namespace dskd
{

// What a failure concerns. exit_codes.h has the code that a program returns for it.
enum class FailureKind {
    Failed,    // none of the following
    Usage,     // a word of the command line, or a field or value of a configuration
    NotFound,  // a run, workspace, method or file that was named and does not exist
    BadModel,  // a model or tokenizer folder that cannot be used
    BadData,   // a data file that cannot be used
    NotFinite, // a loss became NaN or infinite
};

// What a person needs to know when something they asked for cannot be done.
struct Failure {
    std::string
        what; // what, where and why, as one sentence: "data/train.jsonl, line 12: the field \"output\" is missing."
    std::string hint; // what to do about it; may be empty
    FailureKind kind = FailureKind::Failed;

    // Both sentences on one line, for terminals and logs.
    [[nodiscard]] std::string text() const { return hint.empty() ? what : what + " " + hint; }
};

// Thrown when there is no sensible way on. The worker's main turns it into a `failed` event.
class Error : public std::runtime_error
{
public:
    explicit Error(std::string what, std::string hint = {}, FailureKind kind = FailureKind::Failed)
        : std::runtime_error(what), m_failure{std::move(what), std::move(hint), kind}
    {
    }
    explicit Error(Failure failure) : std::runtime_error(failure.what), m_failure(std::move(failure)) {}
    [[nodiscard]] const Failure& failure() const { return m_failure; }

private:
    Failure m_failure;
};

// The failure as Error, of the kind `otherwise` where it names none itself. Some kinds only the caller knows: a file
// that cannot be read is NotFound to one caller and BadData to another.
[[nodiscard]] inline Error errorOf(Failure failure, FailureKind otherwise)
{
    failure.kind = failure.kind == FailureKind::Failed ? otherwise : failure.kind;
    return Error(std::move(failure));
}

} // namespace dskd

#pragma once

// Expected failures as values, everything else as exceptions.
//
// A function that can fail because of what a person gave it (a file, a configuration, a model folder) returns
// Result<T>. A function that cannot go on because the program or the machine is broken throws dskd::Error.
// Broken contracts between our own functions are asserted.

#include <cassert>
#include <stdexcept>
#include <string>
#include <utility>
#include <variant>

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

// Either a value or a Failure. Test with `if (!result)`; value() on a failure throws it as Error.
template <typename T>
class [[nodiscard]] Result
{
public:
    Result(T value) // NOLINT: implicit on purpose, so `return value;` works
        : m_state(std::in_place_index<0>, std::move(value))
    {
    }
    Result(Failure failure) // NOLINT: implicit on purpose
        : m_state(std::in_place_index<1>, std::move(failure))
    {
    }

    [[nodiscard]] bool ok() const { return m_state.index() == 0; }
    explicit operator bool() const { return ok(); }

    [[nodiscard]] T& value() &
    {
        throwIfFailed();
        return std::get<0>(m_state);
    }
    [[nodiscard]] const T& value() const&
    {
        throwIfFailed();
        return std::get<0>(m_state);
    }
    [[nodiscard]] T&& value() &&
    {
        throwIfFailed();
        return std::get<0>(std::move(m_state));
    }
    T* operator->() { return &value(); }
    const T* operator->() const { return &value(); }
    T& operator*() & { return value(); }
    const T& operator*() const& { return value(); }
    T&& operator*() && { return std::move(*this).value(); }

    [[nodiscard]] const Failure& failure() const
    {
        assert(!ok());
        return std::get<1>(m_state);
    }

private:
    void throwIfFailed() const
    {
        if (!ok()) {
            throw Error(std::get<1>(m_state));
        }
    }

    std::variant<T, Failure> m_state;
};

// A Result without a value: ok, or why not.
template <>
class [[nodiscard]] Result<void>
{
public:
    Result() = default;
    Result(Failure failure) // NOLINT: implicit on purpose
        : m_failure(std::move(failure)), m_ok(false)
    {
    }
    [[nodiscard]] bool ok() const { return m_ok; }
    explicit operator bool() const { return m_ok; }
    void value() const
    {
        if (!m_ok) {
            throw Error(m_failure);
        }
    }
    [[nodiscard]] const Failure& failure() const
    {
        assert(!m_ok);
        return m_failure;
    }

private:
    Failure m_failure;
    bool m_ok = true;
};

// The failure as Error, of the kind `otherwise` where it names none itself. Some kinds only the caller knows: a file
// that cannot be read is NotFound to one caller and BadData to another.
[[nodiscard]] inline Error errorOf(Failure failure, FailureKind otherwise)
{
    failure.kind = failure.kind == FailureKind::Failed ? otherwise : failure.kind;
    return Error(std::move(failure));
}

// The value; a failure is thrown, of the kind `otherwise` where it names none itself.
template <typename T>
T orThrow(Result<T> result, FailureKind otherwise)
{
    if (!result) {
        throw errorOf(result.failure(), otherwise);
    }
    return std::move(result).value();
}
inline void orThrow(const Result<void>& result, FailureKind otherwise)
{
    if (!result) {
        throw errorOf(result.failure(), otherwise);
    }
}

} // namespace dskd

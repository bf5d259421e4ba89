#pragma once

// Expected failures as values, everything else as exceptions.
//
// A function that can fail because of what a person gave it (a file, a configuration, a model folder) returns
// Result<T>. A function that cannot go on because the program or the machine is broken throws dskd::Error.
// Broken contracts between our own functions are asserted.

#include "core/base/failure.h"

#include <cassert>
#include <utility>
#include <variant>

namespace dskd
{

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

#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <span>
#include <utility>
#include <vector>

namespace dskd::viz
{

// The first `size()` elements of a vector that its owner only appends to: what was handed over stays as it was without
// a copy, however long it gets. Owner and holders live on one thread.
template <typename T>
class Grown
{
public:
    using value_type = T;
    using const_iterator = const T*;

    Grown() = default;
    Grown(std::vector<T> values) : Grown(std::make_shared<const std::vector<T>>(std::move(values))) {}
    Grown(std::shared_ptr<const std::vector<T>> all) : m_all(std::move(all)), m_size(m_all ? m_all->size() : 0) {}

    [[nodiscard]] std::size_t size() const { return m_size; }
    [[nodiscard]] bool empty() const { return m_size == 0; }
    [[nodiscard]] const T* begin() const { return m_size == 0 ? nullptr : m_all->data(); }
    [[nodiscard]] const T* end() const { return begin() + m_size; }
    [[nodiscard]] const T& operator[](std::size_t i) const { return (*m_all)[i]; }
    [[nodiscard]] const T& front() const { return (*m_all)[0]; }
    [[nodiscard]] const T& back() const { return (*m_all)[m_size - 1]; }
    operator std::span<const T>() const { return {begin(), m_size}; }

    friend bool operator==(const Grown& a, const Grown& b)
    {
        return a.m_size == b.m_size && std::equal(a.begin(), a.end(), b.begin());
    }

private:
    std::shared_ptr<const std::vector<T>> m_all;
    std::size_t m_size = 0;
};

} // namespace dskd::viz

#pragma once

// Random tensors for tests, and how two tensors are compared.

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <string>

namespace dskd::support
{

// Random numbers that are the same everywhere and in every test run.
class Draw
{
public:
    explicit Draw(std::uint64_t seed) : m_generator(at::make_generator<at::CPUGeneratorImpl>(seed)) {}
    at::Tensor normal(at::IntArrayRef shape, double scale = 1.0)
    {
        return at::randn(shape, m_generator, at::kDouble) * scale;
    }
    at::Tensor ids(std::int64_t count, std::int64_t bound)
    {
        return at::randint(0, bound, {count}, m_generator, at::kLong);
    }

private:
    at::Generator m_generator;
};

inline void expectNear(const at::Tensor& actual, const at::Tensor& expected, double tolerance, const std::string& what)
{
    ASSERT_EQ(actual.defined(), expected.defined()) << what;
    if (actual.defined()) {
        ASSERT_EQ(actual.sizes(), expected.sizes()) << what;
        EXPECT_LE((actual - expected).abs().max().item<double>(), tolerance) << what;
    }
}

} // namespace dskd::support

#include "core/store/map_cells.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <iterator>

namespace dskd::store
{
namespace
{

constexpr float kLargestHalf = 65504.0F;

// Of binary16 in a uint16, of float32 in a uint32.
constexpr std::uint32_t kHalfSign = 0x8000U;
constexpr std::uint32_t kHalfMagnitude = 0x7fffU;
constexpr std::uint32_t kHalfInfinity = 0x7c00U;
constexpr std::uint32_t kHalfNaN = 0x7e00U;
constexpr std::uint32_t kFloatInfinity = 0x7f800000U;
constexpr std::uint32_t kFloatPastHalf = 0x47800000U;     // 65536
constexpr std::uint32_t kSmallestNormalHalf = 0x0400U;    // 2^-14
constexpr std::uint32_t kFloatOfNormal = 0x38800000U;     // 2^-14 too
constexpr std::uint32_t kOtherBias = (127U - 15U) << 23U; // of the exponents
constexpr std::uint32_t kFewerDigits = 23U - 10U;
constexpr float kUnitOfSmall = 0x1p-24F; // of the numbers below 2^-14, which have no exponent

template <typename T>
std::vector<T> numbersOf(std::span<const std::byte> bytes)
{
    std::vector<T> numbers(bytes.size() / sizeof(T));
    if (!numbers.empty()) {
        std::memcpy(numbers.data(), bytes.data(), numbers.size() * sizeof(T));
    }
    return numbers;
}

template <typename T>
std::vector<std::byte> bytesOf(std::span<const T> numbers)
{
    const auto bytes = std::as_bytes(numbers);
    return {bytes.begin(), bytes.end()};
}

} // namespace

std::uint16_t toHalf(float value)
{
    const auto bits = std::bit_cast<std::uint32_t>(value);
    const std::uint32_t sign = (bits >> 16U) & kHalfSign;
    const std::uint32_t magnitude = bits & ~(1U << 31U);
    std::uint32_t half = 0;
    if (magnitude > kFloatInfinity) {
        half = kHalfNaN;
    } else if (magnitude >= kFloatPastHalf) {
        half = kHalfInfinity;
    } else if (magnitude < kFloatOfNormal) {
        // Beside a half the last digit of a float is 2^-24: the sum rounds to whole units.
        const float sum = std::bit_cast<float>(magnitude) + 0.5F;
        half = std::bit_cast<std::uint32_t>(sum) - std::bit_cast<std::uint32_t>(0.5F);
    } else { // half a unit less one bit is added, and that bit where the digit that stays is odd
        const std::uint32_t odd = (magnitude >> kFewerDigits) & 1U;
        half = (magnitude - kOtherBias + (1U << (kFewerDigits - 1U)) - 1U + odd) >> kFewerDigits;
    }
    return static_cast<std::uint16_t>(sign | half);
}

float fromHalf(std::uint16_t half)
{
    const std::uint32_t sign = (half & kHalfSign) << 16U;
    const std::uint32_t magnitude = half & kHalfMagnitude;
    if (magnitude < kSmallestNormalHalf) {
        const float value = static_cast<float>(magnitude) * kUnitOfSmall;
        return sign != 0 ? -value : value;
    }
    const std::uint32_t widened = magnitude << kFewerDigits;
    if (magnitude >= kHalfInfinity) { // with every bit of the exponent, NaN with its digits
        return std::bit_cast<float>(sign | kFloatInfinity | widened);
    }
    return std::bit_cast<float>(sign | (widened + kOtherBias));
}

MapCells mapCells(std::span<const float> values)
{
    const bool fits = std::all_of(values.begin(), values.end(),
                                  [](float value) { return !std::isfinite(value) || std::abs(value) <= kLargestHalf; });
    if (values.size() <= kMostFloatCells || !fits) {
        return {CellFormat::Float, bytesOf(values)};
    }
    std::vector<std::uint16_t> halves;
    halves.reserve(values.size());
    std::transform(values.begin(), values.end(), std::back_inserter(halves), toHalf);
    return {CellFormat::Half, bytesOf(std::span<const std::uint16_t>(halves))};
}

std::vector<float> cellValues(std::span<const std::byte> bytes, std::int64_t format)
{
    if (format == static_cast<std::int64_t>(CellFormat::Float)) {
        return numbersOf<float>(bytes);
    }
    std::vector<float> values;
    if (format == static_cast<std::int64_t>(CellFormat::Half)) {
        const std::vector<std::uint16_t> halves = numbersOf<std::uint16_t>(bytes);
        values.reserve(halves.size());
        std::transform(halves.begin(), halves.end(), std::back_inserter(values), fromHalf);
    }
    return values;
}

} // namespace dskd::store

// The kernels of decode_kernel.h for one kind of processor; each file that includes this names the function that hands
// them out. Everything else is local to that file (vector.h says why).
//
// Every sum of a product runs over the inputs in their order, so that no result depends on how many rows are computed
// together.

#include "core/kernels/decode/decode_kernel.h"
#include "core/kernels/rows/vector.h"
#include "core/kernels/rows/vector_functions.h"

namespace dskd::kernels::decode
{
namespace
{
using rows::expOf;
using rows::Floats;
using rows::kFarBelow;
using rows::kLanes;
using rows::largerOf;
using rows::largestOf;
using rows::load;
using rows::splat;
using rows::store;

// A register of the processor. Sums that live through a loop are kept in these: compilers hold wider vectors in memory.
// Beside it, how many rows and panels have their sums in registers together.
#if defined(__AVX512F__)
constexpr int kWidth = 16;
constexpr int kMostRows = 8;
constexpr int kPanelsOfMost = 2;
constexpr int kPanelsOfFour = 2;
constexpr int kPanelsOfTwo = 4;
constexpr int kPanelsOfOne = 4;
#elif defined(__AVX2__)
constexpr int kWidth = 8;
constexpr int kMostRows = 4;
constexpr int kPanelsOfMost = 1;
constexpr int kPanelsOfFour = 1;
constexpr int kPanelsOfTwo = 2;
constexpr int kPanelsOfOne = 4;
#else
constexpr int kWidth = 4;
constexpr int kMostRows = 2;
constexpr int kPanelsOfMost = 1;
constexpr int kPanelsOfFour = 1;
constexpr int kPanelsOfTwo = 1;
constexpr int kPanelsOfOne = 2;
#endif
constexpr std::int64_t kPanelsTogether = 4; // stay in the cache while all rows go by
constexpr int kParts = static_cast<int>(kPanelOutputs) / kWidth;
using Register = float __attribute__((vector_size(kWidth * sizeof(float))));
using Four = float __attribute__((vector_size(16)));

DSKD_INLINE Register whole(const float* from)
{
    Register result;
    __builtin_memcpy(&result, from, sizeof result);
    return result;
}

DSKD_INLINE Register partOf(const float* from, std::int64_t count, float fill)
{
    if (count >= kWidth) {
        return whole(from);
    }
    Register result = Register{} + fill;
    for (std::int64_t i = 0; i < count; ++i) {
        result[i] = from[i];
    }
    return result;
}

DSKD_INLINE void write(float* to, std::int64_t count, Register values)
{
    if (count >= kWidth) {
        __builtin_memcpy(to, &values, sizeof values);
        return;
    }
    for (std::int64_t i = 0; i < count; ++i) {
        to[i] = values[i];
    }
}

template <int Rows, int Panels>
DSKD_INLINE void multiplyBlock(const Product& product, std::int64_t row, std::int64_t panel)
{
    Register sums[Rows][Panels * kParts] = {};
    const float* inputs = product.rows + row * product.inputs;
    const float* weights = product.panels + panel * product.inputs * kPanelOutputs;
    for (std::int64_t i = 0; i < product.inputs; ++i) {
        for (int p = 0; p < Panels * kParts; ++p) {
            const Register weight =
                whole(weights + (p / kParts * product.inputs + i) * kPanelOutputs + p % kParts * kWidth);
            for (int r = 0; r < Rows; ++r) {
                sums[r][p] += weight * inputs[r * product.inputs + i];
            }
        }
    }
    for (int p = 0; p < Panels * kParts; ++p) {
        const std::int64_t output = panel * kPanelOutputs + p * kWidth;
        const std::int64_t left = product.outputs - output;
        const Register bias = product.bias == nullptr ? Register{} : partOf(product.bias + output, left, 0.0F);
        for (int r = 0; r < Rows; ++r) {
            write(product.result + (row + r) * product.outputs + output, left, sums[r][p] + bias);
        }
    }
}

template <int Rows, int Panels>
void multiplyRows(const Product& product, std::int64_t row, std::int64_t begin, std::int64_t end)
{
    for (; begin + Panels <= end; begin += Panels) {
        multiplyBlock<Rows, Panels>(product, row, begin);
    }
    for (; begin < end; ++begin) {
        multiplyBlock<Rows, 1>(product, row, begin);
    }
}

void multiply(const Product& product, std::int64_t begin, std::int64_t end)
{
    for (std::int64_t panel = begin; panel < end; panel += kPanelsTogether) {
        const std::int64_t last = panel + kPanelsTogether < end ? panel + kPanelsTogether : end;
        std::int64_t row = 0;
        for (; row + kMostRows <= product.numRows; row += kMostRows) {
            multiplyRows<kMostRows, kPanelsOfMost>(product, row, panel, last);
        }
        if constexpr (kMostRows > 4) {
            for (; row + 4 <= product.numRows; row += 4) {
                multiplyRows<4, kPanelsOfFour>(product, row, panel, last);
            }
        }
        if constexpr (kMostRows > 2) {
            for (; row + 2 <= product.numRows; row += 2) {
                multiplyRows<2, kPanelsOfTwo>(product, row, panel, last);
            }
        }
        for (; row < product.numRows; ++row) {
            multiplyRows<1, kPanelsOfOne>(product, row, panel, last);
        }
    }
}

// Four sums whose sum is that of all lanes.
DSKD_INLINE Four quarters(Register a)
{
#if defined(__AVX512F__)
    const auto eight = __builtin_shufflevector(a, a, 0, 1, 2, 3, 4, 5, 6, 7) +
                       __builtin_shufflevector(a, a, 8, 9, 10, 11, 12, 13, 14, 15);
    return __builtin_shufflevector(eight, eight, 0, 1, 2, 3) + __builtin_shufflevector(eight, eight, 4, 5, 6, 7);
#elif defined(__AVX2__)
    return __builtin_shufflevector(a, a, 0, 1, 2, 3) + __builtin_shufflevector(a, a, 4, 5, 6, 7);
#else
    return a;
#endif
}

// The products of a query with `Keys` keys, one behind the other; those that are missing of four give 0.
template <int Keys>
DSKD_INLINE Four scoresOf(const float* query, const float* keys, std::int64_t width)
{
    Register sums[4] = {};
    std::int64_t d = 0;
    for (; d + kWidth <= width; d += kWidth) {
        const Register part = whole(query + d);
        for (int k = 0; k < Keys; ++k) {
            sums[k] += part * whole(keys + k * width + d);
        }
    }
    if (d < width) {
        const Register part = partOf(query + d, width - d, 0.0F);
        for (int k = 0; k < Keys; ++k) {
            sums[k] += part * partOf(keys + k * width + d, width - d, 0.0F);
        }
    }
    const Four a = quarters(sums[0]);
    const Four b = quarters(sums[1]);
    const Four c = quarters(sums[2]);
    const Four e = quarters(sums[3]);
    const Four first = __builtin_shufflevector(a, b, 0, 4, 1, 5) + __builtin_shufflevector(a, b, 2, 6, 3, 7);
    const Four second = __builtin_shufflevector(c, e, 0, 4, 1, 5) + __builtin_shufflevector(c, e, 2, 6, 3, 7);
    return __builtin_shufflevector(first, second, 0, 1, 4, 5) + __builtin_shufflevector(first, second, 2, 3, 6, 7);
}

// to = factor * sum over positions of weight * value, for as many columns as `Registers` have, or the `columns` that
// are left. Even and odd positions apart, so that one addition does not wait for the one before.
template <int Registers, bool Whole>
DSKD_INLINE void sumValues(const Attending& attending, const float* values, const float* weights, float factor,
                           float* to, std::int64_t columns)
{
    Register even[Registers] = {};
    Register odd[Registers] = {};
    const auto value = [&](std::int64_t s, int r) {
        const float* from = values + s * attending.width + r * kWidth;
        return Whole ? whole(from) : partOf(from, columns - r * kWidth, 0.0F);
    };
    std::int64_t s = attending.first;
    for (; s + 2 <= attending.positions; s += 2) {
        for (int r = 0; r < Registers; ++r) {
            even[r] += value(s, r) * weights[s];
            odd[r] += value(s + 1, r) * weights[s + 1];
        }
    }
    for (int r = 0; r < Registers; ++r) {
        if (s < attending.positions) {
            even[r] += value(s, r) * weights[s];
        }
        write(to + r * kWidth, columns - r * kWidth, (even[r] + odd[r]) * factor);
    }
}

// Replaces the scores by e^(score - largest) and returns one over their sum.
DSKD_INLINE float exponentials(float* scores, std::int64_t count)
{
    Floats largest = splat(kFarBelow);
    for (std::int64_t s = 0; s < count; s += kLanes) {
        largest = largerOf(load(scores + s, count - s, kFarBelow), largest);
    }
    const float top = largestOf(largest);
    Floats total{};
    for (std::int64_t s = 0; s < count; s += kLanes) {
        const Floats weight = expOf(load(scores + s, count - s, kFarBelow) - top);
        total += weight;
        store(scores + s, count - s, weight);
    }
    return static_cast<float>(1.0 / rows::sumOf(total));
}

void attend(const Attending& attending, std::int64_t sequence, std::int64_t sharedHead, float* scores)
{
    constexpr int kTogether = 4;
    const std::int64_t width = attending.width;
    const std::int64_t sharing = attending.heads / attending.sharedHeads;
    const std::int64_t cached = (sequence * attending.sharedHeads + sharedHead) * attending.capacity * width;
    const float* keys = attending.keys + cached;
    const float* values = attending.values + cached;
    const bool* present = attending.present + sequence * attending.positions;
    const std::int64_t itself = attending.positions - 1;
    for (std::int64_t head = sharedHead * sharing; head < (sharedHead + 1) * sharing; ++head) {
        const float* query = attending.query + (sequence * attending.heads + head) * width;
        std::int64_t s = attending.first;
        for (; s + kTogether <= attending.positions; s += kTogether) {
            const Four four = scoresOf<kTogether>(query, keys + s * width, width);
            __builtin_memcpy(scores + s, &four, sizeof four);
        }
        for (; s < attending.positions; ++s) {
            scores[s] = scoresOf<1>(query, keys + s * width, width)[0];
        }
        for (s = attending.first; s < attending.positions; ++s) {
            scores[s] = present[s] || s == itself ? attending.scale * scores[s] : kFarBelow;
        }
        const float factor = exponentials(scores + attending.first, attending.positions - attending.first);
        float* to = attending.result + (sequence * attending.heads + head) * width;
        std::int64_t d = 0;
        for (; d + 4 * kWidth <= width; d += 4 * kWidth) {
            sumValues<4, true>(attending, values + d, scores, factor, to + d, width - d);
        }
        for (; d + 2 * kWidth <= width; d += 2 * kWidth) {
            sumValues<2, true>(attending, values + d, scores, factor, to + d, width - d);
        }
        for (; d < width; d += kWidth) {
            sumValues<1, false>(attending, values + d, scores, factor, to + d, width - d);
        }
    }
}

std::int64_t largest(const float* values, std::int64_t count)
{
    constexpr float kInfinity = __builtin_inff();
    Register best = Register{} - kInfinity;
    for (std::int64_t i = 0; i < count; i += kWidth) {
        const Register value = partOf(values + i, count - i, -kInfinity);
        const Register finite = value < kInfinity ? value : best; // NaN is not below anything
        best = finite > best ? finite : best;
    }
    float top = -kInfinity;
    for (int i = 0; i < kWidth; ++i) {
        top = best[i] > top ? best[i] : top;
    }
    for (std::int64_t i = 0; i < count && top > -kInfinity; ++i) {
        if (values[i] == top) {
            return i;
        }
    }
    return 0;
}

} // namespace

DecodeKernels DSKD_DECODE_KERNELS();
DecodeKernels DSKD_DECODE_KERNELS()
{
    return {DSKD_DECODE_NAME, multiply, attend, largest};
}

} // namespace dskd::kernels::decode

#pragma once

// What the next token of a few sequences costs on the CPU in float32: products of few rows with a large matrix, the
// attention of one new position, and the most probable token. No allocation, no threads, no LibTorch.
//
// A row's product has the same bits whatever rows are beside it.
//
// Shapes: M rows, I inputs, O outputs, B sequences, H query heads, K key-value heads, D head width, S positions.

#include <cstdint>
#include <vector>

namespace dskd::kernels::decode
{

// Outputs of a panel. A packed matrix is its panels one after the other; each holds, input by input, the weights of its
// outputs, zeros where the last panel has no more of them.
constexpr std::int64_t kPanelOutputs = 16;

[[nodiscard]] constexpr std::int64_t numPanels(std::int64_t outputs)
{
    return (outputs + kPanelOutputs - 1) / kPanelOutputs;
}

// Weight (o, i) lies at weights[o * outputStride + i * inputStride].
struct Weights {
    const float* weights = nullptr;
    std::int64_t outputs = 0;
    std::int64_t inputs = 0;
    std::int64_t outputStride = 0;
    std::int64_t inputStride = 0;
};

// Writes the panels from `begin` to before `end`.
//   panels (numPanels(O) * I * kPanelOutputs), best aligned to 64 bytes
void packPanels(const Weights& from, float* panels, std::int64_t begin, std::int64_t end);

// result = rows * weights^T + bias
struct Product {
    const float* rows = nullptr;   // (M, I)
    const float* panels = nullptr; // of (O, I)
    const float* bias = nullptr;   // (O), or null
    float* result = nullptr;       // (M, O)
    std::int64_t numRows = 0;
    std::int64_t inputs = 0;
    std::int64_t outputs = 0;
};

// softmax(scale * query keys^T) values for one new position of each sequence, which is the last of the S in the cache.
struct Attending {
    const float* query = nullptr;  // (B, H, D)
    const float* keys = nullptr;   // (B, K, capacity, D), of which S positions are there
    const float* values = nullptr; // the same
    const bool* present = nullptr; // (B, S): whether a position is looked at; the new one always is
    float* result = nullptr;       // (B, H, D)
    std::int64_t heads = 0;
    std::int64_t sharedHeads = 0; // K
    std::int64_t width = 0;       // D
    std::int64_t positions = 0;   // S
    std::int64_t capacity = 0;
    std::int64_t first = 0; // positions before this are out of the window
    float scale = 1.0F;
};

// The instructions that the kernels are compiled for.
struct DecodeKernels {
    const char* name = ""; // "avx512", "avx2", "portable"
    // The columns of the panels from `begin` to before `end`.
    void (*multiply)(const Product& product, std::int64_t begin, std::int64_t end) = nullptr;
    // The query heads of one key-value head of one sequence. `scores` is room for S rounded up to 16.
    void (*attend)(const Attending& attending, std::int64_t sequence, std::int64_t sharedHead, float* scores) = nullptr;
    // The first of the largest finite values; 0 when none is finite.
    std::int64_t (*largest)(const float* values, std::int64_t count) = nullptr;
};

// Those that this machine can run, the fastest first; "portable" is always there.
[[nodiscard]] const std::vector<DecodeKernels>& decodeKernels();

} // namespace dskd::kernels::decode

#pragma once

// The rows of run.db that show representation spaces, as plain values. What they mean: core/distill/METHOD.md 8.

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace dskd::store
{

// Whose space a picture shows, and whose state a point is.
enum class ModelSide { Student, Teacher };

[[nodiscard]] constexpr std::string_view name(ModelSide side)
{
    return side == ModelSide::Student ? "student" : "teacher";
}

// Structure distances between teacher and student on one probe sample (paper Eqn. 16-19). NaN where a model's states
// are not finite.
struct StructureRow {
    std::int64_t id = 0;
    std::int64_t step = 0;
    std::int64_t sample = 0;
    std::int64_t rows = 0; // tokens that are compared
    double cosine = 0.0;   // sum over all pairs of tokens (Eqn. 18)
    double product = 0.0;  // likewise (Eqn. 19)
    double cosineMean = 0.0;
    double productMean = 0.0;
    std::int64_t productRows = 0; // tokens that count in `product`
};

// The axes that the points of one space lie on from `step` on; fitted once, so that a point moves only with its state.
struct SpaceAxesRow {
    std::int64_t id = 0;
    std::int64_t step = 0;
    ModelSide space = ModelSide::Student;
    std::vector<double> center; // as wide as the space
    std::vector<double> first;  // of length 1, orthogonal to `second`; as wide as the space
    std::vector<double> second;
    std::array<double, 2> explained = {0.0, 0.0}; // share of the fitted states' variance along each
};

// A hidden state of a probe sample in a picture of a space. NaN where the state is not finite.
struct SpacePointRow {
    std::int64_t id = 0;
    std::int64_t step = 0;
    ModelSide space = ModelSide::Student;
    ModelSide side = ModelSide::Student; // another than `space`: projected into it
    std::int64_t sample = 0;
    std::int64_t row = 0; // of the side whose space it is: two points of one row belong together
    std::string token;    // that the row predicts
    double x = 0.0;
    double y = 0.0;
};

} // namespace dskd::store

#pragma once

#include "core/jobs/matrix_table.h"

#include <QJsonObject>

namespace dskd::ui
{

// What a person has arranged on the matrix page.
struct MatrixState {
    jobs::MatrixRequest request;
    jobs::Spread spread = jobs::Spread::Deviation;
};

[[nodiscard]] QJsonObject toJson(const MatrixState& state);
// What is not understood, of another version of the program, keeps its default.
[[nodiscard]] MatrixState matrixStateFrom(const QJsonObject& json);

} // namespace dskd::ui

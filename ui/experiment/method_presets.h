#pragma once

#include "core/config/experiment.h"

#include <QString>
#include <span>

namespace dskd::ui
{

// What a newcomer picks; each sets objective and space. Everything finer is a field of its own.
struct MethodPreset {
    const char* name;
    const char* explanation;
    config::Objective objective;
    config::Space space;
};

[[nodiscard]] std::span<const MethodPreset> methodPresets();
// The preset that these settings are, as an index.
[[nodiscard]] int presetOf(const config::MethodConfig& method);

} // namespace dskd::ui

#include "ui/experiment/method_presets.h"

#include <array>

namespace dskd::ui
{

namespace
{

constexpr std::array<MethodPreset, 5> kPresets{{
    {"DSKD in both spaces (dual)",
     "Hidden states are projected into the other model's space, and both spaces share one prediction head each (paper "
     "Eqn. 10).",
     config::Objective::Kd, config::Space::Dual},
    {"DSKD in the student space", "The teacher's projected states go through the student's head (paper Eqn. 3-6).",
     config::Objective::Kd, config::Space::Student},
    {"DSKD in the teacher space", "The student's projected states go through the teacher's head (paper Eqn. 7-9).",
     config::Objective::Kd, config::Space::Teacher},
    {"Vanilla distillation (different spaces)", "Each model's own head; the distributions are compared token by token.",
     config::Objective::Kd, config::Space::Different},
    {"Fine-tuning alone (SFT)", "Cross-entropy on the answers, without a teacher: what distilling is measured against.",
     config::Objective::Sft, config::Space::Dual},
}};

} // namespace

std::span<const MethodPreset> methodPresets()
{
    return kPresets;
}

int presetOf(const config::MethodConfig& method)
{
    for (std::size_t i = 0; i < kPresets.size(); ++i) {
        if (kPresets[i].objective == method.objective &&
            (method.objective == config::Objective::Sft || kPresets[i].space == method.space)) {
            return static_cast<int>(i);
        }
    }
    return 0;
}

} // namespace dskd::ui

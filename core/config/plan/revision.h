#pragma once

#include "core/config/plan/plan.h"

#include <optional>

namespace dskd::config
{

// `plan` as the revision that follows `newest`; none where it changes nothing. What is of no account in both stays as
// it is in `newest`: name and group, the configuration's own value of a field that both vary, its seed beside lists of
// seeds; a list of that seed alone where `newest` has none. A field without effect is a change: another method may use
// it.
[[nodiscard]] std::optional<Plan> revisionAfter(const Plan& newest, Plan plan);

} // namespace dskd::config

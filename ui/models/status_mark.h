#pragma once

#include "core/jobs/status.h"

#include <QIcon>

namespace dskd::ui
{

// A shape for a status, so that it is recognised without its colour: disc running, ring waiting, tick done, square
// stopped, triangle stalled, cross failed. 12 x 12 logical pixels in the colours of the theme; on a selected row in
// that of its text.
[[nodiscard]] QIcon statusMark(jobs::Status status);

} // namespace dskd::ui

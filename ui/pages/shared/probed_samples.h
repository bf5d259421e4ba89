#pragma once

#include <QObject>
#include <QString>

namespace dskd::ui
{

// The samples of which runs record maps and spaces, for the middle of a sentence.
[[nodiscard]] inline QString probedSamples()
{
    return QObject::tr(
        "the first log.probe_samples samples of the validation data or those that log.probe_lines names");
}

} // namespace dskd::ui

#pragma once

#include "core/base/result.h"
#include "core/base/run_layout.h"

#include <QByteArray>
#include <QString>
#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

namespace dskd::ui
{

struct RunToExport {
    std::string name;
    RunLayout folder;
};

// "run,metric,step,tokens,time,value", full precision, read from the runs' folders one metric at a time; replaces the
// file as a whole, or leaves it alone when cancelled. Returns the number of points. Any thread.
Result<std::int64_t> writePoints(const std::vector<RunToExport>& runs, const QString& file,
                                 const std::atomic<bool>& cancelled);

// The same for a text that is finished already.
Result<void> writeFile(const QByteArray& text, const QString& file);

// "a ""quoted"" name" where a comma, a quote or a line break asks for it.
[[nodiscard]] QString csvField(const QString& text);

} // namespace dskd::ui

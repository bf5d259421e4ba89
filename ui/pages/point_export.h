#pragma once

#include "core/base/result.h"
#include "ui/pages/curve_set.h"

namespace dskd::ui
{

// The recorded points of one run, apart from the feed, so that another thread can write them.
struct RunPoints {
    std::string name;
    std::map<std::string, Series> byMetric;
};

[[nodiscard]] std::vector<RunPoints> pointsOf(const std::vector<DrawnRun>& runs);

// "run,metric,step,tokens,time,value", full precision; replaces the file as a whole. Returns the number of points.
// Any thread.
Result<int> writePoints(const std::vector<RunPoints>& runs, const QString& file);

// The same for a text that is finished already.
Result<void> writeFile(const QByteArray& text, const QString& file);

// "a ""quoted"" name" where a comma, a quote or a line break asks for it.
[[nodiscard]] QString csvField(const QString& text);

} // namespace dskd::ui

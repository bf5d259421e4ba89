#include "ui/window/metric_texts.h"

#include "core/metrics/metric_table.h"
#include "core/text/numbers.h"
#include "ui/look/format.h"

namespace dskd::ui
{

QString shownValue(const std::string& metric, double value)
{
    const metrics::Unit unit = metrics::unitOf(metric);
    switch (unit) {
    case metrics::Unit::Bytes: return bytes(value);
    case metrics::Unit::Share:
        return number(value * metrics::shownFactor(unit)) + QLatin1Char(' ') +
               QString::fromUtf8(metrics::unitText(unit));
    default: return number(value);
    }
}

QString metricHint(const std::string& metric, double value)
{
    QString line = QString::fromStdString(metric + " = " + text::exact(value));
    if (metrics::shownFactor(metric) != 1.0) {
        line += QStringLiteral(" (%1)").arg(shownValue(metric, value));
    }
    const std::string description = metrics::descriptionOf(metric);
    return plainHint(description.empty() ? line : line + QLatin1Char('\n') + QString::fromStdString(description));
}

} // namespace dskd::ui

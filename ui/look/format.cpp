#include "ui/look/format.h"

#include "core/text/escape.h"
#include "core/text/numbers.h"

#include <QLocale>

namespace dskd::ui
{

QString number(std::optional<double> value, int digits)
{
    return value ? QString::fromStdString(text::number(*value, digits)) : kMissing;
}

QString count(std::optional<double> value)
{
    return value ? QString::fromStdString(text::count(*value)) : kMissing;
}

QString bytes(std::optional<double> value)
{
    return value && *value >= 0 ? QString::fromStdString(text::bytes(static_cast<std::uint64_t>(*value))) : kMissing;
}

QString duration(std::optional<double> seconds)
{
    return seconds ? QString::fromStdString(text::duration(*seconds)) : kMissing;
}

QString localTime(double secondsSince1970)
{
    return secondsSince1970 > 0 ? QString::fromStdString(text::localTime(secondsSince1970)) : kMissing;
}

QString whole(std::int64_t value)
{
    return QLocale(QLocale::English).toString(static_cast<qlonglong>(value));
}

QString percent(double share, int decimals)
{
    return QString::fromStdString(text::percent(share, decimals));
}

QString counted(std::int64_t number, const QString& one, const QString& many)
{
    return QString::fromStdString(text::counted(number, one.toStdString(), many.toStdString()));
}

QString shownName(std::string_view name)
{
    return QString::fromStdString(text::terminalLine(name));
}

QString plainHint(const QString& text)
{
    return text.isEmpty()
               ? text
               : QStringLiteral("<qt>") + text.toHtmlEscaped().replace(QLatin1Char('\n'), QStringLiteral("<br>")) +
                     QStringLiteral("</qt>");
}

} // namespace dskd::ui

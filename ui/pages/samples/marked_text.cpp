#include "ui/pages/samples/marked_text.h"

#include "ui/look/theme.h"

#include <string_view>

namespace dskd::ui
{
namespace
{

QString escaped(std::string_view utf8)
{
    QString text = QString::fromUtf8(utf8.data(), static_cast<qsizetype>(utf8.size())).toHtmlEscaped();
    return text.replace(QLatin1Char('\n'), QStringLiteral("<br/>"));
}

QString inMark(const QString& html, WordMark mark)
{
    const bool extra = mark == WordMark::NotInReference;
    return QStringLiteral("<span style=\"color:%1; text-decoration:%2\">%3</span>")
        .arg((extra ? palette().warn : palette().bad).name(),
             extra ? QStringLiteral("underline") : QStringLiteral("line-through"), html);
}

} // namespace

QString markedText(const std::string& text, const std::vector<score::TextSpan>& marked, WordMark mark)
{
    QString html;
    for (const score::TextPart& part : score::cutAt(text, marked)) {
        html += part.marked ? inMark(escaped(part.text), mark) : escaped(part.text);
    }
    return QStringLiteral("<p style=\"margin:0; white-space:pre-wrap\">") + html + QStringLiteral("</p>");
}

QString markedWords(const QString& words, WordMark mark)
{
    return inMark(words.toHtmlEscaped(), mark);
}

} // namespace dskd::ui

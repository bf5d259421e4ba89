#include "ui/look/window_words.h"

#include <QCoreApplication>
#include <QRegularExpression>
#include <iterator>
#include <vector>

namespace dskd::ui
{
namespace
{

struct Wording {
    const char* command; // a regular expression; ` stands for either quotation mark
    const char* words;
};

// What has more words comes before what has fewer of the same.
constexpr Wording kWordings[] = {
    {": in the window by Run, Duplicate; on the command line from what `dskd show [^`]*` prints",
     QT_TRANSLATE_NOOP("WindowWords", ": Run → Duplicate")},
    {"`dskd show [^`]*` prints its configuration for a new run",
     QT_TRANSLATE_NOOP("WindowWords", "Run → Duplicate begins a new one with its configuration")},
    {"`dskd attach [^`]*`", QT_TRANSLATE_NOOP("WindowWords", "the list at the left")},
    {"`dskd doctor --repair[^`]*`",
     QT_TRANSLATE_NOOP("WindowWords", "the repair in Help → Guide → When something goes wrong")},
    {"`dskd doctor`", QT_TRANSLATE_NOOP("WindowWords", "Help → About")},
    {"`dskd delete [^`]*`", QT_TRANSLATE_NOOP("WindowWords", "Run → Move to trash and File → Trash → Delete for good")},
    {"or run `dskd queue work` by hand", QT_TRANSLATE_NOOP("WindowWords", "or install it beside this program")},
    {"`dskd-setup` fetches it, as root where the programs belong to the system",
     QT_TRANSLATE_NOOP("WindowWords", "Help → Guide → Install and first run says how it is fetched")},
    {"which `dskd methods [^`]*` lists; the dialog of a new experiment and `dskd config` set them",
     QT_TRANSLATE_NOOP("WindowWords", "which Help → Guide → The methods by name lists; the dialog of a new experiment "
                                      "sets them")},
    {"dskd methods lists where", QT_TRANSLATE_NOOP("WindowWords", "Help → Guide → The methods by name says where")},
    {"`dskd resume [^`]*--accept-changes` goes on all the same, and the run records it",
     QT_TRANSLATE_NOOP("WindowWords", "Help → Guide → Stopping, resuming, the queue says how to go on all the same")},
    {"`dskd resume[^`]*`", QT_TRANSLATE_NOOP("WindowWords", "Run → Start or resume")},
    {"`dskd experiment list`", QT_TRANSLATE_NOOP("WindowWords", "the list at the left")},
    {"; `dskd experiment import` does that", ""}, // the window takes its plan
    {"`dskd experiment export` writes one",
     QT_TRANSLATE_NOOP("WindowWords", "Save configuration in the dialog of a new experiment writes one")},
    {"The page Pairs and `dskd pairs` show", QT_TRANSLATE_NOOP("WindowWords", "The page Pairs shows")},
    {"`dskd (models|data) list`", QT_TRANSLATE_NOOP("WindowWords", "the page Pairs")},
    {"Add one: `dskd data add FILE`", QT_TRANSLATE_NOOP("WindowWords", "Add one by Add data on the page Pairs")},
    {"`dskd restore [^`]*`", QT_TRANSLATE_NOOP("WindowWords", "File → Trash → Restore")},
    {"`dskd ask --cut`", QT_TRANSLATE_NOOP("WindowWords", "Cut a long prompt")},
    {"`dskd ask`", QT_TRANSLATE_NOOP("WindowWords", "the page Samples")},
    {"`dskd checkpoint`", QT_TRANSLATE_NOOP("WindowWords", "Run → Write a checkpoint now")},
    {"`dskd runs --trash`", QT_TRANSLATE_NOOP("WindowWords", "File → Trash")},
    {"`dskd runs`", QT_TRANSLATE_NOOP("WindowWords", "the list at the left")},
    {"`dskd init [^`]*`", QT_TRANSLATE_NOOP("WindowWords", "File → Open workspace")},
    {"`dskd run`", QT_TRANSLATE_NOOP("WindowWords", "File → New experiment")},
    {"`dskd cache (list|clear)`", QT_TRANSLATE_NOOP("WindowWords", "File → Teachers' cache")},
    {"`dskd stop[^`]*`", QT_TRANSLATE_NOOP("WindowWords", "Run → Stop after this step")},
};

std::vector<QRegularExpression> compiled()
{
    std::vector<QRegularExpression> all;
    for (const Wording& wording : kWordings) {
        QString pattern = QString::fromUtf8(wording.command);
        pattern.replace(QStringLiteral("[^`]"), QStringLiteral("[^`\"]"));
        pattern.replace(QRegularExpression(QStringLiteral("`(?![\"])")), QStringLiteral("[`\"]"));
        all.emplace_back(pattern);
    }
    return all;
}

bool beginsASentence(const QString& text, qsizetype at)
{
    return at == 0 || QStringView(text).first(at).endsWith(QStringLiteral(". ")) || text[at - 1] == QLatin1Char('\n');
}

} // namespace

QString windowWords(const QString& sentence)
{
    if (!sentence.contains(QStringLiteral("dskd"))) {
        return sentence;
    }
    static const std::vector<QRegularExpression> kCommands = compiled();
    QString text = sentence;
    for (std::size_t i = 0; i < kCommands.size(); ++i) {
        QRegularExpressionMatch found = kCommands[i].match(text);
        while (found.hasMatch()) {
            QString words = QCoreApplication::translate("WindowWords", kWordings[i].words);
            if (!words.isEmpty() && beginsASentence(text, found.capturedStart())) {
                words[0] = words[0].toUpper();
            }
            text.replace(found.capturedStart(), found.capturedLength(), words);
            found = kCommands[i].match(text, found.capturedStart() + words.size());
        }
    }
    return text;
}

QString windowWords(const std::string& sentence)
{
    return windowWords(QString::fromStdString(sentence));
}

} // namespace dskd::ui

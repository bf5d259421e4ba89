#include "ui/look/window_words.h"

#include "tests/support/paths.h"

#include <QDirIterator>
#include <QFile>
#include <QRegularExpression>
#include <gtest/gtest.h>

namespace dskd::ui
{
namespace
{

std::string words(const char* sentence)
{
    return windowWords(std::string(sentence)).toStdString();
}

TEST(WindowWords, NameTheMenuItemInPlaceOfTheCommand)
{
    EXPECT_EQ(words("`dskd restore 2026-a` brings it back."), "File → Trash → Restore brings it back.");
    EXPECT_EQ(words("\"dskd cache list\" names them."), "File → Teachers' cache names them.");
    EXPECT_EQ(words("Another worker is at work. `dskd stop` ends it."),
              "Another worker is at work. Run → Stop after this step ends it.");
    EXPECT_EQ(words("Put it back, or delete the run with `dskd delete x --purge`."),
              "Put it back, or delete the run with Run → Move to trash and File → Trash → Delete for good.");
    EXPECT_EQ(words("`dskd doctor --repair` tries it again."),
              "The repair in Help → Guide → When something goes wrong tries it again.");
    EXPECT_EQ(
        words("Start a new run of this configuration with a lower learning rate: in the window by Run, Duplicate; "
              "on the command line from what `dskd show x --config` prints."),
        "Start a new run of this configuration with a lower learning rate: Run → Duplicate.");
    EXPECT_EQ(
        words("Put them back, or start a new run. \"dskd resume x --accept-changes\" goes on all the same, and the "
              "run records it."),
        "Put them back, or start a new run. Help → Guide → Stopping, resuming, the queue says how to go on all the "
        "same.");
    EXPECT_EQ(words("\"dskd checkpoint\" makes a running one write it."),
              "Run → Write a checkpoint now makes a running one write it.");
    EXPECT_EQ(words("The published code; dskd methods lists where it differs."),
              "The published code; Help → Guide → The methods by name says where it differs.");
}

TEST(WindowWords, LeaveOtherSentencesAlone)
{
    for (const char* sentence : {"", "Lower the batch size.", "/home/dskd/models is no folder.", "dskd-v2"}) {
        EXPECT_EQ(words(sentence), sentence);
    }
}

// The literals of a source, those of one expression joined, what is computed between them as ID.
QString literalsJoined(QString source)
{
    source.replace(QRegularExpression(QStringLiteral("^\\s*//[^\\n]*$"), QRegularExpression::MultilineOption), {});
    source.replace(QStringLiteral("\\\""), QStringLiteral("\u2033")); // escaped quotation marks
    source.replace(QRegularExpression(QStringLiteral("\"\\s*\\+[^\";]*\\+\\s*\"")), QStringLiteral("ID"));
    source.replace(QRegularExpression(QStringLiteral("\"\\s*\"")), {});
    return source;
}

TEST(WindowWords, KnowEveryCommandThatTheCoreAdvises)
{
    const QString root = QString::fromStdString(test::sourceDir());
    const QRegularExpression literal(QStringLiteral("\"([^\"\\n]*[`\u2033]dskd[ -][a-z][^\"]*)\""));
    int seen = 0;
    for (const char* folder : {"/core", "/app/worker", "/app/workbench", "/ui"}) {
        QDirIterator files(root + QLatin1String(folder), {QStringLiteral("*.cpp"), QStringLiteral("*.h")}, QDir::Files,
                           QDirIterator::Subdirectories);
        while (files.hasNext()) {
            QFile file(files.next());
            if (file.fileName().endsWith(QStringLiteral("window_words.cpp"))) {
                continue; // which has them all
            }
            ASSERT_TRUE(file.open(QIODevice::ReadOnly));
            const QString source = literalsJoined(QString::fromUtf8(file.readAll()));
            for (auto found = literal.globalMatch(source); found.hasNext();) {
                QString sentence = found.next().captured(1);
                sentence.replace(QStringLiteral("\u2033"), QStringLiteral("\""));
                ++seen;
                EXPECT_FALSE(windowWords(sentence).contains(QRegularExpression(QStringLiteral("[`\"]dskd[ -]"))))
                    << file.fileName().toStdString() << ": the window has no words for " << sentence.toStdString();
            }
        }
    }
    EXPECT_GE(seen, 15) << "the search misses some";
}

} // namespace
} // namespace dskd::ui

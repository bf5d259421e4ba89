#include "ui/look/format.h"

#include <QTextDocument>
#include <gtest/gtest.h>

namespace dskd::ui
{
namespace
{

TEST(PlainHint, ShowsTagsAsTheyAreWritten)
{
    const QString text = QStringLiteral("<b>x & </s>\nsecond line");
    const QString hint = plainHint(text);
    EXPECT_TRUE(Qt::mightBeRichText(hint)) << "what a tool tip goes by";
    QTextDocument shown;
    shown.setHtml(hint);
    EXPECT_EQ(shown.toPlainText().toStdString(), text.toStdString());
    EXPECT_TRUE(plainHint({}).isEmpty()) << "no tool tip";
}

} // namespace
} // namespace dskd::ui

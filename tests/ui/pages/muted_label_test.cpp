#include "ui/pages/shared/muted_label.h"

#include <gtest/gtest.h>

namespace dskd::ui
{
namespace
{

TEST(MutedLabel, TakesNoTextForHtml)
{
    const MutedLabel label(QStringLiteral("<b>x</b>"));
    EXPECT_EQ(label.textFormat(), Qt::PlainText);
    EXPECT_GT(label.sizeHint().width(), MutedLabel(QStringLiteral("x")).sizeHint().width());
}

} // namespace
} // namespace dskd::ui

#include "ui/pages/shared/muted_label.h"

#include <QImage>
#include <gtest/gtest.h>
#include <memory>

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

TEST(MutedLabel, EndsInAnEllipsisWhereItDoesNotFit)
{
    const QString text = QStringLiteral("a line that is far longer than its label is wide");
    const auto grabbed = [](MutedLabel& label, const QString& shown, int width) {
        label.setText(shown);
        label.resize(width, 20);
        return label.grab().toImage();
    };
    MutedLabel label;
    MutedLabel whole; // as Qt paints it
    EXPECT_EQ(grabbed(label, text, 100), grabbed(whole, text, 100)) << "not asked for";
    label.setEndCut(true);
    const QString cut = label.fontMetrics().elidedText(text, Qt::ElideRight, 100);
    ASSERT_TRUE(cut.endsWith(QChar(0x2026)));
    EXPECT_EQ(grabbed(label, text, 100), grabbed(whole, cut, 100));
    EXPECT_EQ(grabbed(label, text, 1000), grabbed(whole, text, 1000)) << "it fits";
    EXPECT_EQ(label.text(), text) << "for copying and for screen readers";
}

TEST(MutedLabel, ShowsWhatIsSelectedWhenItIsCut)
{
    const QString text = QStringLiteral("a line that is far longer than its label is wide");
    const auto prepared = [&](bool cut) {
        auto label = std::make_unique<MutedLabel>(text);
        label->setTextInteractionFlags(Qt::TextSelectableByMouse);
        label->setEndCut(cut);
        label->resize(100, 20);
        return label;
    };
    const auto cut = prepared(true);
    const auto whole = prepared(false);
    const QImage unselected = cut->grab().toImage();
    cut->setSelection(0, 6);
    whole->setSelection(0, 6);
    ASSERT_TRUE(cut->hasSelectedText());
    EXPECT_EQ(cut->grab().toImage(), whole->grab().toImage());
    EXPECT_NE(cut->grab().toImage(), unselected);
}

} // namespace
} // namespace dskd::ui

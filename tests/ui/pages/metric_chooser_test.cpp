#include "ui/pages/curves/metric_chooser.h"

#include <QApplication>
#include <QLineEdit>
#include <QListWidget>
#include <QPushButton>
#include <QTest>
#include <gtest/gtest.h>
#include <optional>

namespace dskd::ui
{
namespace
{

class MetricChooserTest : public testing::Test
{
protected:
    MetricChooserTest()
    {
        chooser.show();
        QObject::connect(&chooser, &MetricChooser::chosen, [this](const ChartSpec& chart) { chosen = chart; });
    }
    [[nodiscard]] QListWidget& list() const { return *chooser.findChild<QListWidget*>(); }
    [[nodiscard]] QLineEdit& filter() const { return *chooser.findChild<QLineEdit*>(); }

    MetricChooser chooser{{"loss", "validation.rouge_l", "nll_loss", "t2s_acc"}, {}, nullptr};
    std::optional<ChartSpec> chosen;
};

// A person types, goes to the list, ticks and confirms.
TEST_F(MetricChooserTest, FilterTabSpaceReturnAddsTheChart)
{
    QTest::keyClicks(&filter(), "rouge");
    list().setFocus(Qt::TabFocusReason);
    QTest::keyClick(&list(), Qt::Key_Space);
    QTest::keyClick(&list(), Qt::Key_Return);
    ASSERT_TRUE(chosen) << "Return did not confirm";
    EXPECT_EQ(chosen->metrics, std::vector<std::string>{"validation.rouge_l"});
}

TEST_F(MetricChooserTest, ReturnInTheFilterKeepsTheTicks)
{
    QTest::keyClicks(&filter(), "loss");
    QTest::keyClick(&filter(), Qt::Key_Down);
    QTest::keyClick(&list(), Qt::Key_Space);
    QTest::keyClick(&filter(), Qt::Key_Return);
    ASSERT_TRUE(chosen);
    EXPECT_EQ(chosen->metrics, std::vector<std::string>{"loss"});
}

TEST_F(MetricChooserTest, ReturnWithNothingTickedAddsNothing)
{
    QTest::keyClick(&filter(), Qt::Key_Return);
    EXPECT_FALSE(chosen);
    EXPECT_TRUE(chooser.isVisible());
}

TEST_F(MetricChooserTest, ShowsTitlesInTheOrderOfTheTableAndFindsNamesToo)
{
    EXPECT_EQ(list().item(0)->text(), "loss");
    EXPECT_EQ(list().item(1)->text(), "cross-entropy");
    EXPECT_TRUE(list().item(1)->toolTip().startsWith("nll_loss\n")) << "name and sentence on hover";
    filter().setText("nll");
    EXPECT_TRUE(list().item(0)->isHidden());
    EXPECT_FALSE(list().item(1)->isHidden());
}

} // namespace
} // namespace dskd::ui

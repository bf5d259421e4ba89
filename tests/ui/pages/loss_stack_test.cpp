#include "ui/pages/curves/loss_stack.h"

#include "ui/pages/curves/curve_set.h"

#include <gmock/gmock.h>

namespace dskd::ui
{
namespace
{

class LossStackTest : public testing::Test
{
protected:
    LossStackTest()
    {
        auto experiment = std::make_shared<config::Experiment>();
        experiment->method.kdRate = 0.25;
        run.id = "a";
        run.name = QStringLiteral("dual, seed 10");
        run.series = &series;
        run.experiment = experiment;
        add("nll_loss", {4.0, 2.0});
        add("kd_loss", {3.0, 2.0});
        add("t2s_ce_loss", {2.0, 1.0});
        add("t2s_kd_loss", {1.0, 1.0});
        add("loss", {3.0 + 0.75, 1.5 + 0.5});
    }
    void add(const std::string& metric, const std::vector<double>& values)
    {
        Series& recorded = series.byMetric[metric];
        for (const double value : values) {
            const auto step = static_cast<std::int64_t>(recorded.steps.size()) + 1;
            recorded.steps.push_back(step);
            recorded.tokens.push_back(step * 100);
            recorded.times.push_back(static_cast<double>(step));
            recorded.values.push_back(value);
        }
    }

    RunSeries series;
    DrawnRun run;
    LossStack stack;
};

TEST_F(LossStackTest, StacksTheWeightedTermsToTheLoss)
{
    EXPECT_TRUE(stack.update({run}, XAxis::Step));
    const std::vector<viz::Curve>& layers = stack.curves();
    ASSERT_EQ(layers.size(), 3U) << "the sum kd_loss is no layer beside its terms";
    EXPECT_EQ(layers[0].label, QStringLiteral("cross-entropy \u00d7 0.75"));
    EXPECT_EQ(layers[1].label, QStringLiteral("t2s cross-entropy \u00d7 0.25"));
    EXPECT_THAT(layers[0].floors, testing::ElementsAre(0.0, 0.0));
    EXPECT_THAT(layers[0].points, testing::ElementsAre(QPointF(1, 3.0), QPointF(2, 1.5)));
    EXPECT_THAT(layers[1].floors, testing::ElementsAre(3.0, 1.5));
    EXPECT_THAT(layers[2].points, testing::ElementsAre(QPointF(1, 3.75), QPointF(2, 2.0))) << "the loss";
    EXPECT_NE(layers[0].color, layers[1].color);
    EXPECT_FALSE(stack.update({run}, XAxis::Step)) << "nothing is new";
}

TEST_F(LossStackTest, GrowsWithItsRun)
{
    stack.update({run}, XAxis::Step);
    for (const auto& [metric, value] :
         {std::pair("nll_loss", 1.0), std::pair("kd_loss", 2.0), std::pair("t2s_ce_loss", 1.0),
          std::pair("t2s_kd_loss", 1.0), std::pair("loss", 1.25)}) {
        add(metric, {value});
    }
    EXPECT_TRUE(stack.update({run}, XAxis::Step));
    ASSERT_EQ(stack.curves().size(), 3U);
    EXPECT_EQ(stack.curves()[2].points.back(), QPointF(3, 1.25));
}

TEST_F(LossStackTest, IsNotDrawnWhereTheTermsDoNotMakeTheLoss)
{
    series.byMetric["loss"].values[1] = 2.5;
    EXPECT_TRUE(stack.update({run}, XAxis::Step));
    EXPECT_TRUE(stack.curves().empty());
    EXPECT_TRUE(stack.whyNone().contains(QStringLiteral("at step 2 they add up to 2, and 2.5 was logged")))
        << stack.whyNone().toStdString();
    EXPECT_FALSE(stack.update({run}, XAxis::Step));
}

TEST_F(LossStackTest, IsOfTheSelectedRun)
{
    DrawnRun other = run;
    other.id = "b";
    other.name = QStringLiteral("other");
    other.selected = true;
    stack.update({run, other}, XAxis::Step);
    EXPECT_EQ(stack.runName(), "other");
}

TEST_F(LossStackTest, WaitsForTheConfigurationAndDrawsNoSingleTerm)
{
    auto sft = std::make_shared<config::Experiment>();
    sft->method.objective = config::Objective::Sft;
    run.experiment = nullptr;
    EXPECT_FALSE(stack.update({run}, XAxis::Step));
    EXPECT_TRUE(stack.curves().empty());
    EXPECT_TRUE(stack.whyNone().isEmpty());
    run.experiment = sft;
    EXPECT_TRUE(stack.update({run}, XAxis::Step));
    EXPECT_TRUE(stack.curves().empty()) << "the loss itself";
    EXPECT_FALSE(stack.whyNone().isEmpty());
}

} // namespace
} // namespace dskd::ui

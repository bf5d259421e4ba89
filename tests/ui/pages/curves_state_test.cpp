#include "ui/pages/curves/curves_state.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <gtest/gtest.h>

namespace dskd::ui
{
namespace
{

TEST(CurvesPageState, ComesBackFromItsJsonAsItWas)
{
    CurvesPageState state;
    state.charts = {{{"loss", "nll_loss"}, false}, {{"structure.cosine"}, true, CardSize::Large}, lossByItsTerms()};
    state.axis = XAxis::Active;
    state.smoothingKind = viz::SmoothingKind::Gaussian;
    state.logX = true;
    state.smoothing = 0.6;
    state.logY = true;
    state.meanOverSeeds = true;
    const QByteArray text = QJsonDocument(toJson(state)).toJson();
    EXPECT_EQ(curvesFromJson(QJsonDocument::fromJson(text).object()), state);
}

TEST(CurvesPageState, OfAStrangersJsonIsTheDefault)
{
    EXPECT_EQ(curvesFromJson({{"axis", "parsecs"}, {"colour", 7}, {"charts", "none"}}), defaultCurves());
    EXPECT_DOUBLE_EQ(curvesFromJson({{"smoothing", 7.0}}).smoothing, 0.99);
}

TEST(CurvesPageState, OfAnOlderWindowIsUnderstood)
{
    const QJsonObject older{
        {"axis", "time"}, {"smoothing", 0.5}, {"charts", QJsonArray{QJsonObject{{"metrics", QJsonArray{"loss"}}}}}};
    const CurvesPageState state = curvesFromJson(older);
    EXPECT_EQ(state.axis, XAxis::Time);
    EXPECT_EQ(state.smoothingKind, viz::SmoothingKind::Ema);
    ASSERT_EQ(state.charts.size(), 1U);
    EXPECT_EQ(state.charts[0].size, CardSize::Medium);
}

TEST(ChartSpec, HasTitleSentenceAndUnitOfItsMetrics)
{
    const ChartSpec rouge{{"validation.rouge_l"}, false};
    EXPECT_EQ(titleOf(rouge), "ROUGE-L");
    EXPECT_TRUE(descriptionOf(rouge).contains("validation.rouge_l")) << "the name on hover";
    EXPECT_TRUE(descriptionOf(rouge).contains("common subsequence")) << "and the sentence";
    EXPECT_EQ(unitOf(rouge), "%");
    EXPECT_EQ(shownFactorOf(rouge), 100.0);
    EXPECT_EQ(shownFactorOf({{"nll_loss", "accuracy"}, false}), 1.0) << "one axis has one unit";
    EXPECT_TRUE(unitOf({{"nll_loss", "accuracy"}, false}).isEmpty()) << "nats and shares";
    EXPECT_TRUE(descriptionOf(rouge).endsWith("(%)"));
    const QString mixed = descriptionOf({{"nll_loss", "accuracy"}, false});
    EXPECT_FALSE(mixed.contains("(%)")) << "the axis shows shares from 0 to 1: " << mixed.toStdString();
    EXPECT_TRUE(mixed.contains("(nats)")) << mixed.toStdString();
}

TEST(CurvesPageState, HasAChartOfTheGradientNormsOfTermsWhereARunRecordsThem)
{
    const CurvesPageState state = defaultCurves();
    const ChartSpec& chart = state.charts.back();
    EXPECT_EQ(titleOf(chart), "gradient norm of each term");
    EXPECT_TRUE(chart.onlyWhenRecorded);
    ASSERT_EQ(chart.metrics.size(), 6U);
    EXPECT_EQ(chart.metrics.front(), "grad_norm.nll_loss");
    EXPECT_TRUE(descriptionOf(chart).contains("by the student's weights"));
}

TEST(CurvesPageState, WithoutAnyChartStaysWithoutAny)
{
    CurvesPageState state = defaultCurves();
    state.charts.clear();
    EXPECT_TRUE(curvesFromJson(toJson(state)).charts.empty());
}

} // namespace
} // namespace dskd::ui

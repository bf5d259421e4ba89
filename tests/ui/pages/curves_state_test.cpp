#include "ui/pages/curves/curves_state.h"

#include <QJsonDocument>
#include <gtest/gtest.h>

namespace dskd::ui
{
namespace
{

TEST(CurvesPageState, ComesBackFromItsJsonAsItWas)
{
    CurvesPageState state;
    state.charts = {{{"loss", "nll_loss"}, false}, {{"structure.cosine"}, true}};
    state.axis = XAxis::Tokens;
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

TEST(CurvesPageState, WithoutAnyChartStaysWithoutAny)
{
    CurvesPageState state = defaultCurves();
    state.charts.clear();
    EXPECT_TRUE(curvesFromJson(toJson(state)).charts.empty());
}

} // namespace
} // namespace dskd::ui

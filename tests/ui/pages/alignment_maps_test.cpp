// The alignment page on runs whose tokenizers and data are there: maps, their chunks, two of them side by side.

#include "core/align/attention_in_chunks.h"
#include "tests/ui/pages/alignment_fixture.h"
#include "ui/pages/alignment/alignment_texts.h"
#include "ui/pages/alignment/map_panel.h"
#include "viz/chart_picture.h"
#include "viz/curve_chart.h"
#include "viz/heat_map_view.h"

#include <QAction>
#include <QApplication>
#include <QCheckBox>
#include <QImage>
#include <QSlider>
#include <QTreeWidget>
#include <QWheelEvent>
#include <gmock/gmock.h>

namespace dskd::ui
{
namespace
{

using testing::HasSubstr;

TEST_F(AlignmentCoverageTest, OutlinesTheTrueChunksAndSaysWhatStaysInside)
{
    record(config::Alignment::Cma, {map(config::Alignment::Cma, 50, false), map(config::Alignment::Cma, 100, true)});
    open({config::Alignment::Cma});
    ASSERT_TRUE(QTest::qWaitFor([this] { return text("leftTitle").contains("inside the chunks"); }))
        << text("leftTitle").toStdString();
    EXPECT_THAT(text("leftTitle").toStdString(), HasSubstr("100.0 % inside the chunks"));
    auto* view = child<viz::HeatMapView>("leftView");
    const auto rows = measure(config::Alignment::Cma)->rows(0).value();
    EXPECT_EQ(view->outlines().size(), align::chunkBoxes(rows.chunks.student, rows.chunks.teacher).size());
    EXPECT_GT(view->outlines().size(), 2U);
    child<QCheckBox>("chunks")->setChecked(false);
    EXPECT_TRUE(view->outlines().empty());
    auto* chart = child<viz::CurveChart>("insideChart");
    ASSERT_TRUE(QTest::qWaitFor([&] { return chart->toCsv().count('\n') >= 4; })) << chart->toCsv().toStdString();
    EXPECT_THAT(chart->toCsv().toStdString(), HasSubstr(",100,1\n"));
    EXPECT_THAT(child<viz::CurveChart>("coverageChart")->toCsv().toStdString(), HasSubstr(",100,0.5"));
    for (const char* name : {"insideChart", "coverageChart"}) {
        const viz::PlotRange range = child<viz::CurveChart>(name)->picture(100).range;
        EXPECT_EQ(range.yFactor, 100.0) << name;
        EXPECT_EQ(range.ySuffix, "%") << name;
    }
    EXPECT_TRUE(QTest::qWaitFor([this] {
        auto* samples = child<QTreeWidget>("samples");
        for (int i = 0; i < samples->topLevelItemCount(); ++i) {
            if (samples->topLevelItem(i)->text(0) == "1") {
                return samples->topLevelItem(i)->text(6) == "100.0 %";
            }
        }
        return false;
    }));
}

TEST_F(AlignmentCoverageTest, SaysHowMuchOfASampleACutMapShows)
{
    store::HeatMapRow whole = map(config::Alignment::Cma, 50, true);
    whole.wholeRows = static_cast<std::int64_t>(whole.rowTokens.size());
    whole.wholeColumns = static_cast<std::int64_t>(whole.columnTokens.size());
    store::HeatMapRow cut = whole;
    cut.step = 100;
    cut.rowTokens.resize(3);
    cut.values.resize(3 * cut.columnTokens.size());
    record(config::Alignment::Cma, {whole, cut});
    open({config::Alignment::Cma});
    const QString note = QStringLiteral("first 3 of %1 student tokens").arg(*whole.wholeRows);
    ASSERT_TRUE(QTest::qWaitFor([&] { return text("leftTitle").contains(note); })) << text("leftTitle").toStdString();
    EXPECT_EQ(child<QLabel>("leftTitle")->toolTip(), note) << "also where the title has no room";
    EXPECT_EQ(axisTitle(cut, true), QStringLiteral("student, first 3 of %1 tokens").arg(*whole.wholeRows));
    EXPECT_EQ(axisTitle(cut, false), QStringLiteral("teacher"));
    child<QSlider>("step")->setValue(0);
    ASSERT_TRUE(QTest::qWaitFor([this] { return text("leftTitle").contains("step 50"); }));
    EXPECT_FALSE(text("leftTitle").contains("first"));
    EXPECT_TRUE(child<QLabel>("leftTitle")->toolTip().isEmpty());
}

TEST_F(AlignmentCoverageTest, ExactPairsStandBesideAttentionOfTheSameTokens)
{
    record(config::Alignment::Cma, {map(config::Alignment::Cma, 100, false)});
    record(config::Alignment::Eta, {map(config::Alignment::Eta, 0, true)});
    open({config::Alignment::Cma, config::Alignment::Eta});
    choose("run", QString::fromStdString(m_ids.at(config::Alignment::Cma)));
    choose("other", QString::fromStdString(m_ids.at(config::Alignment::Eta)));
    child<QCheckBox>("difference")->setChecked(true);
    ASSERT_TRUE(QTest::qWaitFor([this] { return text("differenceTitle").startsWith("difference: cma"); }))
        << text("differenceTitle").toStdString() << " / " << text("rightTitle").toStdString();
    EXPECT_THAT(text("differenceTitle").toStdString(), HasSubstr("(steps 100 and 0)"));
    EXPECT_THAT(text("rightTitle").toStdString(), HasSubstr("nearest 0"));
}

TEST_F(AlignmentCoverageTest, ComparesTwoStepsOfOneRunAndIsZeroAgainstItself)
{
    const store::HeatMapRow early = map(config::Alignment::Cma, 50, false);
    record(config::Alignment::Cma, {early, map(config::Alignment::Cma, 100, true)});
    open({config::Alignment::Cma});
    choose("other", QStringLiteral("@step"));
    child<QCheckBox>("difference")->setChecked(true);
    const auto* maps = m_page->findChild<MapPanel*>();
    ASSERT_TRUE(QTest::qWaitFor([&] { return maps->differenceMap().has_value(); }));
    EXPECT_EQ(maps->differenceMap()->values, std::vector<float>(maps->maps().left->values.size(), 0.0F))
        << "both sides show step 100";
    EXPECT_EQ(text("differenceTitle"), "difference");
    auto* other = m_page->findChild<QWidget*>("otherStep");
    ASSERT_NE(other, nullptr);
    EXPECT_TRUE(other->isVisible());
    other->findChild<QSlider*>()->setValue(0);
    ASSERT_TRUE(QTest::qWaitFor([this] { return text("differenceTitle").contains("(steps 100 and 50)"); }))
        << text("differenceTitle").toStdString();
    EXPECT_THAT(text("rightTitle").toStdString(), HasSubstr("step 50"));
    EXPECT_EQ(maps->differenceMap()->values, difference(*maps->maps().left, early)->values);
    EXPECT_NE(maps->differenceMap()->values.front(), 0.0F);
}

TEST_F(AlignmentCoverageTest, FitsASmallWindow)
{
    record(config::Alignment::Cma, {map(config::Alignment::Cma, 50, false), map(config::Alignment::Cma, 100, true)});
    open({config::Alignment::Cma});
    choose("other", QStringLiteral("@step"));
    child<QCheckBox>("difference")->setChecked(true);
    QTest::qWait(50);
    EXPECT_LE(m_page->minimumSizeHint().width(), 740) << "between the panels of a window of 1280 x 720";
    EXPECT_LE(m_page->minimumSizeHint().height(), 480);
}

TEST_F(AlignmentCoverageTest, FollowsARunThatRecordsMoreMaps)
{
    auto writer = store::RunWriter::open(m_workspace->layout().run(m_ids.at(config::Alignment::Cma))).value();
    writer->beginAttempt(std::nullopt).value();
    writer->setPlan({kSteps, kSteps}).value();
    writer->addHeatMap(map(config::Alignment::Cma, 50, false));
    writer->heartbeat(50, "training").value();
    open({config::Alignment::Cma});
    ASSERT_TRUE(QTest::qWaitFor([this] { return text("leftTitle").contains("step 50"); }))
        << text("leftTitle").toStdString();
    writer->addHeatMap(map(config::Alignment::Cma, 75, true));
    writer->heartbeat(75, "training").value();
    EXPECT_TRUE(QTest::qWaitFor([this] { return text("leftTitle").contains("step 75"); }, 20'000))
        << "the slider stands at the newest step and moves along: " << text("leftTitle").toStdString();
    EXPECT_TRUE(
        QTest::qWaitFor([this] { return child<viz::CurveChart>("insideChart")->toCsv().contains(",75,1"); }, 20'000))
        << child<viz::CurveChart>("insideChart")->toCsv().toStdString();
    writer->endAttempt(0, "Finished.").value();
}

TEST_F(AlignmentCoverageTest, ZoomingOneMapZoomsThoseBesideIt)
{
    store::HeatMapRow large;
    large.name = "cma.t2s";
    large.step = 50;
    for (int i = 0; i < 12; ++i) {
        large.rowTokens.push_back("r" + std::to_string(i));
        large.columnTokens.push_back("c" + std::to_string(i));
    }
    for (int i = 0; i < 144; ++i) {
        large.values.push_back(static_cast<float>(i) / 144.0F);
    }
    store::HeatMapRow later = large;
    later.step = 100;
    record(config::Alignment::Cma, {large, later});
    open({config::Alignment::Cma});
    choose("other", QStringLiteral("@step"));
    ASSERT_TRUE(QTest::qWaitFor([this] { return text("rightTitle").contains("step 100"); }));
    auto* left = child<viz::HeatMapView>("leftView");
    auto* right = child<viz::HeatMapView>("rightView");
    const QImage before = right->grab().toImage();
    QWheelEvent wheel(QPointF(left->rect().center()), left->mapToGlobal(QPointF(left->rect().center())), {}, {0, 360},
                      Qt::NoButton, Qt::NoModifier, Qt::NoScrollPhase, false);
    QApplication::sendEvent(left, &wheel);
    const QImage zoomed = right->grab().toImage();
    EXPECT_NE(zoomed, before);
    left->setFocus();
    QTest::keyClick(left, Qt::Key_0);
    EXPECT_EQ(right->grab().toImage(), before) << "everything again";
}

TEST_F(AlignmentCoverageTest, ColoursSpanTheValuesOrAllThatAttentionCanBe)
{
    store::HeatMapRow half = map(config::Alignment::Cma, 100, true);
    for (float& value : half.values) {
        value *= 0.5F;
    }
    record(config::Alignment::Cma, {half});
    open({config::Alignment::Cma});
    ASSERT_TRUE(QTest::qWaitFor([this] { return text("leftTitle").contains("step 100"); }));
    auto* view = child<viz::HeatMapView>("leftView");
    const QImage automatic = view->grab().toImage();
    child<QCheckBox>("unitColours")->setChecked(true);
    const QImage unit = view->grab().toImage();
    EXPECT_NE(unit, automatic) << "0.5 is no longer the brightest";
    child<QCheckBox>("unitColours")->setChecked(false);
    EXPECT_EQ(view->grab().toImage(), automatic);
}

TEST_F(AlignmentCoverageTest, AMapFillsTheScreenFromItsMenu)
{
    record(config::Alignment::Cma, {map(config::Alignment::Cma, 100, true)});
    open({config::Alignment::Cma});
    auto* view = child<viz::HeatMapView>("leftView");
    view->findChild<QAction*>(QStringLiteral("fullScreen"))->trigger();
    EXPECT_TRUE(view->isFullScreen());
    QTest::keyClick(view, Qt::Key_Escape);
    EXPECT_FALSE(view->isFullScreen());
    EXPECT_EQ(view->window(), m_page.get()) << "back in its place";
}

} // namespace
} // namespace dskd::ui

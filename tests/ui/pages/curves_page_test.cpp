#include "core/jobs/compare.h"
#include "tests/ui/pages/curves_page_fixture.h"
#include "viz/curve_chart.h"
#include "viz/legend_strip.h"

#include <QCheckBox>
#include <QComboBox>
#include <QLabel>
#include <QScrollArea>
#include <QSignalSpy>
#include <QStackedWidget>
#include <algorithm>

namespace dskd::ui
{
namespace
{

TEST_F(CurvesPageTest, DefaultChartsShowTheRecordedPoints)
{
    watchAll();
    open();
    const std::string dual = named("dual").front();
    m_page->setRuns({dual}, {});
    ASSERT_TRUE(QTest::qWaitFor([&] { return !curves("loss").empty(); }));
    for (const auto& [title, metric] : {std::pair{"loss", "loss"}, {"validation loss", "validation.loss"}}) {
        const auto recorded = reader(dual).series(metric);
        const std::vector<viz::Curve> drawn = curves(title);
        ASSERT_EQ(drawn.size(), 1U) << title;
        ASSERT_EQ(drawn[0].points.size(), recorded.size()) << title;
        for (std::size_t i = 0; i < recorded.size(); ++i) {
            EXPECT_EQ(drawn[0].points[i], QPointF(static_cast<double>(recorded[i].step), recorded[i].value));
        }
    }
    EXPECT_EQ(card("loss")->chart().toCsv().count('\n'), 101) << "a header and 100 steps";
}

TEST_F(CurvesPageTest, ChartsOfDistillationStayAwayWhereNothingIsDistilled)
{
    watchAll();
    open();
    m_page->setRuns({named("sft").front()}, {});
    ASSERT_TRUE(QTest::qWaitFor([&] { return !curves("loss").empty(); }));
    EXPECT_EQ(titles(), (QStringList{"loss", "validation loss", "ROUGE-L"}));
    m_page->setRuns({named("dual").front()}, {});
    ASSERT_TRUE(QTest::qWaitFor([&] { return titles().size() == 6; }));
    EXPECT_TRUE(titles().contains("distillation terms"));
    EXPECT_TRUE(titles().contains("structure distance (cosine)"));
}

TEST_F(CurvesPageTest, AxisCountsTokensOrSeconds)
{
    watchAll();
    open();
    const std::string dual = named("dual").front();
    m_page->setRuns({dual}, {});
    auto* axis = m_page->findChild<QComboBox*>(QStringLiteral("axis"));
    const auto recorded = reader(dual).series("loss");
    axis->setCurrentIndex(axis->findData(static_cast<int>(XAxis::Tokens)));
    ASSERT_TRUE(QTest::qWaitFor([&] { return !curves("loss").empty(); }));
    EXPECT_EQ(curves("loss")[0].points[9].x(), static_cast<double>(recorded[9].tokens));
    axis->setCurrentIndex(axis->findData(static_cast<int>(XAxis::Time)));
    ASSERT_FALSE(curves("loss").empty());
    EXPECT_NEAR(curves("loss")[0].points[9].x(), recorded[9].time - recorded[0].time, 1e-6);
    axis->setCurrentIndex(axis->findData(static_cast<int>(XAxis::Epoch)));
    ASSERT_FALSE(curves("loss").empty());
    EXPECT_EQ(curves("loss")[0].points[9].x(), static_cast<double>(recorded[9].step) / 100) << "100 steps an epoch";
}

TEST_F(CurvesPageTest, MeanOverThreeSeedsIsTheMeanOfTheirRecordedValues)
{
    watchAll();
    open();
    const std::vector<std::string> seeds = named("dual");
    ASSERT_EQ(seeds.size(), 3U);
    m_page->setRuns(seeds, {});
    m_page->findChild<QCheckBox*>(QStringLiteral("meanOverSeeds"))->setChecked(true);
    ASSERT_TRUE(QTest::qWaitFor([&] { return curves("loss").size() == 1; }));
    const viz::Curve mean = curves("loss").front();
    std::vector<double> values;
    for (const std::string& id : seeds) {
        values.push_back(reader(id).series("loss").at(41).value);
    }
    const double byHand = (values[0] + values[1] + values[2]) / 3;
    EXPECT_NEAR(mean.points[41].y(), byHand, 1e-12);
    EXPECT_NEAR(mean.deviations[41], jobs::summarize(values).deviation, 1e-12);
    EXPECT_EQ(card("loss")->findChild<QLabel*>(QStringLiteral("chartNotes"))->text(), "mean of 3 seeds");
}

TEST_F(CurvesPageTest, SeedsAreNamedAndHaveColoursOfTheirOwn)
{
    watchAll();
    open();
    m_page->setRuns(named("dual"), {});
    ASSERT_TRUE(QTest::qWaitFor([&] { return curves("loss").size() == 3; }));
    const std::vector<viz::Curve> drawn = curves("loss");
    EXPECT_EQ(drawn[0].label, "dual, seed 10");
    EXPECT_EQ(drawn[2].label, "dual, seed 30");
    EXPECT_NE(drawn[0].color, drawn[1].color);
    EXPECT_NE(drawn[1].color, drawn[2].color);
}

TEST_F(CurvesPageTest, ListsAndSliderGiveWayBeforeTheWordsBesideThem)
{
    open();
    const auto* mean = m_page->findChild<QCheckBox*>(QStringLiteral("meanOverSeeds"));
    const QWidget* bar = mean->parentWidget();
    const int least = bar->minimumSizeHint().width();
    constexpr int kSlider = 20; // what it can give, beside the lists
    EXPECT_LT(least, bar->sizeHint().width() - kSlider);
    m_page->resize(m_page->width() - bar->width() + least, 800);
    EXPECT_TRUE(QTest::qWaitFor([&] { return bar->width() <= least; })) << bar->width();
    EXPECT_GE(mean->width(), mean->minimumSizeHint().width()) << "Seed means was cut";
}

TEST_F(CurvesPageTest, OneLegendHasTheValuesUnderTheCrosshair)
{
    watchAll();
    open();
    const std::string dual = named("dual").front();
    m_page->setRuns({dual}, {});
    ASSERT_TRUE(QTest::qWaitFor([&] { return !curves("loss").empty(); }));
    const auto legends = m_page->findChildren<viz::LegendStrip*>();
    EXPECT_EQ(std::count_if(legends.begin(), legends.end(), [](const auto* l) { return l->isVisible(); }), 1)
        << "charts have none of their own here";
    const viz::LegendStrip& legend = *m_page->findChild<viz::LegendStrip*>(QStringLiteral("legend"));
    ASSERT_EQ(legend.entries().size(), 1U);
    EXPECT_TRUE(legend.entries()[0].value.isEmpty()) << "no crosshair";
    viz::CurveChart& chart = card("loss")->chart();
    for (int i = 0; i < 42; ++i) {
        QTest::keyClick(&chart, Qt::Key_Right);
    }
    EXPECT_EQ(legend.title(), "loss, step 42");
    EXPECT_EQ(legend.entries()[0].value, QString::number(reader(dual).series("loss").at(41).value, 'g', 5));
    ASSERT_TRUE(card("validation loss")->chart().crosshair());
    EXPECT_EQ(*card("validation loss")->chart().crosshair(), 42.0) << "linked";
}

TEST_F(CurvesPageTest, ZoomIsSharedByAllCharts)
{
    watchAll();
    open();
    m_page->setRuns({named("dual").front()}, {});
    ASSERT_TRUE(QTest::qWaitFor([&] { return !curves("loss").empty(); }));
    QTest::qWait(20);
    QTest::keyClick(&card("loss")->chart(), Qt::Key_Plus);
    ASSERT_TRUE(card("loss")->chart().part());
    EXPECT_EQ(card("ROUGE-L")->chart().part(), card("loss")->chart().part());
    QTest::keyClick(&card("ROUGE-L")->chart(), Qt::Key_0);
    EXPECT_FALSE(card("loss")->chart().part());
}

TEST_F(CurvesPageTest, ADoubleClickOnTheTitleOpensAChartLargeAndEscapeReturns)
{
    watchAll();
    open();
    m_page->setRuns({named("dual").front()}, {});
    ASSERT_TRUE(QTest::qWaitFor([&] { return titles().size() == 6; }));
    const QSize before = card("loss")->size();
    QTest::mouseDClick(card("loss")->findChild<QLabel*>(QStringLiteral("chartTitle")), Qt::LeftButton);
    EXPECT_EQ(titles(), QStringList{"loss"});
    EXPECT_GT(card("loss")->width(), before.width());
    QTest::keyClick(&card("loss")->chart(), Qt::Key_Escape);
    EXPECT_EQ(titles().size(), 6);
    EXPECT_EQ(card("loss")->size(), before);
    QTest::keyClick(&card("ROUGE-L")->chart(), Qt::Key_Return);
    EXPECT_EQ(titles(), QStringList{"ROUGE-L"});
}

TEST_F(CurvesPageTest, CardsAreMovedAndSizedByThePerson)
{
    watchAll();
    open();
    m_page->setRuns({named("dual").front()}, {});
    ASSERT_TRUE(QTest::qWaitFor([&] { return titles().size() == 6; }));
    QTest::keyClick(&card("loss")->chart(), Qt::Key_Right, Qt::ControlModifier | Qt::ShiftModifier);
    EXPECT_EQ(m_page->state().charts.at(1).metrics.front(), "loss");
    const int medium = card("loss")->width();
    Q_EMIT card("loss")->sizeRequested(CardSize::Large);
    EXPECT_EQ(m_page->state().charts.at(1).size, CardSize::Large);
    EXPECT_GT(card("loss")->width(), medium);
    EXPECT_FALSE(curves("loss").empty()) << "the card was not made anew";
}

TEST_F(CurvesPageTest, ChartsWithoutACurveFoldIntoALineThatSaysWhy)
{
    watchAll();
    open();
    CurvesPageState state = m_page->state();
    state.charts.push_back({{"reward"}, false});
    m_page->setState(state);
    m_page->setRuns({named("sft").front()}, {});
    const auto* folded = m_page->findChild<QLabel*>(QStringLiteral("foldedCharts"));
    ASSERT_TRUE(QTest::qWaitFor([&] { return folded->isVisible(); }));
    EXPECT_EQ(card("reward"), nullptr);
    EXPECT_TRUE(folded->text().contains(">reward</a>")) << folded->text().toStdString();
    EXPECT_TRUE(folded->toolTip().contains("records reward")) << folded->toolTip().toStdString();
}

TEST_F(CurvesPageTest, MarksOfARunStandOnItsCurvesAlone)
{
    watchAll();
    open();
    const std::string dual = named("dual").front();
    m_page->setRuns({dual}, {});
    m_page->setMarks({{dual, "loss", 40, 60, "stagnates", {}}, {named("sft").front(), {}, 10, 10, "not shown", {}}});
    ASSERT_TRUE(QTest::qWaitFor([&] { return card("loss") && !card("loss")->chart().marks().empty(); }));
    const std::vector<viz::Mark> marks = card("loss")->chart().marks();
    ASSERT_EQ(marks.size(), 1U);
    EXPECT_EQ(marks[0].from, 40.0);
    EXPECT_EQ(marks[0].to, 60.0);
    EXPECT_EQ(marks[0].text, "stagnates");
    EXPECT_TRUE(card("ROUGE-L")->chart().marks().empty());
}

TEST_F(CurvesPageTest, HiddenPageConvertsNothingUntilItIsShown)
{
    watchAll();
    open();
    m_page->hide();
    m_page->setRuns({s_ids.front()}, {});
    QTest::qWait(250);
    EXPECT_TRUE(card("loss")->curves().empty());
    m_page->show();
    EXPECT_TRUE(QTest::qWaitFor([&] { return !card("loss")->curves().empty(); }));
}

TEST_F(CurvesPageTest, SaysWhyItIsEmpty)
{
    open();
    m_page->setRuns({}, {});
    EXPECT_TRUE(emptyText().startsWith("No run is shown.")) << emptyText().toStdString();
    auto* stack = m_page->findChild<QStackedWidget*>();
    EXPECT_EQ(stack->currentIndex(), 0);
    CurvesPageState none = m_page->state();
    none.charts.clear();
    m_page->setState(none);
    m_page->setRuns({s_ids.front()}, {});
    EXPECT_EQ(stack->currentIndex(), 0);
    EXPECT_TRUE(emptyText().startsWith("There is no chart.")) << emptyText().toStdString();
    m_page->setState(defaultCurves());
    EXPECT_EQ(stack->currentIndex(), 1);
}

TEST_F(CurvesPageTest, ChartsChangePlacesAndThatIsPartOfTheState)
{
    open();
    m_page->setRuns({s_ids.front()}, {});
    const QSignalSpy changed(m_page.get(), &CurvesPage::stateChanged);
    Q_EMIT card("loss")->moveRequested(1);
    EXPECT_EQ(changed.size(), 1);
    EXPECT_EQ(m_page->state().charts.at(1).metrics.front(), "loss");
    Q_EMIT card("validation loss")->removeRequested();
    EXPECT_EQ(changed.size(), 2);
    EXPECT_EQ(m_page->state().charts.size(), defaultCurves().charts.size() - 1);
    EXPECT_EQ(m_page->state().charts.front().metrics.front(), "loss");
}

TEST_F(CurvesPageTest, ChangesOfTheChartsAreTakenBackAndMadeAgain)
{
    open();
    m_page->setRuns({s_ids.front()}, {});
    std::vector<Edit> edits;
    QObject::connect(m_page.get(), &Page::edited, [&](const Edit& edit) { edits.push_back(edit); });
    const std::vector<ChartSpec> before = m_page->state().charts;
    Q_EMIT card("loss")->moveRequested(1);
    Q_EMIT card("validation loss")->removeRequested();
    m_page->addLossByItsTerms();
    ASSERT_EQ(edits.size(), 3U);
    const std::vector<ChartSpec> after = m_page->state().charts;
    m_page->findChild<QComboBox*>(QStringLiteral("axis"))->setCurrentIndex(2);
    EXPECT_EQ(edits.size(), 3U) << "the axis is no edit";
    const QSignalSpy changed(m_page.get(), &CurvesPage::stateChanged);
    for (auto edit = edits.rbegin(); edit != edits.rend(); ++edit) {
        edit->undo();
    }
    EXPECT_EQ(m_page->state().charts, before);
    EXPECT_EQ(m_page->state().axis, XAxis::Tokens) << "which stays";
    EXPECT_EQ(changed.size(), 3) << "so that it is kept";
    for (const Edit& edit : edits) {
        edit.redo();
    }
    EXPECT_EQ(m_page->state().charts, after);
    EXPECT_EQ(edits.size(), 3U) << "taking back is no edit";
    m_page.reset();
    edits.front().undo(); // nothing is there any more
}

TEST_F(CurvesPageTest, ItsMetricsAreFoundByTheirTitlesAndShown)
{
    watchAll();
    open();
    m_page->setRuns({named("dual").front()}, {});
    ASSERT_TRUE(QTest::qWaitFor([&] { return titles().size() == 6; }));
    const auto act = [&](const QString& title) {
        int found = 0;
        for (const Findable& one : m_page->findables()) {
            if (one.text == title) {
                EXPECT_EQ(one.kind, "Metric");
                EXPECT_FALSE(one.tip.isEmpty());
                one.act();
                ++found;
            }
        }
        EXPECT_EQ(found, 1) << title.toStdString();
    };
    const std::size_t before = m_page->state().charts.size();
    act("ROUGE-L");
    EXPECT_EQ(m_page->state().charts.size(), before) << "there is such a chart";
    EXPECT_TRUE(QTest::qWaitFor([&] { return card("ROUGE-L")->chart().hasFocus() || !m_page->isActiveWindow(); }));
    act("gradient norm");
    ASSERT_EQ(m_page->state().charts.size(), before + 1);
    EXPECT_EQ(m_page->state().charts.back().metrics, std::vector<std::string>{"grad_norm"});
    ASSERT_TRUE(QTest::qWaitFor([&] { return card("gradient norm") != nullptr; }));
    const auto* area = m_page->findChild<QScrollArea*>();
    const auto seen = [&] {
        const QRect place(card("gradient norm")->mapTo(area->viewport(), QPoint()), card("gradient norm")->size());
        return area->viewport()->rect().intersects(place);
    };
    EXPECT_TRUE(QTest::qWaitFor(seen)) << "it is scrolled to";
    act("gradient norm");
    EXPECT_EQ(m_page->state().charts.size(), before + 1);
}

TEST_F(CurvesPageTest, NamesTheSmoothingOnceAndInOneWord)
{
    watchAll();
    open();
    m_page->setRuns({named("dual").front()}, {});
    ASSERT_TRUE(QTest::qWaitFor([&] { return !curves("loss").empty(); }));
    CurvesPageState state = m_page->state();
    state.smoothing = 0.6;
    m_page->setState(state);
    ASSERT_TRUE(QTest::qWaitFor([&] { return card("loss")->notes() == QStringList{"EMA 0.6"}; }));
    EXPECT_EQ(card("loss")->chart().picture(100).notes, QStringList{"EMA 0.6"}) << "on paper likewise";
    int times = 0;
    for (const QLabel* label : card("loss")->findChildren<QLabel*>()) {
        times += static_cast<int>(label->text().count("EMA") + label->text().count("smooth", Qt::CaseInsensitive));
    }
    EXPECT_EQ(times, 1);
}

} // namespace
} // namespace dskd::ui

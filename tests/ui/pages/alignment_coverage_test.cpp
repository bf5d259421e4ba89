// The alignment page on runs whose tokenizers and data are there: coverage, samples and tokens.

#include "tests/ui/pages/alignment_fixture.h"
#include "ui/pages/alignment/alignment_texts.h"
#include "ui/pages/alignment/coverage_lists.h"
#include "ui/pages/alignment/step_values.h"
#include "ui/pages/alignment/token_mark.h"

#include <QSpinBox>
#include <QTreeWidget>
#include <algorithm>
#include <gmock/gmock.h>

namespace dskd::ui
{
namespace
{

using testing::HasSubstr;

TEST_F(AlignmentCoverageTest, FollowsAttentionInsideChunksOverTheSteps)
{
    store::HeatMapRow stranger = map(config::Alignment::Cma, 75, true);
    stranger.rowTokens.front() += "?";
    record(config::Alignment::Cma,
           {map(config::Alignment::Cma, 50, false), stranger, map(config::Alignment::Cma, 100, true)});
    const auto coverage = measure(config::Alignment::Cma);
    const StepValues values = readSteps(folderOf(config::Alignment::Cma), "cma.t2s", coverage, {}, m_never).value();
    ASSERT_EQ(values.maps.size(), 3U);
    std::map<std::int64_t, std::optional<double>> byStep;
    for (const auto& [id, point] : values.maps) {
        byStep[point.step] = point.inside;
    }
    ASSERT_TRUE(byStep.at(50));
    EXPECT_GT(*byStep.at(50), 0.0);
    EXPECT_LT(*byStep.at(50), 0.9) << "attention to everything alike";
    EXPECT_FALSE(byStep.at(75)) << "of other tokens: nothing is known";
    EXPECT_NEAR(byStep.at(100).value(), 1.0, 1e-6);
    ASSERT_EQ(values.coverage.size(), 2U);
    EXPECT_EQ(values.coverage[1].value, 0.5);
    const StepValues again = readSteps(folderOf(config::Alignment::Cma), "cma.t2s", coverage, values, m_never).value();
    EXPECT_EQ(again.maps, values.maps);
    EXPECT_EQ(again.coverage.size(), 2U) << "read on, not twice";
    EXPECT_TRUE(readSteps(folderOf(config::Alignment::Cma), "cma.t2s", nullptr, {}, m_never).value().maps.empty());
}

TEST_F(AlignmentCoverageTest, ShowsCoverageWorstSampleAndTokensWithoutAMap)
{
    open({config::Alignment::MinEd});
    const auto coverage = measure(config::Alignment::MinEd);
    EXPECT_EQ(text("coverage"), coverageHeadline(coverage->report()));
    EXPECT_THAT(text("coverageNotes").toStdString(), HasSubstr("matched"));
    ASSERT_TRUE(QTest::qWaitFor([this] { return !tokens()->tokens(false).empty(); }));
    EXPECT_EQ(tokens()->tokens(true).size(), coverage->rows(0)->teacherLabels.size());
    auto* samples = child<QTreeWidget>("samples");
    ASSERT_EQ(samples->topLevelItemCount(), 3);
    const auto& worst = coverage->report().samples.front();
    EXPECT_EQ(samples->topLevelItem(0)->text(0), QString::number(worst.sample + 1));
    samples->setCurrentItem(samples->topLevelItem(2));
    const auto best = coverage->report().samples.back().sample;
    EXPECT_EQ(child<QComboBox>("sample")->currentData().toLongLong(), best);
    EXPECT_TRUE(
        QTest::qWaitFor([&] { return tokens()->tokens(false).size() == coverage->rows(best)->studentLabels.size(); }));
    std::size_t counted = 0;
    for (std::size_t bin = 0; bin < align::kCoverageBins; ++bin) {
        const auto* bars = m_page->findChild<CoverageBars*>();
        const auto number = coverage->report().coverage.histogram()[bin];
        EXPECT_EQ(bars->barOf(bin).isEmpty(), number == 0) << bin;
        counted += static_cast<std::size_t>(number);
    }
    EXPECT_EQ(counted, 3U);
    EXPECT_EQ(child<QTreeWidget>("unalignedTokens")->topLevelItemCount(),
              static_cast<int>(coverage->report().uncovered.size()));
}

TEST_F(AlignmentCoverageTest, AClickedTokenShowsItsPartnerAndTheirText)
{
    record(config::Alignment::Cma, {map(config::Alignment::Cma, 100, true)});
    open({config::Alignment::Cma});
    const auto rows = measure(config::Alignment::Cma)->rows(0).value();
    ASSERT_TRUE(QTest::qWaitFor([this] { return !tokens()->links().empty(); })) << "the map's links";
    const auto exact = std::find_if(rows.marked.student.begin(), rows.marked.student.end(),
                                    [](const align::MarkedToken& token) { return token.mark == align::Mark::Exact; });
    ASSERT_NE(exact, rows.marked.student.end());
    const auto at = static_cast<int>(exact - rows.marked.student.begin());
    // again where the tokens of the map come only after the first click and take the selection away
    ASSERT_TRUE(QTest::qWaitFor([&] {
        QTest::mouseClick(tokens(), Qt::LeftButton, {}, tokens()->boxOf({false, at}).center().toPoint());
        return !text("tokenDetail").isEmpty();
    }));
    EXPECT_EQ(tokens()->selected(), (TokenRows::Place{false, at}));
    EXPECT_EQ(text("tokenDetail"),
              tokenDetail(rows, false, static_cast<std::size_t>(at), config::rowOf(config::Alignment::Cma)));
    EXPECT_THAT(text("tokenDetail").toStdString(), HasSubstr("exact"));
    QTest::keyClick(tokens(), Qt::Key_Up);
    EXPECT_EQ(tokens()->selected(), (TokenRows::Place{true, exact->partnerBegin})) << "to its partner";
    EXPECT_TRUE(text("tokenDetail").startsWith("teacher"));
}

TEST_F(AlignmentCoverageTest, TrainingDataAreOtherSamplesThanTheRecordedOnes)
{
    record(config::Alignment::Cma, {map(config::Alignment::Cma, 100, true)});
    open({config::Alignment::Cma});
    ASSERT_TRUE(QTest::qWaitFor([this] { return text("leftTitle").contains("step 100"); }));
    child<QComboBox>("data")->setCurrentIndex(1);
    child<QSpinBox>("numSamples")->setValue(2);
    ASSERT_TRUE(QTest::qWaitFor([this] { return text("coverageNotes").contains("2 samples"); }))
        << text("coverageNotes").toStdString();
    EXPECT_EQ(child<QComboBox>("sample")->count(), 2);
    EXPECT_TRUE(QTest::qWaitFor([this] { return !text("leftTitle").contains("step"); })) << "no map of these";
}

TEST_F(AlignmentCoverageTest, ShowsAPairWithoutARunFromTheLineThatWasAskedFor)
{
    open({config::Alignment::Cma});
    config::Experiment pair = experimentOf(config::Alignment::Eta);
    pair.data.validation.clear();
    child<QSpinBox>("numSamples")->setValue(1);
    ASSERT_TRUE(m_page->showAlignment(pair, 2));
    EXPECT_EQ(child<QComboBox>("run")->currentText(), "teacher and student, without a run");
    ASSERT_TRUE(QTest::qWaitFor([this] { return text("coverageNotes").startsWith("eta, 2 samples"); }))
        << "as many as reach that line: " << text("coverageNotes").toStdString();
    const auto coverage =
        preflight::RunCoverage::measure(pair, {preflight::CoverageData::Training, 2}, m_never).value();
    EXPECT_EQ(text("coverage"), coverageHeadline(coverage->report()));
    const auto& samples = coverage->report().samples;
    const auto second = std::find_if(samples.begin(), samples.end(), [](const auto& one) { return one.line == 2; });
    ASSERT_NE(second, samples.end());
    EXPECT_EQ(child<QComboBox>("sample")->currentData().toLongLong(), second->sample);
    const auto rows = coverage->rows(second->sample).value();
    ASSERT_TRUE(QTest::qWaitFor([&] { return tokens()->tokens(false).size() == rows.studentLabels.size(); }));
    EXPECT_EQ(child<QComboBox>("other")->count(), 1) << "there is no map to stand beside another";

    choose("sample", "0");
    ASSERT_TRUE(m_page->showAlignment(pair, 3));
    ASSERT_TRUE(QTest::qWaitFor([this] { return text("coverageNotes").startsWith("eta, 3 samples"); }));
    EXPECT_EQ(child<QComboBox>("sample")->currentText(), "3") << "another line of the same pair";
    choose("run", QString::fromStdString(m_ids.at(config::Alignment::Cma)));
    EXPECT_TRUE(QTest::qWaitFor([this] { return text("coverageNotes").startsWith("cma, 1 sample of"); }))
        << text("coverageNotes").toStdString();
}

TEST_F(AlignmentCoverageTest, EveryAlignmentHasItsCoverageItsTokensAndItsLegend)
{
    open({config::Alignment::Cma});
    for (const config::AlignmentRow& row : config::kAlignments) {
        if (!row.attends && !row.pairsRows && !row.matchesSpellings) {
            continue; // it aligns nothing
        }
        const std::string name(row.name);
        config::Experiment pair = experimentOf(config::Alignment::Cma);
        pair.method.alignment = row.value;
        pair.data.validation.clear();
        ASSERT_TRUE(m_page->showAlignment(pair, 2));
        ASSERT_TRUE(QTest::qWaitFor(
            [&] { return text("coverageNotes").startsWith(QString::fromStdString(name) + ", 3 samples"); }, 20'000))
            << name << ": " << text("coverage").toStdString() << " " << text("coverageNotes").toStdString();
        const auto coverage = preflight::RunCoverage::measure(pair, {}, m_never).value();
        EXPECT_EQ(text("coverage"), coverageHeadline(coverage->report())) << name;
        EXPECT_THAT(text("coverageNotes").toStdString(),
                    HasSubstr(markName(align::Mark::Exact, row).toStdString() + " "))
            << name;
        const auto rows = coverage->rows(child<QComboBox>("sample")->currentData().toLongLong()).value();
        const auto marked = [&](bool ofTeacher) {
            const auto& shown = tokens()->tokens(ofTeacher); // without a map the teacher stands above
            const auto& expected = ofTeacher ? rows.marked.teacher : rows.marked.student;
            return std::equal(
                shown.begin(), shown.end(), expected.begin(), expected.end(),
                [](const RowToken& token, const align::MarkedToken& mark) { return token.mark == mark.mark; });
        };
        EXPECT_TRUE(QTest::qWaitFor([&] { return marked(true) && marked(false); })) << name;
        EXPECT_THAT(m_page->findChild<MarkLegend*>()->accessibleName().toStdString(),
                    HasSubstr(markName(align::Mark::Exact, row).toStdString()))
            << name;
    }
}

} // namespace
} // namespace dskd::ui

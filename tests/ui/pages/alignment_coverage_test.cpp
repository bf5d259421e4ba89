// The alignment page on runs whose tokenizers and data are there: coverage, tokens, chunks, two maps.

#include "core/base/regular_file.h"
#include "core/config/schema/choices.h"
#include "core/jobs/run_folder.h"
#include "core/preflight/run_coverage.h"
#include "core/store/run_writer.h"
#include "tests/support/environment.h"
#include "tests/support/paths.h"
#include "tests/support/temporary_folder.h"
#include "ui/feed/background.h"
#include "ui/feed/workspace_feed.h"
#include "ui/pages/alignment/alignment_page.h"
#include "ui/pages/alignment/alignment_texts.h"
#include "ui/pages/alignment/coverage_lists.h"
#include "ui/pages/alignment/step_values.h"
#include "ui/pages/alignment/token_rows.h"
#include "viz/curve_chart.h"
#include "viz/heat_map_view.h"

#include <QCheckBox>
#include <QComboBox>
#include <QLabel>
#include <QSlider>
#include <QSpinBox>
#include <QTest>
#include <QTreeWidget>
#include <algorithm>
#include <fstream>
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>
#include <numeric>

namespace dskd::ui
{
namespace
{

namespace fs = std::filesystem;
using nlohmann::json;
using testing::HasSubstr;

constexpr int kSteps = 100;

class AlignmentCoverageTest : public testing::Test
{
protected:
    void SetUp() override
    {
        fs::create_directories(m_folder / "workspace");
        makeModel("teacher", "llama2", "llama");
        makeModel("student", "gpt2", "gpt2");
        std::ofstream(m_folder / "validation.jsonl")
            << json{{"instruction", "i"}, {"output", "one two three"}} << '\n'
            << json{{"instruction", "i"}, {"output", "2024, 2025 and 2026"}} << '\n'
            << json{{"instruction", "i"}, {"output", "the cat is on the mat"}} << '\n';
        m_workspace = std::make_unique<store::WorkspaceDb>(store::WorkspaceDb::create(m_folder / "workspace").value());
        for (const config::Alignment alignment :
             {config::Alignment::Cma, config::Alignment::Eta, config::Alignment::MinEd}) {
            m_ids[alignment] = makeRun(alignment, m_folder / "teacher");
        }
    }

    void makeModel(const std::string& name, const std::string& tokenizer, const std::string& model)
    {
        const fs::path golden = test::goldenDir();
        fs::create_directories(m_folder / name);
        fs::copy(golden / "tokenizer" / tokenizer / "tokenizer.json", m_folder / name);
        json config = json::parse(readTextFile(golden / "model" / model / "config.json").value());
        config["vocab_size"] = 200'000; // a row for every token
        std::ofstream(fs::path(m_folder / name) / "config.json") << config;
    }

    std::string makeRun(config::Alignment alignment, const std::string& teacher)
    {
        config::Experiment experiment;
        experiment.name = std::string(config::rowOf(alignment).name);
        experiment.student.model = m_folder / "student";
        experiment.teacher.model = teacher;
        experiment.data.train = m_folder / "validation.jsonl";
        experiment.data.validation = m_folder / "validation.jsonl";
        experiment.method.alignment = alignment;
        if (config::rowOf(alignment).spaces == config::SpacesOf::Different) {
            experiment.method.space = config::Space::Different;
        }
        return jobs::createRun(*m_workspace, experiment).value();
    }

    fs::path folderOf(config::Alignment alignment) const { return m_workspace->layout().run(m_ids.at(alignment)).root; }

    config::Experiment experimentOf(config::Alignment alignment) const
    {
        return jobs::runConfig({folderOf(alignment)}).value();
    }

    std::shared_ptr<const preflight::RunCoverage> measure(config::Alignment alignment) const
    {
        return preflight::RunCoverage::measure(experimentOf(alignment), {}, m_never).value();
    }

    // A map of sample 0 as the worker records it: every row looks at its chunk alone, or at everything alike.
    store::HeatMapRow map(config::Alignment alignment, std::int64_t step, bool insideChunks) const
    {
        const preflight::SampleRows rows = measure(alignment)->rows(0).value();
        store::HeatMapRow map;
        map.name = std::string(config::rowOf(alignment).name) + ".t2s";
        map.step = step;
        map.rowTokens = rows.studentRowLabels;
        map.columnTokens = rows.teacherRowLabels;
        const auto columns = map.columnTokens.size();
        map.values.assign(map.rowTokens.size() * columns, insideChunks ? 0.0F : 1.0F / static_cast<float>(columns));
        for (std::size_t row = 0; insideChunks && row < map.rowTokens.size(); ++row) {
            for (std::size_t column = 0; column < columns; ++column) {
                if (rows.chunks.student[row] == rows.chunks.teacher[column]) {
                    map.values[row * columns + column] = 1.0F;
                }
            }
        }
        return map;
    }

    void record(config::Alignment alignment, const std::vector<store::HeatMapRow>& maps)
    {
        auto writer = store::RunWriter::open(m_workspace->layout().run(m_ids.at(alignment))).value();
        writer->beginAttempt(std::nullopt).value();
        writer->setPlan({kSteps, kSteps}).value();
        for (const store::HeatMapRow& map : maps) {
            writer->addHeatMap(map);
        }
        writer->addMetrics(50, 500, {{"align_ratio", 0.75}});
        writer->addMetrics(kSteps, 1000, {{"align_ratio", 0.5}});
        writer->endAttempt(0, "Finished.").value();
    }

    void open(const std::vector<config::Alignment>& alignments)
    {
        m_feed = std::make_unique<WorkspaceFeed>(m_workspace->layout().root);
        m_background = std::make_unique<Background>(QStringLiteral("test"));
        ASSERT_TRUE(QTest::qWaitFor([this] { return m_feed->loaded() && m_feed->runs().size() == m_ids.size(); }));
        m_page = std::make_unique<AlignmentPage>(*m_feed, *m_background);
        m_page->resize(1100, 620);
        m_page->show();
        std::vector<std::string> ids;
        for (const config::Alignment alignment : alignments) {
            ids.push_back(m_ids.at(alignment));
        }
        m_page->setRuns(ids, ids);
        ASSERT_TRUE(QTest::qWaitFor([this] {
            return text("coverage").startsWith("coverage ") && text("coverage").contains('%');
        })) << text("coverage").toStdString()
            << text("coverageNotes").toStdString();
    }

    template <typename T>
    T* child(const char* name) const
    {
        return m_page->findChild<T*>(QString::fromLatin1(name));
    }
    QString text(const char* name) const { return child<QLabel>(name)->text(); }
    TokenRows* tokens() const { return m_page->findChild<TokenRows*>(); }
    void choose(const char* box, const QString& data) const
    {
        auto* combo = child<QComboBox>(box);
        ASSERT_GE(combo->findData(data), 0) << box << " " << data.toStdString();
        combo->setCurrentIndex(combo->findData(data));
    }

    const std::atomic<bool> m_never{false};
    test::TemporaryFolder m_folder;
    test::TemporaryFolder m_cache;
    test::EnvironmentVariable m_cacheHome{"XDG_CACHE_HOME", m_cache.path().string()};
    std::unique_ptr<store::WorkspaceDb> m_workspace;
    std::map<config::Alignment, std::string> m_ids;
    std::unique_ptr<WorkspaceFeed> m_feed;
    std::unique_ptr<Background> m_background;
    std::unique_ptr<AlignmentPage> m_page;
};

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
    auto* delta = child<viz::HeatMapView>("differenceView");
    const auto numbers = [&] {
        QStringList values;
        for (const QString& line : delta->toCsv().split('\n', Qt::SkipEmptyParts).mid(1)) {
            values << line.section(',', -2);
        }
        return values;
    };
    ASSERT_TRUE(QTest::qWaitFor([&] { return !numbers().isEmpty(); }));
    for (const QString& value : numbers()) {
        EXPECT_EQ(value.toStdString(), "0,0") << "both sides show step 100";
    }
    auto* other = m_page->findChild<QWidget*>("otherStep");
    ASSERT_NE(other, nullptr);
    EXPECT_TRUE(other->isVisible());
    other->findChild<QSlider*>()->setValue(0);
    ASSERT_TRUE(QTest::qWaitFor([this] { return text("differenceTitle").contains("(steps 100 and 50)"); }))
        << text("differenceTitle").toStdString();
    EXPECT_THAT(text("rightTitle").toStdString(), HasSubstr("step 50"));
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

} // namespace
} // namespace dskd::ui

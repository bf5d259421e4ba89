#include "ui/pages/spaces/spaces_page.h"

#include "core/metrics/box_figures.h"
#include "core/metrics/metric_table.h"
#include "core/store/run_writer.h"
#include "tests/ui/pages/page_fixture.h"
#include "ui/feed/run_title.h"
#include "ui/pages/shared/picture_export_dialog.h"
#include "ui/pages/spaces/space_groups.h"
#include "viz/box_plot.h"
#include "viz/chart_picture.h"
#include "viz/curve_chart.h"
#include "viz/scatter.h"

#include <QAction>
#include <QApplication>
#include <QComboBox>
#include <QFile>
#include <QJsonObject>
#include <QLabel>
#include <QMenu>
#include <QPointer>
#include <QSignalSpy>
#include <QSlider>
#include <QTabWidget>
#include <QToolButton>
#include <cmath>
#include <gmock/gmock.h>

namespace dskd::ui
{
namespace
{

using testing::ElementsAre;

class SpacesPageTest : public PageTest
{
protected:
    void open(const std::vector<std::string>& shown)
    {
        m_page = std::make_unique<SpacesPage>(*m_feed, *m_background);
        m_page->resize(980, 640);
        m_page->show();
        m_page->setRuns(shown, {});
    }

    template <typename T>
    T* child(const char* name) const
    {
        return m_page->findChild<T*>(QString::fromLatin1(name));
    }
    const std::vector<viz::Box>& boxes(const char* name = "cosineBoxes") const
    {
        return child<viz::BoxPlot>(name)->boxes();
    }

    std::unique_ptr<SpacesPage> m_page;
};

// The values that the sample workspace has at a step (tests/support/sample_workspace.cpp).
std::vector<double> cosines(double floor, const std::vector<int>& seeds, double step)
{
    std::vector<double> values;
    for (const int seed : seeds) {
        for (int sample = 0; sample < 8; ++sample) {
            values.push_back(0.3 * std::exp(-2.0 * step / 100.0) + 0.04 * floor + 0.01 * sample + 0.001 * seed);
        }
    }
    return values;
}

TEST_F(SpacesPageTest, DrawsABoxForEveryMethodOverTheSamplesOfItsSeeds)
{
    std::vector<std::string> shown = named("sft");
    for (const std::string& id : named("dual")) {
        shown.push_back(id);
    }
    open(shown);
    ASSERT_TRUE(QTest::qWaitFor([&] { return boxes().size() == 2; }));
    EXPECT_EQ(boxes()[0].label, "sft");
    EXPECT_EQ(boxes()[1].label, "dual");
    EXPECT_EQ(boxes()[1].note, "24 values of 3 seeds");
    const auto expected = metrics::boxFigures(cosines(2.81, {10, 20, 30}, 100.0)).value();
    EXPECT_NEAR(boxes()[1].median, expected.median, 1e-12);
    EXPECT_NEAR(boxes()[1].lowerQuartile, expected.lowerQuartile, 1e-12);
    EXPECT_NEAR(boxes()[1].upperWhisker, expected.upperWhisker, 1e-12);
    EXPECT_NEAR(boxes("productBoxes")[1].median, 2 * expected.median, 1e-12);

    child<QSlider>("step")->setValue(0);
    EXPECT_EQ(child<QLabel>("stepText")->text(), "step 0 of 100");
    EXPECT_NEAR(boxes()[1].median, metrics::boxFigures(cosines(2.81, {10, 20, 30}, 0.0))->median, 1e-12);
}

TEST_F(SpacesPageTest, ChartsOfBothDistancesBeginAtOneHeight)
{
    open(named("dual"));
    ASSERT_TRUE(QTest::qWaitFor([&] { return boxes().size() == 1; }));
    const auto top = [&](const char* name) { return child<QWidget>(name)->mapTo(m_page.get(), QPoint(0, 0)).y(); };
    for (const int width : {760, 980, 1900}) { // the texts above them take different numbers of lines
        m_page->resize(width, 640);
        QApplication::processEvents();
        EXPECT_EQ(top("cosineChart"), top("productChart")) << width;
        EXPECT_EQ(top("cosineBoxes"), top("productBoxes")) << width;
    }
}

TEST_F(SpacesPageTest, DrawsTheStatesOfARunAtTheStepOfTheSlider)
{
    const std::string dual = named("dual").front();
    open({dual});
    auto* student = child<viz::ScatterView>("studentSpace");
    ASSERT_TRUE(QTest::qWaitFor([&] { return !student->visiblePart().isEmpty(); }));
    student->setMarked(0);
    EXPECT_TRUE(student->readout().startsWith("student")) << student->readout().toStdString();
    student->setMarked(12); // behind the twelve of the student
    const QString last = student->readout();
    EXPECT_TRUE(last.startsWith("projected teacher, t2s")) << last.toStdString();
    child<QSlider>("step")->setValue(0);
    EXPECT_TRUE(QTest::qWaitFor([&] { return student->readout() != last; })) << "it has moved";
    EXPECT_TRUE(QTest::qWaitFor([&] { return child<QLabel>("pictureNote")->text().contains("step 0"); }));
}

TEST_F(SpacesPageTest, ChoosesTheSameRunOnEveryTabAndFollowsTheList)
{
    const std::string sft = named("sft").front();
    const std::string dual = named("dual").front();
    open({sft, dual});
    const QList<QComboBox*> runs = m_page->findChildren<QComboBox*>("run");
    ASSERT_EQ(runs.size(), 2);
    ASSERT_TRUE(QTest::qWaitFor([&] { return runs[0]->count() == 2; }));
    EXPECT_EQ(runs[0]->currentData().toString().toStdString(), sft);
    runs[1]->setCurrentIndex(1);
    EXPECT_EQ(runs[0]->currentData().toString().toStdString(), dual);
    m_page->setRuns({sft, dual}, {sft});
    EXPECT_EQ(runs[1]->currentData().toString().toStdString(), sft);
    runs[0]->setCurrentIndex(1);
    m_page->setRuns({sft, dual}, {sft});
    EXPECT_EQ(runs[0]->currentData().toString().toStdString(), dual) << "what was chosen here stays";
}

TEST_F(SpacesPageTest, NamesTheSeedOfARunOnce)
{
    const std::vector<std::string> seeds = named("dual");
    ASSERT_EQ(seeds.size(), 3U);
    open(seeds);
    const auto* runs = child<QComboBox>("run");
    ASSERT_TRUE(QTest::qWaitFor([&] { return runs->count() == 3; }));
    for (const std::string& id : seeds) {
        EXPECT_EQ(runs->itemText(runs->findData(QString::fromStdString(id))), runTitle(*m_feed, id));
    }
}

TEST_F(SpacesPageTest, ChartsOfPredictionsHaveTheUnitsOfTheirMetrics)
{
    open({named("dual").front()});
    for (const char* name : {"accuracyChart", "agreementChart"}) {
        const viz::ChartPicture picture = child<viz::CurveChart>(name)->picture(100);
        EXPECT_EQ(picture.range.yFactor, 100.0) << name;
        EXPECT_EQ(picture.range.ySuffix, "%") << name;
    }
    const viz::ChartPicture entropy = child<viz::CurveChart>("entropyChart")->picture(100);
    EXPECT_EQ(entropy.range.yFactor, 1.0);
    EXPECT_EQ(entropy.yTitle, "nats");
}

TEST_F(SpacesPageTest, SaysWhyThereIsNothing)
{
    open({});
    EXPECT_TRUE(child<QLabel>("emptyState")->text().startsWith("No run is shown."));
}

TEST_F(SpacesPageTest, ExportsEveryViewAsPictureAndAsItsRecordedNumbers)
{
    const std::vector<std::string> seeds = named("dual");
    open(seeds);
    ASSERT_TRUE(QTest::qWaitFor([&] { return boxes().size() == 1; }));
    ASSERT_TRUE(QTest::qWaitFor([&] { return !child<viz::ScatterView>("studentSpace")->visiblePart().isEmpty(); }));
    const auto exported = [&](const char* view, int format) {
        auto* action = child<QAction>((std::string("export.") + view).c_str());
        if (action == nullptr) {
            ADD_FAILURE() << view;
            return QByteArray();
        }
        action->trigger();
        // It goes when it has written.
        const QPointer<PictureExportDialog> dialog = m_page->findChild<PictureExportDialog*>();
        if (dialog == nullptr) {
            ADD_FAILURE() << view;
            return QByteArray();
        }
        dialog->findChild<QComboBox*>(QStringLiteral("format"))->setCurrentIndex(format);
        QSignalSpy finished(dialog.data(), &PictureExportDialog::finishedWriting);
        const QString file = QString::fromStdString((*s_folder / view).string());
        dialog->writeTo(file);
        EXPECT_TRUE(QTest::qWaitFor([&] { return !finished.isEmpty() && dialog == nullptr; })) << view;
        QFile written(file);
        EXPECT_TRUE(written.open(QIODevice::ReadOnly)) << view;
        return written.readAll();
    };
    constexpr int kCsv = 3; // behind the three kinds of picture
    std::ptrdiff_t samples = 0;
    for (const std::string& id : seeds) {
        samples += static_cast<std::ptrdiff_t>(reader(id).structure().size());
    }
    ASSERT_GT(samples, 24) << "of more than one step";
    const QByteArray boxCsv = exported("cosineBoxes", kCsv);
    EXPECT_EQ(boxCsv.count('\n'), 1 + samples);
    EXPECT_TRUE(boxCsv.startsWith("run,name,seed,step,sample,"));
    EXPECT_TRUE(boxCsv.contains(QByteArray::fromStdString(seeds[1] + ",dual,20,0,0,"))) << "which seed";
    const QByteArray curve = exported("productChart", kCsv);
    EXPECT_TRUE(curve.startsWith("run,name,seed,metric,step,tokens,time,value\n"));
    EXPECT_EQ(curve.count(",structure.product_mean,"), curve.count('\n') - 1);
    EXPECT_TRUE(curve.contains(QByteArray::fromStdString(seeds[2] + ",dual,30,")));
    const QByteArray points = exported("studentSpace", kCsv);
    EXPECT_TRUE(points.startsWith("run,name,seed,step,space,side,sample,row,token,x,y\n"));
    EXPECT_EQ(points.count(",student,student,") + points.count(",student,teacher,"), points.count('\n') - 1);
    EXPECT_EQ(points.count(QByteArray::fromStdString(seeds[0] + ",dual,10,")), points.count('\n') - 1);
    EXPECT_GT(points.count('\n'), 24) << "of more than one step";
    for (const char* view : {"cosineChart", "productBoxes", "teacherSpace"}) {
        EXPECT_TRUE(exported(view, 0).startsWith("\x89PNG")) << view;
        EXPECT_TRUE(exported(view, 1).contains("<svg")) << view;
        EXPECT_TRUE(exported(view, 2).startsWith("%PDF")) << view;
    }
}

TEST_F(SpacesPageTest, ItsButtonExportsWhatIsSeen)
{
    open(named("dual"));
    ASSERT_TRUE(QTest::qWaitFor([&] { return !boxes().empty(); }));
    QMenu* menu = child<QToolButton>("exportSpaces")->menu();
    const auto names = [&] {
        Q_EMIT menu->aboutToShow();
        QStringList found;
        for (const QAction* action : menu->actions()) {
            found.append(action->objectName());
        }
        return found;
    };
    EXPECT_EQ(names(),
              (QStringList{"export.cosineChart", "export.cosineBoxes", "export.productChart", "export.productBoxes"}));
    child<QTabWidget>("spacesTabs")->setCurrentIndex(1);
    EXPECT_EQ(names(), (QStringList{"export.studentSpace", "export.teacherSpace"}));
}

TEST_F(SpacesPageTest, SaysThatNothingIsThereToExport)
{
    open(named("dual"));
    child<QAction>("export.cosineBoxes")->trigger(); // nothing has been read yet
    EXPECT_EQ(m_page->findChild<PictureExportDialog*>(), nullptr);
    EXPECT_TRUE(child<QLabel>("spacesNote")->text().startsWith("There is nothing to export"));
}

TEST_F(SpacesPageTest, KeepsItsTab)
{
    open({});
    child<QTabWidget>("spacesTabs")->setCurrentIndex(2);
    const QJsonObject state = m_page->savedState();
    open({});
    m_page->restoreState(state);
    EXPECT_EQ(child<QTabWidget>("spacesTabs")->currentIndex(), 2);
}

// What is drawn is what the readings hold.

SpaceGroup groupOf(const std::vector<SpaceReading>& readings)
{
    SpaceGroup group;
    group.label = QStringLiteral("dual");
    for (const SpaceReading& reading : readings) {
        group.runs.push_back("run " + std::to_string(group.runs.size()));
        group.readings.push_back(&reading);
    }
    return group;
}

TEST(SpaceGroups, AverageOverTheSeedsThatHaveTheStep)
{
    std::vector<SpaceReading> readings(3);
    readings[0].metrics["probe.q_entropy"] = {{0, 1.0}, {50, 2.0}};
    readings[1].metrics["probe.q_entropy"] = {{0, 3.0}};
    const viz::Curve curve = curveOf(groupOf(readings), "probe.q_entropy").value();
    ASSERT_EQ(curve.points.size(), 2U);
    EXPECT_EQ(curve.points[0], QPointF(0.0, 2.0));
    EXPECT_EQ(curve.points[1], QPointF(50.0, 2.0));
    ASSERT_EQ(curve.deviations.size(), 2U);
    EXPECT_DOUBLE_EQ(curve.deviations[0], std::sqrt(2.0));
    EXPECT_EQ(curve.deviations[1], 0.0) << "one seed has it";
    ASSERT_EQ(curve.counts.size(), 2U);
    EXPECT_EQ(curve.counts[0], 2);
    EXPECT_EQ(curve.counts[1], 1);
    EXPECT_EQ(curve.label, "dual, mean of 2 seeds");
    EXPECT_FALSE(curveOf(groupOf(readings), "probe.p_entropy"));
}

TEST(SpaceGroups, KeepTheBandOfAnAccuracyWithinWhatItCanBe)
{
    std::vector<SpaceReading> readings(2);
    readings[0].metrics["probe.q_accuracy"] = {{0, 1.0}};
    readings[1].metrics["probe.q_accuracy"] = {{0, 0.8}};
    const viz::Curve curve = curveOf(groupOf(readings), "probe.q_accuracy").value();
    EXPECT_EQ(curve.least, 0.0);
    EXPECT_EQ(curve.most, 1.0);
    readings.resize(1);
    EXPECT_TRUE(curveOf(groupOf(readings), "probe.q_accuracy")->counts.empty()) << "of one run it is no mean";
}

TEST(SpaceGroups, TakeTheNearestRecordedStepForABoxAndSaySo)
{
    std::vector<SpaceReading> readings(1);
    readings[0].samples["structure.cosine_mean"] = {{0, {1.0, 2.0, 3.0}}, {50, {4.0}}};
    const viz::Box at = boxOf(groupOf(readings), "structure.cosine_mean", 0).value();
    EXPECT_EQ(at.median, 2.0);
    EXPECT_EQ(at.note, "3 samples");
    EXPECT_EQ(at.instead, "") << "it is of the step";
    EXPECT_EQ(drawnLabel(at), at.label);
    const viz::Box near = boxOf(groupOf(readings), "structure.cosine_mean", 40).value();
    EXPECT_EQ(near.median, 4.0);
    EXPECT_EQ(near.note, "1 sample, nearest recorded step: 50");
    EXPECT_EQ(near.instead, "step 50");
    EXPECT_EQ(drawnLabel(near), near.label + ", step 50");
    readings.resize(2);
    readings[1].samples["structure.cosine_mean"] = {{20, {1.0}}};
    EXPECT_EQ(boxOf(groupOf(readings), "structure.cosine_mean", 60)->instead, "steps 20, 50") << "one ended earlier";
    EXPECT_FALSE(boxOf(groupOf(readings), "structure.product_mean", 0));
}

TEST(SpaceGroups, ConnectEachStateWithItsCounterpart)
{
    using store::ModelSide;
    SpacePoints read;
    const auto point = [](ModelSide space, ModelSide side, std::int64_t row, double x) {
        return store::SpacePointRow{0, 5, space, side, 0, row, "word", x, 0.0};
    };
    read.points = {
        point(ModelSide::Student, ModelSide::Student, 3, 1.0), point(ModelSide::Student, ModelSide::Student, 4, 2.0),
        point(ModelSide::Teacher, ModelSide::Teacher, 4, 9.0), point(ModelSide::Student, ModelSide::Teacher, 4, 3.0)};
    store::SpaceAxesRow axes;
    axes.space = ModelSide::Student;
    axes.explained = {0.42, 0.17};
    read.axes = {axes};
    const viz::ScatterPicture student = pictureOf(read, ModelSide::Student, 0, 1);
    ASSERT_EQ(student.points.size(), 3U);
    EXPECT_EQ(student.points[0].partner, -1);
    EXPECT_EQ(student.points[1].partner, 2);
    EXPECT_EQ(student.points[2].partner, 1);
    EXPECT_EQ(student.points[2].series, 1);
    ASSERT_EQ(student.series.size(), 2U);
    EXPECT_TRUE(student.series[1].hollow) << "what is projected is told apart without colour";
    EXPECT_TRUE(student.xTitle.contains("42 %"));
    const viz::ScatterPicture teacher = pictureOf(read, ModelSide::Teacher, 0, 1);
    ASSERT_EQ(teacher.points.size(), 1U);
    ASSERT_EQ(teacher.series.size(), 1U) << "nothing is projected there";
    EXPECT_EQ(teacher.series[0].label, "teacher");
}

TEST(SpaceStore, ReadsARunOfBeforeAsEmptyAndPassesOverWhatIsNotFinite)
{
    const test::TemporaryFolder folder;
    EXPECT_TRUE(readSpaces(folder.path())->empty());
    auto writer = store::RunWriter::open({folder.path()}).value();
    writer->beginAttempt(std::nullopt).value();
    writer->addStructure({0, 5, 0, 3, 1.0, 1.0, 0.5, std::nan(""), 0});
    writer->addMetrics(5, 1, {{"probe.q_entropy", 2.0}, {"loss", 1.0}});
    (void)writer->flush().value();
    const SpaceReading reading = readSpaces(folder.path()).value();
    EXPECT_THAT(reading.samples.at(std::string(metrics::kStructureCosine)).at(5), ElementsAre(0.5));
    EXPECT_FALSE(reading.samples.contains(std::string(metrics::kStructureProduct)));
    EXPECT_EQ(reading.metrics.at("probe.q_entropy").at(5), 2.0);
    EXPECT_FALSE(reading.metrics.contains("loss"));
    EXPECT_THAT(reading.steps(), ElementsAre(5));
}

} // namespace
} // namespace dskd::ui

#include "app/report/decimate.h"
#include "app/report/render.h"
#include "app/report/report.h"
#include "core/metrics/metric_table.h"
#include "core/store/run_writer.h"
#include "tests/support/sample_outcomes.h"
#include "tests/support/sample_workspace.h"
#include "tests/support/temporary_folder.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <utility>
#include <vector>

namespace dskd::report
{
namespace
{

using jobs::comparisonTable;
using jobs::seedsText;
using test::outcome;
using test::twoStudents;
using test::values;
using testing::HasSubstr;
using testing::Not;

std::vector<CurvePoint> flat(std::size_t count)
{
    std::vector<CurvePoint> points;
    for (std::size_t i = 0; i < count; ++i) {
        points.push_back({static_cast<std::int64_t>(i), 1.0 + 0.001 * static_cast<double>(i % 7), 0.0});
    }
    return points;
}

bool holds(const std::vector<CurvePoint>& points, std::int64_t step)
{
    return std::any_of(points.begin(), points.end(), [&](const CurvePoint& point) { return point.step == step; });
}

TEST(Decimate, KeepsEverySingleStepSpikeAndDip)
{
    auto points = flat(1'000'000);
    points[123'457].value = 99.0;
    points[123'460].value = -99.0;
    points[999'998].value = 50.0;
    const auto drawn = decimate(points, 2000);
    EXPECT_LE(drawn.size(), 2000U);
    for (const std::int64_t step : {0, 123'457, 123'460, 999'998, 999'999}) {
        EXPECT_TRUE(holds(drawn, step)) << step;
    }
}

TEST(Decimate, KeepsValuesThatAreNotFinite)
{
    auto points = flat(10'000);
    points[5'432].value = std::nan("");
    points[7'777].value = INFINITY;
    const auto drawn = decimate(points, 100);
    EXPECT_TRUE(holds(drawn, 5'432));
    EXPECT_TRUE(holds(drawn, 7'777));
}

TEST(Decimate, LeavesShortCurvesAloneAndOrderIntact)
{
    EXPECT_EQ(decimate(flat(100), 100).size(), 100U);
    const auto drawn = decimate(flat(1001), 100);
    EXPECT_TRUE(std::is_sorted(drawn.begin(), drawn.end(),
                               [](const CurvePoint& a, const CurvePoint& b) { return a.step < b.step; }));
}

TEST(MeanCurve, IsTakenOnlyWhereAllSeedsHaveTheStep)
{
    const auto mean = meanCurve({{{1, 2.0}, {2, 4.0}, {3, 9.0}}, {{1, 4.0}, {2, 4.0}}});
    ASSERT_EQ(mean.size(), 2U);
    EXPECT_DOUBLE_EQ(mean[0].value, 3.0);
    EXPECT_DOUBLE_EQ(mean[0].deviation, std::sqrt(2.0)); // sample deviation of 2 and 4
    EXPECT_DOUBLE_EQ(mean[1].deviation, 0.0);
}

ReportData dataOf(const jobs::Comparison& comparison)
{
    ReportData data;
    data.table = comparisonTable(comparison);
    for (const jobs::OutcomeGroup& group : comparison.groups) {
        data.groups.push_back({group.label, {data.runs.size()}, 1, {}});
        data.runs.emplace_back();
        data.runs.back().status.status = jobs::Status::Done;
    }
    return data;
}

// The losses of a configuration over three seeds: this one and close beside it.
void addSeeds(std::vector<jobs::RunOutcome>& runs, const char* name, const char* student, const char* objective,
              double loss)
{
    for (const std::uint64_t seed : {1U, 2U, 3U}) {
        const double beside = 0.001 * (static_cast<double>(seed) - 2.0);
        runs.push_back(outcome(name, student, objective, {{"validation.loss.best", loss + beside * loss}}));
        runs.back().runId += std::to_string(seed);
        runs.back().seed = seed;
    }
}

TEST(SummarySentence, NamesTheBestOfEveryStudent)
{
    std::vector<jobs::RunOutcome> runs;
    addSeeds(runs, "SFT", "/m/gpt2", "sft", 3.0);
    addSeeds(runs, "DSKD", "/m/gpt2", "kd", 2.5);
    addSeeds(runs, "SFT Llama", "/m/llama", "sft", 1.5);
    addSeeds(runs, "CMA", "/m/llama", "kd", 1.2);
    EXPECT_EQ(summarySentence(dataOf(jobs::compareOutcomes(std::move(runs)))),
              "4 configurations in 4 runs, all done."
              " With the student gpt2, DSKD has the best validation loss, 2.500 ± 0.0025, 0.500 below SFT."
              " With the student llama, CMA has the best validation loss, 1.200 ± 0.0012, 0.300 below SFT Llama.");
}

TEST(SummarySentence, SaysWhenNothingBeatsTheBaseline)
{
    std::vector<jobs::RunOutcome> runs;
    addSeeds(runs, "SFT", "/m/gpt2", "sft", 2.0);
    addSeeds(runs, "DSKD", "/m/gpt2", "kd", 2.5);
    EXPECT_EQ(summarySentence(dataOf(jobs::compareOutcomes(std::move(runs)))),
              "2 configurations in 2 runs, all done. SFT, the baseline, has the best validation loss, 2.000 ± 0.0020.");
}

TEST(SummarySentence, CallsNothingTheBestWithoutATest)
{
    EXPECT_EQ(summarySentence(dataOf(twoStudents())),
              "5 configurations in 5 runs, all done. No test says which has the best validation loss.");
    std::vector<jobs::RunOutcome> runs;
    addSeeds(runs, "SFT", "/m/gpt2", "sft", 2.0);
    addSeeds(runs, "DSKD", "/m/gpt2", "kd", 2.0);
    EXPECT_EQ(summarySentence(dataOf(jobs::compareOutcomes(std::move(runs)))),
              "2 configurations in 2 runs, all done. No test says which of SFT, DSKD has the best validation loss.");
}

class ReportPage : public testing::Test
{
protected:
    ReportData load(const std::string& hostile = "")
    {
        const auto ids = test::fillSampleWorkspace(workspace, hostile);
        return loadReport(workspace, ids, "Demo" + hostile).value();
    }

    test::TemporaryFolder folder;
    store::WorkspaceDb workspace = store::WorkspaceDb::create(folder / "w").value();
};

TEST_F(ReportPage, ComparesWithTheRunTrainedWithoutATeacher)
{
    const ReportData data = load();
    ASSERT_EQ(data.table.rows.size(), 5U);
    EXPECT_TRUE(data.table.rows[0].baseline);
    EXPECT_EQ(data.table.rows[0].seeds, 3);
    EXPECT_EQ(data.table.rows[4].seeds, 2);
    const auto metric = std::find(data.table.metrics.begin(), data.table.metrics.end(), "validation.loss.best");
    ASSERT_NE(metric, data.table.metrics.end());
    const auto column = static_cast<std::size_t>(metric - data.table.metrics.begin());
    EXPECT_EQ(data.table.rows[0].cells[column].rank.best, 3U) << "dual ends lowest";
    ASSERT_TRUE(data.table.rows[0].cells[column].rank.test);
    EXPECT_EQ(data.table.rows[0].cells[column].rank.test->pairs, 3);
    EXPECT_EQ(data.table.rows[4].cells[column].rank.mark, jobs::Mark::Untested) << "CMA has two seeds";
    EXPECT_FALSE(data.table.rows[0].cells[column].delta.has_value());
    EXPECT_LT(data.table.rows[3].cells[column].delta.value(), 0.0);
    EXPECT_THAT(summarySentence(data), HasSubstr("5 configurations in 14 runs, all done."));
}

// Points and cells that the page embeds.
struct Embedded {
    std::size_t points = 0;
    std::size_t cells = 0;
};

Embedded embeddedIn(const ReportData& data)
{
    const auto json = nlohmann::json::parse(pageData(data));
    Embedded embedded;
    for (const char* parts : {"runs", "groups"}) {
        for (const auto& part : json[parts]) {
            for (const auto& curve : part["curves"]) {
                embedded.points += curve["x"].size();
            }
        }
    }
    for (const ReportRun& run : data.runs) {
        for (const store::HeatMapRow& map : run.heatMaps) {
            embedded.cells += map.values.size();
        }
    }
    return embedded;
}

TEST_F(ReportPage, SharesWhatAPageMayEmbedAmongTheRuns)
{
    const auto ids = test::fillSampleWorkspace(workspace);
    const ReportData whole = loadReport(workspace, ids, "").value();
    const Embedded everything = embeddedIn(whole);
    const auto curve = [](const ReportData& data) { return data.groups[3].curves.at("loss"); };
    EXPECT_EQ(curve(whole).points.size(), 300U) << "below the limits nothing is thinned out";
    const auto thinnedMaps = [](const ReportData& data) {
        return std::count_if(data.runs.begin(), data.runs.end(), [](const ReportRun& r) { return r.heatMapsThinned; });
    };
    EXPECT_EQ(thinnedMaps(whole), 0);
    const store::HeatMapRow& map = whole.runs.back().heatMaps.at(0); // a cma run, of which there are two

    ReportLimits limits;
    limits.points = everything.points / 3;
    limits.cells = 3 * map.values.size() * whole.runs.size();
    const ReportData thinned = loadReport(workspace, ids, "", limits).value();
    const Embedded less = embeddedIn(thinned);
    EXPECT_LE(less.points, limits.points);
    EXPECT_GE(less.points, limits.points / 4);
    EXPECT_EQ(less.cells, 2 * 3 * map.values.size()) << "three of six maps in each of two runs";
    EXPECT_EQ(curve(thinned).recorded, 300U);
    EXPECT_LT(curve(thinned).points.size(), 150U);
    EXPECT_EQ(thinnedMaps(thinned), 2);
}

TEST_F(ReportPage, LoadsNothingFromOutside)
{
    const std::string page = renderPage(load());
    for (const char* reference : {"http://", "https://", "src=", "@import", "url("}) {
        std::string rest = page;
        const std::string allowed = "http://www.w3.org/2000/svg"; // a name, never fetched
        for (std::size_t at = rest.find(allowed); at != std::string::npos; at = rest.find(allowed)) {
            rest.erase(at, allowed.size());
        }
        EXPECT_THAT(rest, Not(HasSubstr(reference)));
    }
}

TEST_F(ReportPage, EscapesEveryTextOfARun)
{
    const std::string page = renderPage(load("</script><img onerror=x>"));
    EXPECT_THAT(page, Not(HasSubstr("<img")));
    EXPECT_THAT(page, HasSubstr("&lt;img onerror=x&gt;"));
    std::size_t ends = 0;
    for (std::size_t at = page.find("</script>"); at != std::string::npos; at = page.find("</script>", at + 1)) {
        ++ends;
    }
    EXPECT_EQ(ends, 2U); // the data and the program
}

TEST_F(ReportPage, NamesValuesThatJsonCannotHold)
{
    const ReportData data = load();
    const auto json = nlohmann::json::parse(pageData(data));
    const auto& curve = json["runs"][data.groups[1].runs[1]]["curves"]["grad_norm"]["y"];
    EXPECT_TRUE(std::any_of(curve.begin(), curve.end(), [](const auto& value) { return value == "NaN"; }));
}

TEST_F(ReportPage, TellsTheStatusOfEveryRunAndAveragesThoseThatAreDone)
{
    const auto ids = test::fillSampleWorkspace(workspace, "", 50);
    auto writer = store::RunWriter::open(workspace.layout().run(ids.front())).value(); // sft, seed 10
    ASSERT_TRUE(writer->beginAttempt(std::nullopt));
    ASSERT_TRUE(writer->endAttempt(3, "The disk is full."));
    const ReportData data = loadReport(workspace, ids, "").value();
    EXPECT_EQ(data.groups[0].seeds, 2U);
    EXPECT_EQ(data.groups[0].runs.size(), 3U);
    EXPECT_EQ(seedsText(data.table.rows[0]), "2 of 3 done");
    EXPECT_THAT(renderPage(data), HasSubstr("2 of 3 done"));
    const auto json = nlohmann::json::parse(pageData(data));
    EXPECT_EQ(json["runs"][0]["status"], "failed");
    EXPECT_EQ(json["runs"][1]["status"], "done");
    EXPECT_EQ(json["groups"][0]["seeds"], 2);
}

TEST_F(ReportPage, PutsEveryCurveIntoASectionUnderItsTitle)
{
    ReportData data = load();
    data.runs[0].curves["metric_of_tomorrow"] = {1, {{1, 2.0, 0.0}}};
    const auto json = nlohmann::json::parse(pageData(data));
    std::set<std::string> recorded;
    for (const ReportRun& run : data.runs) {
        for (const auto& [name, curve] : run.curves) {
            recorded.insert(name);
        }
    }
    std::vector<std::string> sections;
    std::set<std::string> shown;
    for (const auto& section : json["sections"]) {
        sections.push_back(section["title"]);
        for (const auto& metric : section["metrics"]) {
            const std::string name = metric["name"];
            EXPECT_TRUE(shown.insert(name).second) << name;
            EXPECT_EQ(metric["title"], metrics::titleOf(name));
            EXPECT_EQ(metric["measured"].get<bool>(), name.starts_with("validation.")) << name;
        }
    }
    EXPECT_EQ(shown, recorded);
    EXPECT_EQ(sections.front(), "Loss");
    EXPECT_EQ(sections.back(), "Other") << "a metric without a row";
    EXPECT_EQ(json["sections"].back()["metrics"][0]["title"], "metric_of_tomorrow");
    EXPECT_EQ(json["sections"][1]["title"], "Validation");
    EXPECT_THAT(json["sections"][1]["metrics"][0]["sentence"], HasSubstr("nats"));
}

TEST_F(ReportPage, CarriesTheAttentionMaps)
{
    const auto json = nlohmann::json::parse(pageData(load()));
    std::size_t maps = 0;
    for (const auto& run : json["runs"]) {
        maps += run["maps"].size();
    }
    EXPECT_EQ(maps, 12U); // two runs, every 50 of 300 steps
}

TEST_F(ReportPage, SaysHowLongTheSamplesOfItsMapsAre)
{
    ReportData data = load();
    std::size_t expected = 0;
    for (ReportRun& run : data.runs) {
        for (store::HeatMapRow& map : run.heatMaps) {
            map.wholeRows = 310;
            map.wholeColumns = 15;
            ++expected;
        }
    }
    ASSERT_GT(expected, 0U);
    const auto json = nlohmann::json::parse(pageData(data));
    std::size_t told = 0;
    for (const auto& run : json["runs"]) {
        for (const auto& map : run["maps"]) {
            told += map.value("whole", nlohmann::json()) == nlohmann::json::array({310, 15}) ? 1U : 0U;
        }
    }
    EXPECT_EQ(told, expected);
}

TEST_F(ReportPage, IsWrittenWhole)
{
    const auto ids = test::fillSampleWorkspace(workspace);
    const char* wanted = std::getenv("DSKD_REPORT_OUT"); // to look at it in a browser
    const std::filesystem::path file = wanted != nullptr ? wanted : folder / "report.html";
    (void)writeReport(workspace, ids, "Three ways to distil the demo teacher", file).value();
    std::ostringstream text;
    text << std::ifstream(file).rdbuf();
    EXPECT_THAT(text.str(), testing::EndsWith("</html>\n"));
    EXPECT_FALSE(std::filesystem::exists(file.string() + ".part"));
}

TEST_F(ReportPage, NamesTheRunsThatCannotBeRead)
{
    const auto ids = test::fillSampleWorkspace(workspace, "", 50);
    std::filesystem::remove_all(workspace.layout().run(ids[0]).root);
    const std::filesystem::path file = folder / "report.html";
    const auto leftOut = writeReport(workspace, ids, "", file).value();
    ASSERT_EQ(leftOut.size(), 1U);
    EXPECT_EQ(leftOut[0].runId, ids[0]);
    const std::string page = renderPage(loadReport(workspace, ids, "").value());
    EXPECT_THAT(page, testing::AllOf(HasSubstr("Left out: " + ids[0]), HasSubstr(ids[1])));
}

TEST_F(ReportPage, SaysWhereItCannotBeWritten)
{
    const auto ids = test::fillSampleWorkspace(workspace, "", 50);
    const auto written = writeReport(workspace, ids, "", folder / "no" / "such" / "report.html");
    ASSERT_FALSE(written);
    EXPECT_THAT(written.failure().what,
                testing::AllOf(HasSubstr("report.html"), HasSubstr("No such file or directory")));
    const auto onAFolder = writeReport(workspace, ids, "", folder.path());
    ASSERT_FALSE(onAFolder);
    EXPECT_THAT(onAFolder.failure().what, HasSubstr("is a folder"));
}

} // namespace
} // namespace dskd::report

#include "app/report/decimate.h"
#include "app/report/render.h"
#include "app/report/report.h"
#include "core/store/run_writer.h"
#include "tests/support/sample_workspace.h"
#include "tests/support/temporary_folder.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>
#include <sstream>

namespace dskd::report
{
namespace
{

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

jobs::RunOutcome outcome(const std::string& name, const std::string& student, const std::string& objective,
                         std::map<std::string, double> values, const std::string& status = "done")
{
    return {name,
            name,
            10,
            status,
            std::move(values),
            {{"method.objective", '"' + objective + '"'},
             {"method.space", name == "student" ? R"("student")" : R"("dual")"},
             {"student.model", '"' + student + '"'},
             {"student.tokenizer", R"("")"},
             {"data.validation", R"("/v.jsonl")"}}};
}

std::map<std::string, double> values(double loss, double rouge, double lastLoss)
{
    return {{"validation.loss.best", loss}, {"validation.rouge_l.best", rouge}, {"loss.last", lastLoss}};
}

// Two students with vocabularies of their own. The losses of the second are lower, which says nothing.
jobs::Comparison twoStudents()
{
    return jobs::compareOutcomes({outcome("SFT", "/m/gpt2", "sft", values(3.0, 0.20, 2.0)),
                                  outcome("DSKD", "/m/gpt2", "kd", values(2.5, 0.30, 5.0)),
                                  outcome("student", "/m/gpt2", "kd", values(2.75, 0.25, 4.0)),
                                  outcome("SFT Llama", "/m/llama", "sft", values(1.5, 0.35, 1.0)),
                                  outcome("CMA", "/m/llama", "kd", values(1.25, 0.40, 6.0))});
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

const ComparisonCell& cell(const ComparisonTable& table, std::size_t row, const std::string& metric)
{
    const auto found = std::find(table.metrics.begin(), table.metrics.end(), metric);
    EXPECT_NE(found, table.metrics.end()) << metric;
    return table.rows[row].cells[static_cast<std::size_t>(found - table.metrics.begin())];
}

TEST(ComparisonTable, MeasuresAStudentAgainstItsOwnSft)
{
    const ComparisonTable table = comparisonTable(twoStudents());
    ASSERT_EQ(table.rows.size(), 5U);
    EXPECT_TRUE(table.rows[0].baseline);
    EXPECT_TRUE(table.rows[3].baseline);
    EXPECT_DOUBLE_EQ(cell(table, 1, "validation.loss.best").delta.value(), -0.5);
    EXPECT_DOUBLE_EQ(cell(table, 4, "validation.loss.best").delta.value(), -0.25);
    EXPECT_EQ(cell(table, 4, "validation.loss.best").baseline, 3U);
    for (const auto& [row, best] : {std::pair(0U, false), {1U, true}, {2U, false}, {3U, false}, {4U, true}}) {
        EXPECT_EQ(cell(table, row, "validation.loss.best").best, best) << row;
    }
    for (const std::size_t row : {0U, 1U, 2U, 3U}) {
        EXPECT_FALSE(cell(table, row, "validation.rouge_l.best").best) << "ROUGE-L knows no vocabulary: row 4 is best";
    }
    EXPECT_TRUE(cell(table, 4, "validation.rouge_l.best").best);
}

TEST(ComparisonTable, NeverRanksTheLossOfDifferentObjectives)
{
    const ComparisonTable table = comparisonTable(twoStudents(), {"loss.last"});
    for (const ComparisonRow& row : table.rows) {
        EXPECT_FALSE(row.cells[0].best) << row.label;
        EXPECT_FALSE(row.cells[0].delta.has_value()) << row.label;
    }
}

TEST(ComparisonTable, GivesNoDifferenceToAStudentThatStandsAlone)
{
    const ComparisonTable table =
        comparisonTable(jobs::compareOutcomes({outcome("SFT", "/m/gpt2", "sft", values(3.0, 0.2, 2.0)),
                                               outcome("DSKD", "/m/gpt2", "kd", values(2.5, 0.3, 5.0)),
                                               outcome("CMA", "/m/llama", "kd", values(1.2, 0.1, 6.0))}));
    EXPECT_TRUE(cell(table, 1, "validation.loss.best").best);
    EXPECT_FALSE(cell(table, 2, "validation.loss.best").best);
    EXPECT_FALSE(cell(table, 2, "validation.loss.best").delta.has_value());
    EXPECT_FALSE(table.rows[2].baseline);
}

TEST(ComparisonTable, SaysHowManyRunsAreDone)
{
    auto failed = outcome("SFT", "/m/gpt2", "sft", values(9.0, 0.1, 9.0), "failed");
    failed.seed = 20;
    const ComparisonTable table =
        comparisonTable(jobs::compareOutcomes({outcome("SFT", "/m/gpt2", "sft", values(3.0, 0.2, 2.0)), failed}));
    ASSERT_EQ(table.rows.size(), 1U);
    EXPECT_EQ(seedsText(table.rows[0]), "1 of 2 done");
    EXPECT_EQ(toTextTable(table, false, true).rows[0][1].text, "1 of 2 done");
    EXPECT_EQ(cell(table, 0, "validation.loss.best").value->mean, 3.0);
}

TEST(ComparisonTable, CallsABaselineWithoutTheValueNoBase)
{
    auto sft = outcome("SFT", "/m/gpt2", "sft", values(3.0, 0.2, 2.0));
    sft.values.erase("validation.rouge_l.best");
    const auto table =
        comparisonTable(jobs::compareOutcomes({sft, outcome("DSKD", "/m/gpt2", "kd", values(2.5, 0.3, 5.0))}),
                        {"validation.loss.best", "validation.rouge_l.best"});
    const text::Table text = toTextTable(table, true, true); // runs, seeds, loss, delta, ROUGE-L, delta
    EXPECT_EQ(text.rows[0][3].text, "base");
    EXPECT_EQ(text.rows[0][5].text, "-");
}

TEST(SummarySentence, NamesTheBestOfEveryStudent)
{
    EXPECT_EQ(summarySentence(dataOf(twoStudents())),
              "5 configurations in 5 runs, all done."
              " With the student gpt2, DSKD has the best validation loss, 2.500, 0.500 below SFT."
              " With the student llama, CMA has the best validation loss, 1.250, 0.250 below SFT Llama.");
}

TEST(SummarySentence, SaysWhenNothingBeatsTheBaseline)
{
    const auto data = dataOf(jobs::compareOutcomes({outcome("SFT", "/m/gpt2", "sft", values(2.0, 0.2, 2.0)),
                                                    outcome("DSKD", "/m/gpt2", "kd", values(2.5, 0.3, 5.0))}));
    EXPECT_EQ(summarySentence(data),
              "2 configurations in 2 runs, all done. SFT, the baseline, has the best validation loss, 2.000.");
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
    EXPECT_EQ(data.table.rows[4].seeds, 1);
    const auto metric = std::find(data.table.metrics.begin(), data.table.metrics.end(), "validation.loss.best");
    ASSERT_NE(metric, data.table.metrics.end());
    const auto column = static_cast<std::size_t>(metric - data.table.metrics.begin());
    EXPECT_TRUE(data.table.rows[3].cells[column].best) << "dual ends lowest";
    EXPECT_FALSE(data.table.rows[0].cells[column].delta.has_value());
    EXPECT_LT(data.table.rows[3].cells[column].delta.value(), 0.0);
    EXPECT_THAT(summarySentence(data), HasSubstr("5 configurations in 13 runs, all done."));
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

TEST_F(ReportPage, CarriesTheAttentionMaps)
{
    const auto json = nlohmann::json::parse(pageData(load()));
    std::size_t maps = 0;
    for (const auto& run : json["runs"]) {
        maps += run["maps"].size();
    }
    EXPECT_EQ(maps, 6U); // one run, every 50 of 300 steps
}

TEST_F(ReportPage, IsWrittenWhole)
{
    const auto ids = test::fillSampleWorkspace(workspace);
    const char* wanted = std::getenv("DSKD_REPORT_OUT"); // to look at it in a browser
    const std::filesystem::path file = wanted != nullptr ? wanted : folder / "report.html";
    writeReport(workspace, ids, "Three ways to distil the demo teacher", file).value();
    std::ostringstream text;
    text << std::ifstream(file).rdbuf();
    EXPECT_THAT(text.str(), testing::EndsWith("</html>\n"));
    EXPECT_FALSE(std::filesystem::exists(file.string() + ".part"));
}

TEST_F(ReportPage, SaysWhereItCannotBeWritten)
{
    const auto ids = test::fillSampleWorkspace(workspace, "", 50);
    const auto written = writeReport(workspace, ids, "", folder / "no" / "such" / "report.html");
    ASSERT_FALSE(written);
    EXPECT_THAT(written.failure().what, HasSubstr("report.html"));
}

} // namespace
} // namespace dskd::report

#include "core/jobs/comparison_table.h"

#include "tests/support/sample_outcomes.h"

#include <algorithm>
#include <gmock/gmock.h>

namespace dskd::jobs
{
namespace
{

using test::outcome;
using test::twoStudents;
using test::values;

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
    ASSERT_EQ(table.rows.size(), 5U);
    for (const ComparisonRow& row : table.rows) {
        EXPECT_FALSE(row.cells[0].best) << row.label;
        EXPECT_FALSE(row.cells[0].delta.has_value()) << row.label;
    }
}

TEST(ComparisonTable, GivesNoDifferenceToAStudentThatStandsAlone)
{
    const ComparisonTable table =
        comparisonTable(compareOutcomes({outcome("SFT", "/m/gpt2", "sft", values(3.0, 0.2, 2.0)),
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
        comparisonTable(compareOutcomes({outcome("SFT", "/m/gpt2", "sft", values(3.0, 0.2, 2.0)), failed}));
    ASSERT_EQ(table.rows.size(), 1U);
    EXPECT_EQ(seedsText(table.rows[0]), "1 of 2 done");
    EXPECT_EQ(toTextTable(table, false, true).rows[0][1].text, "1 of 2 done");
    EXPECT_EQ(cell(table, 0, "validation.loss.best").value->mean, 3.0);
}

TEST(ComparisonTable, MarksAsBestOnlyWhatIsDone)
{
    const auto timed = [](const char* name, double loss, double seconds, const char* status) {
        auto values = test::values(loss, 0.2, 2.0);
        values["seconds"] = seconds;
        return outcome(name, "/m/gpt2", "kd", values, status);
    };
    const std::vector<std::string> metrics{"seconds", "validation.loss.best"};
    auto runs = std::vector{timed("DSKD", 3.0, 90.0, "done"), timed("student", 2.5, 10.0, "running"),
                            outcome("SFT", "/m/gpt2", "sft", {{"seconds", 120.0}, {"validation.loss.best", 3.5}})};
    const ComparisonTable table = comparisonTable(compareOutcomes(runs), metrics);
    ASSERT_EQ(table.rows.size(), 3U);
    for (std::size_t m = 0; m < metrics.size(); ++m) {
        EXPECT_TRUE(table.rows[0].cells[m].best) << metrics[m];
        EXPECT_FALSE(table.rows[1].cells[m].best) << metrics[m] << ": it still runs";
        EXPECT_FALSE(table.rows[2].cells[m].best) << metrics[m];
    }
    runs[1].status = "done";
    EXPECT_TRUE(comparisonTable(compareOutcomes(runs), metrics).rows[1].cells[0].best);
}

TEST(ComparisonTable, CountsSeedsAndSaysHowManyRunsThereAre)
{
    auto again = outcome("SFT", "/m/gpt2", "sft", values(3.0, 0.2, 2.0));
    again.runId = "again";
    const ComparisonTable table =
        comparisonTable(compareOutcomes({outcome("SFT", "/m/gpt2", "sft", values(3.0, 0.2, 2.0)), again}));
    ASSERT_EQ(table.rows.size(), 1U);
    EXPECT_EQ(seedsText(table.rows[0]), "1 (of 2 runs)");
    EXPECT_EQ(cell(table, 0, "validation.loss.best").value->count, 1);
}

TEST(ComparisonTable, CallsABaselineWithoutTheValueNoBase)
{
    auto sft = outcome("SFT", "/m/gpt2", "sft", values(3.0, 0.2, 2.0));
    sft.values.erase("validation.rouge_l.best");
    const auto table = comparisonTable(compareOutcomes({sft, outcome("DSKD", "/m/gpt2", "kd", values(2.5, 0.3, 5.0))}),
                                       {"validation.loss.best", "validation.rouge_l.best"});
    const text::Table text = toTextTable(table, true, true); // runs, seeds, loss, delta, ROUGE-L, delta
    EXPECT_EQ(text.rows[0][3].text, "base");
    EXPECT_EQ(text.rows[0][5].text, "-");
}

TEST(ComparisonTable, MeasuresEverythingThatCanBeComparedAgainstTheChosenBaseline)
{
    const Comparison comparison = twoStudents();
    const ComparisonTable table = comparisonTable(comparison, {}, findGroup(comparison, "DSKD").value());
    EXPECT_TRUE(table.rows[1].baseline);
    EXPECT_FALSE(table.rows[0].baseline) << "the SFT of the student is one row among others now";
    EXPECT_FALSE(table.rows[3].baseline);
    EXPECT_DOUBLE_EQ(cell(table, 0, "validation.loss.best").delta.value(), 0.5);
    EXPECT_FALSE(cell(table, 1, "validation.loss.best").delta.has_value()) << "itself";
    EXPECT_FALSE(cell(table, 4, "validation.loss.best").delta.has_value()) << "another vocabulary";
    EXPECT_NEAR(cell(table, 4, "validation.rouge_l.best").delta.value(), 0.1, 1e-12) << "which ROUGE-L does not know";
    EXPECT_EQ(cell(table, 4, "validation.rouge_l.best").baseline, 1U);
}

TEST(ComparisonTable, HasTheFactsThatDifferBehindTheFields)
{
    auto cpu = outcome("DSKD", "/m/gpt2", "kd", values(2.5, 0.3, 5.0));
    auto gpu = cpu;
    gpu.runId = "other";
    gpu.seed = 20;
    auto sft = outcome("SFT", "/m/gpt2", "sft", values(3.0, 0.2, 2.0));
    cpu.facts = {{"device", "CPU"}};
    gpu.facts = {{"device", "cuda:0"}};
    const ComparisonTable table = comparisonTable(compareOutcomes({cpu, gpu, sft}));
    ASSERT_EQ(table.fields, (std::vector<std::string>{"method.objective", "device"}));
    EXPECT_EQ(table.rows[0].fields[1], "CPU / cuda:0") << "its mean is over both";
    EXPECT_EQ(table.rows[1].fields[1], "-") << "not recorded";
    EXPECT_EQ(table.rows[0].seedsCounted, (std::vector<std::uint64_t>{10, 20}));
}

TEST(ComparisonTable, SaysThatRunsGoOn)
{
    auto running = outcome("SFT", "/m/gpt2", "sft", values(2.0, 0.4, 1.0), "running");
    running.seed = 20;
    const ComparisonTable table =
        comparisonTable(compareOutcomes({outcome("SFT", "/m/gpt2", "sft", values(3.0, 0.2, 2.0)), running}));
    EXPECT_EQ(seedsText(table.rows[0]), "1 of 2 done, 1 running");
}

// Two rows; of the second one of two seeds is done.
ComparisonTable forPaper()
{
    auto again = outcome("DSKD", "/m/gpt2", "kd", values(2.0, 0.50, 4.0));
    again.seed = 20;
    auto running = again;
    running.runId = "running";
    running.seed = 30;
    running.status = "running";
    auto cpu = outcome("SFT_1", "/m/gpt2", "sft", values(3.0, 0.25, 2.0));
    return comparisonTable(
        compareOutcomes({cpu, outcome("DSKD", "/m/gpt2", "kd", values(2.5, 0.30, 5.0)), again, running}),
        {"validation.loss.best"});
}

TEST(ComparisonLatex, HasFieldsFirstAndNothingButValuesInItsCells)
{
    const std::string latex = toLatex(forPaper());
    EXPECT_THAT(latex, testing::HasSubstr("runs & objective & seeds & validation loss (best) & $\\Delta$ \\\\"));
    EXPECT_THAT(latex, testing::HasSubstr("SFT\\_1 & sft & 1 & 3.000 & -- \\\\"));
    EXPECT_THAT(latex, testing::HasSubstr("DSKD & kd & 2 & \\textbf{2.250 $\\pm$ 0.35} & $-$0.750 \\\\"));
    const std::string cells = latex.substr(0, latex.find("\\bottomrule"));
    EXPECT_THAT(cells, testing::Not(testing::HasSubstr("baseline")));
    EXPECT_THAT(cells, testing::Not(testing::HasSubstr("done")));
    EXPECT_THAT(latex, testing::HasSubstr("$\\Delta$ is the difference to SFT\\_1."));
    EXPECT_THAT(latex, testing::HasSubstr("DSKD: 2 of 3 seeds are done, others still run."));
    for (const char c : latex) {
        EXPECT_LT(static_cast<unsigned char>(c), 0x80) << "pdflatex knows no raw Unicode: " << latex;
    }
}

TEST(ComparisonCsv, HasFieldsFirstAndEveryNumberInAColumnOfItsOwn)
{
    EXPECT_EQ(toCsv(forPaper()),
              "runs,method.objective,seeds,done,running,validation.loss.best.mean,validation.loss.best.deviation,"
              "validation.loss.best.n,validation.loss.best.delta,validation.loss.best.delta_to\n"
              "SFT_1,sft,1,1,0,3,,1,,\n"
              "DSKD,kd,3,2,1,2.25,0.3535533905932738,2,-0.75,SFT_1\n");
}

} // namespace
} // namespace dskd::jobs

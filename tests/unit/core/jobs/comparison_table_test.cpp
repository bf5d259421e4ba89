#include "core/jobs/comparison_table.h"

#include "tests/support/latex_grammar.h"
#include "tests/support/sample_outcomes.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <gmock/gmock.h>
#include <string>
#include <utility>

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
    for (const auto& [row, best] : {std::pair(0U, 1U), {1U, 1U}, {2U, 1U}, {3U, 4U}, {4U, 4U}}) {
        EXPECT_EQ(cell(table, row, "validation.loss.best").rank.best, best) << row;
        EXPECT_EQ(cell(table, row, "validation.rouge_l.best").rank.best, 4U) << "ROUGE-L knows no vocabulary";
    }
}

TEST(ComparisonTable, ARunThatIsNotDoneIsNoBaselineWhereADoneOneIsThere)
{
    const auto baselineOf = [](Status sft, Status first, Status second) {
        const ComparisonTable table =
            comparisonTable(compareOutcomes({outcome("first", "/m/gpt2", "kd", values(2.5, 0.3, 5.0), first),
                                             outcome("SFT", "/m/gpt2", "sft", values(3.0, 0.2, 2.0), sft),
                                             outcome("student", "/m/gpt2", "kd", values(2.75, 0.25, 4.0), second)}));
        std::string labels;
        for (const ComparisonRow& row : table.rows) {
            labels += row.baseline ? row.label : "";
        }
        return labels;
    };
    EXPECT_EQ(baselineOf(Status::Done, Status::Done, Status::Done), "SFT");
    for (const Status unfinished :
         {Status::Crashed, Status::Failed, Status::Stopped, Status::Running, Status::OutOfMemory}) {
        EXPECT_EQ(baselineOf(unfinished, Status::Done, Status::Done), "first") << name(unfinished);
        EXPECT_EQ(baselineOf(unfinished, unfinished, Status::Done), "student") << name(unfinished);
        EXPECT_EQ(baselineOf(Status::Done, unfinished, unfinished), "SFT") << name(unfinished);
        EXPECT_EQ(baselineOf(unfinished, unfinished, unfinished), "SFT") << name(unfinished) << ": none is done";
    }
}

TEST(ComparisonTable, ADifferenceOfSharesIsInPercentagePoints)
{
    EXPECT_EQ(preciseDelta("validation.rouge_l.best", 0.0125), "+1.25 percentage points");
    EXPECT_EQ(preciseDelta("validation.rouge_l.best", -0.0125), "-1.25 percentage points");
    EXPECT_EQ(preciseDelta("validation.rouge_l.best", 0.0), "0 percentage points");
    EXPECT_EQ(preciseDelta("validation.loss.best", -0.125), "-0.125");
    EXPECT_EQ(preciseDelta("validation.loss.best", 0.125), "+0.125");
    EXPECT_EQ(preciseText("validation.rouge_l.best", 0.3125), "31.25 %") << "a value itself";
}

TEST(ComparisonTable, MarksNothingWithOneSeedAndSaysWhy)
{
    const ComparisonTable table = comparisonTable(twoStudents(), {"validation.loss.best", "validation.rouge_l.best"});
    for (const ComparisonRow& row : table.rows) {
        for (const ComparisonCell& cell : row.cells) {
            EXPECT_EQ(cell.rank.mark, Mark::Untested) << row.label;
        }
    }
    EXPECT_EQ(
        markNote(table, "Bold", false),
        "Nothing is marked as the best: no test was possible, for which it takes 3 seeds in common, or of ROUGE-L "
        "30 answers.");
    for (const auto& row : toTextTable(table, true, true).rows) {
        EXPECT_TRUE(std::none_of(row.begin(), row.end(), [](const text::Cell& cell) { return cell.strong; }));
    }
}

// SFT, DSKD and the student space over three seeds. The loss of DSKD is lower than that of SFT by 1.0, 1.2 and 1.1, and
// than that of the student space by 0.01, -0.02 and 0.04.
Comparison overSeeds(bool withStudentSpace)
{
    std::vector<RunOutcome> runs;
    const auto add = [&](const char* name, const char* objective, std::vector<double> losses) {
        for (std::size_t i = 0; i < losses.size(); ++i) {
            runs.push_back(outcome(name, "/m/gpt2", objective, {{"validation.loss.best", losses[i]}}));
            runs.back().runId += std::to_string(i);
            runs.back().seed = i;
        }
    };
    add("SFT", "sft", {3.0, 3.2, 3.1});
    add("DSKD", "kd", {2.0, 2.0, 2.0});
    if (withStudentSpace) {
        add("student", "kd", {2.01, 1.98, 2.04});
    }
    return compareOutcomes(std::move(runs));
}

// p of SFT by t = 1.1 / (0.1 / sqrt 3) with two degrees of freedom.
TEST(ComparisonTable, MarksAsBestWhatATestSaysAndTiesAsTies)
{
    const ComparisonTable two = comparisonTable(overSeeds(false));
    EXPECT_EQ(two.rows[1].cells[0].rank.mark, Mark::Best);
    EXPECT_EQ(two.rows[0].cells[0].rank.mark, Mark::Worse);
    ASSERT_TRUE(two.rows[0].cells[0].rank.test);
    EXPECT_EQ(two.rows[0].cells[0].rank.test->pairs, 3);
    EXPECT_NEAR(two.rows[0].cells[0].rank.test->p, 1 - std::sqrt(363.0 / 365.0), 1e-9);
    EXPECT_EQ(markNote(two, "Bold", false),
              "Bold: better than every other value of the rows that compare with it. †: not shown to be worse than the "
              "best of the rows that compare with it. Two-sided paired t-test over 3 shared seeds, p < 0.05, "
              "Holm-corrected for the comparisons with the best.");
    const text::Table text = toTextTable(two, false, true);
    EXPECT_TRUE(text.rows[1][2].strong);
    EXPECT_FALSE(text.rows[0][2].strong);
    EXPECT_THAT(toLatex(two), testing::HasSubstr("\\textbf{2.000 $\\pm$ 0} & $-$1.10"));
    EXPECT_THAT(toCsv(two), testing::HasSubstr(",best,,,\n"));
    EXPECT_THAT(toCsv(two), testing::HasSubstr(",worse,t-test over seeds,3,0.0027"));

    const ComparisonTable three = comparisonTable(overSeeds(true));
    EXPECT_EQ(three.rows[1].cells[0].rank.mark, Mark::Tie) << "the lowest mean, and no test says that it is lower";
    EXPECT_EQ(three.rows[2].cells[0].rank.mark, Mark::Tie);
    EXPECT_EQ(three.rows[0].cells[0].rank.mark, Mark::Worse);
    const text::Table tied = toTextTable(three, false, true);
    EXPECT_FALSE(tied.rows[1][2].strong);
    EXPECT_TRUE(tied.rows[1][2].text.ends_with(" ~")) << tied.rows[1][2].text;
    EXPECT_TRUE(tied.rows[2][2].text.ends_with(" ~"));
    EXPECT_FALSE(tied.rows[0][2].text.ends_with(" ~"));
}

// One seed each, and forty answers of which those of DSKD are the better ones.
TEST(ComparisonTable, TestsTheAnswersWhereSeedsAreFew)
{
    Comparison comparison = compareOutcomes({outcome("SFT", "/m/gpt2", "sft", values(3.0, 0.2, 2.0)),
                                             outcome("DSKD", "/m/gpt2", "kd", values(2.5, 0.3, 5.0))});
    comparison.scores = [](const std::string& runId, const std::string& metric) {
        SampleScores scores;
        EXPECT_EQ(metric, "validation.rouge_l.best") << "the loss has no values of single answers";
        for (std::int64_t sample = 0; sample < 40; ++sample) {
            scores[{sample, "reference"}] = 0.01 * static_cast<double>(sample) + (runId == "DSKD" ? 0.1 : 0.0);
        }
        return scores;
    };
    const ComparisonTable table = comparisonTable(comparison, {"validation.loss.best", "validation.rouge_l.best"});
    EXPECT_EQ(table.rows[1].cells[0].rank.mark, Mark::Untested);
    EXPECT_EQ(table.rows[1].cells[1].rank.mark, Mark::Best);
    EXPECT_EQ(table.rows[0].cells[1].rank.test.value().pairing, Pairing::Samples);
    EXPECT_THAT(
        markNote(table, "Bold", false),
        testing::HasSubstr("Two-sided paired bootstrap over the ROUGE-L of 40 answers (10000 draws), p < 0.05"));
    EXPECT_THAT(markNote(table, "Bold", false), testing::HasSubstr("nothing is marked."));
}

TEST(ComparisonTable, NeverRanksTheLossOfDifferentObjectives)
{
    const ComparisonTable table = comparisonTable(twoStudents(), {"loss.last"});
    ASSERT_EQ(table.rows.size(), 5U);
    for (const ComparisonRow& row : table.rows) {
        EXPECT_EQ(row.cells[0].rank.mark, Mark::None) << row.label;
        EXPECT_FALSE(row.cells[0].delta.has_value()) << row.label;
    }
}

TEST(ComparisonTable, GivesNoDifferenceToAStudentThatStandsAlone)
{
    const ComparisonTable table =
        comparisonTable(compareOutcomes({outcome("SFT", "/m/gpt2", "sft", values(3.0, 0.2, 2.0)),
                                         outcome("DSKD", "/m/gpt2", "kd", values(2.5, 0.3, 5.0)),
                                         outcome("CMA", "/m/llama", "kd", values(1.2, 0.1, 6.0))}));
    EXPECT_EQ(cell(table, 1, "validation.loss.best").rank.best, 1U);
    EXPECT_EQ(cell(table, 2, "validation.loss.best").rank.mark, Mark::None);
    EXPECT_FALSE(cell(table, 2, "validation.loss.best").delta.has_value());
    EXPECT_FALSE(table.rows[2].baseline);
}

TEST(ComparisonTable, SaysHowManyRunsAreDone)
{
    auto failed = outcome("SFT", "/m/gpt2", "sft", values(9.0, 0.1, 9.0), Status::Failed);
    failed.seed = 20;
    const ComparisonTable table =
        comparisonTable(compareOutcomes({outcome("SFT", "/m/gpt2", "sft", values(3.0, 0.2, 2.0)), failed}));
    ASSERT_EQ(table.rows.size(), 1U);
    EXPECT_EQ(seedsText(table.rows[0]), "1 of 2 done");
    EXPECT_EQ(toTextTable(table, false, true).rows[0][1].text, "1 of 2 done");
    EXPECT_EQ(cell(table, 0, "validation.loss.best").value->mean, 3.0);
}

TEST(ComparisonTable, RanksOnlyWhatIsDone)
{
    const auto timed = [](const char* name, double loss, double seconds, Status status) {
        auto values = test::values(loss, 0.2, 2.0);
        values["seconds"] = seconds;
        return outcome(name, "/m/gpt2", "kd", values, status);
    };
    const std::vector<std::string> metrics{"seconds", "validation.loss.best"};
    auto runs = std::vector{timed("DSKD", 3.0, 90.0, Status::Done), timed("student", 2.5, 10.0, Status::Running),
                            outcome("SFT", "/m/gpt2", "sft", {{"seconds", 120.0}, {"validation.loss.best", 3.5}})};
    const ComparisonTable table = comparisonTable(compareOutcomes(runs), metrics);
    ASSERT_EQ(table.rows.size(), 3U);
    for (std::size_t m = 0; m < metrics.size(); ++m) {
        EXPECT_EQ(table.rows[0].cells[m].rank.best, 0U) << metrics[m];
        EXPECT_EQ(table.rows[1].cells[m].rank.mark, Mark::None) << metrics[m] << ": it still runs";
        EXPECT_EQ(table.rows[2].cells[m].rank.best, 0U) << metrics[m];
    }
    runs[1].status = Status::Done;
    EXPECT_EQ(comparisonTable(compareOutcomes(runs), metrics).rows[1].cells[0].rank.best, 1U);
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
    auto running = outcome("SFT", "/m/gpt2", "sft", values(2.0, 0.4, 1.0), Status::Running);
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
    running.status = Status::Running;
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
    EXPECT_THAT(latex, testing::HasSubstr("DSKD & kd & 2 & 2.250 $\\pm$ 0.35 & $-$0.750 \\\\"));
    const std::string cells = latex.substr(0, latex.find("\\bottomrule"));
    EXPECT_THAT(cells, testing::Not(testing::HasSubstr("baseline")));
    EXPECT_THAT(cells, testing::Not(testing::HasSubstr("done")));
    EXPECT_THAT(latex, testing::HasSubstr("$\\Delta$ is the difference to SFT\\_1."));
    EXPECT_THAT(latex, testing::HasSubstr("DSKD: 2 of 3 seeds are done, others still run."));
    for (const char c : latex) {
        EXPECT_LT(static_cast<unsigned char>(c), 0x80) << "pdflatex knows no raw Unicode: " << latex;
    }
}

// SFT, the baseline, has both values; DSKD has no ROUGE-L.
TEST(ComparisonLatex, WritesAMissingValueOnce)
{
    const auto table =
        comparisonTable(compareOutcomes({outcome("SFT", "/m/gpt2", "sft", values(3.0, 0.2, 2.0)),
                                         outcome("DSKD", "/m/gpt2", "kd", {{"validation.loss.best", 2.5}}),
                                         outcome("student", "/m/gpt2", "kd", values(2.5, 0.3, 2.0))}),
                        {"validation.loss.best", "validation.rouge_l.best"});
    const std::string latex = toLatex(table);
    EXPECT_THAT(latex, testing::HasSubstr(" & 2.500 & $-$0.500 & -- &  \\\\\n"));
    EXPECT_THAT(test::LatexGrammar(latex).problems(), testing::IsEmpty()) << latex;
}

TEST(ComparisonTable, ShowsSharesInPerCentAndKeepsThemInFiles)
{
    const auto table = comparisonTable(compareOutcomes({outcome("SFT", "/m/gpt2", "sft", values(3.0, 0.2, 2.0)),
                                                        outcome("DSKD", "/m/gpt2", "kd", values(2.5, 0.25, 5.0))}),
                                       {"validation.rouge_l.best"});
    const text::Table text = toTextTable(table, true, true);
    EXPECT_EQ(text.columns[2].title, "ROUGE-L (best), %");
    EXPECT_EQ(text.rows[1][2].text, "25.00");
    EXPECT_EQ(text.rows[1][3].text, "+5.00");
    EXPECT_EQ(summaryText("validation.rouge_l.best", Summary{3, 0.25, 0.01}), "25.00 ± 1.0");
    EXPECT_EQ(preciseText("validation.rouge_l.best", 0.3125), "31.25 %");
    EXPECT_EQ(preciseText("validation.rouge_l.best", 0.07), "7 %") << "not 7.000000000000001";
    EXPECT_EQ(preciseText("validation.loss.best", 2.718281828), "2.718281828");
    EXPECT_THAT(toLatex(table), testing::HasSubstr("ROUGE-L (best), \\%"));
    EXPECT_THAT(toCsv(table), testing::HasSubstr(",0.25,,1,0.04"));
}

TEST(ComparisonCsv, HasFieldsFirstAndEveryNumberInAColumnOfItsOwn)
{
    EXPECT_EQ(toCsv(forPaper()),
              "runs,method.objective,seeds,done,running,validation.loss.best.mean,validation.loss.best.deviation,"
              "validation.loss.best.n,validation.loss.best.delta,validation.loss.best.delta_to,"
              "validation.loss.best.mark,validation.loss.best.test,validation.loss.best.pairs,validation.loss.best.p\n"
              "SFT_1,sft,1,1,0,3,,1,,,untested,,,\n"
              "DSKD,kd,3,2,1,2.25,0.3535533905932738,2,-0.75,SFT_1,untested,,,\n");
}

} // namespace
} // namespace dskd::jobs

#include "core/jobs/matrix_table.h"

#include "tests/support/latex_grammar.h"
#include "tests/support/sample_matrix.h"

#include <algorithm>
#include <cstdint>
#include <gmock/gmock.h>
#include <optional>

namespace dskd::jobs
{
namespace
{

using test::addSeeds;
using test::distanceBySpace;
using test::outcomeWith;
using test::sampleMatrix;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

Matrix matrixOf(MatrixInput input, const MatrixRequest& request = distanceBySpace())
{
    return makeMatrix(std::move(input), request).value();
}

std::string terminal(const Matrix& matrix, Spread spread = Spread::Deviation)
{
    return text::toTerminal(MatrixText(matrix, spread, MatrixStyle::Ascii).table(), {0, false, false});
}

std::string notes(const Matrix& matrix, MatrixStyle style = MatrixStyle::Ascii)
{
    std::string all;
    for (const std::string& note : MatrixText(matrix, Spread::Deviation, style).notes()) {
        all += note + "\n";
    }
    return all;
}

TEST(MatrixTable, WritesMeansSpreadsAndMarks)
{
    EXPECT_EQ(terminal(matrixOf(sampleMatrix())), "            ROUGE-L (best), %, by space\n"
                                                  "distance            diff             dual\n"
                                                  "kl        31.00 +- 1.00*  31.00 +- 1.00 ~\n"
                                                  "rkl        20.00 +- 0.00  30.00 +- 3.61 ~\n");
    EXPECT_EQ(notes(matrixOf(sampleMatrix())),
              "Mean +- standard deviation over n = 3 seeds.\n"
              "Bold or *: better than every other value of its column. ~: not shown to be worse than the best of its "
              "column. Two-sided paired t-test over 3 shared seeds, p < 0.05, Holm-corrected for the comparisons with "
              "the best.\n");
}

// Of a deviation of 0.01 over three seeds: 0.01 / sqrt 3, and 4.303 times that.
TEST(MatrixTable, HasTheSpreadThatWasAskedFor)
{
    EXPECT_THAT(terminal(matrixOf(sampleMatrix()), Spread::Error), HasSubstr("31.00 +- 0.58*"));
    EXPECT_THAT(terminal(matrixOf(sampleMatrix()), Spread::Interval), HasSubstr("31.00 +- 2.48*"));
    EXPECT_FALSE(spreadOf({1, 2.0, 0.0}, Spread::Interval)) << "one seed has no spread";
    EXPECT_EQ(rowOf(Spread::Interval).name, "ci95");
}

TEST(MatrixTable, HasSignedDifferencesAndOtherCounts)
{
    MatrixInput input = sampleMatrix();
    input.outcomes.pop_back();
    MatrixRequest request = distanceBySpace();
    request.baseline = {{"distance", "rkl"}};
    const Matrix matrix = matrixOf(input, request);
    const MatrixText texts(matrix, Spread::Deviation, MatrixStyle::Terminal);
    EXPECT_EQ(texts.cell(matrix.cell(0, 0)), "31.00 ± 1.00 (+11.00)");
    EXPECT_EQ(texts.cell(matrix.cell(0, 1)), "31.00 ± 1.00 (-0.50)") << "31 against 31.5; two seeds are no test";
    EXPECT_EQ(texts.cell(matrix.cell(1, 1)), "31.50 ± 3.54 (n=2)");
    EXPECT_EQ(texts.value(matrix.cell(0, 0)), "31.00 ± 1.00");
    EXPECT_EQ(texts.delta(matrix.cell(0, 0)), "+11.00");
    EXPECT_EQ(texts.delta(matrix.cell(1, 0)), "") << "it is the baseline";
    EXPECT_EQ(texts.usualCount(), 3);
    EXPECT_THAT(texts.notes(), testing::Contains("In parentheses: the difference to distance = rkl."));
    EXPECT_THAT(texts.notes().front(), HasSubstr("n = 3 seeds where no other n is given"));
    EXPECT_EQ(MatrixText(matrix, Spread::Deviation, MatrixStyle::Window).notes().front(),
              "Mean ± standard deviation over the n seeds of each value.")
        << "the window's cells have their n, all of them";
    EXPECT_THAT(texts.notes()[1],
                HasSubstr("Where a test lacks 3 seeds in common, or of ROUGE-L 30 answers, nothing is marked."));
}

TEST(MatrixTable, SaysNothingOfDifferencesWhereThereAreNone)
{
    MatrixInput input = sampleMatrix();
    for (RunOutcome& run : input.outcomes) {
        run.values = {{"loss.last", 1.0 + run.values[test::kSampleRouge]}}; // of different objectives: not compared
    }
    MatrixRequest request = distanceBySpace();
    request.baseline = {{"distance", "rkl"}};
    EXPECT_THAT(notes(matrixOf(input, request)), Not(HasSubstr("difference to")));
}

TEST(MatrixTable, SaysHowCellsWithoutValuesStand)
{
    MatrixInput input = sampleMatrix();
    addSeeds(input, {{"distance", "skl"}, {"space", "diff"}}, {0.2});
    addSeeds(input, {{"distance", "skl"}, {"space", "diff"}, {"train.lr", "0.25"}}, {0.3});
    input.outcomes.push_back(outcomeWith({{"distance", "skl"}, {"space", "dual"}}, 1, {}, Status::Queued));
    input.outcomes.push_back(outcomeWith({{"distance", "tvd"}, {"space", "dual"}}, 1, 0.25, Status::Running));
    input.outcomes.push_back(outcomeWith({{"distance", "kl"}, {"space", "dual"}}, 9, {}, Status::Failed));
    input.missing.push_back({1, test::experimentWith({{"distance", "tvd"}, {"space", "diff"}})});
    const Matrix matrix = matrixOf(input);
    const MatrixText texts(matrix, Spread::Deviation, MatrixStyle::Terminal);
    EXPECT_EQ(texts.cell(matrix.cell(2, 0)), "mixed");
    EXPECT_EQ(texts.cell(matrix.cell(2, 1)), "queued");
    EXPECT_EQ(texts.cell(matrix.cell(3, 0)), "planned");
    EXPECT_THAT(notes(matrix), Not(HasSubstr("-: missing."))) << "the word says it";
    EXPECT_EQ(texts.cell(matrix.cell(3, 1)), "25.00 (n=1, 1 running)");
    EXPECT_EQ(texts.cell(matrix.cell(0, 1)), "31.00 ± 1.00 † (1 failed)");
    EXPECT_THAT(notes(matrix), HasSubstr("Mixed: the runs differ in train.lr too"));
    EXPECT_THAT(notes(matrix), HasSubstr("1 planned run is missing."));

    const MatrixText paper(matrix, Spread::Deviation, MatrixStyle::Paper);
    EXPECT_EQ(paper.cell(matrix.cell(3, 1)), "–") << "no value of a run that goes on";
    EXPECT_EQ(paper.cell(matrix.cell(3, 0)), "–") << "a paper has values and no plans";
    EXPECT_EQ(paper.cell(matrix.cell(0, 1)), "31.00 ± 1.00 †");
    EXPECT_THAT(notes(matrix, MatrixStyle::Paper), HasSubstr("The runs of 2 values (–) had not ended yet."));
    const std::string latex = toLatex(matrix, Spread::Deviation);
    EXPECT_THAT(latex, Not(HasSubstr("running")));
    EXPECT_THAT(test::LatexGrammar(latex).problems(), IsEmpty());
}

TEST(MatrixTable, TellsHowRunsEndedThatCameToNoEnd)
{
    MatrixInput input = sampleMatrix();
    const auto add = [&](const char* distance, std::uint64_t seed, std::optional<double> rouge, Status status) {
        input.outcomes.push_back(outcomeWith({{"distance", distance}, {"space", "diff"}}, seed, rouge, status));
    };
    add("skl", 1, {}, Status::Stopped);
    add("srkl", 1, {}, Status::Created);
    add("tvd", 1, {}, Status::OutOfMemory);
    add("tvd", 2, {}, Status::Stopped);
    add("js", 1, 0.25, Status::Stopped);
    add("akl", 1, {}, Status::Done);
    const Matrix matrix = matrixOf(input);
    const MatrixText texts(matrix, Spread::Deviation, MatrixStyle::Terminal);
    EXPECT_EQ(texts.cell(matrix.cell(2, 0)), "stopped");
    EXPECT_EQ(texts.cell(matrix.cell(3, 0)), "created");
    EXPECT_EQ(texts.cell(matrix.cell(4, 0)), "failed (1 stopped)");
    EXPECT_EQ(texts.cell(matrix.cell(5, 0)), "25.00 (n=1, 1 stopped)");
    EXPECT_EQ(texts.cell(matrix.cell(6, 0)), "no value");
}

// The field across has no effect in fine-tuning; the experiment leaves one combination out.
TEST(MatrixTable, TellsWhatIsMissingLeftOutAndWithoutEffect)
{
    MatrixInput input;
    addSeeds(input, {{"objective", "kd"}, {"space", "diff"}}, {0.3});
    addSeeds(input, {{"objective", "kd"}, {"space", "dual"}}, {0.4});
    addSeeds(input, {{"objective", "sft"}, {"space", "dual"}}, {0.2});
    addSeeds(input, {{"objective", "sft"}, {"train.lr", "0.5"}}, {0.2});
    addSeeds(input, {{"objective", "kd"}, {"space", "diff"}, {"train.lr", "0.5"}}, {0.2});
    input.excluded = {{{"method.objective", "kd"}, {"method.space", "dual"}, {"train.lr", "0.5"}}};
    MatrixRequest request;
    request.rows = {"objective", "train.lr"};
    request.columns = {"space"};
    const Matrix matrix = matrixOf(input, request);
    EXPECT_EQ(terminal(matrix).substr(terminal(matrix).find('\n') + 1), // below the title
              "objective  train.lr   diff   dual      no effect\n"
              "kd         0.0005    30.00  40.00              .\n"
              "           0.5       20.00      .              .\n"
              "sft        0.0005        =      =          20.00\n"
              "           0.5           =      =          20.00\n");
    EXPECT_THAT(notes(matrix), HasSubstr(".: left out by the experiment, or no run can have these values together. =: "
                                         "the field has no effect here; the run stands under \"no effect\"."));
    EXPECT_THAT(notes(matrix), Not(HasSubstr("missing.")));
    input.excluded.clear();
    const Matrix missing = matrixOf(input, request);
    EXPECT_EQ(missing.cell(1, 1).state, CellState::Missing);
    EXPECT_THAT(notes(missing), HasSubstr("-: missing. .: left out"));
    EXPECT_THAT(toCsv(missing, Spread::Deviation), HasSubstr(",same,0,,,\"sft, 0.0005, no effect\"\n"));
    EXPECT_THAT(toLatex(missing, Spread::Deviation), HasSubstr("20.00 & -- & $\\cdot$"));
    EXPECT_THAT(test::LatexGrammar(toLatex(missing, Spread::Deviation)).problems(), IsEmpty());
}

TEST(MatrixTable, SaysThatNoTestWasPossible)
{
    MatrixInput input;
    addSeeds(input, {{"distance", "kl"}}, {0.3});
    addSeeds(input, {{"distance", "rkl"}}, {0.2});
    const Matrix matrix = matrixOf(input, {});
    EXPECT_EQ(MatrixText(matrix, Spread::Deviation, MatrixStyle::Terminal).cell(matrix.cells[0]), "30.00");
    EXPECT_THAT(notes(matrix), HasSubstr("One seed each."));
    EXPECT_THAT(notes(matrix), HasSubstr("Nothing is marked as the best: no test was possible, for which it takes 3 "
                                         "seeds in common, or of ROUGE-L 30 answers."));
}

TEST(MatrixLatex, IsATableOfBooktabsWithItsNotes)
{
    const std::string latex = toLatex(matrixOf(sampleMatrix()), Spread::Deviation);
    EXPECT_EQ(
        latex,
        "% needs \\usepackage{booktabs}\n"
        "\\begin{tabular}{lrr}\n\\toprule\n"
        " & \\multicolumn{2}{c}{ROUGE-L (best), \\%, by space} \\\\\n\\cmidrule(lr){2-3}\n"
        "distance & diff & dual \\\\\n\\midrule\n"
        "kl & \\textbf{31.00 $\\pm$ 1.00} & 31.00 $\\pm$ 1.00 \\dag{} \\\\\n"
        "rkl & 20.00 $\\pm$ 0.00 & 30.00 $\\pm$ 3.61 \\dag{} \\\\\n"
        "\\bottomrule\n\\end{tabular}\n"
        "\\par\\smallskip\\noindent\\parbox{\\linewidth}{\\footnotesize Mean $\\pm$ standard deviation over n = 3 "
        "seeds. Bold: better than every other value of its column. \\dag{}: not shown to be worse than the best "
        "of its column. Two-sided paired t-test over 3 shared seeds, p \\textless{} 0.05, Holm-corrected for the "
        "comparisons with the best.}\n");
    EXPECT_THAT(test::LatexGrammar(latex).problems(), IsEmpty());
}

// Two fields down and two across, one of them with names that LaTeX takes for commands.
TEST(MatrixLatex, HasTitlesOverGroupsAndRulesBetweenParts)
{
    MatrixInput input;
    for (const char* model : {"/m/gpt_2 & co", "/m/größe_模"}) {
        for (const char* distance : {"kl", "rkl"}) {
            for (const char* lr : {"0.5", "0.25"}) {
                for (const char* space : {"diff", "dual"}) {
                    addSeeds(input,
                             {{"student.model", model}, {"distance", distance}, {"train.lr", lr}, {"space", space}},
                             {0.1, 0.2, 0.4});
                }
            }
        }
    }
    MatrixRequest request;
    request.rows = {"student.model", "distance"};
    request.columns = {"train.lr", "space"};
    request.baseline = {{"distance", "rkl"}};
    const Matrix matrix = matrixOf(input, request);
    const std::string latex = toLatex(matrix, Spread::Interval);
    EXPECT_THAT(latex, HasSubstr("\\multicolumn{2}{c}{} & \\multicolumn{4}{c}{ROUGE-L (best), \\%, by train.lr and "
                                 "space} \\\\\n\\cmidrule(lr){3-6}\n"
                                 "\\multicolumn{2}{c}{} & \\multicolumn{2}{c}{0.25} & \\multicolumn{2}{c}{0.5} \\\\\n"
                                 "\\cmidrule(lr){3-4}\n\\cmidrule(lr){5-6}\n"));
    EXPECT_THAT(latex, HasSubstr("\ngpt\\_2 \\& co & kl & "));
    EXPECT_THAT(latex, HasSubstr("\n & rkl & ")) << "a label is not repeated";
    EXPECT_THAT(latex, HasSubstr("\\\\\n\\midrule\ngr\\\"{o}\\ss{}e\\_[U+6A21] & kl & "));
    const test::LatexGrammar grammar(latex);
    EXPECT_THAT(grammar.problems(), IsEmpty());
    EXPECT_EQ(grammar.rows(), 7);
}

TEST(MatrixCsv, HasALineACellInFullPrecision)
{
    MatrixInput input = sampleMatrix();
    input.outcomes.pop_back();
    input.outcomes.push_back(outcomeWith({{"distance", "rkl"}, {"space", "dual"}}, 3, 0.5, Status::Failed));
    MatrixRequest request = distanceBySpace();
    request.baseline = {{"distance", "rkl"}};
    const std::string csv = toCsv(matrixOf(input, request), Spread::Error);
    EXPECT_THAT(csv, testing::StartsWith("method.distance,method.space,metric,mean,sem,n,delta,mark,test,pairs,p,state,"
                                         "missing,runs,seeds,same_as\n"));
    EXPECT_EQ(std::count(csv.begin(), csv.end(), '\n'), 5);
    EXPECT_THAT(csv, HasSubstr("kl,diff,validation.rouge_l.best,0.3"));
    EXPECT_THAT(csv, HasSubstr(",best,,,,done,0,kl-diff-s1 kl-diff-s2 kl-diff-s3,1 2 3,\n"));
    EXPECT_THAT(csv, HasSubstr(",worse,t-test over seeds,3,0.0027"));
    EXPECT_THAT(csv, HasSubstr(",2,,untested,,,,done,0,rkl-dual-s1 rkl-dual-s2,1 2,\n"))
        << "the failed run does not count";
}

} // namespace
} // namespace dskd::jobs

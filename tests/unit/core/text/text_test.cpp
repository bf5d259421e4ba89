#include "core/text/columns.h"
#include "core/text/escape.h"
#include "core/text/numbers.h"
#include "core/text/table.h"
#include "tests/support/latex_grammar.h"

#include <algorithm>
#include <cmath>
#include <gmock/gmock.h>
#include <limits>
#include <sstream>
#include <string>

namespace dskd::text
{
namespace
{

TEST(Numbers, HaveFourSignificantDigits)
{
    EXPECT_EQ(number(2.71281), "2.713");
    EXPECT_EQ(number(0.018462), "0.01846");
    EXPECT_EQ(number(123456.0), "123456");
    EXPECT_EQ(number(1e-6), "1e-06");
    EXPECT_EQ(fixed(18.366, 2), "18.37");
    EXPECT_EQ(fixed(2.0, 3), "2.000");
    EXPECT_EQ(fixed(std::nan(""), 2), "NaN");
    EXPECT_EQ(number(0.0), "0");
    EXPECT_EQ(number(-3.14159), "-3.142");
}

TEST(Numbers, ShowMissingAndBrokenValuesAsWhatTheyAre)
{
    EXPECT_EQ(number(std::optional<double>{}), "-");
    EXPECT_EQ(number(std::nan("")), "NaN");
    EXPECT_EQ(number(-INFINITY), "-inf");
}

TEST(Numbers, ReadBackExactly)
{
    for (const double value : {0.1, 1.0 / 3.0, 1e300, 5e-324}) {
        EXPECT_EQ(std::strtod(exact(value).c_str(), nullptr), value);
    }
}

TEST(Numbers, AreScientificWhereTheyWouldBeLong)
{
    EXPECT_EQ(exact(1e308), "1e+308");
    EXPECT_EQ(fixed(1e308, 2), "1e+308");
    EXPECT_EQ(fixed(-1e308, 2), "-1e+308");
    EXPECT_EQ(fixed(123456789012345.0, 1), "123456789012345.0");
    EXPECT_EQ(percent(1e300), "1e+302 %");
    EXPECT_LT(count(1e308).size(), 30U);
    EXPECT_NEAR(std::strtod(count(1e308).c_str(), nullptr), 1e296, 1e281) << "and T";
    EXPECT_EQ(duration(864e20), "1e+18 d");
}

TEST(Numbers, ScaleCountsAndDurations)
{
    EXPECT_EQ(count(950), "950");
    EXPECT_EQ(count(18234), "18.2k");
    EXPECT_EQ(count(1200000), "1.2M");
    EXPECT_EQ(count(999999), "1.0M");
    EXPECT_EQ(duration(192), "3 m 12 s");
    EXPECT_EQ(duration(7800), "2 h 10 m");
    EXPECT_EQ(duration(-1), "-");
}

TEST(Numbers, CountThingsInTheRightForm)
{
    EXPECT_EQ(counted(1, "field"), "1 field");
    EXPECT_EQ(counted(0, "field"), "0 fields");
    EXPECT_EQ(counted(12, "query", "queries"), "12 queries");
    EXPECT_EQ(counted(1, "query", "queries"), "1 query");
}

TEST(Escape, LeavesNoMarkupInHtml)
{
    EXPECT_EQ(html("<script>\"a\" & 'b'</script>"), "&lt;script&gt;&quot;a&quot; &amp; &#39;b&#39;&lt;/script&gt;");
    EXPECT_EQ(html("naïve ▁Know"), "naïve ▁Know");
    EXPECT_EQ(html(std::string("a\0b\x1b[31m\xff", 9)), "a\uFFFDb\uFFFD[31m\uFFFD");
    EXPECT_EQ(html("\u2029\u202a\u202b\u202c\u202d\u202e\u202f"), "\u2029\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\u202f");
    EXPECT_EQ(html("\u2065\u2066\u2067\u2068\u2069\u206a"), "\u2065\uFFFD\uFFFD\uFFFD\uFFFD\u206a");
}

TEST(Escape, LeavesNoCommandInLatex)
{
    EXPECT_EQ(latex("50% of $x_1 & {y}#~^\\"),
              "50\\% of \\$x\\_1 \\& \\{y\\}\\#\\textasciitilde{}\\textasciicircum{}\\textbackslash{}");
}

TEST(Escape, WritesSignsAndGreekLettersOfLatexAsCommands)
{
    EXPECT_EQ(latex("a-b--c---d"), "a-b-{}-c-{}-{}-d") << "no dash is made of the hyphens of a name";
    EXPECT_EQ(latex("Δ −0.5 ± 0.1 – t→s"), "$\\Delta$ $-$0.5 $\\pm$ 0.1 -- t$\\rightarrow$s");
}

TEST(Escape, QuotesCsvOnlyWhereNeeded)
{
    EXPECT_EQ(csv("loss"), "loss");
    EXPECT_EQ(csv("a,b"), "\"a,b\"");
    EXPECT_EQ(csv("say \"x\"\n"), "\"say \"\"x\"\"\n\"");
}

TEST(Escape, TextCannotSteerTheTerminal)
{
    EXPECT_EQ(terminal("a\033[2Jb"), "a\\u001b[2Jb");
    EXPECT_EQ(terminal("\xc2\x9b"
                       "2J"),
              "\\u009b2J"); // the 8-bit control sequence introducer
    EXPECT_EQ(terminal("safe \u202egpj.exe\u2066"), "safe \\u202egpj.exe\\u2066");
    EXPECT_EQ(terminal("a\nb\tc é 日"), "a\nb\tc é 日");
    EXPECT_EQ(terminalLine("a\nb\tc"), "a b c");
}

TEST(Escape, JsonForATerminalHasTheSameValue)
{
    EXPECT_EQ(terminalJson("{\n  \"a\": \"\\u001b[2J é\"\n}"), "{\n  \"a\": \"\\u001b[2J é\"\n}");
    EXPECT_EQ(terminalJson("[\"\u202e\x7f\xc2\x9b\"]"), "[\"\\u202e\\u007f\\u009b\"]");
}

TEST(Columns, AreNoneTwoOrOneForACharacter)
{
    EXPECT_EQ(displayWidth("abc"), 3);
    EXPECT_EQ(displayWidth("日本"), 4);
    EXPECT_EQ(displayWidth("e\u0301"), 1);
    EXPECT_EQ(displayWidth("\xff\xfe"), 2);
}

TEST(Columns, HoldWhatIsElided)
{
    EXPECT_EQ(elide("abcdef", 6), "abcdef");
    EXPECT_EQ(elide("abcdefg", 6), "abcde…");
    EXPECT_EQ(elide("abcdefg", 6, true), "abc...");
    EXPECT_EQ(elide("日本語です", 6), "日本…");
    EXPECT_EQ(elide("abcdefg", 2, true), "..");
    EXPECT_EQ(elideMiddle("abcdef", 6), "abcdef");
    EXPECT_EQ(elideMiddle("abcdefgh", 6), "abc…gh");
    EXPECT_EQ(elideMiddle("abcdefgh", 7, true), "ab...gh");
    EXPECT_EQ(elideMiddle("ab cd ef gh", 8), "ab c…gh");
    EXPECT_EQ(elideMiddle("日本語です", 6), "日…す");
    EXPECT_EQ(elideMiddle("abcdefge\u0301", 4), "ab…e\u0301") << "an accent stays with its letter";
    EXPECT_EQ(elideMiddle("abcdefg", 2, true), "..");
}

TEST(Escape, WritesLinesOfCsv)
{
    EXPECT_EQ(csvLine({"a", "", "b,c"}), "a,,\"b,c\"\n");
    EXPECT_EQ(csvLine({}), "\n");
}

TEST(Numbers, WriteSharesInPerCent)
{
    EXPECT_EQ(percent(0.4567), "45.7 %");
    EXPECT_EQ(percent(1.0, 0), "100 %");
    EXPECT_EQ(percent(std::numeric_limits<double>::quiet_NaN()), "NaN");
}

Table sample()
{
    Table table;
    table.columns = {{"run", Align::Left, true}, {"loss", Align::Right}};
    table.add({"dual", "2.713"});
    table.rows.back()[1].strong = true;
    table.add({"a rather long name of a run", "10"});
    return table;
}

TEST(TerminalTable, AlignsColumnsAndMarksTheBest)
{
    EXPECT_EQ(toTerminal(sample(), {0, true, false}), "run                            loss\n"
                                                      "dual                         2.713*\n"
                                                      "a rather long name of a run      10\n");
}

TEST(TerminalTable, CutsOnlyColumnsThatShrinkAndThoseInTheMiddle)
{
    EXPECT_EQ(toTerminal(sample(), {20, false, false}), "run             loss\n"
                                                        "dual          2.713*\n"
                                                        "a rat...run       10\n");
}

Table runs()
{
    Table table;
    table.columns = {{"run", Align::Left, true, Worth::Id},
                     {"name", Align::Left, true},
                     {"group", Align::Left, true, Worth::Detail},
                     {"loss", Align::Right}};
    table.add({"20261130-1", "ablation dual kl 10", "a group of an ablation", "2.713"});
    table.add({"20261130-2", "ablation dual kl 20", "a group of an ablation", "2.710"});
    return table;
}

TEST(TerminalTable, CutsDetailsBeforeNamesAndNamesBeforeIds)
{
    EXPECT_EQ(toTerminal(runs(), {52, true, false}), "run         name                 group          loss\n"
                                                     "20261130-1  ablation dual kl 10  a grou…ation  2.713\n"
                                                     "20261130-2  ablation dual kl 20  a grou…ation  2.710\n");
    EXPECT_EQ(toTerminal(runs(), {41, true, false}), "run         name          group      loss\n"
                                                     "20261130-1  ablati…kl 10  a gr…ion  2.713\n"
                                                     "20261130-2  ablati…kl 20  a gr…ion  2.710\n");
}

// The ids differ in their last digit, the names below in their middle alone.
TEST(TerminalTable, NeverCutsBelowWhatTellsTwoRowsApart)
{
    const std::string narrow = toTerminal(runs(), {1, true, false});
    EXPECT_NE(narrow.find("…0-1"), std::string::npos) << narrow;
    EXPECT_NE(narrow.find("…0-2"), std::string::npos) << narrow;
    Table names;
    names.columns = {{"runs", Align::Left, true}};
    names.add({"an ablation, distance kl, over three seeds"});
    names.add({"an ablation, distance tv, over three seeds"});
    std::istringstream lines(toTerminal(names, {10, true, false}));
    std::string title;
    std::string first;
    std::string second;
    std::getline(lines, title);
    std::getline(lines, first);
    std::getline(lines, second);
    EXPECT_EQ(first, "an ablation, distan…l, over three seeds");
    EXPECT_EQ(second, "an ablation, distan…v, over three seeds");
}

// The columns are not cut below 8, and "validation" needs 10.
TEST(TerminalTable, LeavesOutWhatDoesNotFitAndNamesIt)
{
    Table table = runs();
    table.columns.push_back({"ROUGE-L", Align::Right});
    for (auto& row : table.rows) {
        row.push_back({"0.25"});
    }
    table.heads = {{{"", 3}, {"validation", 2}}};
    EXPECT_EQ(toTerminal(table, {35, true, false}).find("Left out"), std::string::npos) << "unless it may";
    table.mayLeaveOut = true;
    EXPECT_EQ(toTerminal(table, {44, true, false}).find("Left out"), std::string::npos) << "it fits";
    EXPECT_EQ(toTerminal(table, {0, true, false}).find("Left out"), std::string::npos) << "there is no width";
    for (const int width : {12, 20, 25, 31, 35, 43}) {
        const std::string text = toTerminal(table, {width, true, false});
        EXPECT_NE(text.find("Left out, for a wider terminal:"), std::string::npos) << width;
        std::istringstream lines(text);
        for (std::string line; std::getline(lines, line);) {
            EXPECT_LE(displayWidth(line), std::max(width, 31)) << text; // 31: the beginning of the note
        }
        EXPECT_NE(text.find("0-1"), std::string::npos) << text;
    }
    EXPECT_EQ(toTerminal(table, {30, true, false}), "                    validation\n"
                                                    "run       name            loss\n"
                                                    "2026…0-1  abla…10        2.713\n"
                                                    "2026…0-2  abla…20        2.710\n"
                                                    "Left out, for a wider terminal:\n"
                                                    "group, ROUGE-L.\n");
}

TEST(TerminalTable, SpeaksNoEscapeSequenceWithoutColours)
{
    EXPECT_EQ(toTerminal(sample(), {80, true, false}).find('\033'), std::string::npos);
    EXPECT_NE(toTerminal(sample(), {80, true, true}).find("\033[1m2.713\033[0m"), std::string::npos);
}

TEST(LatexTable, UsesBooktabsAndEscapesCells)
{
    Table table = sample();
    table.add({"lr_1 & co", "1.0 ± 0.2"});
    EXPECT_EQ(toLatex(table), "\\begin{tabular}{lr}\n\\toprule\nrun & loss \\\\\n\\midrule\n"
                              "dual & \\textbf{2.713} \\\\\n"
                              "a rather long name of a run & 10 \\\\\n"
                              "lr\\_1 \\& co & 1.0 $\\pm$ 0.2 \\\\\n"
                              "\\bottomrule\n\\end{tabular}\n");
}

// Titles over groups of columns, a second part, negative numbers and what plain LaTeX has no letter for.
TEST(LatexTable, IsCompiledByPdflatex)
{
    Table table;
    table.columns = {{"distance"}, {"diff", Align::Right}, {"dual", Align::Right}, {"gpt-2", Align::Right}};
    table.heads = {{{"", 1}, {"ROUGE-L, %", 3}}, {{"", 1}, {"space", 2}, {"Größe", 1}}};
    table.add({"kl_1", "18.37 ± 0.21 (-1.30)", "–", "1e-06"});
    table.add({"模 & ▁x ~ Δ†", "-0.5", "#1 {x}", "50%"});
    table.rows[1][1].strong = true;
    table.parts = {1};
    const std::string text = toLatex(table);
    EXPECT_EQ(text,
              "\\begin{tabular}{lrrr}\n\\toprule\n"
              " & \\multicolumn{3}{c}{ROUGE-L, \\%} \\\\\n\\cmidrule(lr){2-4}\n"
              " & \\multicolumn{2}{c}{space} & Gr\\\"{o}\\ss{}e \\\\\n\\cmidrule(lr){2-3}\n\\cmidrule(lr){4-4}\n"
              "distance & diff & dual & gpt-2 \\\\\n\\midrule\n"
              "kl\\_1 & 18.37 $\\pm$ 0.21 ($-$1.30) & -- & 1e-06 \\\\\n\\midrule\n"
              "[U+6A21] \\& \\_x \\textasciitilde{} $\\Delta$\\dag{} & \\textbf{$-$0.5} & \\#1 \\{x\\} & 50\\% \\\\\n"
              "\\bottomrule\n\\end{tabular}\n");
    const test::LatexGrammar grammar(text);
    EXPECT_THAT(grammar.problems(), testing::IsEmpty());
    EXPECT_EQ(grammar.rows(), 5);
}

TEST(LatexTable, TheGrammarFindsWhatPdflatexWouldNotCompile)
{
    const auto problems = [](const std::string& row) {
        return test::LatexGrammar("\\begin{tabular}{ll}\n" + row + " \\\\\n\\end{tabular}\n").problems();
    };
    EXPECT_THAT(problems("a & $\\pm$ 1"), testing::IsEmpty());
    EXPECT_THAT(problems("-- & --"), testing::IsEmpty()) << "one of each cell";
    for (const char* row : {"a & Δ", "a", "a & b & c", "a_1 & b", "a & \\textbf{b", "a & $1", "a & \\pm",
                            "a & \\unknown", "a & #", "a & 5 % of", "a & -- --", "a & -- $\\pm$ 1"}) {
        EXPECT_THAT(problems(row), testing::Not(testing::IsEmpty())) << row;
    }
}

TEST(TerminalTable, HasTitlesOverItsColumns)
{
    Table table = sample();
    table.heads = {{{"", 1}, {"validation", 1}}};
    EXPECT_EQ(toTerminal(table, {0, true, false}), "                             validation\n"
                                                   "run                                loss\n"
                                                   "dual                             2.713*\n"
                                                   "a rather long name of a run          10\n");
}

} // namespace
} // namespace dskd::text

#include "core/pairs/pair_analysis.h"

#include "core/align/exact_alignment.h"
#include "core/align/vocabulary.h"
#include "core/dataset/record.h"
#include "core/pairs/known_inputs.h"
#include "core/pairs/pair_table.h"
#include "core/tokenizer/tokenizer.h"
#include "tests/support/paths.h"
#include "tests/support/temporary_folder.h"

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>
#include <numeric>

namespace dskd::pairs
{
namespace
{

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;
using testing::StartsWith;

// The demo's teacher and students, on its validation data.
class PairAnalyses : public testing::Test
{
protected:
    PairAnalyses()
    {
        teacher = addModel(workspace, demo / "teacher").value();
        gpt2 = addModel(workspace, demo / "student-gpt2").value();
        llama = addModel(workspace, demo / "student-llama").value();
        data = addDataset(workspace, demo / "data" / "validation.jsonl").value();
    }

    std::vector<PairCell> analyse(const std::vector<store::ModelRow>& students, PairOptions options = {})
    {
        return analysePairs(workspace, {teacher}, students, data, options).value();
    }

    test::TemporaryFolder folder;
    const fs::path demo = fs::path(test::sourceDir()) / "resources" / "demo";
    store::WorkspaceDb workspace = store::WorkspaceDb::create(folder / "w").value();
    store::ModelRow teacher;
    store::ModelRow gpt2;
    store::ModelRow llama;
    store::DatasetRow data;
};

TEST_F(PairAnalyses, CountWhatTheAlignmentItselfFinds)
{
    const auto cells = analyse({llama}, {.samples = 40});
    ASSERT_THAT(cells, SizeIs(1));
    ASSERT_TRUE(cells[0].analysis) << cells[0].problem;
    const PairAnalysis& found = *cells[0].analysis;

    const auto ofTeacher = tokenizer::loadTokenizer(demo / "teacher").value();
    const auto ofStudent = tokenizer::loadTokenizer(demo / "student-llama").value();
    const auto records = dataset::readRecords(demo / "data" / "validation.jsonl", {}, 40).value().records;
    std::vector<SampleCoverage> samples;
    std::int64_t aligned = 0;
    double sum = 0.0;
    for (const dataset::Record& record : records) {
        const auto text = align::alignText(*ofTeacher, *ofStudent, record.responses.front(), align::Method::EtaBytes);
        samples.push_back({record.line, static_cast<std::int64_t>(text.pairs.size()),
                           static_cast<std::int64_t>(text.student.ids.size()), ""});
        aligned += samples.back().alignedTokens;
        sum += samples.back().share();
    }
    const auto worst = std::min_element(samples.begin(), samples.end(),
                                        [](const auto& a, const auto& b) { return a.share() < b.share(); });
    EXPECT_EQ(found.samples, 40);
    EXPECT_EQ(found.leftOut, 0);
    EXPECT_EQ(found.alignedTokens, aligned);
    EXPECT_NEAR(found.mean, sum / 40.0, 1e-12);
    EXPECT_DOUBLE_EQ(found.min, worst->share());
    EXPECT_EQ(std::accumulate(found.histogram.begin(), found.histogram.end(), std::int64_t{0}), 40);
    ASSERT_THAT(found.worst, SizeIs(kWorstSamples));
    EXPECT_EQ(found.worst.front().line, worst->line);
    EXPECT_TRUE(std::is_sorted(found.worst.begin(), found.worst.end(),
                               [](const auto& a, const auto& b) { return a.share() < b.share(); }));
    EXPECT_FALSE(found.worst.front().answer.empty());

    const auto words = align::compareVocabularies(*ofTeacher, *ofStudent);
    EXPECT_FALSE(found.sameVocabulary);
    EXPECT_EQ(found.overlap, words.overlap);
    EXPECT_EQ(found.teacherVocabulary, words.teacherSize);
    EXPECT_EQ(found.studentVocabulary, words.studentSize);
    EXPECT_DOUBLE_EQ(found.overlapShare(), static_cast<double>(words.overlap) / static_cast<double>(words.teacherSize));
}

TEST_F(PairAnalyses, SeeOneVocabulary)
{
    const auto cells = analyse({gpt2});
    ASSERT_TRUE(cells[0].analysis);
    EXPECT_TRUE(cells[0].analysis->sameVocabulary);
    EXPECT_EQ(cells[0].analysis->overlapShare(), 1.0);
    EXPECT_EQ(cells[0].analysis->samples, 200);
    EXPECT_GT(cells[0].analysis->mean, 0.95);
}

// Of one vocabulary what is not aligned is spaces alone, and the sentence has their number.
TEST_F(PairAnalyses, SayWhyOneVocabularyDoesNotReachAllOfItself)
{
    const std::string file = folder / "spaces.jsonl";
    std::ofstream(file) << R"({"instruction": "i", "output": "one  two   three"})"
                        << "\n";
    const store::DatasetRow spaced = addDataset(workspace, file).value();
    const auto cells = analysePairs(workspace, {gpt2}, {gpt2}, spaced, {}).value();
    ASSERT_TRUE(cells.at(0).analysis) << cells[0].problem;
    const PairAnalysis& found = *cells[0].analysis;
    EXPECT_GT(found.spaceTokens, 0);
    EXPECT_EQ(found.alignedTokens + found.spaceTokens, found.studentTokens);
    EXPECT_THAT(spacesSentence(found),
                StartsWith("Spaces do not count: " + std::to_string(found.spaceTokens) + " student"));
    EXPECT_EQ(spacesSentence(PairAnalysis{}), "") << "there are none";
}

TEST_F(PairAnalyses, AreKeptByContentAndOptions)
{
    const auto first = analyse({gpt2, llama}, {.samples = 20});
    ASSERT_THAT(first, SizeIs(2));
    EXPECT_FALSE(first[0].kept || first[1].kept);
    const auto again = analyse({gpt2, llama}, {.samples = 20});
    EXPECT_TRUE(again[0].kept && again[1].kept);
    EXPECT_EQ(*again[0].analysis, *first[0].analysis);
    EXPECT_EQ(*again[1].analysis, *first[1].analysis);
    EXPECT_FALSE(analyse({llama}, {.samples = 21})[0].kept);

    fs::copy(demo / "student-llama", folder / "moved", fs::copy_options::recursive);
    EXPECT_TRUE(analyse({addModel(workspace, folder / "moved").value()}, {.samples = 20})[0].kept)
        << "the same content in another place";
    std::ofstream(folder / "moved" / "tokenizer_config.json", std::ios::app) << "\n";
    EXPECT_FALSE(analyse({addModel(workspace, folder / "moved").value()}, {.samples = 20})[0].kept);
}

TEST_F(PairAnalyses, TellEachCellAndEndWhenCancelled)
{
    std::atomic<bool> cancelled{false};
    std::vector<std::string> told;
    const auto cells = analysePairs(
                           workspace, {teacher, gpt2}, {gpt2, llama}, data, {.samples = 5},
                           [&](const PairCell& cell) {
                               told.push_back(cell.teacher.name + "/" + cell.student.name);
                               cancelled = told.size() == 3;
                           },
                           &cancelled)
                           .value();
    EXPECT_THAT(told,
                testing::ElementsAre("teacher/student-gpt2", "teacher/student-llama", "student-gpt2/student-gpt2"));
    EXPECT_THAT(cells, SizeIs(3));
}

TEST_F(PairAnalyses, SayWhyACellIsEmptyAndGoOn)
{
    fs::copy(demo / "student-llama", folder / "broken", fs::copy_options::recursive);
    const store::ModelRow broken = addModel(workspace, folder / "broken").value();
    fs::remove_all(folder / "broken");
    const auto cells = analyse({broken, gpt2}, {.samples = 5});
    ASSERT_THAT(cells, SizeIs(2));
    EXPECT_FALSE(cells[0].analysis);
    EXPECT_THAT(cells[0].problem, HasSubstr((folder / "broken").string()));
    EXPECT_TRUE(cells[1].analysis);
}

TEST_F(PairAnalyses, AreTheBeginningOfAnExperiment)
{
    const auto cells = analyse({gpt2, llama}, {.samples = 5});
    const config::Experiment same = experimentOf(cells[0], data);
    EXPECT_EQ(same.teacher.model, teacher.path);
    EXPECT_EQ(same.student.model, gpt2.path);
    EXPECT_EQ(same.data.train, data.path);
    EXPECT_EQ(same.method.alignment, config::Alignment::None);
    EXPECT_EQ(same.student.init, config::StudentInit::Random) << "its folder has no weights";
    EXPECT_EQ(experimentOf(cells[1], data).method.alignment, config::Alignment::Eta);
    EXPECT_EQ(experimentOf({gpt2, teacher, {}, {}, false}, data).student.init, config::StudentInit::Weights);
}

TEST_F(PairAnalyses, ChooseTheLargestDataSetWhereNoneIsNamed)
{
    EXPECT_EQ(chooseDataset(workspace).value().id, data.id);
    const auto train = addDataset(workspace, demo / "data" / "train.jsonl").value();
    EXPECT_EQ(chooseDataset(workspace).value().id, train.id);
    EXPECT_EQ(chooseDataset(workspace, "validation.jsonl").value().id, data.id);
    auto empty = store::WorkspaceDb::create(folder / "empty").value();
    EXPECT_EQ(chooseDataset(empty).failure().kind, FailureKind::NotFound);
}

// A cell with round numbers.
PairCell cellOf(const std::string& teacher, const std::string& student)
{
    PairCell cell;
    cell.teacher.name = teacher;
    cell.teacher.path = "/m/" + teacher;
    cell.student.name = student;
    cell.student.path = "/m/" + student;
    PairAnalysis found;
    found.teacherVocabulary = 1000;
    found.studentVocabulary = 800;
    found.overlap = 500;
    found.samples = 4;
    found.studentTokens = 40;
    found.alignedTokens = 37;
    found.mean = 0.923;
    found.min = 0.5;
    found.max = 1.0;
    found.histogram[10] = 1;
    found.histogram[19] = 3;
    cell.analysis = found;
    return cell;
}

TEST(PairTable, IsBooktabs)
{
    PairCell empty = cellOf("a", "c");
    empty.analysis.reset();
    empty.problem = "gone";
    const std::string latex = text::toLatex(toTextTable({cellOf("a_1", "b"), empty}));
    EXPECT_THAT(latex, StartsWith("\\begin{tabular}{llrrrrrrr}\n\\toprule\n"));
    EXPECT_THAT(latex, AllOf(HasSubstr("overlap (\\%)"),
                             HasSubstr("a\\_1 & b & 1000 & 800 & 500 & 50.0 & 92.3 & 50.0 "
                                       "& 4 \\\\"),
                             HasSubstr("a & c & - & - "), HasSubstr("\\bottomrule")));
    EXPECT_THAT(latex, HasSubstr("\\multicolumn{4}{c}{tokens}"));
    EXPECT_THAT(latex, Not(HasSubstr("gone")));
}

TEST(PairTable, IsCsvOfEqualColumns)
{
    PairCell empty = cellOf("a", "c, d");
    empty.analysis.reset();
    empty.problem = "it is \"gone\"";
    const std::string csv = toCsv({cellOf("a", "b"), empty});
    std::vector<std::string> lines;
    for (std::size_t begin = 0; begin < csv.size();) {
        const std::size_t end = csv.find('\n', begin);
        lines.push_back(csv.substr(begin, end - begin));
        begin = end + 1;
    }
    ASSERT_THAT(lines, SizeIs(3));
    EXPECT_EQ(std::count(lines[0].begin(), lines[0].end(), ','), 36);
    EXPECT_EQ(lines[1],
              "a,b,/m/a,/m/b,1000,800,false,500,0.5,0.923,0.5,1,4,0,37,40,0,0,0,0,0,0,0,0,0,0,1,0,0,0,0,0,0,0,"
              "0,3,");
    EXPECT_EQ(lines[2], "a,\"c, d\",/m/a,\"/m/c, d\"" + std::string(12 + 20, ',') + ",\"it is \"\"gone\"\"\"");
}

TEST(PairAnalysisText, ReadsBackWhatItWrote)
{
    PairAnalysis analysis = *cellOf("a", "b").analysis;
    analysis.spaceTokens = 4;
    analysis.worst.push_back({7, 1, 2, "caf\xc3\xa9 \"x\""});
    EXPECT_EQ(parseAnalysis(toText(analysis)), analysis);
    EXPECT_EQ(parseAnalysis("{}"), std::nullopt);
    EXPECT_EQ(parseAnalysis("nonsense"), std::nullopt);
}

} // namespace
} // namespace dskd::pairs

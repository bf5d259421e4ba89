// How an experiment's own tokenizers and data are aligned.

#include "core/preflight/run_coverage.h"

#include "core/base/regular_file.h"
#include "tests/support/paths.h"
#include "tests/support/temporary_folder.h"

#include <fstream>
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

namespace dskd::preflight
{
namespace
{

namespace fs = std::filesystem;
using nlohmann::json;
using testing::HasSubstr;

class RunCoverageTest : public testing::Test
{
protected:
    void SetUp() override
    {
        makeModel("teacher", "llama2", "llama");
        makeModel("student", "gpt2", "gpt2");
        std::ofstream(m_folder / "validation.jsonl")
            << json{{"instruction", "i"}, {"output", "one two three"}} << '\n'
            << "{broken\n"
            << json{{"instruction", "i"}, {"output", "the cat is on the mat"}} << '\n'
            << json{{"instruction", "i"}, {"output", "2024, 2025 and 2026"}} << '\n';
        std::ofstream(m_folder / "train.jsonl") << json{{"instruction", "i"}, {"output", "one"}} << '\n';
        m_experiment.student.model = m_folder / "student";
        m_experiment.teacher.model = m_folder / "teacher";
        m_experiment.data.train = m_folder / "train.jsonl";
        m_experiment.data.validation = m_folder / "validation.jsonl";
        m_experiment.method.alignment = config::Alignment::Eta;
    }

    void makeModel(const std::string& name, const std::string& tokenizer, const std::string& model)
    {
        const fs::path golden = test::goldenDir();
        fs::create_directories(m_folder / name);
        fs::copy(golden / "tokenizer" / tokenizer / "tokenizer.json", m_folder / name);
        json config = json::parse(readTextFile(golden / "model" / model / "config.json").value());
        config["vocab_size"] = 200'000; // a row for every token
        std::ofstream((m_folder / name) / "config.json") << config;
    }

    std::shared_ptr<const RunCoverage> measure(const CoverageRequest& request = {}) const
    {
        return RunCoverage::measure(m_experiment, request, m_never).value();
    }

    const std::atomic<bool> m_never{false};
    test::TemporaryFolder m_folder;
    config::Experiment m_experiment;
};

TEST_F(RunCoverageTest, IsOfTheValidationDataUnlessTheTrainingDataAreWanted)
{
    const auto validation = measure();
    EXPECT_EQ(validation->report().coverage.samples(), 3);
    EXPECT_EQ(validation->brokenLines(), 1U);
    EXPECT_GT(validation->report().coverage.alignedTokens(), 0);
    EXPECT_TRUE(validation->holdsProbes());
    EXPECT_EQ(validation->file().filename(), "validation.jsonl");
    EXPECT_EQ(measure({CoverageData::Validation, 2})->report().coverage.samples(), 2);
    const auto training = measure({CoverageData::Training});
    EXPECT_EQ(training->report().coverage.samples(), 1);
    EXPECT_FALSE(training->holdsProbes()) << "maps are of the validation data";
    m_experiment.data.validation.clear();
    EXPECT_EQ(measure()->data(), CoverageData::Training);
    EXPECT_TRUE(measure()->holdsProbes());
}

TEST_F(RunCoverageTest, TellsASampleTokenByToken)
{
    const auto coverage = measure();
    const auto rows = coverage->rows(1);
    ASSERT_TRUE(rows);
    EXPECT_EQ(rows->text, "the cat is on the mat");
    EXPECT_EQ(rows->studentLabels.size(), rows->marked.student.size());
    EXPECT_EQ(rows->studentRowLabels, rows->studentLabels) << "with a prompt each token is predicted";
    EXPECT_EQ(rows->chunks.student.size(), rows->studentRowLabels.size());
    EXPECT_EQ(rows->chunks.teacher.size(), rows->teacherRowLabels.size());
    EXPECT_EQ(rows->firstStudent, 0);
    EXPECT_FALSE(coverage->rows(3));
}

TEST_F(RunCoverageTest, KnowsTheChunksOfAMapOfTheSameTokensOnly)
{
    const SampleRows rows = measure()->rows(0).value();
    std::vector<std::string> student = rows.studentRowLabels;
    std::vector<std::string> teacher = rows.teacherRowLabels;
    teacher.pop_back(); // a map is cut
    const auto chunks = chunksOf({"eta.t2s", student, teacher}, rows);
    ASSERT_TRUE(chunks);
    EXPECT_EQ(chunks->rows, rows.chunks.student);
    EXPECT_EQ(chunks->columns.size(), teacher.size());
    const auto turned = chunksOf({"eta.s2t", teacher, student}, rows);
    ASSERT_TRUE(turned);
    EXPECT_EQ(turned->rows, chunks->columns);
    student.front() += "?";
    EXPECT_FALSE(chunksOf({"eta.t2s", student, teacher}, rows));
}

TEST_F(RunCoverageTest, SaysWhatCannotBeRead)
{
    m_experiment.teacher.model = "/nowhere/teacher";
    const auto measured = RunCoverage::measure(m_experiment, {}, m_never);
    ASSERT_FALSE(measured);
    EXPECT_THAT(measured.failure().text(), HasSubstr("/nowhere/teacher"));
    m_experiment.teacher.model.clear();
    EXPECT_THAT(RunCoverage::measure(m_experiment, {}, m_never).failure().text(), HasSubstr("no teacher"));
}

} // namespace
} // namespace dskd::preflight

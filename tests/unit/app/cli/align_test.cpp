#include "app/cli/command_line.h"
#include "core/base/exit_codes.h"
#include "core/base/regular_file.h"
#include "core/jobs/run_folder.h"
#include "core/preflight/run_coverage.h"
#include "core/store/run_writer.h"
#include "tests/support/environment.h"
#include "tests/support/paths.h"
#include "tests/support/temporary_folder.h"

#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <numeric>
#include <set>
#include <sstream>

namespace dskd::cli
{
namespace
{

namespace fs = std::filesystem;
using nlohmann::json;
using testing::HasSubstr;

class Align : public testing::Test
{
protected:
    void SetUp() override
    {
        std::ofstream(m_data) << R"({"instruction": "i", "output": "one two\nthree"})"
                              << "\n"
                              << "{broken\n"
                              << R"({"instruction": "i", "output": "caf\u00e9 is good"})"
                              << "\n";
    }

    int run(std::vector<std::string> more = {})
    {
        std::vector<std::string> words{"align", "--teacher", m_teacher, "--student", m_student, "--data", m_data};
        words.insert(words.end(), more.begin(), more.end());
        m_out.str("");
        m_err.str("");
        Console console{m_out, m_err};
        return runCommandLine(std::move(words), console);
    }
    json result() { return json::parse(m_out.str()); }

    test::TemporaryFolder m_folder;
    std::string m_teacher = fs::path(test::goldenDir()) / "tokenizer" / "llama2";
    std::string m_student = fs::path(test::goldenDir()) / "tokenizer" / "gpt2";
    std::string m_data = m_folder / "data.jsonl";
    test::TemporaryFolder m_cache;
    test::EnvironmentVariable m_cacheHome{"XDG_CACHE_HOME", m_cache.path()};
    std::ostringstream m_out;
    std::ostringstream m_err;
};

TEST_F(Align, PrintsCoverageAndItsHistogramAsJson)
{
    ASSERT_EQ(run({"--json"}), 0);
    const json result = json::parse(m_out.str());
    EXPECT_EQ(result.at("samples"), 2);
    EXPECT_EQ(result.at("skipped_lines"), 1);
    EXPECT_EQ(result.at("histogram").size(), 20u);
    const auto bins = result.at("histogram").get<std::vector<int>>();
    EXPECT_EQ(std::accumulate(bins.begin(), bins.end(), 0), 2);
    EXPECT_GE(result.at("aligned").get<int>(), 2);
    EXPECT_LE(result.at("aligned").get<int>(), result.at("student_tokens").get<int>());
    EXPECT_LE(result.at("coverage").at("min"), result.at("coverage").at("mean"));
    EXPECT_LE(result.at("coverage").at("mean"), result.at("coverage").at("max"));
    EXPECT_FALSE(result.at("vocabulary").at("same").get<bool>());
    EXPECT_GT(result.at("vocabulary").at("overlap"), 0);
}

TEST_F(Align, LosesWhatFollowsALineEndOnlyWithThePublishedMethod)
{
    ASSERT_EQ(run({"--json", "--limit", "1"}), 0);
    EXPECT_EQ(result().at("method"), "eta-bytes");
    const int onBytes = result().at("aligned");
    ASSERT_EQ(run({"--json", "--limit", "1", "--method", "eta-published"}), 0);
    EXPECT_EQ(result().at("method"), "eta-published");
    EXPECT_LT(result().at("aligned").get<int>(), onBytes);
    EXPECT_EQ(run({"--method", "eta"}), toInt(ExitCode::Usage));
}

TEST_F(Align, SaysWhyATokenizerDoesNotReachAllOfItself)
{
    m_teacher = m_student;
    std::ofstream(m_data) << json{{"instruction", "i"}, {"output", "one  two   three"}} << "\n";
    ASSERT_EQ(run({"--json"}), 0);
    const json spaced = result();
    EXPECT_TRUE(spaced.at("vocabulary").at("same").get<bool>());
    EXPECT_EQ(spaced.at("space_tokens"), 4) << "Ġ, Ġ, ĠĠ, Ġ";
    EXPECT_EQ(spaced.at("aligned").get<int>() + 4, spaced.at("student_tokens").get<int>());
    ASSERT_EQ(run(), 0);
    EXPECT_THAT(m_out.str(), HasSubstr("Spaces do not count: 4 student tokens are spaces alone and have no partner"));
    std::ofstream(m_data) << json{{"instruction", "i"}, {"output", "one"}} << "\n";
    ASSERT_EQ(run({"--json"}), 0);
    EXPECT_EQ(result().at("space_tokens"), 0);
    EXPECT_EQ(result().at("aligned"), result().at("student_tokens"));
}

TEST_F(Align, MeasuresTheFewestEditsOnRequest)
{
    ASSERT_EQ(run({"--json", "--method", "mined"}), 0);
    const json result = json::parse(m_out.str());
    EXPECT_EQ(result.at("method"), "mined");
    EXPECT_EQ(result.at("map").at("exact"), result.at("vocabulary").at("overlap"));
    EXPECT_GE(result.at("map").at("matched_student_tokens"), 1);
    EXPECT_GE(result.at("aligned").get<int>(), 2);
    EXPECT_LE(result.at("aligned").get<int>(), result.at("student_tokens").get<int>());
    ASSERT_EQ(run({"--method", "mined"}), 0);
    EXPECT_THAT(m_out.str(), HasSubstr("Alignment (mined): "));
}

TEST_F(Align, SaysHowManySamplesTheFewestEditsSawCut)
{
    std::string longAnswer;
    for (int i = 0; i < 600; ++i) {
        longAnswer += " word";
    }
    std::ofstream(m_data, std::ios::app) << json{{"instruction", "i"}, {"output", longAnswer}} << "\n";
    ASSERT_EQ(run({"--json"}), 0);
    EXPECT_FALSE(result().contains("cut")) << "whole answers are aligned exactly";
    ASSERT_EQ(run({"--json", "--method", "mined"}), 0);
    EXPECT_EQ(result().at("cut"),
              (json{{"answers", 1}, {"prompts", 0}, {"max_length", 512}, {"max_prompt_length", 256}}));
    ASSERT_EQ(run({"--method", "mined"}), 0);
    EXPECT_THAT(m_out.str(), HasSubstr("Cut as training cuts by default: 1 answer (data.max_length 512), 0 prompts"));
    ASSERT_EQ(run({"--method", "mined", "--limit", "2"}), 0);
    EXPECT_THAT(m_out.str(), testing::Not(HasSubstr("Cut as training"))) << "both are whole";
}

TEST_F(Align, MeasuresEveryAlignmentOfTheTable)
{
    ASSERT_EQ(run({"--json"}), 0);
    const json exactly = result();
    EXPECT_EQ(exactly.at("marks").at("exact"), exactly.at("aligned"));
    EXPECT_EQ(exactly.at("other_rule").at("method"), "eta-published");
    EXPECT_LT(exactly.at("other_rule").at("aligned").get<int>(), exactly.at("aligned").get<int>());
    for (const char* method : {"cla", "clp"}) {
        ASSERT_EQ(run({"--json", "--method", method}), 0) << method;
        const json chunks = result();
        EXPECT_FALSE(chunks.contains("other_rule"));
        EXPECT_FALSE(chunks.contains("space_tokens")) << "only eta-bytes leaves spaces out";
        EXPECT_EQ(chunks.at("marks").at("exact").get<int>() + chunks.at("marks").at("in_chunks").get<int>(),
                  chunks.at("aligned").get<int>());
        EXPECT_GT(chunks.at("aligned").get<int>(), exactly.at("aligned").get<int>());
    }
    ASSERT_EQ(run({"--json", "--method", "cma"}), 0);
    EXPECT_EQ(result().at("aligned"), result().at("marks").at("exact"));
    ASSERT_EQ(run({"--method", "cma"}), 0);
    EXPECT_THAT(m_out.str(), HasSubstr("Attention weighs all of the teacher's tokens"));
    EXPECT_EQ(run({"--method", "none"}), toInt(ExitCode::Usage));
}

TEST_F(Align, ListsTheWorstSamplesAndTheTokensWithoutAPartner)
{
    ASSERT_EQ(run({"--json"}), 0);
    EXPECT_FALSE(result().contains("worst"));
    EXPECT_FALSE(result().contains("unaligned"));
    ASSERT_EQ(run({"--json", "--worst", "5", "--unaligned"}), 0);
    const json listed = result();
    ASSERT_EQ(listed.at("worst").size(), 2U) << "as many as there are";
    EXPECT_EQ(listed.at("worst")[0].at("coverage"), listed.at("coverage").at("min"));
    EXPECT_EQ(listed.at("worst")[1].at("coverage"), listed.at("coverage").at("max"));
    const std::set<int> lines = {listed.at("worst")[0].at("line"), listed.at("worst")[1].at("line")};
    EXPECT_EQ(lines, (std::set<int>{1, 3})) << "of the file; line 2 is broken";
    int uncovered = 0;
    for (const json& token : listed.at("unaligned")) {
        uncovered += token.at("count").get<int>();
    }
    EXPECT_GT(uncovered, 0);
    EXPECT_EQ(uncovered, listed.at("student_tokens").get<int>() - listed.at("aligned").get<int>());
    ASSERT_EQ(run({"--json", "--worst", "1"}), 0);
    EXPECT_EQ(result().at("worst").size(), 1U);
    ASSERT_EQ(run({"--worst", "1", "--unaligned"}), 0);
    EXPECT_THAT(m_out.str(), HasSubstr("The worst samples:\n"));
    EXPECT_THAT(m_out.str(), HasSubstr("Student tokens without a partner, the most frequent first:\n"));
    EXPECT_THAT(m_out.str(), HasSubstr("rare words"));
}

TEST_F(Align, DrawsABarForEveryBinAndNamesSkippedLines)
{
    ASSERT_EQ(run(), 0);
    EXPECT_THAT(m_out.str(), HasSubstr("Coverage per sample: mean "));
    EXPECT_THAT(m_out.str(), HasSubstr("\n  0.00-0.05  "));
    EXPECT_THAT(m_out.str(), HasSubstr("\n  0.95-1.00  "));
    EXPECT_THAT(m_out.str(), HasSubstr("# "));
    EXPECT_THAT(m_err.str(), HasSubstr(m_data + ", line 2 is skipped: "));
}

TEST_F(Align, OfARunMeasuresItsOwnDataAndItsRecordedAttention)
{
    const auto makeModel = [&](const std::string& name, const std::string& tokenizer, const std::string& model) {
        const fs::path golden = test::goldenDir();
        fs::create_directories(m_folder / name);
        fs::copy(golden / "tokenizer" / tokenizer / "tokenizer.json", m_folder / name);
        json config = json::parse(readTextFile(golden / "model" / model / "config.json").value());
        config["vocab_size"] = 200'000; // a row for every token
        std::ofstream((m_folder / name) / "config.json") << config;
        return (m_folder / name).string();
    };
    const test::TemporaryFolder folder;
    auto workspace = store::WorkspaceDb::create(folder.path()).value();
    config::Experiment experiment;
    experiment.teacher.model = makeModel("teacher", "llama2", "llama");
    experiment.student.model = makeModel("student", "gpt2", "gpt2");
    experiment.data.train = experiment.data.validation = m_data;
    experiment.method.alignment = config::Alignment::Cma;
    const std::string id = jobs::createRun(workspace, experiment).value();
    const std::atomic<bool> never{false};
    const auto rows = preflight::RunCoverage::measure(experiment, {}, never).value()->rows(0).value();
    store::HeatMapRow map;
    map.step = 50;
    map.name = "cma.t2s";
    map.rowTokens = rows.studentRowLabels;
    map.columnTokens = rows.teacherRowLabels;
    map.values.assign(map.rowTokens.size() * map.columnTokens.size(), 1.0F); // to everything alike
    {
        auto writer = store::RunWriter::open(workspace.layout().run(id)).value();
        writer->beginAttempt(std::nullopt).value();
        writer->addHeatMap(map);
        store::HeatMapRow cut = map; // to the first three tokens of the student's
        cut.step = 100;
        cut.rowTokens.resize(3);
        cut.values.resize(3 * cut.columnTokens.size());
        cut.wholeRows = static_cast<std::int64_t>(map.rowTokens.size());
        cut.wholeColumns = static_cast<std::int64_t>(map.columnTokens.size());
        writer->addHeatMap(cut);
        writer->endAttempt(0, "Finished.").value();
    }
    const auto runIt = [&](std::vector<std::string> words) {
        m_out.str("");
        m_err.str("");
        Console console{m_out, m_err};
        return runCommandLine(std::move(words), console);
    };
    ASSERT_EQ(runIt({"align", "-w", folder.path().string(), "--run", "last", "--json", "--worst", "1"}), 0)
        << m_err.str();
    const json measured = result();
    EXPECT_EQ(measured.at("run"), id);
    EXPECT_EQ(measured.at("method"), "cma");
    EXPECT_EQ(measured.at("samples"), 2);
    EXPECT_EQ(measured.at("worst").size(), 1U);
    ASSERT_EQ(measured.at("maps").size(), 2U);
    EXPECT_EQ(measured.at("maps")[0].at("step"), 50);
    EXPECT_EQ(measured.at("maps")[0].at("rows"),
              json({{"recorded", map.rowTokens.size()}, {"whole", nullptr}, {"cut", false}}));
    EXPECT_EQ(measured.at("maps")[1].at("rows"),
              json({{"recorded", 3}, {"whole", map.rowTokens.size()}, {"cut", true}}));
    EXPECT_EQ(measured.at("maps")[1].at("columns").at("cut"), false);
    EXPECT_GT(measured.at("maps")[0].at("inside_chunks"), 0.0);
    EXPECT_LT(measured.at("maps")[0].at("inside_chunks"), 0.9);
    ASSERT_EQ(runIt({"align", "-w", folder.path().string(), "--run", id}), 0) << m_err.str();
    EXPECT_THAT(m_out.str(), HasSubstr("Attention inside the true chunk"));
    EXPECT_THAT(m_out.str(), HasSubstr("first 3 of " + std::to_string(map.rowTokens.size()) + " student tokens"));
    EXPECT_EQ(runIt({"align", "-w", folder.path().string(), "--run", id, "--method", "cla"}), toInt(ExitCode::Usage))
        << "a run has its own";
    EXPECT_EQ(runIt({"align", "--teacher", m_teacher}), toInt(ExitCode::Usage));
    EXPECT_THAT(m_err.str(), HasSubstr("--run"));
}

TEST_F(Align, ExplainsWhatCannotBeRead)
{
    m_data = "/nowhere.jsonl";
    EXPECT_EQ(run(), toInt(ExitCode::BadData));
    EXPECT_THAT(m_err.str(), HasSubstr("does not exist"));
    EXPECT_EQ(run({"--template", "vicuna"}), toInt(ExitCode::Usage));
    EXPECT_THAT(m_err.str(), HasSubstr("data.template"));
    m_teacher = "/nowhere";
    EXPECT_EQ(run(), toInt(ExitCode::BadModel));
    EXPECT_THAT(m_err.str(), HasSubstr("/nowhere"));
}

} // namespace
} // namespace dskd::cli

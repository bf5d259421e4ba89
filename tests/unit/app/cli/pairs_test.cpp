#include "app/cli/command_line.h"
#include "core/base/exit_codes.h"
#include "core/jobs/run_folder.h"
#include "core/store/run_writer.h"
#include "core/store/workspace_db.h"
#include "tests/support/paths.h"
#include "tests/support/temporary_folder.h"

#include <cmath>
#include <filesystem>
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>
#include <sstream>

namespace dskd::cli
{
namespace
{

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

class Pairs : public testing::Test
{
protected:
    int run(std::vector<std::string> words)
    {
        words.insert(words.end(), {"-w", m_w});
        m_out.str("");
        m_err.str("");
        Console console{m_out, m_err};
        console.width = 200;
        console.tableWidth = 200;
        return runCommandLine(words, console);
    }
    nlohmann::json json() { return nlohmann::json::parse(m_out.str()); }

    test::TemporaryFolder m_folder;
    const std::string m_w = m_folder / "w";
    const fs::path m_demo = fs::path(test::sourceDir()) / "resources" / "demo";
    store::WorkspaceDb m_workspace = store::WorkspaceDb::create(m_w).value();
    std::ostringstream m_out;
    std::ostringstream m_err;
};

TEST_F(Pairs, ModelsAreAddedListedAndForgotten)
{
    EXPECT_EQ(run({"models", "list"}), 0);
    EXPECT_THAT(m_out.str(), HasSubstr("No model is known yet"));
    EXPECT_EQ(run({"models", "add", m_demo / "student-llama", "--student"}), 0);
    EXPECT_THAT(m_out.str(), AllOf(HasSubstr("student-llama: llama"), HasSubstr("not in the folder")));
    EXPECT_EQ(run({"models", "list", "--json"}), 0);
    ASSERT_EQ(json().size(), 1u);
    EXPECT_EQ(json()[0].at("family"), "llama");
    EXPECT_EQ(json()[0].at("teacher"), false);
    EXPECT_EQ(json()[0].at("special_tokens").at("eos"), "</s>");
    EXPECT_EQ(run({"models", "forget", "student-llama"}), 0);
    EXPECT_EQ(run({"models", "list", "--json"}), 0);
    EXPECT_EQ(json().size(), 0u);
    EXPECT_TRUE(fs::exists(m_demo / "student-llama" / "config.json"));
    EXPECT_EQ(run({"models", "forget", "student-llama"}), toInt(ExitCode::NotFound));
    EXPECT_EQ(run({"models", "add", m_folder / "none"}), toInt(ExitCode::NotFound));
    EXPECT_EQ(run({"models", "add", m_demo / "data"}), toInt(ExitCode::BadModel));
}

TEST_F(Pairs, DataIsAddedListedAndForgotten)
{
    EXPECT_EQ(run({"data", "add", m_demo / "data" / "validation.jsonl"}), 0);
    EXPECT_THAT(m_out.str(), HasSubstr("validation.jsonl: 200 records"));
    EXPECT_EQ(run({"data", "list", "--json"}), 0);
    EXPECT_EQ(json()[0].at("records"), 200);
    EXPECT_EQ(run({"data", "forget", "validation.jsonl"}), 0);
    EXPECT_EQ(run({"data", "list", "--json"}), 0);
    EXPECT_EQ(json().size(), 0u);
}

TEST_F(Pairs, AreComparedInEveryForm)
{
    const std::string data = m_demo / "data" / "validation.jsonl";
    const std::vector<std::string> words{"pairs",
                                         "--data",
                                         data,
                                         "--samples",
                                         "20",
                                         "--teachers",
                                         m_demo / "teacher",
                                         "--students",
                                         (m_demo / "student-gpt2").string() + "," +
                                             (m_demo / "student-llama").string()};
    const auto with = [&](const std::string& form) {
        std::vector<std::string> all = words;
        all.push_back(form);
        return all;
    };
    ASSERT_EQ(run(with("--json")), 0) << m_err.str();
    const nlohmann::json pairs = json().at("pairs");
    ASSERT_EQ(pairs.size(), 2u);
    EXPECT_EQ(pairs[0].at("student"), "student-gpt2");
    EXPECT_EQ(pairs[0].at("analysis").at("same_vocabulary"), true);
    EXPECT_EQ(pairs[0].at("kept"), false);
    EXPECT_EQ(pairs[1].at("analysis").at("samples"), 20);
    EXPECT_EQ(pairs[1].at("analysis").at("worst").size(), 10u);
    EXPECT_LT(pairs[1].at("analysis").at("coverage").at("min"), pairs[1].at("analysis").at("coverage").at("mean"));

    ASSERT_EQ(run(with("--csv")), 0);
    EXPECT_THAT(m_out.str(), AllOf(StartsWith("teacher,student,"), HasSubstr("\nteacher,student-llama,")));
    ASSERT_EQ(run(with("--latex")), 0);
    EXPECT_THAT(m_out.str(), AllOf(StartsWith("\\begin{tabular}"), HasSubstr("teacher & student-gpt2 & ")));
    ASSERT_EQ(run(words), 0);
    EXPECT_THAT(m_out.str(), HasSubstr("ETA coverage (%)"));
    ASSERT_EQ(run({"pairs", "--json", "--samples", "20"}), 0) << "what was named is known now";
    EXPECT_EQ(json().at("pairs").size(), 2u);
    EXPECT_EQ(json().at("pairs")[1].at("kept"), true);
    EXPECT_EQ(run({"pairs", "--json", "--csv"}), toInt(ExitCode::Usage));
    EXPECT_EQ(run({"pairs", "--data", m_folder / "none.jsonl"}), toInt(ExitCode::NotFound));
}

TEST_F(Pairs, NeedATeacher)
{
    EXPECT_EQ(run({"pairs"}), toInt(ExitCode::NotFound));
    EXPECT_THAT(m_err.str(), HasSubstr("lists no teacher"));
}

TEST_F(Pairs, ShowSaysWhatTheWatchdogsFind)
{
    config::Experiment experiment;
    experiment.student.model = "/s";
    experiment.teacher.model = "/t";
    experiment.data.train = "/d.jsonl";
    const std::string id = jobs::createRun(m_workspace, experiment).value();
    {
        auto writer = store::RunWriter::open(m_workspace.layout().run(id)).value();
        ASSERT_TRUE(writer->beginAttempt(std::nullopt));
        writer->addMetrics(1, 10, {{"loss", 3.0}});
        writer->addMetrics(2, 20, {{"loss", std::nan("")}});
        ASSERT_TRUE(writer->endAttempt(toInt(ExitCode::NotFinite), "NaN"));
    }
    ASSERT_EQ(run({"show", id}), 0);
    EXPECT_THAT(m_out.str(),
                AllOf(HasSubstr("Not a number: The loss was NaN at step 2."), HasSubstr("try --set train.lr=5e-05")));
    ASSERT_EQ(run({"show", id, "--json"}), 0);
    const nlohmann::json findings = json().at("findings");
    ASSERT_EQ(findings.size(), 1u);
    EXPECT_EQ(findings[0].at("signature"), "not_finite");
    EXPECT_EQ(findings[0].at("step"), 2);
    EXPECT_EQ(findings[0].at("remedies")[0].at("fields").at("train.lr"), "5e-05");
}

} // namespace
} // namespace dskd::cli

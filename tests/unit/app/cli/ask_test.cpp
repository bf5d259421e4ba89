#include "core/base/process.h"
#include "core/base/regular_file.h"
#include "tests/support/environment.h"
#include "tests/support/paths.h"
#include "tests/support/sample_checkpoint.h"
#include "tests/unit/app/cli/cli_fixture.h"

#include <chrono>
#include <csignal>
#include <filesystem>
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <unistd.h>

namespace dskd::cli
{
namespace
{

using testing::HasSubstr;
using testing::Not;

// A worker that only pretends to answer.
class AskCli : public CliWithRuns
{
protected:
    AskCli()
    {
        for (const std::string& id : {ids[0], ids[3]}) { // sft and dual
            test::writeSampleCheckpoint(WorkspaceLayout{w}.run(id), 10);
            test::writeSampleCheckpoint(WorkspaceLayout{w}.run(id), 50);
        }
    }
    std::string checkpointOf(const std::string& id, std::int64_t step) const
    {
        return WorkspaceLayout{w}.run(id).checkpoint(step).string();
    }

    test::EnvironmentVariable worker{"DSKD_WORKER", test::program("fake_worker")};
};

TEST_F(AskCli, PrintsTheAnswersSideBySideWithTheirTimes)
{
    ASSERT_EQ(run({"ask", ids[0], ids[3], "-w", w, "--prompt", "why", "--teacher", "--base", "--seed", "7"}), 0)
        << err.str();
    EXPECT_THAT(out.str(), HasSubstr("teacher teacher  0.5 s, loaded in 2.0 s\nwhy with 7 of /models/teacher\n"));
    EXPECT_THAT(out.str(), HasSubstr("untrained student student  "));
    EXPECT_THAT(out.str(), HasSubstr("sft s10, step 50  "));
    EXPECT_THAT(out.str(), HasSubstr("why with 7 of " + checkpointOf(ids[3], 50)));
}

TEST_F(AskCli, GivesTheSameAsJsonAndAgain)
{
    const std::vector<std::string> words = {
        "ask", ids[3], "-w", w, "--prompt", "why", "--json", "--temperature", "0.7", "--as-it-is", "--step", "10"};
    ASSERT_EQ(run(words), 0) << err.str();
    const nlohmann::json asked = json();
    EXPECT_EQ(asked["seed"], 10);
    EXPECT_EQ(asked["temperature"], 0.7);
    EXPECT_EQ(asked["cancelled"], false);
    ASSERT_EQ(asked["answers"].size(), 1U);
    EXPECT_EQ(asked["answers"][0]["of"], "run");
    EXPECT_EQ(asked["answers"][0]["run"], ids[3]);
    EXPECT_EQ(asked["answers"][0]["step"], 10);
    EXPECT_EQ(asked["answers"][0]["answer"], "why as it is with 10 of " + checkpointOf(ids[3], 10));
    ASSERT_EQ(run(words), 0) << err.str();
    EXPECT_EQ(json(), asked);
}

TEST_F(AskCli, LetsALongPromptBeCutWhereThatIsAskedFor)
{
    ASSERT_EQ(run({"ask", ids[0], "-w", w, "--prompt", "why", "--cut", "--max-tokens", "9", "--json"}), 0) << err.str();
    EXPECT_EQ(json()["cut"], true);
    EXPECT_EQ(json()["answers"][0]["answer"], "why cut with 10 of " + checkpointOf(ids[0], 50));
    EXPECT_EQ(json()["answers"][0]["max_tokens"], 9);
}

TEST_F(AskCli, TakesTheNewestRunWithACheckpointForLast)
{
    ASSERT_EQ(run({"ask", "last", "-w", w, "--prompt", "why", "--json"}), 0) << err.str();
    EXPECT_EQ(json()["answers"][0]["run"], ids[3]);
}

TEST_F(AskCli, NamesWhatCannotAnswerAndFailsWhereNothingCan)
{
    ASSERT_EQ(run({"ask", ids[0], ids[1], "-w", w, "--prompt", "why", "--teacher", "--json"}), toInt(ExitCode::Failed))
        << err.str();
    EXPECT_THAT(err.str(), HasSubstr("diff s10 gave no answer: " + ids[1] + " has no finished checkpoint yet"));
    EXPECT_THAT(err.str(), HasSubstr("2 of 3 models answered, therefore the exit code is 1."));
    EXPECT_THAT(json()["answers"][0]["answer"].get<std::string>(), HasSubstr("why with 10 of /models/teacher"));
    EXPECT_THAT(json()["answers"][2]["error"]["what"].get<std::string>(), HasSubstr("no finished checkpoint"));
    EXPECT_EQ(run({"ask", ids[1], "-w", w, "--prompt", "why"}), toInt(ExitCode::NotFound));
    EXPECT_THAT(err.str(), HasSubstr("has no finished checkpoint yet"));
    EXPECT_THAT(err.str(), Not(HasSubstr("gave no answer")));
    EXPECT_EQ(run({"ask", ids[0], "-w", w, "--prompt", "why", "--step", "11"}), toInt(ExitCode::NotFound));
    EXPECT_THAT(err.str(), testing::AllOf(HasSubstr("It has: "), HasSubstr("50.")));
}

TEST_F(AskCli, NamesEachModelOnceWithItsReasonWhereAllFail)
{
    EXPECT_EQ(run({"ask", ids[1], ids[2], "-w", w, "--prompt", "why"}), toInt(ExitCode::NotFound));
    const std::string text = err.str();
    for (const std::string& id : {ids[1], ids[2]}) {
        const std::string reason = " gave no answer: " + id + " has no finished checkpoint yet";
        EXPECT_THAT(text, HasSubstr(reason));
        EXPECT_EQ(text.find(id + " has no"), text.rfind(id + " has no")) << text;
    }
    EXPECT_THAT(text, HasSubstr("diff s10 gave no answer: "));
    EXPECT_THAT(text, HasSubstr("0 of 2 models answered."));
    EXPECT_THAT(out.str(), testing::IsEmpty());
}

TEST_F(AskCli, ThatOneModelFailsIsInTheExitCodeAndTheOthersArePrinted)
{
    EXPECT_EQ(run({"ask", ids[0], ids[3], "-w", w, "--prompt", "why fail=0"}), toInt(ExitCode::Failed));
    EXPECT_THAT(out.str(), HasSubstr("of " + checkpointOf(ids[3], 50)));
    EXPECT_THAT(err.str(), HasSubstr("is gone. Bring it back."));
    EXPECT_THAT(err.str(), HasSubstr("1 of 2 models answered"));
}

TEST_F(AskCli, IsCancelledByCtrlCWithWholeJsonOfWhatCameBefore)
{
    const std::string pid = folder / "pid"; // there when the first answer has come
    std::jthread pressing([&] {
        for (int i = 0; i < 3000 && !std::filesystem::exists(pid); ++i) {
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        }
        if (std::filesystem::exists(pid)) {
            kill(getpid(), SIGINT);
        }
    });
    EXPECT_EQ(run({"ask", ids[0], ids[3], "-w", w, "--prompt", "why end=mute pid=" + pid, "--json"}),
              toInt(ExitCode::Stopped));
    pressing.join();
    EXPECT_THAT(err.str(), HasSubstr("Cancelled: 1 of 2 models answered."));
    const nlohmann::json asked = json();
    EXPECT_EQ(asked["cancelled"], true);
    EXPECT_TRUE(asked["answers"][0].contains("answer"));
    EXPECT_FALSE(asked["answers"][1].contains("answer"));
    const auto worker = identityOf(std::stoi(readTextFile(pid).value()));
    EXPECT_TRUE(!worker || livenessOf(*worker) == Liveness::Gone);
}

TEST_F(AskCli, RefusesWhatWouldChangeNothing)
{
    EXPECT_EQ(run({"ask", ids[0], "-w", w, "--prompt", "why", "--top-p", "0.9"}), toInt(ExitCode::Usage));
    EXPECT_THAT(err.str(), HasSubstr("would change nothing"));
    EXPECT_EQ(run({"ask", ids[0], "-w", w, "--prompt", " "}), toInt(ExitCode::Usage));
    EXPECT_THAT(err.str(), HasSubstr("The prompt is empty"));
    EXPECT_EQ(run({"ask", ids[0], "-w", w, "--prompt", "why", "--step", "1", "--best"}), toInt(ExitCode::Usage));
    EXPECT_EQ(run({"ask", ids[0], "-w", w}), toInt(ExitCode::Usage));
}

} // namespace
} // namespace dskd::cli
